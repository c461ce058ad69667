---@arg text string
---@arg raw bytes
---@arg n integer
---@arg x number
---@arg yes boolean
---@arg wait seconds
---@arg pause milliseconds
---@arg at unixtime
---@arg moment unixtime_ms
---@arg order json:Order
---@arg link json:net/netip.Addr
---@arg tags string[]
---@arg numbers integer[]
---@return {
---  text: string, raw: bytes, n: integer, x: number, yes: boolean,
---  wait: seconds, pause: milliseconds, at: unixtime, moment: unixtime_ms,
---  order: json:Order, link: json:*net/netip.Addr, tags: json:[]string, numbers: json:[]int64,
---  none: string?, nothing: seconds?, maybe: boolean?, empty: string[]
---}
local reply = {}
for i, value in ipairs(ARGV) do
  reply[i] = value
end
for _ = 1, 4 do
  reply[#reply + 1] = false
end
return reply
