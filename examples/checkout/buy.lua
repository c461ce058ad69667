-- Buy: reduce the stock and the balance and write an order, or change nothing.
-- KEYS[1] the item and KEYS[2] the customer, both hashes, KEYS[3] the number of the
-- last order, KEYS[4] the list of orders; ARGV[1] the item's name, ARGV[2] the
-- customer's name, ARGV[3] the quantity.
-- Returns the order as JSON, or the error unknown_item, insufficient_stock or
-- insufficient_balance.
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
