--- Takes quantity from the stock and pays for it, or changes nothing.
---
--- Both keys have the same {hash tag}.
---@key stock the number of things that are left
---@key balance
---@arg quantity integer
---@arg price integer the price of one
---@error insufficient_stock less is left than was asked for
---@error insufficient_balance
---@error bad_quantity the quantity is not positive
---@return integer what is left
local quantity = tonumber(ARGV[1])
if quantity < 1 then
  error('bad_quantity: ' .. ARGV[1])
end
if tonumber(redis.call('GET', KEYS[1]) or 0) < quantity then
  return {err = 'insufficient_stock'}
end
if tonumber(redis.call('GET', KEYS[2]) or 0) < quantity * tonumber(ARGV[2]) then
  return redis.error_reply('insufficient_balance: too expensive')
end
redis.call('DECRBY', KEYS[2], quantity * tonumber(ARGV[2]))
return redis.call('DECRBY', KEYS[1], quantity)
