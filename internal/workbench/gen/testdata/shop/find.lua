#!lua flags=no-writes
--- Reads users.
---@key type
---@key range the ages
---@return {[name]: string, [age]: integer?, ["last seen"]: unixtime_ms}?
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local user = redis.call('HGETALL', KEYS[1])
user[#user + 1], user[#user + 2] = 'age', redis.call('GET', KEYS[2])
return user
