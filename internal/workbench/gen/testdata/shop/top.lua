---@readonly
---@key board
---@arg n integer
---@return {member: string, score: number, places: {from: integer, to: integer}[]}[]
local list = redis.call('ZREVRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1, 'WITHSCORES')
local reply = {}
for i = 1, #list, 2 do
  reply[#reply + 1] = {list[i], list[i + 1], {{i, i + 1}}}
end
return reply
