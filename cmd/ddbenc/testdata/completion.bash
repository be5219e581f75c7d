# bash completion for ddbenc: source <(ddbenc completion bash)
_ddbenc() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W 'policy lock check inspect open seal verify reseal census beacon completion --help --version' -- "$word"))
		return
	fi
	case $command:$before in
	policy:--dir|policy:-C) COMPREPLY=($(compgen -f -- "$word")); return ;;
	policy:--tags) return ;;
	policy:--format|policy:-f) COMPREPLY=($(compgen -W 'table markdown json html' -- "$word")); return ;;
	lock:--dir|lock:-C) COMPREPLY=($(compgen -f -- "$word")); return ;;
	lock:--tags) return ;;
	lock:--file) COMPREPLY=($(compgen -f -- "$word")); return ;;
	check:--dir|check:-C) COMPREPLY=($(compgen -f -- "$word")); return ;;
	check:--tags) return ;;
	check:--file) COMPREPLY=($(compgen -f -- "$word")); return ;;
	check:--format|check:-f) COMPREPLY=($(compgen -W 'table markdown json github' -- "$word")); return ;;
	inspect:--table|inspect:-t) return ;;
	inspect:--key|inspect:-k) return ;;
	inspect:--endpoint) return ;;
	inspect:--unsigned|inspect:-u) return ;;
	inspect:--unsigned-prefix) return ;;
	inspect:--policy|inspect:-p) COMPREPLY=($(compgen -f -- "$word")); return ;;
	inspect:--struct|inspect:-s) return ;;
	inspect:--format|inspect:-f) COMPREPLY=($(compgen -W 'table json' -- "$word")); return ;;
	open:--table|open:-t) return ;;
	open:--key|open:-k) return ;;
	open:--endpoint) return ;;
	open:--config|open:-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
	open:--policy|open:-p) COMPREPLY=($(compgen -f -- "$word")); return ;;
	open:--struct|open:-s) return ;;
	open:--logical-name) return ;;
	open:--out|open:-o) COMPREPLY=($(compgen -f -- "$word")); return ;;
	open:--format|open:-f) COMPREPLY=($(compgen -W 'json table' -- "$word")); return ;;
	seal:--config|seal:-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
	seal:--policy|seal:-p) COMPREPLY=($(compgen -f -- "$word")); return ;;
	seal:--struct|seal:-s) return ;;
	seal:--logical-name) return ;;
	seal:--out|seal:-o) COMPREPLY=($(compgen -f -- "$word")); return ;;
	verify:--table|verify:-t) return ;;
	verify:--from) COMPREPLY=($(compgen -f -- "$word")); return ;;
	verify:--endpoint) return ;;
	verify:--checkpoint) COMPREPLY=($(compgen -f -- "$word")); return ;;
	verify:--segments) return ;;
	verify:--segment) return ;;
	verify:--segment-env) return ;;
	verify:--parallelism) return ;;
	verify:--page-size) return ;;
	verify:--read-rate) return ;;
	verify:--progress) COMPREPLY=($(compgen -W 'auto text json none' -- "$word")); return ;;
	verify:--config|verify:-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
	verify:--policy|verify:-p) COMPREPLY=($(compgen -f -- "$word")); return ;;
	verify:--struct|verify:-s) return ;;
	verify:--logical-name) return ;;
	verify:--failures) COMPREPLY=($(compgen -f -- "$word")); return ;;
	reseal:--table|reseal:-t) return ;;
	reseal:--from) COMPREPLY=($(compgen -f -- "$word")); return ;;
	reseal:--endpoint) return ;;
	reseal:--checkpoint) COMPREPLY=($(compgen -f -- "$word")); return ;;
	reseal:--segments) return ;;
	reseal:--segment) return ;;
	reseal:--segment-env) return ;;
	reseal:--parallelism) return ;;
	reseal:--page-size) return ;;
	reseal:--read-rate) return ;;
	reseal:--progress) COMPREPLY=($(compgen -W 'auto text json none' -- "$word")); return ;;
	reseal:--config|reseal:-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
	reseal:--policy|reseal:-p) COMPREPLY=($(compgen -f -- "$word")); return ;;
	reseal:--struct|reseal:-s) return ;;
	reseal:--logical-name) return ;;
	reseal:--failures) COMPREPLY=($(compgen -f -- "$word")); return ;;
	reseal:--out|reseal:-o) COMPREPLY=($(compgen -f -- "$word")); return ;;
	reseal:--write-rate) return ;;
	census:--table|census:-t) return ;;
	census:--from) COMPREPLY=($(compgen -f -- "$word")); return ;;
	census:--endpoint) return ;;
	census:--checkpoint) COMPREPLY=($(compgen -f -- "$word")); return ;;
	census:--segments) return ;;
	census:--segment) return ;;
	census:--segment-env) return ;;
	census:--parallelism) return ;;
	census:--page-size) return ;;
	census:--read-rate) return ;;
	census:--progress) COMPREPLY=($(compgen -W 'auto text json none' -- "$word")); return ;;
	census:--format|census:-f) COMPREPLY=($(compgen -W 'table json' -- "$word")); return ;;
	beacon:--attribute|beacon:-a) return ;;
	beacon:--csv) COMPREPLY=($(compgen -f -- "$word")); return ;;
	beacon:--column) return ;;
	beacon:--table|beacon:-t) return ;;
	beacon:--endpoint) return ;;
	beacon:--config|beacon:-c) COMPREPLY=($(compgen -f -- "$word")); return ;;
	beacon:--policy|beacon:-p) COMPREPLY=($(compgen -f -- "$word")); return ;;
	beacon:--struct|beacon:-s) return ;;
	beacon:--logical-name) return ;;
	beacon:--limit|beacon:-n) return ;;
	beacon:--items) return ;;
	beacon:--distinct) return ;;
	beacon:--max-fetched) return ;;
	beacon:--out|beacon:-o) COMPREPLY=($(compgen -f -- "$word")); return ;;
	beacon:--format|beacon:-f) COMPREPLY=($(compgen -W 'table json html' -- "$word")); return ;;
	esac
	case $command in
	policy) COMPREPLY=($(compgen -W '--help -h --dir -C --tags --tests --format -f' -- "$word"; compgen -f -- "$word")) ;;
	lock) COMPREPLY=($(compgen -W '--help -h --dir -C --tags --tests --file' -- "$word"; compgen -f -- "$word")) ;;
	check) COMPREPLY=($(compgen -W '--help -h --dir -C --tags --tests --file --format -f' -- "$word"; compgen -f -- "$word")) ;;
	inspect) COMPREPLY=($(compgen -W '--help -h --keep-going --table -t --key -k --endpoint --unsigned -u --unsigned-prefix --policy -p --struct -s --format -f' -- "$word"; compgen -f -- "$word")) ;;
	open) COMPREPLY=($(compgen -W '--help -h --keep-going --table -t --key -k --endpoint --config -c --policy -p --struct -s --logical-name --out -o --force --format -f' -- "$word"; compgen -f -- "$word")) ;;
	seal) COMPREPLY=($(compgen -W '--help -h --keep-going --config -c --policy -p --struct -s --logical-name --out -o --force' -- "$word"; compgen -f -- "$word")) ;;
	verify) COMPREPLY=($(compgen -W '--help -h --table -t --from --endpoint --checkpoint --segments --segment --segment-env --parallelism --page-size --read-rate --progress --config -c --policy -p --struct -s --logical-name --failures --old-images' -- "$word")) ;;
	reseal) COMPREPLY=($(compgen -W '--help -h --table -t --from --endpoint --checkpoint --segments --segment --segment-env --parallelism --page-size --read-rate --progress --config -c --policy -p --struct -s --logical-name --failures --out -o --write-rate --dry-run --plaintext-reads --to-plaintext --remove-beacons' -- "$word")) ;;
	census) COMPREPLY=($(compgen -W '--help -h --table -t --from --endpoint --checkpoint --segments --segment --segment-env --parallelism --page-size --read-rate --progress --old-images --legends --format -f' -- "$word")) ;;
	beacon) COMPREPLY=($(compgen -W '--help -h --keep-going --attribute -a --csv --column --table -t --endpoint --config -c --policy -p --struct -s --logical-name --limit -n --items --distinct --max-fetched --out -o --force --format -f' -- "$word"; compgen -f -- "$word")) ;;
	completion) COMPREPLY=($(compgen -W '--help -h bash zsh fish' -- "$word")) ;;
	esac
}
complete -o filenames -F _ddbenc ddbenc
