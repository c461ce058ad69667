-- A fixed window: it begins with its first request.
-- KEYS[1] the counter, ARGV[1] the limit, ARGV[2] the window in milliseconds.
-- Returns whether the request is allowed (1, 0), the number of requests left, and the
-- milliseconds until that number rises.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then -- a new counter, or one without an expiry
  redis.call('PEXPIRE', KEYS[1], window)
  left = window
end
return {count <= limit and 1 or 0, math.max(limit - count, 0), left}
