-- Count a caller's visits within a window.
-- KEYS[1] the counter, ARGV[1] the limit, ARGV[2] the window in seconds.
-- Returns the number of visits left, or -1 if the limit is exceeded.
local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return math.max(tonumber(ARGV[1]) - count, -1)
