-- Increment a counter that is below a limit.
-- KEYS[1] the counter, ARGV[1] the limit.
-- Returns the new value (an integer) if it was below. Otherwise returns the old value:
-- a string from GET, or false (null over the wire) if there is none.
local current = redis.call('GET', KEYS[1])
if tonumber(current or '0') < tonumber(ARGV[1]) then
  return redis.call('INCR', KEYS[1])
end
return current
