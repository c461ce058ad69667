-- What redis is for a script with the flag allow-key-locking, which the hosted
-- service has: no key may be used that was not declared.
(function(redis)
  local declared = {}
  for _, key in ipairs(KEYS) do declared[key] = true end
  local function undeclared(...)
    local keys = redis.pcall('COMMAND', 'GETKEYS', ...)
    if type(keys) ~= 'table' or keys.err then return nil end
    for _, key in ipairs(keys) do
      if not declared[key] then
        return {err = "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: " .. key}
      end
    end
  end
  return setmetatable({
    call = function(...)
      local wrong = undeclared(...)
      if wrong then error(wrong) end
      return redis.call(...)
    end,
    pcall = function(...)
      return undeclared(...) or redis.pcall(...)
    end,
  }, {__index = redis})
end)(redis)
