-- SCRIPT and its subcommands.
--- load
--> SCRIPT LOAD $
--> SCRIPT LOAD $
return 1
--- load what does not compile
--> SCRIPT LOAD $
--> SCRIPT EXISTS $sha
return return
--- load in lower case
--> script load $
return 1
--- load without a script
--> SCRIPT LOAD
--- load with too much
--> SCRIPT LOAD a b
--- load empty
--> SCRIPT LOAD ""
--> EVALSHA da39a3ee5e6b4b0d3255bfef95601890afd80709 0
--- load with a bad shebang
--> SCRIPT LOAD "#!nosuch\nreturn 1"
--- load with a shebang
--> SCRIPT LOAD "#!lua flags=no-writes\nreturn 1"
--- load with an unknown flag
--> SCRIPT LOAD "#!lua flags=nosuch\nreturn 1"
--- exists
--> SCRIPT LOAD $
--> SCRIPT EXISTS $sha e0e1f9fabfc9d4800c877a703b823ac0578ff8dc $sha
return 1
--- exists in upper case
--> SCRIPT LOAD $
--> SCRIPT EXISTS $SHA
return 1
--- exists of what is no digest
--> SCRIPT EXISTS abc "" zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
--- exists of a digest with more behind it
--> SCRIPT LOAD "return 1"
--> SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8dbx
--- exists without a digest
--> SCRIPT EXISTS
--- flush
--> SCRIPT LOAD $
--> SCRIPT FLUSH
--> SCRIPT EXISTS $sha
--> EVALSHA $sha 0
return 1
--- flush async
--> SCRIPT LOAD $
--> SCRIPT FLUSH ASYNC
--> SCRIPT EXISTS $sha
return 1
--- flush sync
--> SCRIPT LOAD $
--> SCRIPT FLUSH sync
--> SCRIPT EXISTS $sha
return 1
--- flush with another word
--> SCRIPT LOAD $
--> SCRIPT FLUSH NOW
--> SCRIPT EXISTS $sha
return 1
--- flush with two words
--> SCRIPT FLUSH SYNC ASYNC
--- flushall keeps scripts
--> SCRIPT LOAD $
--> FLUSHALL
--> SCRIPT EXISTS $sha
return 1
--- kill
--> SCRIPT KILL
--- kill with an argument
--> SCRIPT KILL now
--- without a subcommand
--> SCRIPT
--- unknown subcommand
--> SCRIPT NOSUCH
--- unknown subcommand with arguments
--> SCRIPT nosuch a b
--- debug with a wrong mode
--> SCRIPT DEBUG maybe
--- debug without a mode
--> SCRIPT DEBUG
--- help
--> SCRIPT HELP
--- help with an argument
--> SCRIPT HELP me
--- eval is counted as loaded
--> EVAL $ 0
--> SCRIPT EXISTS $sha
return 1
--- several
--> SCRIPT LOAD "return 1"
--> SCRIPT LOAD "return 2"
--> SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db 7f923f79fe76194c868d7e1d0820de36700eb649
--> EVALSHA 7f923f79fe76194c868d7e1d0820de36700eb649 0
