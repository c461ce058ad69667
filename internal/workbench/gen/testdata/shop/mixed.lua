---@key first
---@key ...
---@arg ... string
---@return integer
return #KEYS * 10 + #ARGV + #redis.call('MGET', unpack(KEYS, 1, #KEYS)) * 100 + #ARGV[1]
