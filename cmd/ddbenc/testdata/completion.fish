# fish completion for ddbenc: ddbenc completion fish | source
complete -c ddbenc -f
complete -c ddbenc -n __fish_use_subcommand -a policy -d 'Show what is done with each attribute, from source code.'
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -o dir -d 'Work in this folder rather than in the current one.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -o tags -d 'Build tags, separated by commas.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -o tests -d 'Also read the test files of the packages.'
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -o format -d 'How to write it: table, markdown, json, html.' -x -a 'table markdown json html'
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -F
complete -c ddbenc -n __fish_use_subcommand -a lock -d 'Write the policies of a program to ddbenc.lock.'
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -o dir -d 'Work in this folder rather than in the current one.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -o tags -d 'Build tags, separated by commas.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -o tests -d 'Also read the test files of the packages.'
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -o file -d 'The lock file, if it is not ddbenc.lock beside go.mod.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -F
complete -c ddbenc -n __fish_use_subcommand -a check -d 'Compare the policies of a program with ddbenc.lock.'
complete -c ddbenc -n '__fish_seen_subcommand_from check' -o dir -d 'Work in this folder rather than in the current one.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from check' -o tags -d 'Build tags, separated by commas.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from check' -o tests -d 'Also read the test files of the packages.'
complete -c ddbenc -n '__fish_seen_subcommand_from check' -o file -d 'The lock file, if it is not ddbenc.lock beside go.mod.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from check' -o format -d 'How to write it: table, markdown, json, github (annotations in a workflow).' -x -a 'table markdown json github'
complete -c ddbenc -n '__fish_seen_subcommand_from check' -F
complete -c ddbenc -n __fish_use_subcommand -a inspect -d 'Explain sealed items, without any key.'
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o keep-going -d 'Go on after an item that fails. The others are written; the exit code tells.'
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o table -d 'Read one item from this DynamoDB table instead, by its -key.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o key -d 'Its primary key in DynamoDB JSON: {"id":{"S":"a-1"}}.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o endpoint -d 'The endpoint of DynamoDB, if it is not that of AWS.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o unsigned -d 'An attribute that is not signed ("none"), which an item in the format dbesdk does not tell. May be given several times.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o unsigned-prefix -d 'The beginning of the names of attributes that are not signed.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o policy -d 'What "ddbenc policy -format json" wrote: says the key and the actions of attributes.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o struct -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -o format -d 'How to write it: table, json (one line for each item).' -x -a 'table json'
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -F
complete -c ddbenc -n __fish_use_subcommand -a open -d 'Verify and decrypt items.'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o keep-going -d 'Go on after an item that fails. The others are written; the exit code tells.'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o table -d 'Read one item from this DynamoDB table instead, by its -key.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o key -d 'Its primary key in DynamoDB JSON: {"id":{"S":"a-1"}}.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o endpoint -d 'The endpoint of DynamoDB, if it is not that of AWS.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o config -d 'The key configuration: format, keys and, without -policy, the key and the actions of the table.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o policy -d 'What "ddbenc policy -format json" wrote: says the key and the actions of attributes.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o struct -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o logical-name -d 'The logical table name, which is bound into items, in place of the one in the key configuration.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o out -d 'Write to this file, which is its owner\'s alone to read, rather than to standard output. It is there only if all went well.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o force -d 'Replace the file if it is there.'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -o format -d 'How to write items: json (one line for each), table (to look at).' -x -a 'json table'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -F
complete -c ddbenc -n __fish_use_subcommand -a seal -d 'Encrypt and sign items.'
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -o keep-going -d 'Go on after an item that fails. The others are written; the exit code tells.'
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -o config -d 'The key configuration: format, keys and, without -policy, the key and the actions of the table.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -o policy -d 'What "ddbenc policy -format json" wrote: says the key and the actions of attributes.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -o struct -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -o logical-name -d 'The logical table name, which is bound into items, in place of the one in the key configuration.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -o out -d 'Write to this file, which is its owner\'s alone to read, rather than to standard output. It is there only if all went well.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -o force -d 'Replace the file if it is there.'
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -F
complete -c ddbenc -n __fish_use_subcommand -a completion -d 'Print a completion script for a shell.'
complete -c ddbenc -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c ddbenc -n __fish_use_subcommand -a version -d 'Print the version.'
complete -c ddbenc -n __fish_use_subcommand -a help -d 'Explain a command.'
complete -c ddbenc -n '__fish_seen_subcommand_from help' -a 'policy lock check inspect open seal completion version help'
