local limit = cjson.decode(ARGV[1])
local count = redis.call('INCR', KEYS[1])
if count > limit.max then
  return 0
end
return 1
