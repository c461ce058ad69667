-- FUNCTION and its subcommands.
--- load and call
--> FUNCTION LOAD $
--> FCALL hello 0
#!lua name=lib
redis.register_function('hello', function(keys, args) return 'hello' end)
--- load twice
--> FUNCTION LOAD $
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- load replace
--> FUNCTION LOAD $
--> FUNCTION LOAD REPLACE $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- load replace where there is none
--> FUNCTION LOAD replace $
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- replaced by other functions
--> FUNCTION LOAD "#!lua name=lib\nredis.register_function('old', function() return 'old' end)"
--> FUNCTION LOAD REPLACE "#!lua name=lib\nredis.register_function('new', function() return 'new' end)"
--> FCALL old 0
--> FCALL new 0
--- replace that fails keeps the old
--> FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function() return 'old' end)"
--> FUNCTION LOAD REPLACE "#!lua name=lib\nredis.register_function('f', function() return 'new' end) error('boom')"
--> FCALL f 0
--- replace that does not compile keeps the old
--> FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function() return 'old' end)"
--> FUNCTION LOAD REPLACE "#!lua name=lib\nx x"
--> FCALL f 0
--- load with an unknown option
--> FUNCTION LOAD NOSUCH $
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- load with too many options
--> FUNCTION LOAD REPLACE REPLACE $
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- load without code
--> FUNCTION LOAD
--- load replace without code
--> FUNCTION LOAD REPLACE
--- load without a shebang
--> FUNCTION LOAD "redis.register_function('f', function() return 1 end)"
--- load empty
--> FUNCTION LOAD ""
--- load only a shebang
--> FUNCTION LOAD "#!lua name=lib"
--- load only a shebang line
--> FUNCTION LOAD "#!lua name=lib\n"
--- load without a name
--> FUNCTION LOAD $
#!lua
redis.register_function('f', function() return 1 end)
--- load with an empty name
--> FUNCTION LOAD $
#!lua name=
redis.register_function('f', function() return 1 end)
--- load with a bad name
--> FUNCTION LOAD $
#!lua name=my-lib
redis.register_function('f', function() return 1 end)
--- load with a name of a dot
--> FUNCTION LOAD $
#!lua name=my.lib
redis.register_function('f', function() return 1 end)
--- load with a name of digits
--> FUNCTION LOAD $
#!lua name=1_Lib
redis.register_function('f', function() return 1 end)
--- load with two names
--> FUNCTION LOAD $
#!lua name=a name=b
redis.register_function('f', function() return 1 end)
--- load with an unknown engine
--> FUNCTION LOAD $
#!python name=lib
redis.register_function('f', function() return 1 end)
--- load with an engine in upper case
--> FUNCTION LOAD $
#!LUA name=lib
redis.register_function('f', function() return 1 end)
--- load without an engine
--> FUNCTION LOAD "#! name=lib\nredis.register_function('f', function() return 1 end)"
--- load with an unknown option in the shebang
--> FUNCTION LOAD $
#!lua name=lib flags=no-writes
redis.register_function('f', function() return 1 end)
--- load with an option without a value
--> FUNCTION LOAD $
#!lua name
redis.register_function('f', function() return 1 end)
--- load with quotes
--> FUNCTION LOAD $
#!lua name="lib"
redis.register_function('f', function() return 1 end)
--- load with an unbalanced quote
--> FUNCTION LOAD $
#!lua name="lib
redis.register_function('f', function() return 1 end)
--- load without functions
--> FUNCTION LOAD $
#!lua name=lib
local x = 1
--- load what does not compile
--> FUNCTION LOAD $
#!lua name=lib
local x = = 1
--- load what raises
--> FUNCTION LOAD $
#!lua name=lib
error('at load')
--- load what raises a runtime error
--> FUNCTION LOAD $
#!lua name=lib

