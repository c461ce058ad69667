-- Shows values as text that distinguishes all of them. Tables are in the order of pairs,
-- except if keys are tables: their order depends on addresses.
local show
function show(v)
  local kind = type(v)
  if kind == 'string' then
    return '"' .. v:gsub('[^%w%p ]', function(c) return string.format('\\%03d', c:byte()) end) .. '"'
  elseif kind == 'number' then
    return string.format('%.17g', v)
  elseif kind == 'table' then
    local parts, unordered = {}, false
    for k, x in pairs(v) do
      parts[#parts + 1] = show(k) .. '=' .. show(x)
      unordered = unordered or type(k) == 'table'
    end
    if unordered then
      table.sort(parts)
    end
    return '{' .. table.concat(parts, ' ') .. '}'
  elseif kind == 'function' or kind == 'thread' then
    return kind
  end
  return tostring(v)
end

local function try(f, ...)
  local results = {pcall(f, ...)}
  local n = select('#', unpack(results, 1, table.maxn(results)))
  local parts = {}
  for i = 1, n do
    parts[i] = show(results[i])
  end
  return table.concat(parts, ' ')
end
