-- Keep a lock for longer.
-- KEYS[1] the lock, ARGV[1] who has it, ARGV[2] for how long from now, in
-- milliseconds.
-- Returns 1, or 0 where it is lost.
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
