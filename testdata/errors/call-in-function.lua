local function f()
  return redis.call('LPUSH', 's', 'x')
end
local a = f()
return a
