# bash completion for ddbenc: source <(ddbenc completion bash)
_ddbenc() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W 'policy lock check inspect open seal completion --help --version' -- "$word"))
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
	esac
	case $command in
	policy) COMPREPLY=($(compgen -W '--help -h --dir -C --tags --tests --format -f' -- "$word"; compgen -f -- "$word")) ;;
	lock) COMPREPLY=($(compgen -W '--help -h --dir -C --tags --tests --file' -- "$word"; compgen -f -- "$word")) ;;
	check) COMPREPLY=($(compgen -W '--help -h --dir -C --tags --tests --file --format -f' -- "$word"; compgen -f -- "$word")) ;;
	inspect) COMPREPLY=($(compgen -W '--help -h --keep-going --table -t --key -k --endpoint --unsigned -u --unsigned-prefix --policy -p --struct -s --format -f' -- "$word"; compgen -f -- "$word")) ;;
	open) COMPREPLY=($(compgen -W '--help -h --keep-going --table -t --key -k --endpoint --config -c --policy -p --struct -s --logical-name --out -o --force --format -f' -- "$word"; compgen -f -- "$word")) ;;
	seal) COMPREPLY=($(compgen -W '--help -h --keep-going --config -c --policy -p --struct -s --logical-name --out -o --force' -- "$word"; compgen -f -- "$word")) ;;
	completion) COMPREPLY=($(compgen -W '--help -h bash zsh fish' -- "$word")) ;;
	esac
}
complete -o filenames -F _ddbenc ddbenc
