-- Take a lock that is free.
-- KEYS[1] the lock, KEYS[2] the number of the last holder, ARGV[1] the caller, ARGV[2]
-- the time until the lock expires, in milliseconds.
-- Returns the holder's number, which is higher than the number of any earlier holder, or
-- nil if another caller has the lock. The current holder gets its number again.
local time = tonumber(ARGV[2])
if not time or time < 1 or time % 1 ~= 0 then -- PEXPIRE would fail after the write
  return redis.error_reply('ERR the time is not a positive number of milliseconds')
end
local holder = redis.call('HMGET', KEYS[1], 'owner', 'number')
if not holder[1] then
  -- lint:ignore M13 the numbers must rise after the lock has expired, too
  holder[2] = redis.call('INCR', KEYS[2])
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'number', holder[2])
elseif holder[1] ~= ARGV[1] then
  return false
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return holder[2]
