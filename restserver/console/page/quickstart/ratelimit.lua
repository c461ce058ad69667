--- Allows limit calls in each window of time.
---@name RateLimit
---@key counter
---@arg limit integer
---@arg window seconds
---@return boolean
redis.call('SET', KEYS[1], 0, 'EX', ARGV[2], 'NX') -- with its expiry, so that no counter is without one
local count = redis.call('INCR', KEYS[1])
if count > tonumber(ARGV[1]) then
  return 0
end
return 1
