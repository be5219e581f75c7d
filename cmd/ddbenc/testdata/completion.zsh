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
		'verify:Verify all items of a table.'
		'reseal:Seal the items of a table again that are not as declared.'
		'census:Count the items of a table by format and key, without any key.'
		'beacon:Choose the length of a beacon from a sample of values.'
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
			'--policy[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'-p[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'--struct[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'-s[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
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
			'--policy[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'-p[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'--struct[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'-s[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
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
			'--policy[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'-p[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'--struct[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'-s[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'--logical-name[The logical table name, which is bound into items. It replaces the one in the key configuration.]:name: ' \
			'--out[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'-o[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'--force[Replace the file if it exists.]' \
			'*:file:_files'
		;;
	verify)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--table[The DynamoDB table. Either this or --from is required.]:name: ' \
			'-t[The DynamoDB table. Either this or --from is required.]:name: ' \
			'--from[Read the items from here instead\: a folder with an export of DynamoDB to S3, a file with items in DynamoDB JSON, or - for standard input. If the folder has the manifest of the export, the files are compared with it.]:file:_files' \
			'--endpoint[The endpoint of DynamoDB, if it is not AWS'\''s. Plain http is for this machine only.]:url: ' \
			'--checkpoint[Save after every page how far the run is, in a file or in an item of a table, dynamodb\://TABLE/ID. The same command continues there. It is removed at the end. It has keys of items in it. {segment} stands for the number of the segment.]:file:_files' \
			'--segments[Divide the table into so many segments, which are read in parallel.]:n: ' \
			'--segment[Work on this segment only, counted from 0, where several machines share a table.]:i: ' \
			'--segment-env[Take the segment from this environment variable\: JOB_COMPLETION_INDEX in an Indexed Job of Kubernetes, AWS_BATCH_JOB_ARRAY_INDEX in an array job of AWS Batch.]:name: ' \
			'--parallelism[Work on so many items at once.]:n: ' \
			'--page-size[Read so many items with one request, at most.]:n: ' \
			'--read-rate[Read no faster than this, in capacity units per second. Throttling slows a run down in any case.]:units: ' \
			'--progress[How to show on standard error how far the run is\: text, json (a line of JSON every 30 seconds and at the end) or none. Without it, a terminal has one line that changes, and anything else text.]:progress:(auto text json none)' \
			'--config[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'-c[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'--policy[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'-p[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'--struct[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'-s[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'--logical-name[The logical table name, which is bound into items. It replaces the one in the key configuration.]:name: ' \
			'--failures[Append the lines about items that fail to this file instead of writing them to standard output. Only its owner can read it. {segment} stands for the number of the segment.]:file:_files' \
			'--old-images[With --from and an incremental export, also read the old images of items.]' \
			'*: : '
		;;
	reseal)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--table[The DynamoDB table. Either this or --from is required.]:name: ' \
			'-t[The DynamoDB table. Either this or --from is required.]:name: ' \
			'--from[Read the items from here instead\: a folder with an export of DynamoDB to S3, a file with items in DynamoDB JSON, or - for standard input. If the folder has the manifest of the export, the files are compared with it.]:file:_files' \
			'--endpoint[The endpoint of DynamoDB, if it is not AWS'\''s. Plain http is for this machine only.]:url: ' \
			'--checkpoint[Save after every page how far the run is, in a file or in an item of a table, dynamodb\://TABLE/ID. The same command continues there. It is removed at the end. It has keys of items in it. {segment} stands for the number of the segment.]:file:_files' \
			'--segments[Divide the table into so many segments, which are read in parallel.]:n: ' \
			'--segment[Work on this segment only, counted from 0, where several machines share a table.]:i: ' \
			'--segment-env[Take the segment from this environment variable\: JOB_COMPLETION_INDEX in an Indexed Job of Kubernetes, AWS_BATCH_JOB_ARRAY_INDEX in an array job of AWS Batch.]:name: ' \
			'--parallelism[Work on so many items at once.]:n: ' \
			'--page-size[Read so many items with one request, at most.]:n: ' \
			'--read-rate[Read no faster than this, in capacity units per second. Throttling slows a run down in any case.]:units: ' \
			'--progress[How to show on standard error how far the run is\: text, json (a line of JSON every 30 seconds and at the end) or none. Without it, a terminal has one line that changes, and anything else text.]:progress:(auto text json none)' \
			'--config[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'-c[The key configuration\: the item format, the keys and, without --policy, the primary key and the actions of the table.]:file:_files' \
			'--policy[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'-p[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'--struct[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'-s[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'--logical-name[The logical table name, which is bound into items. It replaces the one in the key configuration.]:name: ' \
			'--failures[Append the lines about items that fail to this file instead of writing them to standard output. Only its owner can read it. {segment} stands for the number of the segment.]:file:_files' \
			'--out[With --from, write all items to files in this new folder, or to standard output for -\: lines of JSON as DynamoDB'\''s import from S3 reads them.]:file:_files' \
			'-o[With --from, write all items to files in this new folder, or to standard output for -\: lines of JSON as DynamoDB'\''s import from S3 reads them.]:file:_files' \
			'--write-rate[Write no faster than this, in capacity units per second.]:units: ' \
			'--dry-run[Count the items that would be written, and write nothing. The exit code is 1 if there are any.]' \
			'--plaintext-reads[Seal items that are not sealed. Without it they are reported. It is for the time in which the table is migrated\: it also seals what anyone put there in the place of a sealed item.]' \
			'--to-plaintext[Store items in the clear instead, to go back to an unprotected table.]' \
			'--remove-beacons[Remove beacons from items. The policy and the key configuration must have none. Without it, a run in which neither has any ends at the first item with beacons.]' \
			'*: : '
		;;
	census)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--table[The DynamoDB table. Either this or --from is required.]:name: ' \
			'-t[The DynamoDB table. Either this or --from is required.]:name: ' \
			'--from[Read the items from here instead\: a folder with an export of DynamoDB to S3, a file with items in DynamoDB JSON, or - for standard input. If the folder has the manifest of the export, the files are compared with it.]:file:_files' \
			'--endpoint[The endpoint of DynamoDB, if it is not AWS'\''s. Plain http is for this machine only.]:url: ' \
			'--checkpoint[Save after every page how far the run is, in a file or in an item of a table, dynamodb\://TABLE/ID. The same command continues there. It is removed at the end. It has keys of items in it. {segment} stands for the number of the segment.]:file:_files' \
			'--segments[Divide the table into so many segments, which are read in parallel.]:n: ' \
			'--segment[Work on this segment only, counted from 0, where several machines share a table.]:i: ' \
			'--segment-env[Take the segment from this environment variable\: JOB_COMPLETION_INDEX in an Indexed Job of Kubernetes, AWS_BATCH_JOB_ARRAY_INDEX in an array job of AWS Batch.]:name: ' \
			'--parallelism[Work on so many items at once.]:n: ' \
			'--page-size[Read so many items with one request, at most.]:n: ' \
			'--read-rate[Read no faster than this, in capacity units per second. Throttling slows a run down in any case.]:units: ' \
			'--progress[How to show on standard error how far the run is\: text, json (a line of JSON every 30 seconds and at the end) or none. Without it, a terminal has one line that changes, and anything else text.]:progress:(auto text json none)' \
			'--old-images[With --from and an incremental export, also read the old images of items.]' \
			'--legends[Also count by the actions of attributes (format dbesdk), in the order of the length of their names\: e (encrypt), s (sign), c (sign,context).]' \
			'--format[How to write it\: table or json.]:format:(table json)' \
			'-f[How to write it\: table or json.]:format:(table json)' \
			'*: : '
		;;
	beacon)
		_arguments \
			'--help[Show context-sensitive help.]' \
			'-h[Show context-sensitive help.]' \
			'--keep-going[Continue after an item that fails. The others are written, and the exit code reports the failure.]' \
			'--attribute[The attribute whose values the beacon is computed of, or a path in an attribute, such as address.city or phones\[0\]. The members of a set are counted one by one.]:path: ' \
			'-a[The attribute whose values the beacon is computed of, or a path in an attribute, such as address.city or phones\[0\]. The members of a set are counted one by one.]:path: ' \
			'--csv[Read the values from this CSV file instead, or for - from standard input. The first record has the names of the columns. Empty values are left out.]:file:_files' \
			'--column[The column of the CSV file.]:name: ' \
			'--table[Read the items from this DynamoDB table instead. Requires --config.]:name: ' \
			'-t[Read the items from this DynamoDB table instead. Requires --config.]:name: ' \
			'--endpoint[The endpoint of DynamoDB, if it is not AWS'\''s. Plain http is for this machine only.]:url: ' \
			'--config[The key configuration. With it, the items of files are sealed and are opened first.]:file:_files' \
			'-c[The key configuration. With it, the items of files are sealed and are opened first.]:file:_files' \
			'--policy[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'-p[The key and the actions of attributes\: ddbenc.lock, or what "ddbenc policy --format json" wrote.]:file:_files' \
			'--struct[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'-s[Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.]:type: ' \
			'--logical-name[The logical table name, which is bound into items. It replaces the one in the key configuration.]:name: ' \
			'--limit[Stop after so many items. The default is 10000 for a table, from several places in it, and no limit otherwise.]:n: ' \
			'-n[Stop after so many items. The default is 10000 for a table, from several places in it, and no limit otherwise.]:n: ' \
			'--items[How many items the table has, if the sample is a part of it. With --table, the default is what DynamoDB says.]:n: ' \
			'--distinct[How many distinct values the table has, if it is known. Otherwise it is estimated from the sample.]:n: ' \
			'--max-fetched[How many items a query may fetch for each item that it wants. The shortest usable length with which it does so is recommended.]:n: ' \
			'--out[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'-o[Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.]:file:_files' \
			'--force[Replace the file if it exists.]' \
			'--format[The output format\: table, json or html (a self-contained page with a chart).]:format:(table json html)' \
			'-f[The output format\: table, json or html (a self-contained page with a chart).]:format:(table json html)' \
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
