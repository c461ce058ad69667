--- Increments a counter that is below a limit.
---@key counter
---@arg limit integer
---@return any the new value, an integer; otherwise the old one, a string, or null if there is none
local current = redis.call('GET', KEYS[1])
if tonumber(current or '0') < tonumber(ARGV[1]) then
  return redis.call('INCR', KEYS[1])
end
return current
