-- Locks, once-only scripts and other coordination.
--- lock
--> EVAL $ 1 lock token-1 30000
--> EVALSHA $sha 1 lock token-2 30000
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return 0
--- lock as a status
--> EVAL $ 1 lock token-1 30000
--> EVALSHA $sha 1 lock token-2 30000
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
--- unlock
--> SET lock token-1 PX 30000
--> EVAL $ 1 lock token-2
--> EVAL $ 1 lock token-1
--> EVAL $ 1 lock token-1
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
else
  return 0
end
--- extend
--> SET lock token-1 PX 30000
--> EVAL $ 1 lock token-1 90000
--> EVAL $ 1 lock token-2 10
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
--- reentrant lock
--> EVAL $ 1 lock owner-1 30000
--> EVALSHA $sha 1 lock owner-1 30000
--> EVALSHA $sha 1 lock owner-2 30000
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return nil
end
return redis.call('PTTL', KEYS[1]) > 0
--- reentrant unlock
--> HSET lock owner-1 2
--> EVAL $ 1 lock owner-2 30000
--> EVAL $ 1 lock owner-1 30000
--> EVAL $ 1 lock owner-1 30000
--> EXISTS lock
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return nil end
local left = redis.call('HINCRBY', KEYS[1], ARGV[1], -1)
if left > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', KEYS[1] .. ':released', ARGV[1])
return 1
--- read write lock
--> EVAL $ 1 rw read a
--> EVALSHA $sha 1 rw read b
--> EVALSHA $sha 1 rw write c
--> HDEL rw a b mode
--> EVALSHA $sha 1 rw write c
--> EVALSHA $sha 1 rw read a
local mode = redis.call('HGET', KEYS[1], 'mode')
if not mode then
  redis.call('HSET', KEYS[1], 'mode', ARGV[1], ARGV[2], 1)
  return 'got ' .. ARGV[1]
end
if mode == 'read' and ARGV[1] == 'read' then
  redis.call('HINCRBY', KEYS[1], ARGV[2], 1)
  return 'shared'
end
return redis.error_reply('LOCKED in mode ' .. mode)
--- semaphore
--> EVAL $ 1 sem 2 a b c
local got = {}
for i = 2, #ARGV do
  local n = redis.call('INCR', KEYS[1])
  if n > tonumber(ARGV[1]) then
    redis.call('DECR', KEYS[1])
    got[#got + 1] = {ARGV[i], false}
  else
    got[#got + 1] = {ARGV[i], n}
  end
end
return got
--- leader election
--> EVAL $ 1 leader node-1 15
--> EVALSHA $sha 1 leader node-2 15
--> EVALSHA $sha 1 leader node-1 15
local leader = redis.call('GET', KEYS[1])
if leader == false then
  redis.call('SETEX', KEYS[1], ARGV[2], ARGV[1])
  return {1, ARGV[1]}
elseif leader == ARGV[1] then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return {2, leader}
end
return {0, leader}
--- fencing token
--> EVAL $ 2 lock fence a
--> EVALSHA $sha 2 lock fence b
if redis.call('SETNX', KEYS[1], ARGV[1]) == 0 then return redis.error_reply('HELD by ' .. redis.call('GET', KEYS[1])) end
return redis.call('INCR', KEYS[2])
--- compare and set
--> SET k old
--> EVAL $ 1 k wrong new
--> EVAL $ 1 k old new
local current = redis.call('GET', KEYS[1])
if current == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return {true, current}
end
return {false, current}
--- compare and delete
--> SET k v
--> EVAL $ 1 k w
--> EVAL $ 1 k v
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0
--- optimistic version
--> HSET doc version 3 body hello
--> EVAL $ 1 doc 2 world
--> EVAL $ 1 doc 3 world
local version = redis.call('HGET', KEYS[1], 'version')
if version ~= ARGV[1] then
  return {err = 'CONFLICT expected ' .. ARGV[1] .. ', is ' .. tostring(version)}
end
redis.call('HSET', KEYS[1], 'body', ARGV[2])
return redis.call('HINCRBY', KEYS[1], 'version', 1)
--- idempotency
--> EVAL $ 2 seen n req-1
--> EVALSHA $sha 2 seen n req-1
--> EVALSHA $sha 2 seen n req-2
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then
  return {'again', redis.call('GET', KEYS[2])}
end
return {'first', redis.call('INCR', KEYS[2])}
--- once with its reply kept
--> EVAL $ 2 record stock 60000
--> EVALSHA $sha 2 record stock 60000
local kept = redis.call('GET', KEYS[1])
if kept then
  return cjson.decode(kept)
end
local reply = {redis.call('DECRBY', KEYS[2], 3), 'bought', {1, 2}}
redis.call('SET', KEYS[1], cjson.encode(reply), 'PX', ARGV[1])
return reply
--- barrier
--> EVAL $ 1 barrier 3 a
--> EVALSHA $sha 1 barrier 3 a
--> EVALSHA $sha 1 barrier 3 b
--> EVALSHA $sha 1 barrier 3 c
redis.call('SADD', KEYS[1], ARGV[2])
local n = redis.call('SCARD', KEYS[1])
if n >= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  return redis.status_reply('OPEN')
end
return ARGV[1] - n
--- circuit breaker
--> EVAL $ 1 breaker 2 fail
--> EVALSHA $sha 1 breaker 2 ok
--> EVALSHA $sha 1 breaker 2 fail
--> EVALSHA $sha 1 breaker 2 fail
--> EVALSHA $sha 1 breaker 2 ok
local state = redis.call('HGET', KEYS[1], 'state') or 'closed'
if state == 'open' then return redis.error_reply('OPEN circuit') end
if ARGV[2] == 'fail' then
  local n = redis.call('HINCRBY', KEYS[1], 'failures', 1)
  if n >= tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], 'state', 'open')
    redis.call('EXPIRE', KEYS[1], 30)
  end
  return {state, n}
