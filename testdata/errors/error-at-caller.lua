local function f()
  error('bad', 2)
end

f()
