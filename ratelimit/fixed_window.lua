--- Counts a call in the window of time that the counter is for.
---@name   fixedWindow
---@key    counter         the calls of this window
---@key    changed?        a limit that replaces the given one
---@arg    limit           integer
---@arg    window          milliseconds
---@arg    now             unixtime_ms
---@arg    cost            integer
---@return reply{allowed: boolean, limit: integer, remaining: integer, reset: unixtime_ms, wait: milliseconds}
local limit = tonumber(KEYS[2] and redis.call('GET', KEYS[2]) or ARGV[1])
local window, now, cost = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local used
if cost == 0 then -- only look
  used = tonumber(redis.call('GET', KEYS[1]) or 0)
else
  redis.call('SET', KEYS[1], 0, 'PX', window, 'NX') -- so that no counter is without expiry
  used = redis.call('INCRBY', KEYS[1], cost)
  if used < 0 then -- nobody can give back more than was taken
    used = redis.call('INCRBY', KEYS[1], -used)
  end
end

local reset = now - now % window + window
local allowed, wait = used <= limit, 0
if cost > limit then
  wait = -1 -- it is never allowed
elseif not allowed then
  wait = reset - now
end
return {allowed and 1 or 0, limit, math.max(limit - used, 0), reset, wait}
