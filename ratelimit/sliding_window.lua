--- Counts a call in the current window of time. Of the calls of the window before counts the part that is
--- not yet older than a window.
---@name   slidingWindow
---@key    current         the calls of this window
---@key    previous        the calls of the window before
---@key    changed?        a limit that replaces the given one
---@arg    limit           integer
---@arg    window          milliseconds
---@arg    now             unixtime_ms
---@arg    cost            integer
---@return reply{allowed: boolean, limit: integer, remaining: integer, reset: unixtime_ms, wait: milliseconds}
local limit = tonumber(KEYS[3] and redis.call('GET', KEYS[3]) or ARGV[1])
local window, now, cost = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local used = tonumber(redis.call('GET', KEYS[1]) or 0)
local before = tonumber(redis.call('GET', KEYS[2]) or 0)
local passed = now % window -- of this window

-- weigh returns how many of the calls of a window still count when a part of the next one has passed.
local function weigh(calls, part)
  return math.floor((1 - part / window) * calls)
end
local weighted = weigh(before, passed)

local full = used + weighted >= limit
if cost ~= 0 and not (full and cost > 0) then
  redis.call('SET', KEYS[1], 0, 'PX', window * 2 + 1000, 'NX') -- the next window needs it too
  used = redis.call('INCRBY', KEYS[1], cost)
  if used < 0 then -- nobody can give back more than was taken
    used = redis.call('INCRBY', KEYS[1], -used)
  end
end

-- when returns how much of the next window must have passed until no more than so many of the calls count.
local function when(calls, left)
  if left < 0 then
    return window
  end
  local part = math.max(math.ceil(window - window * (left + 1) / calls), 0)
  while weigh(calls, part) > left do -- once at most, as numbers are rounded
    part = part + 1
  end
  return part
end

local allowed = used + weighted <= limit and not (full and cost > 0)
local wait = 0
if cost > limit then
  wait = -1 -- it is never allowed
elseif not allowed then
  wait = when(before, limit - cost - used)
  if wait >= window then -- not in this window
    wait = window + when(used, limit - cost)
  end
  wait = math.max(wait - passed, 1)
end
return {allowed and 1 or 0, limit, math.max(limit - used - weighted, 0), now - passed + window, wait}
