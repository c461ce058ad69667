--- Reduces the stock and the balance, or changes nothing.
---@key stock
---@key balance
---@arg quantity integer
---@arg price integer the price of one item
---@error insufficient_stock
---@error insufficient_balance
---@return string the word success
local quantity = tonumber(ARGV[1])
local cost = quantity * tonumber(ARGV[2])
if tonumber(redis.call('GET', KEYS[1]) or '0') < quantity then
  return {err = 'insufficient_stock'}
end
if tonumber(redis.call('GET', KEYS[2]) or '0') < cost then
  return {err = 'insufficient_balance'}
end
redis.call('DECRBY', KEYS[1], quantity)
redis.call('DECRBY', KEYS[2], cost)
return {ok = 'success'}
