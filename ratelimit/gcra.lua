--- Takes a call's cost from a burst. It comes back evenly, at the given rate in each period (the generic cell rate
--- algorithm).
---@name   gcra
---@key    debt            what has not come back yet
---@key    changed?        a burst that replaces the given one
---@arg    burst           integer
---@arg    rate            integer
---@arg    period          milliseconds
---@arg    now             unixtime_ms
---@arg    cost            integer
---@return reply{allowed: boolean, limit: integer, remaining: integer, reset: unixtime_ms, wait: milliseconds}
local burst = tonumber(KEYS[2] and redis.call('GET', KEYS[2]) or ARGV[1])
local rate, period, now, cost = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- The debt of a call is the period, and each millisecond pays back the rate: whole numbers, so nothing is rounded.
local saved = redis.call('HMGET', KEYS[1], 'at', 'debt')
local last = tonumber(saved[1] or now)
local at = math.max(last, now) -- another caller's clock may be ahead
local debt = math.max(tonumber(saved[2] or 0) - (at - last) * rate, 0)

local after = math.max(debt + cost * period, 0)
local allowed, wait = after <= burst * period or cost < 0, 0
if cost > burst then
  wait = -1 -- it is never allowed
elseif not allowed then
  wait = at - now + math.ceil((after - burst * period) / rate)
elseif cost ~= 0 then
  debt = after
  if debt > 0 then
    redis.call('HSET', KEYS[1], 'at', at, 'debt', debt)
    redis.call('PEXPIRE', KEYS[1], math.ceil(debt / rate))
  else
    redis.call('DEL', KEYS[1])
  end
end
local owed = math.ceil(debt / period) -- calls
-- Remaining rises when the last of them is paid back.
local reset = at + math.ceil((debt - math.max(owed - 1, 0) * period) / rate)
return {allowed and 1 or 0, burst, math.max(burst - owed, 0), reset, wait}
