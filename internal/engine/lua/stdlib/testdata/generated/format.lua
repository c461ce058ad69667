-- All combinations of flags, widths, precisions, conversions and numbers.
local out = {}
local numbers = {0, 1, -1, 8, 255, -255, 0.5, -0.5, 1.5, 2.5, 1/3, 99.995, 1e15, 123456789.123, 2^53, 2^63, -2^63, 2^64, 1e22, 1e-5, 0.0001, 9.9999995, 1e300, 5e-324, 1/0, -1/0}
for _, flags in ipairs{'', '-', '+', ' ', '#', '0', '-0', '+0', ' 0', '#0', '+ ', '-#', '-+ #0'} do
  for _, width in ipairs{'', '1', '7', '20'} do
    for _, precision in ipairs{'', '.', '.0', '.1', '.3', '.10'} do
      for conversion in ('diuoxXeEfgG'):gmatch('.') do
        local f = '%' .. flags .. width .. precision .. conversion
        local all = {}
        for i, n in ipairs(numbers) do all[i] = f:format(n) end
        out[#out + 1] = f .. ' ' .. table.concat(all, '|')
      end
      for _, s in ipairs{'', 'a', 'hello world', 'a\0b', ('x'):rep(120)} do
        local f = '%' .. flags .. width .. precision .. 's'
        out[#out + 1] = f .. ' ' .. show(pcall(string.format, f, s))
      end
      for _, c in ipairs{0, 1, 65, 255, 256, -1, 1e20} do
        local f = '%' .. flags .. width .. precision .. 'c'
        out[#out + 1] = f .. ' ' .. show(pcall(string.format, f, c))
      end
    end
  end
end
for c = 0, 255 do
  out[#out + 1] = c .. ' ' .. show(pcall(string.format, '[%' .. string.char(c) .. ']', 5))
  out[#out + 1] = c .. ' ' .. show(pcall(string.format, '[%5.3' .. string.char(c) .. ']', 5))
  out[#out + 1] = c .. ' ' .. show(string.format('%q', string.char(c))):gsub('\n', 'N')
end
math.randomseed(3)
for i = 1, 2000 do
  local f = math.ldexp(math.random() + math.random() / 2^31, math.random(-1074, 1024))
  out[#out + 1] = ('%.17g %g %e %.3f %.0f %.30g %s'):format(f, f, f, f, f, f, f)
end
return (table.concat(out, '\r'):gsub('\n', 'N'):gsub('\r', '\n'))
