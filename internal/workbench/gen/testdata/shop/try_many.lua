--- Tries to take one from each of several counters.
---@key counters...
---@return Decision{allowed: boolean, wait: milliseconds, why: Reason{[text]: string}?}[] in the order of the counters
local reply = {}
for i, key in ipairs(KEYS) do
  reply[i] = {redis.call('INCR', key) < 3 and 1 or 0, 0, {'text', key}}
end
return reply
