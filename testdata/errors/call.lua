
local n = redis.call('LPUSH', 's', 'x')
return n
