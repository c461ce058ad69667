-- A fixed window: it begins with its first request.
-- KEYS[1] the counter, ARGV[1] the limit, ARGV[2] the window in milliseconds.
-- Returns whether the request is allowed (1, 0), how many more are, and in how many
-- milliseconds that number goes up.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then -- new, or somehow without an end
  redis.call('PEXPIRE', KEYS[1], window)
  left = window
end
return {count <= limit and 1 or 0, math.max(limit - count, 0), left}
