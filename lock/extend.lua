--- Makes the locks expire after ttl from now, if all are held by owner.
---@name   extend
---@key    ...             the locks
---@arg    owner           string
---@arg    ttl             milliseconds
---@return boolean
---@idempotent
local ttl = tonumber(ARGV[2])
if not ttl or ttl < 1 or ttl % 1 ~= 0 then -- PEXPIRE would fail after the write
  return redis.error_reply('ERR the time is not a positive number of milliseconds')
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
for _, key in ipairs(KEYS) do
  local held = redis.call('HMGET', key, 'owner', 'until')
  if held[1] ~= ARGV[1] or tonumber(held[2]) == 0 then
    return 0
  end
end
for _, key in ipairs(KEYS) do
  redis.call('HSET', key, 'until', now + ttl)
  redis.call('PEXPIRE', key, ttl + 2592000000)
end
return 1
