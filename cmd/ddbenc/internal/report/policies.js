"use strict";
// The filter. It is in the address, so that it can be passed on:
// #action=sign&action=none&q=email
(() => {
	const form = document.getElementById("filter");
	const text = document.getElementById("text");
	const boxes = [...form.querySelectorAll("input[type=checkbox]")];
	const structs = [...document.querySelectorAll(".struct")].map((card) => ({
		card,
		about: [...card.querySelectorAll("h2, .about, .error")].map((e) => e.textContent).join(" ").toLowerCase(),
		rows: [...card.querySelectorAll("tbody tr")].map((row) => ({row, text: row.textContent.toLowerCase()})),
	}));
	const total = structs.reduce((n, s) => n + s.rows.length, 0);

	function show() {
		const wanted = text.value.trim().toLowerCase();
		const actions = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
		let shown = 0, cards = 0;
		for (const s of structs) {
			const named = s.about.includes(wanted);
			let visible = 0;
			for (const r of s.rows) {
				r.row.hidden = !actions.has(r.row.dataset.action) || !(named || r.text.includes(wanted));
				if (!r.row.hidden) visible++;
			}
			// What has no attributes is an error, which no action hides.
			s.card.hidden = s.rows.length > 0 ? visible === 0 : !named;
			if (!s.card.hidden) cards++;
			shown += visible;
		}
		document.getElementById("shown").textContent = `${shown} of ${total} attributes`;
		// Printed, the page has to say that it is not all.
		form.classList.toggle("active", shown < total || structs.some((s) => s.card.hidden));
		document.getElementById("nothing").hidden = cards > 0 || structs.length === 0;
	}

	function read() {
		const asked = new URLSearchParams(location.hash.slice(1));
		const actions = asked.getAll("action");
		text.value = asked.get("q") ?? "";
		for (const box of boxes) box.checked = actions.length === 0 || actions.includes(box.value);
		show();
	}

	function changed() {
		const asked = new URLSearchParams();
		if (boxes.some((box) => !box.checked)) {
			const on = boxes.filter((box) => box.checked);
			for (const box of on) asked.append("action", box.value);
			if (on.length === 0) asked.append("action", "");
		}
		if (text.value !== "") asked.append("q", text.value);
		try {
			history.replaceState(null, "", "#" + asked);
		} catch {
			// Some browsers do not allow it for files; the filter works anyway.
		}
		show();
	}

	form.addEventListener("input", changed);
	form.addEventListener("submit", (event) => event.preventDefault());
	addEventListener("hashchange", read);
	form.hidden = false;
	read();
})();
