# bash completion for ddbenc: source <(ddbenc completion bash)
_ddbenc() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W 'policy lock check inspect open seal completion version help' -- "$word"))
		return
	fi
	case $command:${before/#--/-} in
	policy:-dir) COMPREPLY=($(compgen -f -- "$word")); return ;;
	policy:-tags) return ;;
	policy:-format) COMPREPLY=($(compgen -W 'table markdown json html' -- "$word")); return ;;
	lock:-dir) COMPREPLY=($(compgen -f -- "$word")); return ;;
	lock:-tags) return ;;
	lock:-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
	check:-dir) COMPREPLY=($(compgen -f -- "$word")); return ;;
	check:-tags) return ;;
	check:-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
	check:-format) COMPREPLY=($(compgen -W 'table markdown json github' -- "$word")); return ;;
	inspect:-table) return ;;
	inspect:-key) return ;;
	inspect:-endpoint) return ;;
	inspect:-unsigned) return ;;
	inspect:-unsigned-prefix) return ;;
	inspect:-policy) COMPREPLY=($(compgen -f -- "$word")); return ;;
	inspect:-struct) return ;;
	inspect:-format) COMPREPLY=($(compgen -W 'table json' -- "$word")); return ;;
	open:-table) return ;;
	open:-key) return ;;
	open:-endpoint) return ;;
	open:-config) COMPREPLY=($(compgen -f -- "$word")); return ;;
	open:-policy) COMPREPLY=($(compgen -f -- "$word")); return ;;
	open:-struct) return ;;
	open:-logical-name) return ;;
	open:-out) COMPREPLY=($(compgen -f -- "$word")); return ;;
	open:-format) COMPREPLY=($(compgen -W 'json table' -- "$word")); return ;;
	seal:-config) COMPREPLY=($(compgen -f -- "$word")); return ;;
	seal:-policy) COMPREPLY=($(compgen -f -- "$word")); return ;;
	seal:-struct) return ;;
	seal:-logical-name) return ;;
	seal:-out) COMPREPLY=($(compgen -f -- "$word")); return ;;
	esac
	case $command in
	policy) COMPREPLY=($(compgen -W '-dir -tags -tests -format' -- "$word"; compgen -f -- "$word")) ;;
	lock) COMPREPLY=($(compgen -W '-dir -tags -tests -file' -- "$word"; compgen -f -- "$word")) ;;
	check) COMPREPLY=($(compgen -W '-dir -tags -tests -file -format' -- "$word"; compgen -f -- "$word")) ;;
	inspect) COMPREPLY=($(compgen -W '-keep-going -table -key -endpoint -unsigned -unsigned-prefix -policy -struct -format' -- "$word"; compgen -f -- "$word")) ;;
	open) COMPREPLY=($(compgen -W '-keep-going -table -key -endpoint -config -policy -struct -logical-name -out -force -format' -- "$word"; compgen -f -- "$word")) ;;
	seal) COMPREPLY=($(compgen -W '-keep-going -config -policy -struct -logical-name -out -force' -- "$word"; compgen -f -- "$word")) ;;
	completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")) ;;
	version) COMPREPLY=($(compgen -W '' -- "$word")) ;;
	help) COMPREPLY=($(compgen -W 'policy lock check inspect open seal completion version help' -- "$word")) ;;
	esac
}
complete -o filenames -F _ddbenc ddbenc
