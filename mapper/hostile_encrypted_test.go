package mapper_test

import (
	"github.com/ddbenc/ddbenc/crypto"
)

// encryptedUses are about encrypted attributes: whether they are refused or
// answered, nothing may leave.
var encryptedUses = map[string]func(u *user){
	"update, encrypted": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		text := canary + " updated"
		update := u.db.Table(table).Update("person", k.person).Range("num", k.number).Set("body",
			text).Add("weight", 1)
		if u.drawBool("condition") {
			update.If("body = ?", canary+" a")
		}
		var got crypto.Item
		if u.drawBool("value") {
			if !u.failed(update.Value(u.ctx, &got)) {
				u.item(table, got, func(l Letter) bool { return k.is(l) && l.Body == text })
			}
		} else if wrote, err := update.CurrentValue(u.ctx, &got); !u.failed(err) && !wrote {
			u.item(table, got, k.is)
		}
	},
	"put, encrypted condition": func(u *user) {
		table, l := u.drawTable(), u.letter(u.drawNumber())
		var current crypto.Item
		wrote, err := u.db.Table(table).Put(l).If("body = ?", canary+" a").CurrentValue(u.ctx, &current)
		if !u.failed(err) && !wrote {
			u.item(table, current, keyOf(l).is)
		}
	},
	"delete, encrypted condition": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		var old crypto.Item
		err := u.db.Table(table).Delete("person", k.person).Range("num", k.number).If("contains(body, ?)",
			canary).OldValue(u.ctx, &old)
		if !u.failed(err) {
			u.item(table, old, k.is)
		}
	},
	"transaction, encrypted condition": func(u *user) {
		table, k := u.db.Table(u.drawTable()), u.drawKey()
		u.failed(u.db.WriteTx().
			Update(table.Update("person", k.person).Range("num", k.number).Set("body",
				canary+" updated").If("body = ?", canary+" a")).
			Put(table.Put(Letter{Person: "eve", Number: 1, Body: canary,
				Subject: "engines"}).If("attribute_not_exists(body) OR body = ?", canary)).
			Run(u.ctx))
	},
	"query, encrypted filter": func(u *user) {
		table, person := u.drawTable(), u.drawPerson()
		var got []crypto.Item
		q := u.db.Table(table).Get("person", person).Filter("body = ?", canary+" a")
		if u.drawBool("limit") {
			q.Limit(1)
		}
		next, err := q.AllWithLastEvaluatedKey(u.ctx, &got)
		u.tokens = append(u.tokens, pageToken{"", next})
		if !u.failed(err) {
			for _, item := range got {
				u.item(table, item, func(l Letter) bool { return l.Person == person && l.Body == canary+" a" })
			}
		}
	},
	"scan, encrypted filter": func(u *user) {
		table := u.drawTable()
		var got []crypto.Item
		if !u.failed(u.db.Table(table).Scan().Filter("weight > ?", 867530901).All(u.ctx, &got)) {
			for _, item := range got {
				u.item(table, item, func(l Letter) bool { return l.Weight > 867530901 })
			}
		}
	},
	"count, encrypted filter": func(u *user) {
		_, err := u.db.Table(u.drawTable()).Get("person", u.drawPerson()).Filter("size(body) > ?", 3).Count(u.ctx)
		u.failed(err)
	},
	"modify in a race": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		got, err := u.letters[table].Modify(u.ctx, k.keys(), func(l *Letter) error {
			u.decoded(table, *l, k.is)
			l.Weight++
			return u.db.Table(table).Update("person", k.person).Range("num", k.number).Add(unsigned, 1).Run(u.ctx)
		})
		if !u.failed(err) {
			u.decoded(table, got, k.is)
		}
	},
}
