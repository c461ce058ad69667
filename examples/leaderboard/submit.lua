-- Keep a player's highest score.
-- KEYS[1] the board, a sorted set, ARGV[1] the player, ARGV[2] the score.
-- Returns 1 if it is kept, 0 if it is not higher.
local best = redis.call('ZSCORE', KEYS[1], ARGV[1])
if best and tonumber(best) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return 1
