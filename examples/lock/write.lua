--- Writes protected data, unless a later holder has written already.
---@name   write
---@key    protected       a hash
---@arg    token integer   of the holder
---@arg    value string
---@return boolean
---@idempotent
if tonumber(redis.call('HGET', KEYS[1], 'token') or 0) > tonumber(ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'value', ARGV[2])
return 1
