--- Tries to take one of n.
---@key counter
---@arg n integer
---@return Decision{allowed: boolean, wait: milliseconds, why: Reason{[text]: string}?}
local count = redis.call('INCR', KEYS[1])
return {count <= tonumber(ARGV[1]) and 1 or 0, 1500}
