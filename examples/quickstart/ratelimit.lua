-- A fixed-window rate limiter.
-- KEYS[1] the window's counter, ARGV[1] the limit, ARGV[2] the window in seconds.
-- Returns 1 up to the limit and 0 beyond it.
redis.call('SET', KEYS[1], 0, 'EX', ARGV[2], 'NX') -- with its expiry, so that no counter is without one
local count = redis.call('INCR', KEYS[1])
if count > tonumber(ARGV[1]) then
  return 0
end
return 1
