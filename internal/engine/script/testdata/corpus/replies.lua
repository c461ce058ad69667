-- What a script returns, as a reply.
--- nothing
local x = 1
--- nil
return nil
--- true
return true
--- false
return false
--- an integer
return 42
--- a negative integer
return -42
--- a string
return 'hello'
--- an empty string
return ''
--- a numeric string
return '42'
--- a binary string
return '\0\r\n\255'
--- an empty table
return {}
--- an array
return {1, 'two', 3.7, true, false}
--- an array with a nil inside
return {1, nil, 3}
--- an array that starts with nil
return {nil, 2}
--- an array that ends in nil
return {1, 2, nil}
--- an array with false inside
return {1, false, 3}
--- nested arrays
return {1, {2, {3, {4, {}}}}, 'x'}
--- names are dropped
return {1, 2, name = 'x'}
--- only names
return {a = 1, b = 2}
--- fractional keys are dropped
return {[1] = 'a', [1.5] = 'b', [2] = 'c', [0] = 'd', [-1] = 'e'}
--- keys that are text are dropped
return {['1'] = 'a', ['2'] = 'b'}
--- several values
return 1, 2, 3
--- values of a call
return unpack({5, 6})
--- a function
return function() end
--- a builtin function
return tostring
--- a function in an array
return {1, function() end, 3}
--- cjson.null
return cjson.null
--- cjson.null in an array
return {1, cjson.null, 3}
--- status reply
return {ok = 'success'}
--- status reply by redis
return redis.status_reply('success')
--- error reply
return {err = 'insufficient_stock'}
--- error reply by redis
return redis.error_reply('insufficient_stock')
--- error reply with a code
return redis.error_reply('MYERR with words')
--- error reply with a dash
return redis.error_reply('-MYERR with words')
--- error reply with two dashes
return redis.error_reply('--MYERR')
--- error reply that is only a dash
return redis.error_reply('-')
--- error reply empty
return redis.error_reply('')
--- error reply of one word in lower case
return redis.error_reply('failed')
--- error table with a dash
return {err = '-MYERR words'}
--- error table empty
return {err = ''}
--- error with line ends
return {err = 'one\r\ntwo\nthree'}
--- status with line ends
return {ok = 'one\r\ntwo\nthree'}
--- status empty
return {ok = ''}
--- status with a number
return {ok = 5}
--- error with a number
return {err = 5}
--- status with a boolean
return {ok = true}
--- error with a table
return {err = {}}
--- error with false
return {err = false}
--- ok and err
return {ok = 'fine', err = 'bad'}
--- ok with an array
return {1, 2, ok = 'fine'}
--- err with an array
return {1, 2, err = 'bad'}
--- ok inside an array
return {1, {ok = 'fine'}, 3}
--- err inside an array
return {1, {err = 'ERR inner'}, 3}
--- err without a code inside an array
return {{err = 'inner'}, {err = '-DASH x'}, {err = ''}}
--- err nested deep
return {{{{err = 'DEEP error'}}}}
--- several errs
return {{err = 'ERR a'}, {ok = 'b'}, {err = 'ERR c'}}
--- error reply with fields
return {err = 'MY error', source = '@user_script', line = 7}
--- double
return {double = 3.5}
--- doubles
return {{double = 3}, {double = 0.1}, {double = -1e300}, {double = 1e15}, {double = 1/3}, {double = -0.0}, {double = 100}, {double = 1e21}}
--- double special
return {{double = 1/0}, {double = -1/0}, {double = 0/0}}
--- double as text
return {double = '3.5'}
--- double that is not valid
return {double = 'x'}
--- map
return {map = {name = 'Bob'}}
--- map in an array
return {1, {map = {k = {map = {n = 5}}}}, 2}
--- map empty
return {map = {}}
--- map of an array
return {map = {'a', 'b'}}
--- map that is not valid
return {map = 5}
--- map with nested values
return {map = {k = {1, 2, {ok = 'fine'}}}}
--- map with a boolean value
return {map = {a = true}}
--- map of several
return {map = {a = 1, b = 2, c = 3, [1] = 'x'}}
--- set
return {set = {a = true}}
--- set empty
return {set = {}}
--- set of numbers
return {set = {[5] = true}}
--- set of several
return {set = {x = true, y = true, z = true, [1] = true}}
--- set whose values are ignored
return {set = {a = false, b = 'x'}}
--- set that is not valid
return {set = 'x'}
--- big number
return {big_number = '1234567890123456789012345678901234567890'}
--- big number of a number
return {big_number = 12345}
--- big number that is not a number
return {big_number = 'not a\r\nnumber'}
--- big number that is not valid
return {big_number = true}
--- verbatim string
return {verbatim_string = {format = 'txt', string = 'hello'}}
--- verbatim string with another format
return {verbatim_string = {format = 'mkd', string = '# title'}}
--- verbatim string with a long format
return {verbatim_string = {format = 'markdown', string = 'x'}}
--- verbatim string without a format
return {verbatim_string = {string = 'x'}}
--- verbatim string without a string
return {verbatim_string = {format = 'txt'}}
--- verbatim string of a string
return {verbatim_string = 'x'}
--- verbatim string in an array
return {{verbatim_string = {format = 'txt', string = 'a\r\nb'}}, 1}
--- attribute
return {attribute = {a = 1}}
--- everything together
return {1, 'a', {double = 2.5}, {map = {k = 'v'}}, {set = {m = true}}, {big_number = '99'}, {verbatim_string = {format = 'txt', string = 'v'}}, {ok = 'o'}, {err = 'ERR e'}, true, false, {}}
--- order of the fields of types
return {double = 1, map = {}, set = {}, err = 'first'}
--- double before map
return {double = 1.5, map = {a = 1}}
--- metatable with __index is not asked
return setmetatable({}, {__index = function(t, k) if k == 'ok' then return 'from the metatable' end if k == 1 then return 'x' end end})
--- metatable with an array
return setmetatable({1, 2}, {__index = function(t, k) if type(k) == 'number' and k < 5 then return k end end})
--- metatable with __call
return setmetatable({}, {__call = function() return 5 end})
--- metatable that raises
return setmetatable({}, {__index = function() error('raised') end})
--- a table with __tostring
return setmetatable({1}, {__tostring = function() return 'text' end})
--- resp 3 true and false
redis.setresp(3) return {true, false}
--- resp 3 true
redis.setresp(3) return true
--- resp 3 false
redis.setresp(3) return false
--- resp 3 nil
redis.setresp(3) return nil
--- resp 3 array with nil
redis.setresp(3) return {1, nil, 3}
--- resp 3 double
redis.setresp(3) return {double = 3.14}
--- resp 3 map
redis.setresp(3) return {map = {a = 1}}
--- resp 3 set
redis.setresp(3) return {set = {a = true}}
--- resp 3 big number
redis.setresp(3) return {big_number = '123'}
--- resp 3 verbatim string
redis.setresp(3) return {verbatim_string = {format = 'txt', string = 'x'}}
--- many elements
local t = {} for i = 1, 1000 do t[i] = i end return t
--- a long string
return string.rep('x', 20000)
--- 9 levels
return {{{{{{{{{1}}}}}}}}}
--- 100 levels
local t = {1} for i = 1, 100 do t = {t} end return t
--- a thousand levels
local t = {1} for i = 1, 1000 do t = {t} end return t
--- ten thousand levels
--> EVAL $ 0
local t = {1} for i = 1, 10000 do t = {t} end return t
--> PING
--- a table in itself
--> EVAL $ 0
local t = {} t[1] = t return t
--> PING
--- a table twice
local t = {1, 2} return {t, t}
--- KEYS and ARGV
--> EVAL $ 2 a b c d
return {KEYS, ARGV}
--- return in a nested block
do local x = 5 if x > 3 then return 'early' end end return 'late'
--- return in a loop
for i = 1, 10 do if i == 3 then return i end end
--- return of a tail call
local function f(x) return x * 2 end return f(21)
--- return of pcall
return pcall(error, {err = 'IN a table'})
--- return of the pcall's error
local ok, e = pcall(error, {err = 'IN a table'}) return e
--- return of a text error
local ok, e = pcall(error, 'text') return e
--- only a comment
-- nothing here
--- an expression is no script
1 + 1
--- empty script
--> EVAL "" 0
--- blank script
--> EVAL "  \n\t " 0
