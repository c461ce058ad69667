#!lua name=lib
local function incr(keys, args)
  return redis.call('INCRBY', keys[1], args[1])
end
redis.register_function('incr', incr)
redis.register_function{function_name='get', callback=function(keys) return redis.call('GET', keys[1]) end, flags={'no-writes'}, description='reads'}
redis.register_function('fail', function()
  error('boom')
end)
