-- The order of pairs after insertions and removals, and how sort handles equal elements and inconsistent comparisons.
local out = {}
local function note(...) out[#out + 1] = show(...) end
math.randomseed(5)
for i = 1, 200 do
  local t = {}
  for j = 1, math.random(0, 60) do
    local what = math.random(5)
    if what <= 2 then table.insert(t, j)
    elseif what == 3 then table.insert(t, math.random(-2, #t + 4), j)
    elseif what == 4 then table.remove(t)
    else table.remove(t, math.random(-1, #t + 2)) end
  end
  note(#t, table.getn(t), table.maxn(t), t)
  note(pcall(table.concat, t, ','))
end
for i = 1, 300 do
  local t, calls = {}, 0
  for j = 1, math.random(0, 120) do t[j] = {key = math.random(10), at = j} end
  table.sort(t, function(a, b) calls = calls + 1 return a.key < b.key end)
  local order = {}
  for j, x in ipairs(t) do order[j] = x.at end
  note(calls, table.concat(order, ' '))
end
for i = 1, 300 do
  local t, calls = {}, 0
  for j = 1, math.random(0, 40) do t[j] = math.random(10) end
  local ok, err = pcall(table.sort, t, function(a, b)
    calls = calls + 1
    if calls > 5000 then error('endless') end
    local how = i % 4
    if how == 0 then return true
    elseif how == 1 then return a <= b
    elseif how == 2 then return math.random(2) == 1
    else return (a or 0) >= (b or 0) end
  end)
  note(ok, err, calls, t)
end
for i = 1, 100 do
  local t = {}
  for j = 1, math.random(0, 100) do t[j] = string.char(math.random(65, 70), math.random(65, 70), math.random(0, 255)) end
  table.sort(t)
  note(t)
end
return (table.concat(out, '\r'):gsub('\n', 'N'):gsub('\r', '\n'))
