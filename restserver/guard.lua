-- The table redis for a script that may not do everything: undeclared keys are refused for one with the
-- flag allow-key-locking, and commands that the read-only token may not run for its scripts.
--
-- Redis says of an error in which line it was raised: that of the first function that is not
-- written in C. So redis.call is a coroutine, which for Redis is a function in C. An error ends
-- the coroutine, and the next use of the name call makes another one.
(function(redis, refused)
  local wrap, yield = coroutine.wrap, coroutine.yield
  local call
  local ended = true
  local function checked(...)
    ended = true
    local wrong = refused(...)
    if wrong then error(wrong) end
    local reply = redis.call(...)
    ended = false
    return reply
  end
  local function serve(...)
    return serve(yield(checked(...)))
  end
  local function pcall(...)
    return refused(...) or redis.pcall(...)
  end
  return setmetatable({}, {__index = function(_, name)
    if name == 'pcall' then return pcall end
    if name ~= 'call' then return redis[name] end
    if PLAIN then return checked end
    if ended then call = wrap(serve) end
    return call
  end})
end)
