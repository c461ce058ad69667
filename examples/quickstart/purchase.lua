-- Buy: reduce the stock and the balance, or change nothing.
-- KEYS[1] the stock, KEYS[2] the balance, ARGV[1] the quantity, ARGV[2] the price
-- of one item.
-- Returns success, or the error insufficient_stock or insufficient_balance.
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
