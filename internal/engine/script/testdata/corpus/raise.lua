-- error(): what a script raises itself.
--- a string
error('boom')
--- a string with a code
error('MYCODE boom')
--- level zero
error('boom', 0)
--- level one
error('boom', 1)
--- level two at the top
error('boom', 2)
--- level two in a function
local function f()
  error('bad argument', 2)
end

f()
--- level three
local function f()
  error('deep', 3)
end
local function g()
  f()
end

g()
--- level beyond
error('boom', 50)
--- level negative
error('boom', -1)
--- level as text
error('boom', '1')
--- level that is not valid
error('boom', 'x')
--- nothing
error()
--- nil
error(nil)
--- true
error(true)
--- a number
error(42)
--- a fraction
error(1.5)
--- a function is raised
local ok, e = pcall(error, tostring)
return type(e)
--- cjson.null is raised
local ok, e = pcall(error, cjson.null)
return tostring(e == cjson.null)
--- a table with err
error({err = 'MYCODE words'})
--- a table with err in lower case
error({err = 'my_code words'})
--- a table with err on a later line


error({err = 'MYCODE words'})
--- a table with err in a function
local function fail()
  error({err = 'MYCODE words'})
end
fail()
--- a table with err and level
error({err = 'MYCODE words'}, 2)
--- a table with err empty
error({err = ''})
--- a table with err of a dash
error({err = '-MYCODE words'})
--- a table with err as a number
error({err = 5})
--- a table with err of several lines
error({err = 'one\ntwo\r\nthree'})
--- a table with err and source
error({err = 'MYCODE words', source = 'mine', line = '99'})
--- a table with err and ok
error({err = 'MYCODE words', ok = 'fine'})
--- a table with err and ignore_error_stats_update
error({err = 'MYCODE words', ignore_error_stats_update = true})
--- an error reply
error(redis.error_reply('MYCODE words'))
--- an error reply without a code
error(redis.error_reply('words'))
--- a reply of pcall
error(redis.pcall('NOSUCH'))
--- a reply of pcall of a type error
--> SET k v
--> EVAL $ 1 k
error(redis.pcall('LPUSH', KEYS[1], 1))
--- an error with line ends
error('one\ntwo\r\nthree')
--- an empty error
error('')
--- an empty error of level zero
error('', 0)
--- a long error
error(string.rep('x', 1000))
--- a binary error
error('a\0b\255')
--- a percent sign
error('100% %s %d')
--- in pcall
local ok, e = pcall(error, 'boom')
return {tostring(ok), e}
--- in a function in pcall
local ok, e = pcall(function() error('boom') end)
return {tostring(ok), e}
--- of level two in pcall
local function f() error('boom', 2) end
local ok, e = pcall(function()
  f()
end)
return {tostring(ok), e}
--- of level zero in pcall
local ok, e = pcall(function() error('boom', 0) end)
return {tostring(ok), e}
--- raised again
local ok, e = pcall(error, 'boom')
error(e)
--- raised again with its place
local ok, e = pcall(function() error('boom') end)
error(e)
--- raised again with level zero
local ok, e = pcall(function() error('boom') end)
error(e, 0)
--- places seen by the handler of an error
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  error('x')
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of an error of level two
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  error('x', 2)
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of an error table
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  error({err = 'MYCODE'})
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of a call
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  redis.call('NOSUCH')
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of a runtime error
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  local x
  return x.y
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of an argument error
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  string.rep()
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of an undeclared global
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  return nosuch
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of a tail call
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  return error('x')
end
local ok, e = xpcall(f, places)
return e
--- places seen by the handler of a callback
local function places(m)
  local t = {}
  for level = 1, 7 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function f()
  table.sort({2, 1}, function()
    error('x')
  end)
end
local ok, e = xpcall(f, places)
return e
--- places seen outside of a handler
local function f()
  local t = {}
  for level = 1, 5 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local r = f()
return r
--- places seen in a coroutine
local co = coroutine.wrap(function()
  local t = {}
  for level = 1, 5 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end)
return co()
--- places seen after a tail call
local function f()
  local t = {}
  for level = 1, 5 do local _, at = pcall(error, '', level) t[level] = level .. tostring(at) end
  return table.concat(t, ' ')
end
local function g() return f() end
local r = g()
return r
--- three times nested
local ok, e = pcall(function()
  local ok, e = pcall(function()
    error('inner')
  end)
  error('middle: ' .. e)
end)
error('outer: ' .. e)
--- in xpcall with a handler that adds
local ok, e = xpcall(function() error('boom') end, function(m) return '[' .. m .. ']' end)
error(e)
--- in xpcall of a table
local ok, e = xpcall(function() error({err = 'MYCODE', n = 5}) end, function(m) return m end)
return {type(e), e.err, e.n}
--- caught by the handler of xpcall that returns nothing
return {xpcall(function() error('boom') end, function() end)}
--- assert with a text
assert(false, 'assertion text')
--- assert with a result
assert(tonumber('x'), 'not a number')
--- assert of two results
assert(loadstring('x x'))
--- assert in a function
local function check(v)
  assert(v > 0, 'must be positive')
end
check(-1)
--- in a loop
for i = 1, 10 do
  if i == 7 then error('at ' .. i) end
end
--- in a coroutine through resume
local co = coroutine.create(function() error('boom', 2) end)
local ok, e = coroutine.resume(co)
return e
--- from a chunk of loadstring
loadstring('error("inside")')()
--- from a chunk of loadstring with a name
loadstring('\n\nerror("inside")', '@inner')()
--- runtime error from a chunk of loadstring
loadstring('local x = nil; return x.y')()
--- from a chunk of loadstring with a table
loadstring('error({err = "MYCODE inside"})', '=chunk')()
--- undeclared global from a chunk
loadstring('\nreturn nosuch', '@inner')()
--- redis.call error from a chunk
loadstring('\n\nreturn redis.call("NOSUCH")', '@inner')()
--- redis.call error in a nested function
local function outer()
  local function inner()
    return redis.call('NOSUCH')
  end
  local r = inner()
  return r
end
return outer()
--- redis.call error after a tail call
local function f()
  return redis.call('NOSUCH')
end
return f()
--- redis.call error passed through pcall and a metamethod
local t = setmetatable({}, {__index = function(t, k)
  return redis.call('NOSUCH')
end})
local x = t.field
--- redis.call error in sort
table.sort({1, 2, 3}, function(a, b)
  return redis.call('NOSUCH')
end)
--- redis.call error in gsub
return (string.gsub('a', 'a', function()
  return redis.call('NOSUCH')
end))
--- error in tostring in a concatenation
local t = setmetatable({}, {__concat = function() error('concat') end})
return 'x' .. t
--- error value kept by pcall is the same table
local t = {1}
local ok, e = pcall(error, t)
return tostring(rawequal(e, t))
--- error text that looks like a place
error('user_script:99: fake')
--- error with a script name
error('script: abc, on @user_script:5.')
--- business error
--> SET stock 3
--> EVAL $ 1 stock 5
if tonumber(redis.call('GET', KEYS[1])) < tonumber(ARGV[1]) then
  return redis.error_reply('OUT_OF_STOCK only ' .. redis.call('GET', KEYS[1]) .. ' left')
end
--- business error raised
--> SET stock 3
--> EVAL $ 1 stock 5
local left = tonumber(redis.call('GET', KEYS[1]))
if left < tonumber(ARGV[1]) then
  error({err = 'OUT_OF_STOCK only ' .. left .. ' left'})
end