end
redis.call('HDEL', KEYS[1], 'failures')
return {state, 0}
--- key locking by a table of functions
--> EVAL $ 1 k
local api = setmetatable({call = function(command, key, ...)
  for _, declared in ipairs(KEYS) do
    if declared == key then return redis.call(command, key, ...) end
  end
  error({err = 'ERR undeclared key ' .. key})
end}, {__index = redis})
api.call('SET', KEYS[1], 'v')
return {api.call('GET', KEYS[1]), api.sha1hex('x'), api.call('GET', 'other')}
--- scheduled jobs
--> ZADD jobs 100 a 200 b 300 c
--> EVAL $ 2 jobs running 250
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 10)
for _, job in ipairs(due) do
  redis.call('ZREM', KEYS[1], job)
  redis.call('HSET', KEYS[2], job, ARGV[1])
end
return due
--- queue with a lease
--> RPUSH queue a b c
--> EVAL $ 3 queue leased leases 1000 worker-1
--> EVALSHA $sha 3 queue leased leases 1010 worker-2
local job = redis.call('LPOP', KEYS[1])
if not job then return nil end
redis.call('ZADD', KEYS[2], ARGV[1] + 30, job)
redis.call('HSET', KEYS[3], job, ARGV[2])
return {job, redis.call('ZSCORE', KEYS[2], job)}
--- queue that takes back
--> ZADD leased 100 a 500 b
--> EVAL $ 2 queue leased 200
local late = redis.call('ZRANGEBYSCORE', KEYS[2], 0, '(' .. ARGV[1])
for i, job in ipairs(late) do
  redis.call('RPUSH', KEYS[1], job)
  redis.call('ZREM', KEYS[2], job)
end
return #late
--- moves between lists while both hold
--> RPUSH from a b c d
--> EVAL $ 2 from to 3
local moved = 0
while moved < tonumber(ARGV[1]) do
  if not redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT') then break end
  moved = moved + 1
end
return {moved, redis.call('LLEN', KEYS[1]), redis.call('LRANGE', KEYS[2], 0, -1)}
