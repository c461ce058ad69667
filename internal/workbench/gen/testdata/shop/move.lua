--- Moves elements from one list to another, and tells a third key how many.
---@name MoveAll
---@key from
---@key to
---@key counter?
---@arg limit? integer
---@arg pause? milliseconds
---@arg label? bytes
---@return string[] what it got: the keys and arguments
local got = {#KEYS, #ARGV}
for _, list in ipairs({KEYS, ARGV}) do
  for _, value in ipairs(list) do
    got[#got + 1] = value
  end
end
return got
