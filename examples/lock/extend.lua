-- Extend a lock.
-- KEYS[1] the lock, ARGV[1] the holder, ARGV[2] the time from now until it expires, in
-- milliseconds.
-- Returns 1, or 0 if the lock was lost.
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
