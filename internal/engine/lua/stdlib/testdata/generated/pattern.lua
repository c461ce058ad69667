-- Many kinds of patterns on many kinds of strings, and random patterns.
local out = {}
local subjects = {'', 'a', 'aa', 'abc', 'hello world', 'x=1, y=22', '((a)(b)', 'a.b-c', '  trim  ', 'THE (quick) fox', 'a\0b', '\255\128', '123abc456', '%d', '[x]', '^$'}
local patterns = {'', '.', '.*', '.-', '.+', '.?', 'a', 'a*', 'a-', 'a?', '^a', 'a$', '^$', '^.*$', '%a+', '%d+', '%s*', '%w-', '[abc]', '[^abc]+', '[a-z]*', '[%w_]+', '[%d%s]', '[]]', '[^]]', '(.)', '(.)(.)', '()', '(a*)(.-)$', '((.)(.))', '(%w+)=(%w+)', '%b()', '%f[%w]%w+', '%f[%W]', '(.)%1', '^%s*(.-)%s*$', '%.', '%%', '%z', '[%z]', '\0', '.%f[%z]', '[', '%', '(', ')', '%1', '%b', '%f', '[a', '[%', '[a-', '(()', '(%1)'}
local function try(f, ...)
  local results = show(pcall(string[f], ...))
  out[#out + 1] = f .. ' ' .. show(...) .. ' ' .. results
end
for _, s in ipairs(subjects) do
  for _, p in ipairs(patterns) do
    try('find', s, p)
    try('find', s, p, 2)
    try('find', s, p, -1)
    try('find', s, p, 1, true)
    try('match', s, p)
    try('match', s, p, 3)
    try('gsub', s, p, '<%0>')
    try('gsub', s, p, '[%1]', 2)
    try('gsub', s, p, '%2')
    try('gsub', s, p, {a = 'A', x = 7, [1] = 'one', b = false})
    try('gsub', s, p, function(...) return select('#', ...) end)
    local ok, words = pcall(function()
      local words = {}
      for a, b in s:gmatch(p) do words[#words + 1] = a words[#words + 1] = b end
      return words
    end)
    out[#out + 1] = 'gmatch ' .. show(s, p, ok, words)
  end
end
math.randomseed(11)
local pieces = {'a', 'b', '.', '%a', '%d', '%A', '[ab]', '[^a]', '[a-c]', '(', ')', '()', '%1', '%2', '%b()', '%bab', '%f[a]', '%f[^b]', '^', '$', '*', '+', '-', '?', '[', ']', '%', '%z', '\0', '%%', '%-', '-'}
local letters = {'a', 'b', 'c', '(', ')', '1', ' ', '\0'}
local function pick(from, most)
  local s = ''
  for i = 1, math.random(0, most) do s = s .. from[math.random(#from)] end
  return s
end
for i = 1, 6000 do
  local s, p = pick(letters, 12), pick(pieces, 6)
  try('find', s, p)
  try('match', s, p, math.random(-3, 5))
  try('gsub', s, p, pick({'x', '%0', '%1', '%2', '%%', '%', '\0'}, 3))
end
return (table.concat(out, '\r'):gsub('\n', 'N'):gsub('\r', '\n'))
