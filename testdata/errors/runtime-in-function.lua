local function f(t)
  local n = t.a.b
  return n
end
local n = f({})
return n
