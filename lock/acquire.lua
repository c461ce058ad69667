--- Takes all locks, if none is held by another. A holder that asks again gets the same token.
---@name   acquire
---@key    ...             the locks
---@arg    owner           string
---@arg    ttl             milliseconds
---@return {acquired: boolean, token: integer, wait: milliseconds}
---@idempotent
local ttl = tonumber(ARGV[2])
if not ttl or ttl < 1 or ttl % 1 ~= 0 then -- PEXPIRE would fail after the write
  return redis.error_reply('ERR the time is not a positive number of milliseconds')
end
local clock = redis.call('TIME') -- the server's time, because the clocks of callers differ
local micros = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local now = math.floor(micros / 1000)

-- The time is higher than all tokens of a lock that has lost its record.
local token, wait, ours = micros, 0, 0
for _, key in ipairs(KEYS) do
  local held = redis.call('HMGET', key, 'owner', 'until', 'token')
  local till = tonumber(held[2] or 0)
  if held[1] == ARGV[1] and till > 0 then
    ours = ours + 1
  elseif till > now then
    wait = math.max(wait, till - now)
  end
  token = math.max(token, tonumber(held[3] or 0) + 1)
end
if wait > 0 then
  return {0, 0, wait}
end
if ours == #KEYS then
  token = tonumber(redis.call('HGET', KEYS[1], 'token') or token)
end
for _, key in ipairs(KEYS) do
  redis.call('HSET', key, 'owner', ARGV[1], 'until', now + ttl, 'token', token)
  redis.call('PEXPIRE', key, ttl + 2592000000) -- it remembers the token for 30 days
end
return {1, token, 0}
