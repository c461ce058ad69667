-- The redis table.
--- sha1hex
return {redis.sha1hex(''), redis.sha1hex('hello'), redis.sha1hex('a\0b'), redis.sha1hex(5), redis.sha1hex(1.5)}
--- sha1hex without an argument
return redis.sha1hex()
--- sha1hex with too many
return redis.sha1hex('a', 'b')
--- sha1hex of a table
return redis.sha1hex({})
--- sha1hex of nil
return redis.sha1hex(nil)
--- sha1hex of a boolean
return redis.sha1hex(true)
--- sha1hex of the script's own name
--> EVAL $ 0 "return 1"
return redis.sha1hex(ARGV[1])
--- log
return {redis.log(redis.LOG_NOTICE, 'from a script')}
--- log of several
return select('#', redis.log(redis.LOG_DEBUG, 'a', 'b', 5))
--- log of one argument
redis.log('x')
--- log without arguments
redis.log()
--- log level that is not valid
redis.log('x', 'message')
--- log level out of range
redis.log(10, 'message')
--- log level negative
redis.log(-1, 'message')
--- log level as text
return {redis.log('1', 'message')}
--- log of a table
return {redis.log(redis.LOG_DEBUG, {})}
--- log of nil and booleans
return {redis.log(redis.LOG_DEBUG, nil, true)}
--- log levels
return {redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE, redis.LOG_WARNING}
--- repl constants
return {redis.REPL_NONE, redis.REPL_AOF, redis.REPL_SLAVE, redis.REPL_REPLICA, redis.REPL_ALL}
--- version
return {redis.REDIS_VERSION, redis.REDIS_VERSION_NUM}
--- version types
return {type(redis.REDIS_VERSION), type(redis.REDIS_VERSION_NUM)}
--- version compared
return redis.REDIS_VERSION_NUM >= 0x00070000 and 'new' or 'old'
--- error_reply gives a table
local e = redis.error_reply('MY error') return {type(e), e.err, tostring(e.ok)}
--- error_reply without an argument
return redis.error_reply()
--- error_reply with too many
return redis.error_reply('a', 'b')
--- error_reply of a number
return redis.error_reply(5)
--- error_reply of a table
return redis.error_reply({})
--- error_reply of nil
return redis.error_reply(nil)
--- error_reply with spaces
return {redis.error_reply('two words'), redis.error_reply(' leading'), redis.error_reply('trailing ')}
--- error_reply with line ends
return redis.error_reply('MY one\r\ntwo')
--- error_reply one by one
local t = {} for _, s in ipairs({'a', 'A b', '-a', '-A b', '', '-', ' ', '- ', 'ERR', 'ERR x', '-ERR x'}) do t[#t+1] = '[' .. redis.error_reply(s).err .. ']' end return t
--- status_reply gives a table
local s = redis.status_reply('FINE') return {type(s), s.ok, tostring(s.err)}
--- status_reply without an argument
return redis.status_reply()
--- status_reply with too many
return redis.status_reply('a', 'b')
--- status_reply of a number
return redis.status_reply(5)
--- status_reply of a table
return redis.status_reply({})
--- status_reply with a dash
return redis.status_reply('-x')
--- status_reply empty
return redis.status_reply('')
--- status_reply with line ends
return redis.status_reply('a\r\nb')
--- replicate_commands
return {redis.replicate_commands()}
--- replicate_commands after a write
--> EVAL $ 1 k
redis.call('SET', KEYS[1], 'v') return tostring(redis.replicate_commands())
--- set_repl
return {select('#', redis.set_repl(redis.REPL_ALL)), select('#', redis.set_repl(redis.REPL_NONE)), select('#', redis.set_repl(redis.REPL_AOF)), select('#', redis.set_repl(redis.REPL_REPLICA))}
--- set_repl then writes
--> EVAL $ 1 k
redis.set_repl(redis.REPL_NONE) redis.call('SET', KEYS[1], 'v') return redis.call('GET', KEYS[1])
--- set_repl of a wrong number
redis.set_repl(99)
--- set_repl of a value that is not a number
redis.set_repl('x')
--- set_repl without an argument
redis.set_repl()
--- set_repl with too many
redis.set_repl(1, 2)
--- set_repl negative
redis.set_repl(-1)
--- acl_check_cmd
return {redis.acl_check_cmd('GET', 'k'), redis.acl_check_cmd('SET', 'k', 'v'), redis.acl_check_cmd('FLUSHALL')}
--- acl_check_cmd type
return type(redis.acl_check_cmd('GET', 'k'))
--- acl_check_cmd of an unknown command
return redis.acl_check_cmd('NOSUCH')
--- acl_check_cmd of wrong arity
return redis.acl_check_cmd('GET')
--- acl_check_cmd of a subcommand
return redis.acl_check_cmd('CONFIG', 'GET', 'x')
--- acl_check_cmd without arguments
return redis.acl_check_cmd()
--- acl_check_cmd of a table
return redis.acl_check_cmd({})
--- breakpoint
return tostring(redis.breakpoint())
--- debug
return {select('#', redis.debug('x')), select('#', redis.debug())}
--- register_function in a script
return redis.register_function
--- register_function called in a script
redis.register_function('f', function() end)
--- call is a function
return {type(redis.call), type(redis.pcall)}
--- call with another self
return redis:call('GET', 'k')
--- call by a field of another table
local api = {get = function(k) return redis.call('GET', k) end} redis.call('SET', 'k', 'v') return api.get('k')
--- call kept and called by pcall
local ok, v = pcall(redis.call, 'SET', 'k', 'v') return {tostring(ok), v.ok}
--- pcall is another than pcall
local r = redis.pcall('NOSUCH') local ok, e = pcall(redis.pcall, 'NOSUCH') return {r.err, tostring(ok), e.err}
--- sha1hex of a script is its digest
--> EVAL "return redis.sha1hex('return 1')" 0
--> SCRIPT LOAD "return 1"
--- unknown field
return tostring(redis.nosuch)
--- unknown field called
redis.nosuch()
--- setresp and call
--> SET k 5
--> EVAL $ 1 k
redis.setresp(3) local a = redis.call('INCR', KEYS[1]) redis.setresp(2) return {a, redis.call('INCR', KEYS[1])}
