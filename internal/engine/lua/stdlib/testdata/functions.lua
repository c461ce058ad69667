math.randomseed(SEED) -- a number, which the test puts here
local out = {}
local function try(name, ...)
  local args = {}
  for i, x in ipairs{...} do args[i] = string.format('%.17g', x) end
  out[#out + 1] = string.format('%s(%s) %.17g', name, table.concat(args, ','), math[name](...))
end
for i = 1, 50 do
  local u, v = math.random() + math.random() / 2^31, math.random()
  local small, large = (u - 0.5) * 2, (u - 0.5) * 200
  for _, name in ipairs{'sin', 'cos', 'tan', 'exp', 'sinh', 'cosh', 'tanh', 'atan'} do
    try(name, small)
    try(name, small * 20)
    try(name, large * 3)
  end
  for _, name in ipairs{'asin', 'acos'} do
    try(name, small)
  end
  for _, name in ipairs{'log', 'log10'} do
    try(name, u)
    try(name, u * 1000)
    try(name, math.ldexp(u, math.random(-1000, 1000)))
  end
  for _, name in ipairs{'sin', 'cos', 'tan'} do
    try(name, math.ldexp(u, math.random(0, 1000)))
    try(name, math.random(0, 10000) * (math.pi / 2))
  end
  try('pow', u * 10, large)
  try('pow', u * 10, small)
  try('pow', u, -700 * u)
  try('pow', math.random(1, 100), math.random(-20, 20))
  try('pow', -math.random(1, 100), math.random(-20, 20))
  try('pow', u, v)
  try('pow', 10, math.random(-330, 310))
  try('pow', 2, math.random(-1080, 1030))
  try('exp', -745 * u)
  try('exp', -745 + 40 * u)
  try('atan2', small, large)
  try('atan2', large, -small)
  try('atan2', math.ldexp(u, math.random(-1070, 1020)), math.ldexp(v, math.random(-1070, 1020)))
  try('fmod', large, small)
  try('fmod', math.ldexp(u, 500), v)
  try('sqrt', u)
  try('sqrt', math.ldexp(u, -1060))
  try('deg', u)
  try('rad', large)
end
return table.concat(out, '\n')
