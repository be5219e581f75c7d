# fish completion for ddbenc: ddbenc completion fish | source
complete -c ddbenc -f
complete -c ddbenc -n __fish_use_subcommand -a policy -d 'Show from source code how each attribute is protected.'
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -l dir -s C -d 'Work in this directory instead of the current one.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -l tags -d 'Build tags, separated by commas.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -l tests -d 'Also read the test files of the packages.'
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -l format -s f -d 'The output format: table, markdown, json or html.' -x -a 'table markdown json html'
complete -c ddbenc -n '__fish_seen_subcommand_from policy' -F
complete -c ddbenc -n __fish_use_subcommand -a lock -d 'Write the policies of a program to ddbenc.lock.'
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -l dir -s C -d 'Work in this directory instead of the current one.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -l tags -d 'Build tags, separated by commas.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -l tests -d 'Also read the test files of the packages.'
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -l file -d 'The lock file. The default is ddbenc.lock next to go.mod.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from lock' -F
complete -c ddbenc -n __fish_use_subcommand -a check -d 'Compare the policies of a program with ddbenc.lock.'
complete -c ddbenc -n '__fish_seen_subcommand_from check' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from check' -l dir -s C -d 'Work in this directory instead of the current one.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from check' -l tags -d 'Build tags, separated by commas.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from check' -l tests -d 'Also read the test files of the packages.'
complete -c ddbenc -n '__fish_seen_subcommand_from check' -l file -d 'The lock file. The default is ddbenc.lock next to go.mod.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from check' -l format -s f -d 'The output format: table, markdown, json or github (annotations in a workflow).' -x -a 'table markdown json github'
complete -c ddbenc -n '__fish_seen_subcommand_from check' -F
complete -c ddbenc -n __fish_use_subcommand -a inspect -d 'Explain sealed items without a key.'
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l keep-going -d 'Continue after an item that fails. The others are written, and the exit code reports the failure.'
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l table -s t -d 'Read a single item from this DynamoDB table instead. Requires --key.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l key -s k -d 'The primary key of the item: an attribute with its text, repeated for each key attribute, or the whole key in DynamoDB JSON, {"id":{"N":"7"}}.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l endpoint -d 'The endpoint of DynamoDB, if it is not AWS\'s. Plain http is allowed on this machine only.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l unsigned -s u -d 'An attribute that is not signed ("none"). Items in the format dbesdk do not record this. May be repeated.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l unsigned-prefix -d 'The prefix of attributes that are not signed.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l policy -s p -d 'The key and the actions of attributes: ddbenc.lock, or what "ddbenc policy --format json" wrote.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l struct -s s -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -l format -s f -d 'The output format: table or json (one line for each item).' -x -a 'table json'
complete -c ddbenc -n '__fish_seen_subcommand_from inspect' -F
complete -c ddbenc -n __fish_use_subcommand -a open -d 'Verify and decrypt items.'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l keep-going -d 'Continue after an item that fails. The others are written, and the exit code reports the failure.'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l table -s t -d 'Read a single item from this DynamoDB table instead. Requires --key.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l key -s k -d 'The primary key of the item: an attribute with its text, repeated for each key attribute, or the whole key in DynamoDB JSON, {"id":{"N":"7"}}.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l endpoint -d 'The endpoint of DynamoDB, if it is not AWS\'s. Plain http is allowed on this machine only.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l config -s c -d 'The key configuration: the item format, the keys and, without --policy, the primary key and the actions of the table.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l policy -s p -d 'The key and the actions of attributes: ddbenc.lock, or what "ddbenc policy --format json" wrote.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l struct -s s -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l logical-name -d 'The logical table name, which is bound into items. It replaces the one in the key configuration.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l out -s o -d 'Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l force -d 'Replace the file if it exists.'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -l format -s f -d 'The output format: json (one line for each item) or table (for reading).' -x -a 'json table'
complete -c ddbenc -n '__fish_seen_subcommand_from open' -F
complete -c ddbenc -n __fish_use_subcommand -a seal -d 'Encrypt and sign items.'
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l keep-going -d 'Continue after an item that fails. The others are written, and the exit code reports the failure.'
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l config -s c -d 'The key configuration: the item format, the keys and, without --policy, the primary key and the actions of the table.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l policy -s p -d 'The key and the actions of attributes: ddbenc.lock, or what "ddbenc policy --format json" wrote.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l struct -s s -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l logical-name -d 'The logical table name, which is bound into items. It replaces the one in the key configuration.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l out -s o -d 'Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -l force -d 'Replace the file if it exists.'
complete -c ddbenc -n '__fish_seen_subcommand_from seal' -F
complete -c ddbenc -n __fish_use_subcommand -a verify -d 'Verify all items of a table.'
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l table -s t -d 'The DynamoDB table. Either this or --from is required.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l from -d 'Read the items from here instead: a folder with an export of DynamoDB to S3, a file with items in DynamoDB JSON, or - for standard input. If the folder has the manifest of the export, the files are compared with it.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l endpoint -d 'The endpoint of DynamoDB, if it is not AWS\'s. Plain http is for this machine only.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l checkpoint -d 'Save after every page how far the run is, in a file or in an item of a table, dynamodb://TABLE/ID. The same command continues there. It is removed at the end. It has keys of items in it. {segment} stands for the number of the segment.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l segments -d 'Divide the table into so many segments, which are read in parallel.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l segment -d 'Work on this segment only, counted from 0, where several machines share a table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l segment-env -d 'Take the segment from this environment variable: JOB_COMPLETION_INDEX in an Indexed Job of Kubernetes, AWS_BATCH_JOB_ARRAY_INDEX in an array job of AWS Batch.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l parallelism -d 'Work on so many items at once.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l page-size -d 'Read so many items with one request, at most.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l read-rate -d 'Read no faster than this, in capacity units per second. Throttling slows a run down in any case.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l progress -d 'How to show on standard error how far the run is: text, json (a line of JSON every 30 seconds and at the end) or none. Without it, a terminal has one line that changes, and anything else text.' -x -a 'auto text json none'
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l config -s c -d 'The key configuration: the item format, the keys and, without --policy, the primary key and the actions of the table.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l policy -s p -d 'The key and the actions of attributes: ddbenc.lock, or what "ddbenc policy --format json" wrote.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l struct -s s -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l logical-name -d 'The logical table name, which is bound into items. It replaces the one in the key configuration.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l failures -d 'Append the lines about items that fail to this file instead of writing them to standard output. Only its owner can read it. {segment} stands for the number of the segment.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from verify' -l old-images -d 'With --from and an incremental export, also read the old images of items.'
complete -c ddbenc -n __fish_use_subcommand -a reseal -d 'Seal the items of a table again that are not as declared.'
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l table -s t -d 'The DynamoDB table. Either this or --from is required.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l from -d 'Read the items from here instead: a folder with an export of DynamoDB to S3, a file with items in DynamoDB JSON, or - for standard input. If the folder has the manifest of the export, the files are compared with it.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l endpoint -d 'The endpoint of DynamoDB, if it is not AWS\'s. Plain http is for this machine only.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l checkpoint -d 'Save after every page how far the run is, in a file or in an item of a table, dynamodb://TABLE/ID. The same command continues there. It is removed at the end. It has keys of items in it. {segment} stands for the number of the segment.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l segments -d 'Divide the table into so many segments, which are read in parallel.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l segment -d 'Work on this segment only, counted from 0, where several machines share a table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l segment-env -d 'Take the segment from this environment variable: JOB_COMPLETION_INDEX in an Indexed Job of Kubernetes, AWS_BATCH_JOB_ARRAY_INDEX in an array job of AWS Batch.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l parallelism -d 'Work on so many items at once.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l page-size -d 'Read so many items with one request, at most.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l read-rate -d 'Read no faster than this, in capacity units per second. Throttling slows a run down in any case.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l progress -d 'How to show on standard error how far the run is: text, json (a line of JSON every 30 seconds and at the end) or none. Without it, a terminal has one line that changes, and anything else text.' -x -a 'auto text json none'
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l config -s c -d 'The key configuration: the item format, the keys and, without --policy, the primary key and the actions of the table.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l policy -s p -d 'The key and the actions of attributes: ddbenc.lock, or what "ddbenc policy --format json" wrote.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l struct -s s -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l logical-name -d 'The logical table name, which is bound into items. It replaces the one in the key configuration.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l failures -d 'Append the lines about items that fail to this file instead of writing them to standard output. Only its owner can read it. {segment} stands for the number of the segment.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l out -s o -d 'With --from, write all items to files in this new folder, or to standard output for -: lines of JSON as DynamoDB\'s import from S3 reads them.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l write-rate -d 'Write no faster than this, in capacity units per second.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l dry-run -d 'Count the items that would be written, and write nothing. The exit code is 1 if there are any.'
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l plaintext-reads -d 'Seal items that are not sealed. Without it they are reported. It is for the time in which the table is migrated: it also seals what anyone put there in the place of a sealed item.'
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l to-plaintext -d 'Store items in the clear instead, to go back to an unprotected table.'
complete -c ddbenc -n '__fish_seen_subcommand_from reseal' -l remove-beacons -d 'Remove beacons from items. The policy and the key configuration must have none. Without it, a run in which neither has any ends at the first item with beacons.'
complete -c ddbenc -n __fish_use_subcommand -a census -d 'Count the items of a table by format and key, without any key.'
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l table -s t -d 'The DynamoDB table. Either this or --from is required.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l from -d 'Read the items from here instead: a folder with an export of DynamoDB to S3, a file with items in DynamoDB JSON, or - for standard input. If the folder has the manifest of the export, the files are compared with it.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l endpoint -d 'The endpoint of DynamoDB, if it is not AWS\'s. Plain http is for this machine only.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l checkpoint -d 'Save after every page how far the run is, in a file or in an item of a table, dynamodb://TABLE/ID. The same command continues there. It is removed at the end. It has keys of items in it. {segment} stands for the number of the segment.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l segments -d 'Divide the table into so many segments, which are read in parallel.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l segment -d 'Work on this segment only, counted from 0, where several machines share a table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l segment-env -d 'Take the segment from this environment variable: JOB_COMPLETION_INDEX in an Indexed Job of Kubernetes, AWS_BATCH_JOB_ARRAY_INDEX in an array job of AWS Batch.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l parallelism -d 'Work on so many items at once.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l page-size -d 'Read so many items with one request, at most.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l read-rate -d 'Read no faster than this, in capacity units per second. Throttling slows a run down in any case.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l progress -d 'How to show on standard error how far the run is: text, json (a line of JSON every 30 seconds and at the end) or none. Without it, a terminal has one line that changes, and anything else text.' -x -a 'auto text json none'
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l old-images -d 'With --from and an incremental export, also read the old images of items.'
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l legends -d 'Also count by the actions of attributes (format dbesdk), in the order of the length of their names: e (encrypt), s (sign), c (sign,context).'
complete -c ddbenc -n '__fish_seen_subcommand_from census' -l format -s f -d 'How to write it: table or json.' -x -a 'table json'
complete -c ddbenc -n __fish_use_subcommand -a beacon -d 'Choose the length of a beacon from a sample of values.'
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l keep-going -d 'Continue after an item that fails. The others are written, and the exit code reports the failure.'
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l attribute -s a -d 'The attribute whose values the beacon is computed of, or a path in an attribute, such as address.city or phones[0]. The members of a set are counted one by one.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l csv -d 'Read the values from this CSV file instead, or for - from standard input. The first record has the names of the columns. Empty values are left out.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l column -d 'The column of the CSV file.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l table -s t -d 'Read the items from this DynamoDB table instead. Requires --config.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l endpoint -d 'The endpoint of DynamoDB, if it is not AWS\'s. Plain http is for this machine only.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l config -s c -d 'The key configuration. With it, the items of files are sealed and are opened first.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l policy -s p -d 'The key and the actions of attributes: ddbenc.lock, or what "ddbenc policy --format json" wrote.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l struct -s s -d 'Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l logical-name -d 'The logical table name, which is bound into items. It replaces the one in the key configuration.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l limit -s n -d 'Stop after so many items. The default is 10000 for a table, from several places in it, and no limit otherwise.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l items -d 'How many items the table has, if the sample is a part of it. With --table, the default is what DynamoDB says.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l distinct -d 'How many distinct values the table has, if it is known. Otherwise it is estimated from the sample.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l max-fetched -d 'How many items a query may fetch for each item that it wants. The shortest usable length with which it does so is recommended.' -x
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l out -s o -d 'Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly.' -r -F
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l force -d 'Replace the file if it exists.'
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -l format -s f -d 'The output format: table, json or html (a self-contained page with a chart).' -x -a 'table json html'
complete -c ddbenc -n '__fish_seen_subcommand_from beacon' -F
complete -c ddbenc -n __fish_use_subcommand -a completion -d 'Print a completion script for a shell.'
complete -c ddbenc -n '__fish_seen_subcommand_from completion' -l help -s h -d 'Show context-sensitive help.'
complete -c ddbenc -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
