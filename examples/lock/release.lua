-- Give a lock back.
-- KEYS[1] the lock, ARGV[1] the holder.
-- Returns 1, or 0 if the lock was lost before.
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
