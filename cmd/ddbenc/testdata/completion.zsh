#compdef ddbenc
# zsh completion for ddbenc: source <(ddbenc completion zsh)
_ddbenc() {
	local -a commands
	commands=(
		'policy:Show from source code how each attribute is protected.'
		'lock:Write the policies of a program to ddbenc.lock.'
		'check:Compare the policies of a program with ddbenc.lock.'
		'inspect:Explain sealed items without a key.'
		'open:Verify and decrypt items.'
		'seal:Encrypt and sign items.'
		'completion:Print a completion script for a shell.'
	)
	if (( CURRENT == 2 )); then
		_describe command commands
		return
	fi
	local command=$words[2]
	shift words
	(( CURRENT-- ))
	case $command in
	policy)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--dir[Work in this directory instead of the current one.]:file:_files' \
			'-C[Work in this directory instead of the current one.]:file:_files' \
			'--tags[Build tags, separated by commas.]:tags: ' \
			'--tests[Also read the test files of the packages.]' \
			'--format[The output format\: table, markdown, json or html.]:format:(table markdown json html)' \
			'-f[The output format\: table, markdown, json or html.]:format:(table markdown json html)' \
			'*:file:_files'
		;;
	lock)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--dir[Work in this directory instead of the current one.]:file:_files' \
			'-C[Work in this directory instead of the current one.]:file:_files' \
			'--tags[Build tags, separated by commas.]:tags: ' \
			'--tests[Also read the test files of the packages.]' \
			'--file[The lock file. The default is ddbenc.lock next to go.mod.]:file:_files' \
			'*:file:_files'
		;;
	check)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--dir[Work in this directory instead of the current one.]:file:_files' \
			'-C[Work in this directory instead of the current one.]:file:_files' \
			'--tags[Build tags, separated by commas.]:tags: ' \
			'--tests[Also read the test files of the packages.]' \
			'--file[The lock file. The default is ddbenc.lock next to go.mod.]:file:_files' \
			'--format[The output format\: table, markdown, json or github (annotations in a workflow).]:format:(table markdown json github)' \
			'-f[The output format\: table, markdown, json or github (annotations in a workflow).]:format:(table markdown json github)' \
			'*:file:_files'
		;;
	inspect)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--keep-going[Continue after an item that fails. The others are written, and the exit code reports the failure.]' \
			'--table[Read a single item from this DynamoDB table instead. Requires --key.]:name: ' \
			'-t[Read a single item from this DynamoDB table instead. Requires --key.]:name: ' \
			'--key[The primary key of the item\: an attribute with its text, repeated for each key attribute, or the whole key in DynamoDB JSON, {"id"\:{"N"\:"7"}}.]:name=text: ' \
			'-k[The primary key of the item\: an attribute with its text, repeated for each key attribute, or the whole key in DynamoDB JSON, {"id"\:{"N"\:"7"}}.]:name=text: ' \
			'--endpoint[The endpoint of DynamoDB, if it is not AWS'\''s. Plain http is allowed on this machine only.]:url: ' \
			'--unsigned[An attribute that is not signed ("none"). Items in the format dbesdk do not record this. May be repeated.]:name: ' \
			'-u[An attribute that is not signed ("none"). Items in the format dbesdk do not record this. May be repeated.]:name: ' \
			'--unsigned-prefix[The prefix of attributes that are not signed.]:text: ' \
			'--policy[The output of "ddbenc policy --format json", with the key and the actions of attributes.]:file:_files' \
			'-p[The output of "ddbenc policy --format json", with the key and the actions of attributes.]:file:_files' \
			'--struct[The struct in the policy that the items belong to, such as store.Account. May be repeated for a table with several. Not needed if the policy names the table.]:type: ' \
			'-s[The struct in the policy that the items belong to, such as store.Account. May be repeated for a table with several. Not needed if the policy names the table.]:type: ' \
			'--format[The output format\: table or json (one line for each item).]:format:(table json)' \
			'-f[The output format\: table or json (one line for each item).]:format:(table json)' \
			'*:file:_files'
		;;
	open)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--keep-going[Continue after an item that fails. The others are written, and the exit code reports the failure.]' \
			'--table[Read a single item from this DynamoDB table instead. Requires --key.]:name: ' \
			'-t[Read a single item from this DynamoDB table instead. Requires --key.]:name: ' \
			'--key[The primary key of the item\: an attribute with its text, repeated for each key attribute, or the whole key in DynamoDB JSON, {"id"\:{"N"\:"7"}}.]:name=text: ' \
			'-k[The primary key of the item\: an attribute with its text, repeated for each key attribute, or the whole key in DynamoDB JSON, {"id"\:{"N"\:"7"}}.]:name=text: ' \
			'--endpoint[The endpoint of DynamoDB, if it is not AWS'\''s. Plain http is allowed on this machine only.]:url: ' \
			'--config[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'-c[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'--policy[The output of "ddbenc policy --format json", with the key and the actions of attributes.]:file:_files' \
			'-p[The output of "ddbenc policy --format json", with the key and the actions of attributes.]:file:_files' \
			'--struct[The struct in the policy that the items belong to, such as store.Account. May be repeated for a table with several. Not needed if the policy names the table.]:type: ' \
			'-s[The struct in the policy that the items belong to, such as store.Account. May be repeated for a table with several. Not needed if the policy names the table.]:type: ' \
			'--logical-name[The logical table name, which is bound into items. It replaces the one in the key configuration.]:name: ' \
			'--out[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'-o[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'--force[Replace the file if it exists.]' \
			'--format[The output format\: json (one line for each item) or table (for reading).]:format:(json table)' \
			'-f[The output format\: json (one line for each item) or table (for reading).]:format:(json table)' \
			'*:file:_files'
		;;
	seal)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--keep-going[Continue after an item that fails. The others are written, and the exit code reports the failure.]' \
			'--config[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'-c[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'--policy[The output of "ddbenc policy --format json", with the key and the actions of attributes.]:file:_files' \
			'-p[The output of "ddbenc policy --format json", with the key and the actions of attributes.]:file:_files' \
			'--struct[The struct in the policy that the items belong to, such as store.Account. May be repeated for a table with several. Not needed if the policy names the table.]:type: ' \
			'-s[The struct in the policy that the items belong to, such as store.Account. May be repeated for a table with several. Not needed if the policy names the table.]:type: ' \
			'--logical-name[The logical table name, which is bound into items. It replaces the one in the key configuration.]:name: ' \
			'--out[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'-o[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'--force[Replace the file if it exists.]' \
			'*:file:_files'
		;;
	completion)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'1:word:(bash zsh fish)'
		;;
	esac
}
compdef _ddbenc ddbenc
