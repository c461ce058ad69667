--- Takes tokens from a bucket. A number of tokens comes back at the end of each interval.
---@name   tokenBucket
---@key    bucket          the tokens, and when some last came back
---@key    changed?        a capacity that replaces the given one
---@arg    capacity        integer
---@arg    rate            integer
---@arg    interval        milliseconds
---@arg    now             unixtime_ms
---@arg    cost            integer
---@return reply{allowed: boolean, limit: integer, remaining: integer, reset: unixtime_ms, wait: milliseconds}
local capacity = tonumber(KEYS[2] and redis.call('GET', KEYS[2]) or ARGV[1])
local rate, interval, now, cost = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

local bucket = redis.call('HMGET', KEYS[1], 'refilledAt', 'tokens')
local refilled, tokens = tonumber(bucket[1] or now), tonumber(bucket[2] or capacity)
if now >= refilled + interval then
  local times = math.floor((now - refilled) / interval)
  tokens = math.min(capacity, tokens + times * rate)
  refilled = refilled + times * interval
end

local allowed, wait = tokens >= cost or cost < 0, 0
if not allowed and cost > capacity then
  wait = -1 -- it is never allowed
elseif not allowed then
  wait = refilled + math.ceil((cost - tokens) / rate) * interval - now
elseif cost ~= 0 then
  tokens = math.min(tokens - cost, math.max(capacity, tokens)) -- nobody can give back more than was taken
  -- A full bucket is as good as none.
  local full = math.max(math.ceil((capacity - tokens) / rate), 1) * interval
  redis.call('HSET', KEYS[1], 'refilledAt', refilled, 'tokens', tokens)
  redis.call('PEXPIRE', KEYS[1], full)
end
return {allowed and 1 or 0, capacity, math.max(tokens, 0), refilled + interval, wait}
