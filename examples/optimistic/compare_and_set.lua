--- Sets a value, if it still is the old one. It returns whether it was.
---@name   compareAndSet
---@key    value
---@arg    new string
---@arg    old? string     left out if there was none
---@return boolean
local now = redis.call('GET', KEYS[1])
if (now or nil) ~= ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
