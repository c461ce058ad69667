-- A token bucket: it holds as many tokens as the limit. Each request takes one token.
-- Tokens come back evenly, all of them within a window.
-- KEYS[1] the bucket, a hash, ARGV[1] the limit, ARGV[2] the window in
-- milliseconds.
-- Returns whether the request is allowed (1, 0), the number of requests left, and the
-- milliseconds until that number rises.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000
if window < 1000 or window % 1000 ~= 0 then -- PEXPIRE would fail after the write
  return redis.error_reply('ERR the window is not a positive number of milliseconds')
end
local clock = redis.call('TIME') -- the server's time: callers' clocks differ
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1] or limit)
local passed = math.max(now - tonumber(bucket[2] or now), 0)
tokens = math.min(limit, tokens + passed * limit / window)
local allowed = tokens >= 1
if allowed then
  tokens = tokens - 1
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[2]) -- the bucket is full again by then
local left = (math.floor(tokens) + 1 - tokens) * window / limit
return {allowed and 1 or 0, math.floor(tokens), math.ceil(left / 1000)}
