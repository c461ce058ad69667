--- Keeps a player's highest score. It returns whether the score is higher than those before.
---@name   submit
---@key    board           a sorted set
---@arg    player string
---@arg    score integer
---@return boolean
---@idempotent
local best = redis.call('ZSCORE', KEYS[1], ARGV[1])
if best and tonumber(best) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return 1
