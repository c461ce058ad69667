-- Take a lock that nobody has.
-- KEYS[1] the lock, KEYS[2] the number of the last holder, ARGV[1] who asks, ARGV[2]
-- for how long, in milliseconds.
-- Returns the holder's number, which is higher than that of any holder before, or
-- nil where somebody else has the lock. Who has it already gets the same number.
local holder = redis.call('HMGET', KEYS[1], 'owner', 'number')
if not holder[1] then
  holder[2] = redis.call('INCR', KEYS[2])
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'number', holder[2])
elseif holder[1] ~= ARGV[1] then
  return false
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return holder[2]
