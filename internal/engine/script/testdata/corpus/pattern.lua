-- find, match, gmatch and gsub.
--- find
return {string.find('hello world', 'wor')}
--- find nothing
return {tostring(string.find('hello', 'xyz'))}
--- find from a position
return {string.find('abcabc', 'b', 3), string.find('abcabc', 'a', -3)}
--- find beyond the end
return {tostring(string.find('abc', 'a', 10)), tostring((string.find('abc', '', 10))), (string.find('abc', '', 4))}
--- find empty
return {string.find('abc', '')}
--- find plain
return {string.find('a.b', '.', 1, true), string.find('a+b', '+', 1, true)}
--- find with specials
return {string.find('a.b', '.'), string.find('a.b', '%.')}
--- find with captures
return {string.find('key=value', '(%w+)=(%w+)')}
--- find with a position capture
return {string.find('abc', '()b()')}
--- find in binary
return {string.find('a\0b\0c', 'b'), string.find('a\0b', '\0'), string.find('a\0b', '%z')}
--- match
return {string.match('2024-01-15', '(%d+)-(%d+)-(%d+)')}
--- match whole
return {string.match('hello 42 world', '%d+'), string.match('abc', '^b') or 'none', string.match('abc', 'c$')}
--- match from a position
return {string.match('a1b2', '%d', 3), string.match('abc', '^b', 2)}
--- match classes
local t = {}
for _, class in ipairs({'%a', '%c', '%d', '%l', '%p', '%s', '%u', '%w', '%x', '%A', '%D', '%S', '%W', '.'}) do t[#t+1] = string.match('\1 Zz9_-\n', class .. '+') or 'none' end
return t
--- every byte in every class
local t = {}
for _, class in ipairs({'a', 'c', 'd', 'l', 'p', 's', 'u', 'w', 'x', 'z'}) do local n, sum = 0, 0 for i = 0, 255 do if string.find(string.char(i), '%' .. class) then n = n + 1 sum = sum + i end end t[#t+1] = class .. n .. ':' .. sum end
return t
--- match sets
return {string.match('hello-world_1', '[%w_]+'), string.match('abc]def', '[]]'), string.match('a-b', '[a-]+'), string.match('x^y', '[%^]'), string.match('abc', '[^a]+'), string.match('[x]', '[%[%]]'), string.match('f00d', '[0-9a-f]+')}
--- match a set of odd ranges
return {string.match('a-z', '[a%-z]+'), string.match('5', '[--9]') or 'none', string.match('b', '[z-a]') or 'none', string.match('^', '[x^]')}
--- match repetition
return {string.match('aaa', 'a*'), string.match('aaa', 'a-'), string.match('aaa', 'a+'), string.match('aaa', 'a?'), string.match('<a><b>', '<(.-)>'), string.match('<a><b>', '<(.*)>')}
--- match balanced
return {string.match('f(a(b)c)d', '%b()'), string.match('x[[y]]z', '%b[]'), string.match('((', '%b()') or 'none', string.match('"a"', '%b""')}
--- match frontier
return {(string.gsub('THE (quick) fox', '%f[%a]%a+', 'X')), string.find('hello world', '%f[%w]world'), (string.gsub('foo.bar', '%f[%W]', '|'))}
--- match back reference
return {string.match([["it's"]], [[(["'])(.-)%1]]), string.match('abcabc', '(abc)%1')}
--- match nested captures
return {string.match('abc', '((a)(b(c)))')}
--- match empty captures
return {string.match('abc', '()'), string.match('abc', '(x?)') , string.match('abc', 'c()')}
--- match anchored in the middle
return {string.match('a^b', 'a^b'), string.match('a$b', 'a$b')}
--- match a dollar at the end only
return {string.match('abc$', '%$$'), tostring(string.match('ab', 'a$'))}
--- gmatch words
local t = {} for w in string.gmatch('one two  three', '%a+') do t[#t+1] = w end return t
--- gmatch pairs
local t = {} for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do t[#t+1] = k .. v end return t
--- gmatch of empty matches
local n = 0 for _ in string.gmatch('abc', '') do n = n + 1 end return n
--- gmatch of stars
local t = {} for w in string.gmatch('ab1cd', '%a*') do t[#t+1] = '<' .. w .. '>' end return t
--- gmatch with an anchor
local t = {} for w in string.gmatch('^a^a', '^a') do t[#t+1] = w end return t
--- gmatch positions
local t = {} for p in string.gmatch('a.b.c', '()%.') do t[#t+1] = p end return t
--- gfind
local t = {} for w in string.gfind('a1b2', '%a') do t[#t+1] = w end return t
--- gsub by a string
return {string.gsub('hello world', 'o', '0')}
--- gsub with a limit
return {string.gsub('aaa', 'a', 'b', 2), string.gsub('aaa', 'a', 'b', 0), string.gsub('aaa', 'a', 'b', -1)}
--- gsub with captures
return {string.gsub('hello world', '(%w+) (%w+)', '%2 %1'), (string.gsub('abc', '%w', '%0%0'))}
--- gsub with percent
return {(string.gsub('50', '%d+', '%0%%')), (string.gsub('x', 'x', '%%1'))}
--- gsub by a function
return {string.gsub('abc', '%w', function(c) if c == 'b' then return nil end return c:upper() end)}
--- gsub by a function that gives false
return {string.gsub('abc', 'b', function() return false end)}
--- gsub by a function that gives a number
return {string.gsub('abc', 'b', function() return 1.5 end)}
--- gsub by a function with captures
return {string.gsub('a1b2', '(%a)(%d)', function(l, d) return d .. l end)}
--- gsub by a table
return {string.gsub('$name is $age', '%$(%w+)', {name = 'Bob', age = 42})}
--- gsub by a table without the key
return {string.gsub('$a $b', '%$(%w+)', {a = 'x'})}
--- gsub by a table with __index
return {string.gsub('ab', '%w', setmetatable({}, {__index = function(_, k) return k .. k end}))}
--- gsub of empty matches
return {string.gsub('abc', '', '-')}
--- gsub of stars
return {string.gsub('abc', 'x*', '-'), string.gsub('hello', 'l*', 'x')}
--- gsub anchored
return {string.gsub('aaa', '^a', 'b'), string.gsub('aaa', 'a$', 'b')}
--- gsub with an invalid value
return string.gsub('abc', 'b', function() return {} end)
--- gsub with a table that gives true
return string.gsub('abc', 'b', {b = true})
--- gsub with an invalid capture
return string.gsub('abc', '(b)', '%2')
--- gsub with capture one and none there
return {string.gsub('abc', 'b', '[%1]')}
--- gsub with an odd escape
return {pcall(string.gsub, 'abc', 'b', '%x')}
--- gsub with a percent at the end
return {pcall(string.gsub, 'abc', 'b', 'x%')}
--- gsub with nil as replacement
return string.gsub('abc', 'b', nil)
--- gsub with a boolean as replacement
return string.gsub('abc', 'b', true)
--- gsub with a number as replacement
return {string.gsub('abc', 'b', 5)}
--- gsub without a replacement
return string.gsub('abc', 'b')
--- gsub with an error in the function
string.gsub('abc', 'b', function() error('in the function') end)
--- unfinished capture
return string.find('abc', '(b')
--- unfinished set
return string.find('abc', '[b')
--- unfinished negated set
return string.find('abc', '[^')
--- unfinished escaped set
return string.find('abc', '[%')
--- ends with a percent
return string.find('abc', 'b%')
--- closing without opening
return string.find('abc', 'b)')
--- balanced without characters
return string.find('abc', '%b')
--- balanced with one character
return string.find('abc', '%bx')
--- frontier without a set
return string.find('abc', '%fa')
--- invalid back reference
return string.find('abc', '%1')
--- back reference to an open capture
return string.find('abc', '(a%1)')
--- too many captures
return string.find('abc', string.rep('()', 33))
--- as many captures as there can be
return {select('#', string.find('abc', string.rep('()', 32)))}
--- match of a value that is not a string
return string.match({}, 'x')
--- match with nil as pattern
return string.match('x', nil)
--- match without a pattern
return string.match('x')
--- find with no number
return string.find('x', 'x', {})
--- numbers as subjects
return {string.match(12345, '%d%d'), string.find(1.5, '.', 1, true), (string.gsub(123, 2, 'x'))}
--- special characters without meaning
return {string.match('a*b', 'a%*b'), string.find('*', '*'), string.find('a+', '^+') or 'none', string.find('-', '-') or 'none'}
--- question mark
return {string.match('color', 'colou?r'), string.match('colour', 'colou?r'), (string.gsub('ab', 'a?', 'x'))}
--- greedy and back
return {string.match('aXbXc', '(.*)X(.*)'), string.match('aXbXc', '(.-)X(.*)'), string.match('key: value: x', '^(.-):%s*(.*)$')}
--- a long subject
return {string.find(string.rep('a', 50000) .. 'b', 'a*b'), #string.match(string.rep('x', 10000), '.-$')}
--- pattern that backtracks
return tostring(string.match(string.rep('a', 25), string.rep('a?', 12) .. string.rep('a', 25)) ~= nil)
--- log line
--> EVAL $ 0 "127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /a.gif HTTP/1.0\" 200 2326"
local ip, date, method, path, status, size = ARGV[1]:match('^(%S+) %S+ %S+ %[([^%]]+)%] "(%S+) (%S+)[^"]*" (%d+) (%d+)$')
return {ip, date, method, path, status, size}
--- an e-mail address
local t = {} for _, s in ipairs({'a@b.cd', 'nobody', 'x.y+z@mail.example.org', '@b.c'}) do t[#t+1] = s:match('^[%w%.%+%-_]+@[%w%.%-]+%.%w+$') and 1 or 0 end return t
--- key template
local function fill(template, values) return (template:gsub('{(%w+)}', values)) end
return fill('user:{id}:posts:{year}:{none}', {id = 7, year = '2024'})
--- camel to snake
return {(('userIdAndName'):gsub('(%u)', function(c) return '_' .. c:lower() end)), (('snake_case_word'):gsub('_(%l)', string.upper))}
--- find returns nil in an array
return {string.find('abc', 'z'), 1}
--- gmatch of a value that is not a string
string.gmatch()
--- gmatch keeps its place
local it = string.gmatch('a b c', '%a')
it()
return {it(), it(), tostring((it()))}
