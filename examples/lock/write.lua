-- Write protected data, unless a later holder has written already.
-- KEYS[1] the protected hash, ARGV[1] the holder's number, ARGV[2] the value.
-- Returns 1, or 0 if a later holder has written.
if tonumber(redis.call('HGET', KEYS[1], 'number') or 0) > tonumber(ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[1], 'number', ARGV[1], 'value', ARGV[2])
return 1
