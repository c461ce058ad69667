-- Count a caller's visits within a window.
-- KEYS[1] the counter, ARGV[1] the limit, ARGV[2] the window in seconds.
-- Returns the number of visits left, or -1 if the limit is exceeded.
redis.call('SET', KEYS[1], 0, 'EX', ARGV[2], 'NX') -- with its expiry, so that no counter is without one
local count = redis.call('INCR', KEYS[1])
return math.max(tonumber(ARGV[1]) - count, -1)
