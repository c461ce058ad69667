---@key key
redis.call('DEL', KEYS[1])
