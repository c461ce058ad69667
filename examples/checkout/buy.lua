--- Reduces the stock and the balance and writes an order, or changes nothing. The same order, posted again within a
--- day, is bought only once.
---@name   buy
---@key    item            a hash
---@key    customer        a hash
---@key    last            the number of the last order
---@key    all             the list of orders
---@arg    itemName string
---@arg    customerName string
---@arg    quantity integer
---@return json:Order
---@error  unknown_item
---@error  insufficient_stock
---@error  insufficient_balance
---@once   24h
local price = tonumber(redis.call('HGET', KEYS[1], 'price'))
if not price then
  return {err = 'unknown_item'}
end
local quantity = tonumber(ARGV[3])
if tonumber(redis.call('HGET', KEYS[1], 'stock') or 0) < quantity then
  return {err = 'insufficient_stock'}
end
local total = price * quantity
if tonumber(redis.call('HGET', KEYS[2], 'balance') or 0) < total then
  return {err = 'insufficient_balance'}
end
redis.call('HINCRBY', KEYS[1], 'stock', -quantity)
redis.call('HINCRBY', KEYS[2], 'balance', -total)
local number = redis.call('INCR', KEYS[3])
local order = cjson.encode({number = number, item = ARGV[1], customer = ARGV[2], quantity = quantity, total = total})
redis.call('RPUSH', KEYS[4], order)
return order
