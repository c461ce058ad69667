-- Many kinds of positions.
local out = {}
local positions = {-2^63, -2^31, -100, -6, -5, -2, -1, 0, 0.5, 1, 1.9, 2, 5, 6, 100, 2^31, 2^32 + 1, 2^63, '3', 0/0, 1/0}
for _, s in ipairs{'', 'a', 'hello', 'a\0b'} do
  for _, i in ipairs(positions) do
    out[#out + 1] = show(s, i, s:sub(i), s:find('l', i), s:find('', i), s:match('.?', i), s:byte(i))
    for _, j in ipairs(positions) do
      out[#out + 1] = show(s, i, j, s:sub(i, j), pcall(s.byte, s, i, j))
    end
  end
end
math.randomseed(1)
for i = 1, 300 do
  out[#out + 1] = show(math.random(), math.random(i), math.random(-i, i), pcall(math.random, math.random(-10, 10)))
end
return (table.concat(out, '\r'):gsub('\n', 'N'):gsub('\r', '\n'))
