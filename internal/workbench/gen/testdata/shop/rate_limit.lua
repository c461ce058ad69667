--- Allows limit calls in each window.
---@key   bucket
---@arg   limit integer
---@arg   window seconds
---@return {allowed: boolean, remaining: integer, reset: milliseconds}
redis.call('SET', KEYS[1], 0, 'EX', ARGV[2], 'NX')
local count = redis.call('INCR', KEYS[1])
local limit = tonumber(ARGV[1])
return {count <= limit and 1 or 0, math.max(limit - count, 0), redis.call('PTTL', KEYS[1])}
