-- Increment a counter that is below a limit.
-- KEYS[1] the counter, ARGV[1] the limit.
-- Returns the new value (an integer), or the value that stays: a string, as GET
-- gives it, or false (null over the wire) where there is none.
local current = redis.call('GET', KEYS[1])
if tonumber(current or '0') < tonumber(ARGV[1]) then
  return redis.call('INCR', KEYS[1])
end
return current
