--- Adds members to a board, and returns how many were new.
---@key board
---@arg ttl seconds
---@arg ... {id: string, score: number, seen: unixtime}
---@idempotent
---@return integer
local added = 0
for i = 2, #ARGV, 3 do
  added = added + redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i] .. '@' .. ARGV[i + 2])
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return added
