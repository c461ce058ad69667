#!lua name=warehouse
--- Loads the functions of the warehouse.

--- Puts things into the stock.
---@key stock
---@arg n integer
---@idempotent
---@return integer
local function put(keys, args)
  return redis.call('INCRBY', keys[1], args[1])
end

---@key stock
---@return integer?
redis.register_function{
  function_name = 'count',
  callback = function(keys) return redis.call('GET', keys[1]) end,
  flags = {'no-writes'},
}

redis.register_function('put_in', put)

---@name WaitTime
---@arg n integer
---@arg m? integer
---@error NO_TIME
---@return milliseconds
redis.register_function('wait', function(_, args)
  if args[2] then
    return redis.error_reply('NO_TIME at all')
  end
  return args[1]
end)
