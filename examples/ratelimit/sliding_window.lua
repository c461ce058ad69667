-- A sliding window: no window of time ever contains more requests than the limit. It keeps
-- the time of each allowed request.
-- KEYS[1] those times, a sorted set, ARGV[1] the limit, ARGV[2] the window in
-- milliseconds.
-- Returns whether the request is allowed (1, 0), the number of requests left, and the
-- milliseconds until that number rises.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000
if window < 1000 or window % 1000 ~= 0 then -- PEXPIRE would fail after the write
  return redis.error_reply('ERR the window is not a positive number of milliseconds')
end
local clock = redis.call('TIME') -- the server's time: callers' clocks differ
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local function text(time) return string.format('%.0f', time) end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now - window))
local count = redis.call('ZCARD', KEYS[1])
local allowed = count < limit
if allowed then
  -- The count distinguishes requests of the same microsecond.
  redis.call('ZADD', KEYS[1], text(now), text(now) .. ':' .. count)
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  count = count + 1
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
local left = oldest and tonumber(oldest) + window - now or 0
return {allowed and 1 or 0, limit - count, math.ceil(left / 1000)}
