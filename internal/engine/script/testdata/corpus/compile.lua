-- Scripts that do not compile.
--- missing value
local a = 1
local b = = 2
--- missing then
if true return 1 end
--- missing end
if true then return 1
--- missing end of a function
local function f()
  return 1
--- missing end later
local function f()
  if true then
    return 1
end
return f()
--- missing do
while true return 1 end
--- missing do in for
for i = 1, 10 print(i) end
--- missing until
repeat local x = 1
--- missing equals
local a 1
--- missing name
local = 1
--- missing closing parenthesis
return (1 + 2
--- missing closing parenthesis over lines
return tostring(1,

2
--- missing closing brace
return {1, 2
--- missing closing brace over lines
local t = {
  a = 1,
  b = 2
return t
--- missing closing bracket
local t = {} return t[1
--- missing operand
return 1 +
--- missing comma
return {1 2}
--- missing comma in arguments
return tostring(1 2)
--- extra end
return 1 end
--- extra parenthesis
return 1)
--- code after return
return 1
local x = 2
--- two returns
return 1 return 2
--- break outside of a loop
break
--- break in a function in a loop
while true do local f = function() break end end
--- break not last
while true do break local x = 1 end
--- goto
goto done
--- label
::done::
--- integer division
return 7 // 2
--- bitwise and
return 1 & 2
--- bitwise or
return 1 | 2
--- bitwise not
return ~1
--- shift
return 1 << 2
--- not equal as in C
return 1 != 2
--- increment as in C
local x = 1 x++
--- compound assignment
local x = 1 x += 1
--- and as in C
return true && false
--- ternary as in C
return true ? 1 : 2
--- comment as in C
// comment
return 1
--- hash comment on a later line
return 1
# comment
--- unfinished string
return 'abc
--- unfinished string in double quotes
return "abc
--- unfinished string at the end
return 'abc
--- unfinished string with an escape
return 'abc\
--- unfinished long string
return [[abc
--- unfinished long string with levels
return [==[abc]]
--- unfinished long comment
return 1 --[[ abc
return 2
--- invalid long string delimiter
return [=abc
--- escape too large
return '\300'
--- escape too large later
return 'abc\999'
--- malformed number
return 3x
--- malformed number with two points
return 1.2.3
--- malformed number with an exponent
return 1e
--- malformed number hexadecimal
return 0xg
--- malformed number like an address
return 127.0.0.1
--- nested long string
return [[a [[b]] c]]
--- unexpected symbol
return @
--- unexpected symbol in a name
local a$b = 1
--- unexpected control character
--> EVAL "return \x01" 0
--- unexpected high byte
--> EVAL "return \xff" 0
--- unexpected letter
local é = 1
--- zero byte in the script
--> EVAL "return \x00 1" 0
--- zero byte at the end
--> EVAL "return 1\x00" 0
--- zero byte in a string
--> EVAL "return 'a\x00b'" 0
--- zero byte in a comment
--> EVAL "-- \x00 x\nreturn 5" 0
--- byte order mark
--> EVAL "\ufeffreturn 1" 0
--- hash line first
--> EVAL "# comment\nreturn 1" 0
--- hash line alone
--> EVAL "#" 0
--- reserved word as a name
local end = 1
--- reserved word as a field
local t = {} t.end = 1
--- reserved word as a key
return {end = 1}
--- reserved word as an argument
local function f(nil) end
--- function without a name
function() return 1 end
--- local function without a name
local function () end
--- function with a bad name
function 1() end
--- function with a bad field
function a.1() end
--- function with two colons
function a:b:c() end
--- parameter that is not a name
local function f(1) end
--- parameter after varargs
local function f(..., a) end
--- parameter list unfinished
local function f(a, ) end
--- varargs outside of a vararg function
local function f() return ... end
--- assignment to a call
tostring(1) = 2
--- assignment to a constant
1 = 2
--- assignment to an expression
a + b = 2
--- assignment to several with a call
local a a, tostring(1) = 1, 2
--- expression as statement
1
--- name as statement
x
--- name and name
foo bar
--- field as statement
local t = {} t.x
--- comparison as statement
local a = 1 a == 2
--- string as statement
'abc'
--- parenthesis as statement
(1)
--- ambiguous call
local f = tostring
local x = f
(1)
--- call of a string without parenthesis
return tostring 'x'
--- call of a table without parenthesis
return type {1}
--- call of a number without parenthesis
return tostring 5
--- not a method call
local t = {} t:x
--- method without arguments
local t = {} return t:x.y
--- dot without a name
local t = {} return t.
--- colon without a name
local t = {} return t:()
--- semicolon alone
;
--- semicolons twice
local x = 1;;
--- semicolon after return
return 1;
--- comma at the end of return
return 1,
--- comma at the end of local
local a, = 1
--- for without a variable
for = 1, 2 do end
--- for with one number
for i = 1 do end
--- for with four numbers
for i = 1, 2, 3, 4 do end
--- for with two variables and equals
for i, j = 1, 2 do end
--- for in without an expression
for k in do end
--- for without equals or in
for i do end
--- else without if
else
--- elseif after else
if true then else elseif true then end
--- two elses
if true then else else end
--- then without if
then
--- until without repeat
until true
--- end alone
end
--- do without end
do
--- return in the middle of a block
do return 1 local x = 2 end
--- local of a field
local t.x = 1
--- local of an attribute
local x <const> = 1
--- a word in upper case
IF true THEN return 1 END
--- function call unfinished at a line
return redis.call('GET',
--- unfinished at the start
local function f(
--- error on line three

local ok = true
if ok = true then return 1 end
--- error on the last line
local a = 1
local b = 2
local c = 3
return a b
--- error near a long token
return aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
--- error near a string
local a = 1 'text'
--- error near a long string
local a = 1 [[long
text]]
--- error near a number
local a = 1 2
--- error near the end
local a =
--- error with windows line ends
--> EVAL "local a = 1\r\nlocal b = = 2\r\n" 0
--- error in binary
--> EVAL "\x1bLuaQ\x00\x01" 0
--- not Lua at all
SELECT * FROM users
--- json
{"a": 1}
--- xml
<script>return 1</script>
--- python
def f(x): return x
--- javascript
const x = 1; return x;
--- too many locals
--> EVAL $ 0
local a0,a1,a2,a3,a4,a5,a6,a7,a8,a9,b0,b1,b2,b3,b4,b5,b6,b7,b8,b9,c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,d0,d1,d2,d3,d4,d5,d6,d7,d8,d9,e0,e1,e2,e3,e4,e5,e6,e7,e8,e9,f0,f1,f2,f3,f4,f5,f6,f7,f8,f9,g0,g1,g2,g3,g4,g5,g6,g7,g8,g9,h0,h1,h2,h3,h4,h5,h6,h7,h8,h9,i0,i1,i2,i3,i4,i5,i6,i7,i8,i9,j0,j1,j2,j3,j4,j5,j6,j7,j8,j9
local k0,k1,k2,k3,k4,k5,k6,k7,k8,k9,l0,l1,l2,l3,l4,l5,l6,l7,l8,l9,m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,n0,n1,n2,n3,n4,n5,n6,n7,n8,n9,o0,o1,o2,o3,o4,o5,o6,o7,o8,o9,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9,q0,q1,q2,q3,q4,q5,q6,q7,q8,q9,r0,r1,r2,r3,r4,r5,r6,r7,r8,r9,s0,s1,s2,s3,s4,s5,s6,s7,s8,s9,t0,t1,t2,t3,t4,t5,t6,t7,t8,t9
local one_more = 1
return one_more
--- as many locals as there can be
local t = {} for i = 1, 200 do t[i] = 'v' .. i end return loadstring('local ' .. table.concat(t, ',') .. ' = 1 return v1')()
--- too many upvalues
local names = {} for i = 1, 61 do names[i] = 'u' .. i end
local f, e = loadstring('local ' .. table.concat(names, ',') .. '\nlocal function f() return ' .. table.concat(names, '+') .. ' end')
return e
--- as many upvalues as there can be
local names, ones = {}, {} for i = 1, 60 do names[i] = 'u' .. i ones[i] = 1 end
return loadstring('local ' .. table.concat(names, ',') .. ' = ' .. table.concat(ones, ',') .. '\nlocal function f() return ' .. table.concat(names, '+') .. ' end return f()')()
--- too many nested parentheses
local f, e = loadstring('return ' .. string.rep('(', 300) .. '1' .. string.rep(')', 300))
return e
--- too many nested tables
local f, e = loadstring('return ' .. string.rep('{', 300) .. string.rep('}', 300))
return e
--- too many nested blocks
local f, e = loadstring(string.rep('do ', 300) .. string.rep('end ', 300))
return e
--- too many nested functions
local f, e = loadstring(string.rep('return function() ', 250) .. string.rep('end ', 250))
return e
--- too many nested loops
local f, e = loadstring(string.rep('for i = 1, 1 do ', 100) .. string.rep('end ', 100))
return e
--- too many nested operators
local f, e = loadstring('return ' .. string.rep('- ', 300) .. '1')
return e
--- too many powers
local f, e = loadstring('return ' .. string.rep('2^', 300) .. '1')
return e
--- many concatenations
local f, e = loadstring('return ' .. string.rep("'a'..", 150) .. "'b'")
return f and #f() or e
--- too many concatenations
local f, e = loadstring('return ' .. string.rep("'a'..", 250) .. "'b'")
return e
--- many arguments to a function
local t = {} for i = 1, 240 do t[i] = i end
local f, e = loadstring('return select("#", ' .. table.concat(t, ',') .. ')')
return f and f() or e
--- too many arguments to a function
local t = {} for i = 1, 300 do t[i] = i end
local f, e = loadstring('return select("#", ' .. table.concat(t, ',') .. ')')
return e
--- too many parameters
local t = {} for i = 1, 201 do t[i] = 'p' .. i end
local f, e = loadstring('local function f(' .. table.concat(t, ',') .. ') end')
return e
--- many constants
local t = {} for i = 1, 3000 do t[i] = "'k" .. i .. "'" end
return #loadstring('return {' .. table.concat(t, ',') .. '}')()
--- long elseif chain
local t = {'local x = 99 if x == 0 then return 0 '} for i = 1, 150 do t[#t+1] = 'elseif x == ' .. i .. ' then return ' .. i * 2 .. ' ' end t[#t+1] = 'end'
return loadstring(table.concat(t))()
--- assignment to too many
local t = {} for i = 1, 210 do t[i] = 't[' .. i .. ']' end
local f, e = loadstring('local t = {} ' .. table.concat(t, ',') .. ' = 1')
return e
--- the digest of what does not compile
--> SCRIPT LOAD "local a = = 1"
--> EVALSHA $sha 0
--> EVAL "local a = = 1" 0
--- loaded and then run
--> SCRIPT LOAD $
--> EVALSHA $sha 0
return 1 +
