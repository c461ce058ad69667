--- Gives the locks back that owner holds. It returns whether owner held all of them.
---@name   release
---@key    ...             the locks
---@arg    owner           string
---@return boolean
---@idempotent
local all = 1
for _, key in ipairs(KEYS) do
  if redis.call('HGET', key, 'owner') == ARGV[1] then
    redis.call('HSET', key, 'until', 0) -- and the owner stays, so that a second time returns the same
  else
    all = 0
  end
end
return all
