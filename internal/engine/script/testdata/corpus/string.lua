-- The string library, without patterns and formats.
--- len
return {string.len('abc'), #'abc', string.len(''), string.len('a\0b'), ('x'):len()}
--- sub
return {string.sub('hello', 2, 4), string.sub('hello', -3), string.sub('hello', 2), string.sub('hello', -3, -2), string.sub('hello', 0), string.sub('hello', 10), string.sub('hello', 4, 2), string.sub('hello', -100, 100)}
--- sub with fractions
return {string.sub('hello', 1.9, 3.9), string.sub('hello', '2', '3')}
--- sub without positions
return string.sub('x')
--- sub with a table as position
return string.sub('x', {})
--- upper and lower
return {string.upper('aBc1é'), string.lower('AbC1É'), ('x'):upper()}
--- rep
return {string.rep('ab', 3), string.rep('x', 0), string.rep('x', -1), string.rep('', 100), string.rep('a', 2.9)}
--- rep of much
return #string.rep('abcdefghij', 100000)
--- rep without a count
return string.rep('x')
--- reverse
return {string.reverse('abc'), string.reverse(''), string.reverse('a\0b')}
--- byte
return {string.byte('A'), string.byte('abc', 2), string.byte('abc', -1), select('#', string.byte('abc', 10)), string.byte('abc', 1, 3)}
--- byte of binary
return {string.byte('\0\1\255', 1, -1)}
--- char
return {string.char(72, 105), string.char(), string.char(0, 255)}
--- char out of range
return string.char(256)
--- char negative
return string.char(-1)
--- char of a value that is not a number
return string.char('x')
--- char of a numeric string
return string.char('65')
--- methods of strings
local s = 'hello'
return {s:upper(), s:len(), s:sub(1, 2), s:rep(2), ('x'):byte(), s:find('l')}
--- method that strings have not
local s = 'x'
return s:nosuch()
--- index of a string
return {tostring(('x').len == string.len), tostring(('x').nosuch), tostring(('x')[1])}
--- field set on a string
local s = 'x'
s.y = 1
--- concatenation
return {'a' .. 'b', 1 .. 2, 'n' .. 1.5, -1 .. '', 1e15 .. '', 1e16 .. ''}
--- concatenation of many
local t = {} for i = 1, 100 do t[i] = i end
local s = '' for i = 1, 100 do s = s .. i end
return tostring(s == table.concat(t))
--- comparison
return {tostring('a' < 'b'), tostring('a' < 'B'), tostring('' < 'a'), tostring('a' < 'aa'), tostring('10' < '9'), tostring('a\0b' < 'a\0c'), tostring('Z' <= 'Z'), tostring('b' > 'a'), tostring('\255' < 'a')}
--- escapes
return {'\a\b\f\n\r\t\v\\\'\"', '\65\066\0067', '\x41', '\
next', 'a\z', '\0x'}
--- long strings
return {[[a
b]], [[
first newline goes]], [==[with ]] inside]==], [[\n]], [[]]}
--- quotes inside
return {"it's", 'say "x"', [["both" 'kinds']]}
--- dump
return type(string.dump(function() end))
--- dump of a builtin
local ok, e = pcall(string.dump, string.len)
return {tostring(ok), e}
--- dump of a value that is not a function
string.dump(1)
--- len of a number
return string.len(12345)
--- len of nil
return string.len(nil)
--- upper of a table
return string.upper({})
--- upper without a string
return string.upper()
--- length of a number
local n = 5
return #n
--- binary through argv
--> EVAL $ 0 "\x00\x01\xff" "é"
return {#ARGV[1], string.byte(ARGV[1], 1, -1), #ARGV[2], ARGV[1] .. ARGV[2]}
--- split by a separator
--> EVAL $ 0 a,b,,c
local t = {}
for part in string.gmatch(ARGV[1] .. ',', '([^,]*),') do t[#t+1] = part end
return t
--- trim
return {(string.gsub('  x y  ', '^%s*(.-)%s*$', '%1')), (('\t\n'):gsub('^%s+', ''))}
--- hex of bytes
return (string.gsub('\0\127\255az', '.', function(c) return string.format('%02x', string.byte(c)) end))
--- numbers become strings in string functions
return {string.rep(5, 3), string.sub(12345, 2, 3), string.reverse(123), (5 .. ''):rep(2)}
--- equality of strings and numbers
return {tostring('1' == 1), tostring(1 == 1.0), tostring('a' == 'a'), tostring(0 == -0)}
--- url encode
--> EVAL $ 0 "a b&c=d/é"
return (ARGV[1]:gsub('[^%w%-_%.~]', function(c) return ('%%%02X'):format(c:byte()) end))
--- base64 by hand
--> EVAL $ 0 "Hello, world!"
local b = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
return ((ARGV[1]:gsub('.', function(x) local r, b = '', x:byte() for i = 8, 1, -1 do r = r .. (b % 2^i - b % 2^(i-1) > 0 and '1' or '0') end return r end) .. '0000'):gsub('%d%d%d?%d?%d?%d?', function(x) if #x < 6 then return '' end local c = 0 for i = 1, 6 do c = c + (x:sub(i, i) == '1' and 2^(6-i) or 0) end return b:sub(c+1, c+1) end) .. ({'', '==', '='})[#ARGV[1] % 3 + 1])
