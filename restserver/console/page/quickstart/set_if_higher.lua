--- Keeps the highest score, and returns whether it is the new one.
---@key score
---@arg new number
---@return boolean
local current = tonumber(redis.call('GET', KEYS[1]))
if current and current >= tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
