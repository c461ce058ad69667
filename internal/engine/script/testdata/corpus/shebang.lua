-- Scripts with a shebang line.
--- plain
#!lua
return 1
--- no line end
--> EVAL "#!lua" 0
--- only the line
--> EVAL "#!lua\n" 0
--- windows line ends
--> EVAL "#!lua\r\nreturn 1" 0
--- no flags
#!lua flags=
return redis.call('SET', 'k', 'v')
--- no-writes reads
--> SET k v
--> EVAL $ 1 k
#!lua flags=no-writes
return redis.call('GET', KEYS[1])
--- no-writes writes
--> EVAL $ 1 k
#!lua flags=no-writes
return redis.call('SET', KEYS[1], 'v')
--- no-writes writes in pcall
--> EVAL $ 1 k
#!lua flags=no-writes
return redis.pcall('SET', KEYS[1], 'v')
--- no-writes by eval_ro
--> SET k v
--> EVAL_RO $ 1 k
#!lua flags=no-writes
return redis.call('GET', KEYS[1])
--- writes by eval_ro
--> EVAL_RO $ 1 k
#!lua
return redis.call('GET', KEYS[1])
--- writes by evalsha_ro
--> SCRIPT LOAD $
--> EVALSHA_RO $sha 1 k
#!lua
return redis.call('GET', KEYS[1])
--- allow-oom
#!lua flags=allow-oom
return redis.call('SET', 'k', 'v')
--- allow-stale
#!lua flags=allow-stale
return redis.call('SET', 'k', 'v')
--- no-cluster
#!lua flags=no-cluster
return redis.call('SET', 'k', 'v')
--- allow-cross-slot-keys
#!lua flags=allow-cross-slot-keys
return {redis.call('SET', 'a', 1), redis.call('SET', 'b', 2)}
--- allow-key-locking
--> EVAL $ 1 k
#!lua flags=allow-key-locking
return redis.call('INCR', KEYS[1])
--- several flags
#!lua flags=allow-oom,allow-stale,no-cluster
return redis.call('SET', 'k', 'v')
--- all flags
#!lua flags=no-writes,allow-oom,allow-stale,no-cluster,allow-cross-slot-keys
return redis.pcall('SET', 'k', 'v')
--- a flag twice
#!lua flags=no-writes,no-writes
return 1
--- an empty flag
#!lua flags=no-writes,,allow-stale
return 1
--- a flag with a space
#!lua flags=no-writes, allow-stale
return 1
--- unknown flag
#!lua flags=nosuch
return 1
--- unknown flag among others
#!lua flags=no-writes,nosuch
return 1
--- flag in upper case
#!lua flags=NO-WRITES
return 1
--- flags twice
#!lua flags=no-writes flags=allow-stale
return redis.pcall('SET', 'k', 'v')
--- unknown option
#!lua option=x
return 1
--- option without a value
#!lua flags
return 1
--- flags with quotes
#!lua flags="no-writes"
return redis.pcall('SET', 'k', 'v')
--- name in a script
#!lua name=lib
return 1
--- name and flags in a script
#!lua name=lib flags=no-writes
return 1
--- unknown engine
#!python
return 1
--- engine in upper case
#!LUA
return 1
--- no engine
#!
return 1
--- engine after a space
#! lua
return 1
--- a path
#!/usr/bin/lua
return 1
--- spaces between
#!lua   flags=no-writes
return redis.pcall('SET', 'k', 'v')
--- spaces at the end
--> EVAL "#!lua flags=no-writes  \nreturn 1" 0
--- tabs between
--> EVAL "#!lua\tflags=no-writes\nreturn redis.pcall('SET', 'k', 'v')" 0
--- quote that is not closed
#!lua flags="no-writes
return 1
--- space before it
--> EVAL " #!lua\nreturn 1" 0
--- on the second line
--> EVAL "\n#!lua\nreturn 1" 0
--- lines of errors
#!lua

return redis.call('NOSUCH')
--- lines of runtime errors
#!lua flags=no-writes
local x
return x.y
--- lines of compile errors
#!lua
local a = = 1
--- digest is of the whole
--> SCRIPT LOAD $
--> EVALSHA $sha 0
#!lua flags=no-writes
return 'whole'
--- evalsha of a bad shebang
--> EVAL $ 0
--> EVALSHA $sha 0
--> SCRIPT EXISTS $sha
#!lua flags=nosuch
return 1
--- no-writes of all kinds
--> EVAL $ 0
#!lua flags=no-writes
local t = {} for _, c in ipairs({{'GET', 'k'}, {'SET', 'k', 1}, {'INCR', 'k'}, {'DEL', 'k'}, {'HGETALL', 'h'}, {'PUBLISH', 'c', 'm'}, {'NOSUCH'}, {'GET'}}) do local r = redis.pcall(unpack(c)) t[#t+1] = c[1] .. ': ' .. tostring(type(r) == 'table' and r.err or type(r)) end return t
--- shebang does not reach the next script
--> EVAL "#!lua flags=no-writes\nreturn 1" 0
--> EVAL "return redis.call('SET', 'k', 'v')" 0
--- keys with a shebang
--> EVAL $ 2 a b c
#!lua flags=allow-cross-slot-keys
return {KEYS[1], KEYS[2], ARGV[1]}
--- globals with a shebang
#!lua
x = 1
--- a function library by eval
--> EVAL $ 0
#!lua name=mylib
redis.register_function('f', function() return 1 end)