local x = nil
return x.y
--- load what raises a table with err
--> FUNCTION LOAD $
#!lua name=lib
error({err = 'MYCODE at load'})
--- load that calls a command
--> FUNCTION LOAD $
#!lua name=lib
redis.call('SET', 'k', 'v')
--- load that calls pcall of a command
--> FUNCTION LOAD $
#!lua name=lib
redis.pcall('PING')
--- load that reads an undeclared global
--> FUNCTION LOAD $
#!lua name=lib
return nosuch
--- load that writes a global
--> FUNCTION LOAD $
#!lua name=lib
x = 1
--- load that declares a global function
--> FUNCTION LOAD $
#!lua name=lib
function helper() return 1 end
redis.register_function('f', helper)
--- load that uses KEYS
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f', function() return KEYS end)
--> FCALL f 0
--- load that uses KEYS at once
--> FUNCTION LOAD $
#!lua name=lib
local k = KEYS
--- load that logs
--> FUNCTION LOAD $
#!lua name=lib
redis.log(redis.LOG_DEBUG, 'loading')
redis.register_function('f', function() return 1 end)
--- load that uses setresp
--> FUNCTION LOAD $
#!lua name=lib
redis.setresp(3)
redis.register_function('f', function() return 1 end)
--- load that uses the version
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
local version = redis.REDIS_VERSION
redis.register_function('f', function() return version end)
--- load that uses math.random
--> FUNCTION LOAD $
#!lua name=lib
local n = math.random(10)
redis.register_function('f', function() return 1 end)
--- names of redis while loading
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
local names = {}
for k in pairs(redis) do names[#names + 1] = k end
table.sort(names)
redis.register_function('f', function() return names end)
--- names of redis while running
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function()
  local names = {}
  for k in pairs(redis) do names[#names + 1] = k end
  table.sort(names)
  return names
end)
--- names of globals while running
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function()
  local names = {}
  for k in pairs(_G) do names[#names + 1] = k end
  table.sort(names)
  return names
end)
--- a function twice in a library
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f', function() return 1 end)
redis.register_function('f', function() return 2 end)
--- a function of another library
--> FUNCTION LOAD "#!lua name=one\nredis.register_function('f', function() return 1 end)"
--> FUNCTION LOAD "#!lua name=two\nredis.register_function('f', function() return 2 end)"
--> FCALL f 0
--- a function of another library by replace
--> FUNCTION LOAD "#!lua name=one\nredis.register_function('f', function() return 1 end)"
--> FUNCTION LOAD REPLACE "#!lua name=two\nredis.register_function('f', function() return 2 end)"
--> FUNCTION LIST
--- names that differ in case
--> FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function() return 1 end)"
--> FUNCTION LOAD "#!lua name=LIB\nredis.register_function('F', function() return 2 end)"
--> FCALL f 0
--> FCALL F 0
--- register without arguments
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function()
--- register with one argument
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f')
--- register with three arguments
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f', function() end, 1)
--- register with a number as name
--> FUNCTION LOAD $
--> FCALL 5 0
#!lua name=lib
redis.register_function(5, function() return 'five' end)
--- register with a table as name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function({}, function() end)
--- register with nil as name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function(nil, function() end)
--- register with an empty name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('', function() end)
--- register with a bad name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('my-function', function() end)
--- register with spaces in the name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('my function', function() end)
--- register with no function
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f', 'not a function')
--- register with nil as function
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f', nil)
--- register with a builtin
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function('f', tostring)
--- register by a table
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() return 'table' end}
--- register by a table with everything
--> FUNCTION LOAD $
--> FUNCTION LIST
--> FCALL_RO f 0
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() return 1 end, description = 'what it does', flags = {'no-writes', 'allow-stale'}}
--- register by an empty table
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{}
--- register by a table without a name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{callback = function() end}
--- register by a table without a callback
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f'}
--- register by a table with an unknown field
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, nosuch = 1}
--- register by a table with a number as key
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, 'x'}
--- register by a table with a bad name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'a b', callback = function() end}
--- register by a table with a table as name
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = {}, callback = function() end}
--- register by a table with no function as callback
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f', callback = 'x'}
--- register by a table with a table as description
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, description = {}}
--- register by a table with an empty description
--> FUNCTION LOAD $
--> FUNCTION LIST
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, description = ''}
--- register by a table with flags as text
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, flags = 'no-writes'}
--- register by a table with an unknown flag
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, flags = {'nosuch'}}
--- register by a table with a flag that is not a text
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, flags = {{}}}
--- register by a table with empty flags
--> FUNCTION LOAD $
--> FUNCTION LIST
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, flags = {}}
--- register by a table with all flags
--> FUNCTION LOAD $
--> FUNCTION LIST
#!lua name=lib
redis.register_function{function_name = 'f', callback = function() end, flags = {'no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys'}}
--- register by a table and more
--> FUNCTION LOAD $
#!lua name=lib
redis.register_function({function_name = 'f', callback = function() end}, 1)
--- register in pcall
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
local ok, e = pcall(redis.register_function, 'bad name', function() end)
redis.register_function('f', function() return {tostring(ok), type(e), e} end)
--- register while running
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() redis.register_function('g', function() end) end)
--- register kept for later
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
local register = redis.register_function
register('f', function() register('g', function() end) end)
--- list of nothing
--> FUNCTION LIST
--- list
--> FUNCTION LOAD $
--> FUNCTION LIST
#!lua name=lib
redis.register_function('f', function() end)
--- list with code
--> FUNCTION LOAD $
--> FUNCTION LIST WITHCODE
#!lua name=lib
redis.register_function('f', function() end)
--- list by a name
--> FUNCTION LOAD "#!lua name=one\nredis.register_function('f', function() return 1 end)"
--> FUNCTION LOAD "#!lua name=two\nredis.register_function('g', function() return 2 end)"
--> FUNCTION LIST LIBRARYNAME one
--> FUNCTION LIST LIBRARYNAME tw*
--> FUNCTION LIST LIBRARYNAME none
--> FUNCTION LIST LIBRARYNAME ONE
--- list by a name with code
--> FUNCTION LOAD "#!lua name=one\nredis.register_function('f', function() return 1 end)"
--> FUNCTION LIST LIBRARYNAME one WITHCODE
--> FUNCTION LIST withcode libraryname one
--- list with an unknown option
--> FUNCTION LIST NOSUCH
--- list by a name without a name
--> FUNCTION LIST LIBRARYNAME
--- list with withcode twice
--> FUNCTION LIST WITHCODE WITHCODE
--- list with libraryname twice
--> FUNCTION LIST LIBRARYNAME a LIBRARYNAME b
--- delete
--> FUNCTION LOAD $
--> FUNCTION DELETE lib
--> FCALL f 0
--> FUNCTION LIST
#!lua name=lib
redis.register_function('f', function() end)
--- delete what is not there
--> FUNCTION DELETE none
--- delete in another case
--> FUNCTION LOAD $
--> FUNCTION DELETE LIB
#!lua name=lib
redis.register_function('f', function() end)
--- delete without a name
--> FUNCTION DELETE
--- delete with two names
--> FUNCTION DELETE a b
--- delete and load again
--> FUNCTION LOAD $
--> FUNCTION DELETE lib
--> FUNCTION LOAD $
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return 'again' end)
--- flush
--> FUNCTION LOAD $
--> FUNCTION FLUSH
--> FUNCTION LIST
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() end)
--- flush async and sync
--> FUNCTION LOAD $
--> FUNCTION FLUSH ASYNC
--> FUNCTION LOAD $
--> FUNCTION FLUSH SYNC
--> FUNCTION LIST
#!lua name=lib
redis.register_function('f', function() end)
--- flush with another word
--> FUNCTION FLUSH NOW
--- flush with two words
--> FUNCTION FLUSH SYNC ASYNC
--- script flush keeps functions
--> FUNCTION LOAD $
--> SCRIPT FLUSH
--> FLUSHALL
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return 'still here' end)
--- stats of nothing
--> FUNCTION STATS
--- stats
--> FUNCTION LOAD $
--> FUNCTION STATS
#!lua name=lib
redis.register_function('f', function() end)
redis.register_function('g', function() end)
--- stats with an argument
--> FUNCTION STATS x
--- kill
--> FUNCTION KILL
--- dump of nothing
--> FUNCTION DUMP
--- dump
--> FUNCTION LOAD $
--> FUNCTION DUMP
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- dump and restore
--> FUNCTION LOAD $
--~ FUNCTION DUMP
--> FUNCTION RESTORE $reply FLUSH
--> FCALL f 0
--> FUNCTION LIST WITHCODE
#!lua name=lib
redis.register_function('f', function() return 'restored' end)
--- restore appends
--> FUNCTION LOAD $
--~ FUNCTION DUMP
--> FUNCTION RESTORE $reply
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- restore replaces
--> FUNCTION LOAD $
--~ FUNCTION DUMP
--> FUNCTION RESTORE $reply REPLACE
--> FCALL f 0
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- restore with append
--> FUNCTION LOAD $
--~ FUNCTION DUMP
--> FUNCTION RESTORE $reply APPEND
#!lua name=lib
redis.register_function('f', function() return 1 end)
--- restore with an unknown policy
--> FUNCTION RESTORE x NOSUCH
--- restore of rubbish
--> FUNCTION RESTORE rubbish
--- restore of nothing
--> FUNCTION RESTORE ""
--- restore of the dump of nothing
--~ FUNCTION DUMP
--> FUNCTION RESTORE $reply
--> FUNCTION LIST
--- restore without a payload
--> FUNCTION RESTORE
--- restore with too much
--> FUNCTION RESTORE a b c
--- restore of a dump of a key
--> SET k v
--~ DUMP k
--> FUNCTION RESTORE $reply
--- without a subcommand
--> FUNCTION
--- unknown subcommand
--> FUNCTION NOSUCH
--- help
--> FUNCTION HELP
--- load, delete and list in lower case
--> function load $
--> function list libraryname lib
--> function delete lib
#!lua name=lib
redis.register_function('f', function() end)
--- libraries are apart
--> FUNCTION LOAD "#!lua name=one\nlocal n = 1\nredis.register_function('f', function() n = n + 1 return n end)"
--> FUNCTION LOAD "#!lua name=two\nlocal n = 10\nredis.register_function('g', function() n = n + 1 return n end)"
--> FCALL f 0
--> FCALL g 0
--> FCALL f 0
--- functions share the locals of their library
--> FUNCTION LOAD $
--> FCALL set 0 5
--> FCALL get 0
#!lua name=lib
local kept = 'nothing'
redis.register_function('set', function(keys, args) kept = args[1] return 'OK' end)
redis.register_function('get', function() return kept end)
--- functions call each other
--> FUNCTION LOAD $
--> FCALL quad 0 3
#!lua name=lib
local function double(n) return n * 2 end
redis.register_function('quad', function(keys, args) return double(double(tonumber(args[1]))) end)
--- a big library
--> FUNCTION LOAD $
--> FCALL f7 0
--> FUNCTION LIST LIBRARYNAME none
#!lua name=lib
for i = 1, 10 do
  redis.register_function('f' .. i, function() return i * 100 end)
end
