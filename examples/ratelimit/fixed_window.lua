-- A fixed window: it begins with its first request.
-- KEYS[1] the counter, ARGV[1] the limit, ARGV[2] the window in milliseconds.
-- Returns whether the request is allowed (1, 0), the number of requests left, and the
-- milliseconds until that number rises.
local limit = tonumber(ARGV[1])
redis.call('SET', KEYS[1], 0, 'PX', ARGV[2], 'NX') -- with its expiry, so that no counter is without one
local count = redis.call('INCR', KEYS[1])
return {count <= limit and 1 or 0, math.max(limit - count, 0), redis.call('PTTL', KEYS[1])}
