-- Every character class with every byte.
local out = {}
for c = 0, 255 do
  local all = {}
  for class = 1, 255 do
    local p = '^%' .. string.char(class)
    if not p:find('[%dbf]', 3) then
      all[#all + 1] = string.char(c):find(p) and class or nil
    end
  end
  out[#out + 1] = c .. ' ' .. table.concat(all, ' ')
  out[#out + 1] = c .. ' ' .. show(string.char(c):upper(), string.char(c):lower())
end
return (table.concat(out, '\r'):gsub('\n', 'N'):gsub('\r', '\n'))
