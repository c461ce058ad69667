-- Give a lock back.
-- KEYS[1] the lock, ARGV[1] who has it.
-- Returns 1, or 0 where it was lost before.
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
