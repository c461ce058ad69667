-- A fixed-window rate limiter.
-- KEYS[1] the window's counter, ARGV[1] the limit, ARGV[2] the window in seconds.
-- Returns 1 up to the limit and 0 beyond it.
local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
if count > tonumber(ARGV[1]) then
  return 0
end
return 1
