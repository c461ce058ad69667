--- Charge an account.
---@key account
---@arg id string
---@arg amount number
---@once 24h
---@return number?
if ARGV[1] == '' then
  return nil
end
return redis.call('INCRBYFLOAT', KEYS[1], ARGV[2])
