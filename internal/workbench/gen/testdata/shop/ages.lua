---@name ages
---@key ...
---@return table<string, seconds>
local ages = {}
for _, key in ipairs(KEYS) do
  ages[#ages + 1] = key
  ages[#ages + 1] = redis.call('OBJECT', 'IDLETIME', key)
end
return ages
