-- Keep the highest score.
-- KEYS[1] the score, ARGV[1] the new score.
-- Returns 1 if the new score is kept, and 0 if it is not higher.
local current = tonumber(redis.call('GET', KEYS[1]))
if current and current >= tonumber(ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
