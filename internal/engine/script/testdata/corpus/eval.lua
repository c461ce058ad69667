-- EVAL, EVALSHA and their read-only forms.
--- keys and arguments
--> EVAL $ 2 k1 k2 a1 a2 a3
return {KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], #KEYS, #ARGV}
--- no keys
--> EVAL $ 0 a b
return {#KEYS, #ARGV, ARGV[2]}
--- all are keys
--> EVAL $ 2 a b
return {#KEYS, #ARGV}
--- more keys than arguments
--> EVAL $ 3 a b
return 1
--- numkeys negative
--> EVAL $ -1 a
return 1
--- numkeys of words
--> EVAL $ x a
return 1
--- numkeys empty
--> EVAL $ ""
return 1
--- numkeys of a fraction
--> EVAL $ 1.5 a
return 1
--- numkeys with a plus
--> EVAL $ +1 a
return 1
--- numkeys with a space
--> EVAL $ " 1" a
return 1
--- numkeys with zeros
--> EVAL $ 01 a
return 1
--- numkeys hexadecimal
--> EVAL $ 0x1 a
return 1
--- numkeys with an exponent
--> EVAL $ 1e0 a
return 1
--- numkeys that is big
--> EVAL $ 99999999999999999999 a
return 1
--- numkeys the biggest
--> EVAL $ 9223372036854775807 a
return 1
--- numkeys the smallest
--> EVAL $ -9223372036854775808 a
return 1
--- numkeys minus zero
--> EVAL $ -0 a
return 1
--- numkeys missing
--> EVAL "return 1"
--- script missing
--> EVAL
--- numkeys wrong and the script too
--> EVAL "x x" x
--- numkeys too many and the script too
--> EVAL "x x" 5 a
--- evalsha numkeys missing
--> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db
--- evalsha numkeys of words
--> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db x
--- evalsha numkeys negative
--> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db -1
--- evalsha more keys than arguments
--> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 2 a
--- evalsha unknown
--> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
--- evalsha too short
--> EVALSHA abc 0
--- evalsha empty
--> EVALSHA "" 0
--- evalsha too long
--> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db0 0
--- evalsha of other letters
--> EVALSHA zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz 0
--- evalsha of binary
--> EVALSHA "\x00\x01\x02" 0
--- evalsha after eval
--> EVAL $ 0
--> EVALSHA $sha 0
return 42
--- evalsha after script load
--> SCRIPT LOAD $
--> EVALSHA $sha 1 k v
--> EVALSHA $sha 1 other w
return redis.call('SET', KEYS[1], ARGV[1])
--- evalsha in upper case
--> SCRIPT LOAD $
--> EVALSHA $SHA 0
return 42
--- evalsha in upper case that fails
--> SCRIPT LOAD $
--> EVALSHA $SHA 0
error('boom')
--- evalsha in upper case unknown
--> EVALSHA E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0
--- evalsha of a failed script
--> EVAL $ 0
--> EVALSHA $sha 0
--> SCRIPT EXISTS $sha
error('boom')
--- evalsha of a script that did not compile
--> EVAL $ 0
--> EVALSHA $sha 0
--> SCRIPT EXISTS $sha
return return
--- evalsha of a script with a call that failed
--> SET k v
--> EVAL $ 1 k
--> EVALSHA $sha 1 k
return redis.call('LPUSH', KEYS[1], 1)
--- evalsha of eval_ro
--> EVAL_RO $ 0
--> EVALSHA $sha 0
--> EVALSHA_RO $sha 0
return 42
--- evalsha_ro unknown
--> EVALSHA_RO e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
--- evalsha_ro that writes
--> SCRIPT LOAD $
--> EVALSHA_RO $sha 1 k
--> EVALSHA $sha 1 k
return redis.call('SET', KEYS[1], 'v')
--- eval_ro reads
--> SET k v
--> EVAL_RO $ 1 k
return redis.call('GET', KEYS[1])
--- eval_ro writes
--> EVAL_RO $ 1 k
return redis.call('SET', KEYS[1], 'v')
--- eval_ro writes in pcall
--> EVAL_RO $ 1 k
return redis.pcall('SET', KEYS[1], 'v')
--- eval_ro writes in the second call
--> SET k v
--> EVAL_RO $ 1 k
local v = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
return v
--- eval_ro with each kind of write
--> EVAL_RO $ 0
local t = {} for _, c in ipairs({{'SET', 'k', 1}, {'INCR', 'k'}, {'DEL', 'k'}, {'EXPIRE', 'k', 1}, {'LPUSH', 'l', 1}, {'LPOP', 'l'}, {'SADD', 's', 1}, {'SPOP', 's'}, {'ZADD', 'z', 1, 1}, {'HSET', 'h', 'f', 1}, {'XADD', 'x', '1-1', 'a', 1}, {'FLUSHALL'}, {'RENAME', 'a', 'b'}, {'COPY', 'a', 'b'}, {'SETBIT', 'b', 1, 1}, {'PFADD', 'p', 'x'}, {'GETDEL', 'k'}, {'GETEX', 'k'}, {'PUBLISH', 'c', 'm'}, {'SORT', 'l', 'STORE', 'd'}, {'SORT', 'l'}, {'BITFIELD', 'b', 'GET', 'u8', 0}, {'GEOADD', 'g', 1, 1, 'm'}}) do local r = redis.pcall(unpack(c)) t[#t+1] = c[1] .. ': ' .. tostring(type(r) == 'table' and r.err or type(r)) end return t
--- eval_ro sorts
--> RPUSH l 2 1
--> EVAL_RO $ 1 l
return redis.call('SORT_RO', KEYS[1])
--- eval_ro with arity that is wrong
--> EVAL_RO $ 0
return redis.pcall('SET', 'k')
--- eval_ro with an unknown command
--> EVAL_RO $ 0
return redis.pcall('NOSUCH')
--- eval_ro publishes
--> EVAL_RO $ 0
return redis.pcall('PUBLISH', 'c', 'm')
--- eval_ro numkeys
--> EVAL_RO "return 1" x
--> EVAL_RO "return 1" -1
--> EVAL_RO "return 1" 1
--> EVAL_RO "return 1"
--- eval_ro uses what it declared
--> MSET a 1 b 2
--> EVAL_RO $ 2 a b
return redis.call('MGET', unpack(KEYS))
--- eval is not kept by eval_ro
--> EVAL_RO "return redis.pcall('SET', 'k', 1)" 0
--> EVAL "return redis.call('SET', 'k', 1)" 0
--- command in lower case
--> eval $ 0
--> evalsha $sha 0
--> Eval_Ro $ 0
return 'same'
--- eval in a script
return redis.pcall('EVAL', 'return 1', 0)
--- evalsha in a script
return redis.pcall('EVALSHA', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 0)
--- eval_ro in a script
return redis.pcall('EVAL_RO', 'return 1', 0)
--- script load in a script
return redis.pcall('SCRIPT', 'LOAD', 'return 1')
--- script flush in a script
return redis.pcall('SCRIPT', 'FLUSH')
--- fcall in a script
return redis.pcall('FCALL', 'f', 0)
--- function list in a script
return redis.pcall('FUNCTION', 'LIST')
--- a script twice
--> EVAL $ 1 n
--> EVAL $ 1 n
--> EVAL $ 1 n
return redis.call('INCR', KEYS[1])
--- scripts that differ in space
--> EVAL "return 1" 0
--> EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
--> EVAL "return 1 " 0
--> SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db
--- digest of binary
--> SCRIPT LOAD "return '\x00\xff'"
--> EVALSHA $reply 0
--- the digest script load gives
--> SCRIPT LOAD $
--> EVALSHA $reply 0
--> SCRIPT EXISTS $sha
return 'by the digest'
--- a script of a comment
--> EVAL "-- nothing" 0
--- a long script
--> EVAL $ 0
local t = {}
t[1] = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
t[2] = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'
for i = 3, 100 do t[i] = t[i - 2]:sub(1, 10) .. i end
return {#t, t[99], t[100]}
--- many keys
--> EVAL $ 30 k1 k2 k3 k4 k5 k6 k7 k8 k9 k10 k11 k12 k13 k14 k15 k16 k17 k18 k19 k20 k21 k22 k23 k24 k25 k26 k27 k28 k29 k30
for i, k in ipairs(KEYS) do redis.call('SET', k, i) end return redis.call('DBSIZE')
--- keys and arguments that are empty
--> EVAL $ 2 "" "" "" ""
return {#KEYS, #ARGV, #KEYS[1], #ARGV[2]}
--- the same key twice
--> EVAL $ 2 k k
return {redis.call('INCR', KEYS[1]), redis.call('INCR', KEYS[2])}
--- a script that declares a function
--> EVAL $ 0 3
local function factorial(n) if n <= 1 then return 1 end return n * factorial(n - 1) end
return factorial(tonumber(ARGV[1]))
--- unknown command
--> NOSUCH a b
--- varargs of the script
return select('#', ...)
--- varargs of the script with arguments
--> EVAL $ 1 k a
return {select('#', ...), ...}
