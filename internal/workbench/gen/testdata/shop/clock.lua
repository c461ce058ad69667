--- The time of the server.
---@return unixtime
return redis.call('TIME')[1]
