-- The script is run, and sha its digest. The last key is the record of the id and
-- the last argument how long to keep it, in milliseconds. A record is the digest,
-- and behind it the reply as text, which is there as soon as the script has run.
function(run, sha)
  local record, window = KEYS[#KEYS], ARGV[#ARGV]
  KEYS[#KEYS], ARGV[#ARGV] = nil, nil

  -- To write first means that no refusal, such as for want of memory, comes
  -- between the effect and its record.
  if redis.call('SET', record, sha, 'PX', window, 'NX') then
    local parts = {sha}
    local function add(text) parts[#parts + 1] = text end
    local function bytes(kind, s) add(kind .. #s .. ':' .. s) end
    local function number(kind, n) add(kind .. string.format('%.17g', n) .. ':') end

    -- keep adds a value in the form that Redis would make a reply of.
    local function keep(value)
      local kind = type(value)
      if kind == 'string' then
        bytes('$', value)
      elseif kind == 'number' then
        number('#', value)
      elseif kind == 'boolean' then
        -- Under RESP3, which the script may have chosen, false is not null; and
        -- null is not false there.
        local resp3 = redis.call('SET', record, sha, 'NX') == nil
        if value or resp3 then number('#', value and 1 or 0) else add('_') end
      elseif kind ~= 'table' then
        add('_')
      elseif type(rawget(value, 'err')) == 'string' then
        bytes('-', rawget(value, 'err'))
      elseif type(rawget(value, 'ok')) == 'string' then
        bytes('+', rawget(value, 'ok'))
      elseif type(rawget(value, 'double')) == 'number' then
        number(',', rawget(value, 'double'))
      elseif type(rawget(value, 'map')) == 'table' then
        add('%')
        for k, v in pairs(rawget(value, 'map')) do keep(k) keep(v) end
        add('.')
      elseif type(rawget(value, 'set')) == 'table' then
        add('~')
        for k in pairs(rawget(value, 'set')) do keep(k) end
        add('.')
      elseif type(rawget(value, 'big_number')) == 'string' then
        bytes('(', rawget(value, 'big_number'))
      elseif type(rawget(value, 'verbatim_string')) == 'table' then
        local text = rawget(value, 'verbatim_string')
        bytes('=', tostring(rawget(text, 'format')))
        bytes('=', tostring(rawget(text, 'string')))
      else
        add('*')
        local i = 1
        while rawget(value, i) ~= nil do
          keep(rawget(value, i))
          i = i + 1
        end
        add('.')
      end
    end

    local function failed(e)
      local text
      if type(e) == 'table' and type(rawget(e, 'err')) == 'string' then
        text = rawget(e, 'err')
      else
        text = 'ERR ' .. tostring(e)
      end
      -- Where it was raised: error() itself knows, two or three calls up from here.
      for level = 3, 4 do
        local _, at = pcall(error, '', level)
        local line = string.match(tostring(at), ':(%d+):')
        if line then
          return text .. ' script: ' .. sha .. ', on @user_script:' .. line .. '.'
        end
      end
      return text
    end

    local ok, reply = xpcall(run, failed)
    if not ok then reply = {err = reply} end
    if not pcall(keep, reply) then
      parts = {sha}
      bytes('-', 'ONCELOST the reply of the first run was nested too deeply to be kept')
    end
    redis.call('SET', record, table.concat(parts), 'PX', window)
    return reply
  end

  local text = redis.call('GET', record)
  if string.sub(text, 1, #sha) ~= sha then
    return {err = 'ONCECONFLICT the id was used by another script, or another version of it'}
  end
  local at = #sha + 1
  if at > #text then
    return {err = 'ONCELOST the first run was broken off and left no reply'}
  end
  local function upto()
    local colon = string.find(text, ':', at, true)
    local word = string.sub(text, at, colon - 1)
    at = colon + 1
    return word
  end
  local function bytes()
    local size = tonumber(upto())
    at = at + size
    return string.sub(text, at - size, at - 1)
  end
  local function restore()
    local kind = string.sub(text, at, at)
    at = at + 1
    if kind == '$' then return bytes() end
    if kind == '#' then return tonumber(upto()) or 0 end
    if kind == '-' then return {err = bytes()} end
    if kind == '+' then return {ok = bytes()} end
    if kind == ',' then return {double = tonumber(upto()) or 0} end
    if kind == '(' then return {big_number = bytes()} end
    if kind == '=' then
      local format = bytes()
      at = at + 1
      return {verbatim_string = {format = format, string = bytes()}}
    end
    if kind == '_' then return false end
    local t = {}
    while string.sub(text, at, at) ~= '.' do
      local value = restore()
      if kind == '*' then
        t[#t + 1] = value
      elseif kind == '~' then
        t[value] = true
      else
        t[value] = restore()
      end
    end
    at = at + 1
    if kind == '~' then return {set = t} end
    if kind == '%' then return {map = t} end
    return t
  end
  return restore()
end
