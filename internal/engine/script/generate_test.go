package script_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/client/runonce"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// projectCases returns the project's own scripts, unchanged and in their RunOnce
// form.
func projectCases(t testing.TB) []testCase {
	t.Helper()
	var cases []testCase
	for _, pattern := range []string{"../../../examples/*/*.lua", "../../../ratelimit/*.lua", "../../../lock/*.lua", "../../../testdata/errors/*.lua", "../../../testdata/count.lua"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			if strings.Contains(string(text), "'TIME'") || strings.Contains(string(text), "'PTTL'") {
				continue // its result differs each time
			}
			script, name := string(text), "project/"+filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)
			set := step{[]string{"SET", "s", "text"}, true}
			plain := step{[]string{"EVAL", script, "2", "k", "l", "2", "100"}, true}
			wrapped := step{[]string{"EVAL", runonce.Wrap(script, digest.Of(script)), "3", "k", "l", "record", "2", "100", "60000"}, true}
			cases = append(cases,
				testCase{name, []step{set, plain, plain, plain}},
				testCase{name + " once", []step{set, wrapped, wrapped}})
		}
	}
	return cases
}

// generateCases generates scripts. They are the same in every run.
func generateCases() []testCase {
	var cases []testCase
	for _, subject := range []struct {
		name   string
		count  int
		script func(*generator) string
	}{
		{"arithmetic", 60, (*generator).arithmetic},
		{"strings", 50, (*generator).strings},
		{"patterns", 50, (*generator).patterns},
		{"formats", 40, (*generator).formats},
		{"comparisons", 40, (*generator).comparisons},
		{"conversions", 40, (*generator).conversions},
		{"tables", 60, (*generator).tables},
		{"json", 50, (*generator).json},
		{"packed", 40, (*generator).packed},
		{"errors", 60, (*generator).errors},
		{"replies", 40, (*generator).replies},
		{"commands", 60, (*generator).commands},
		{"syntax", 80, (*generator).syntax},
		{"program", 2000, (*generator).program},
	} {
		g := &generator{Rand: rand.New(rand.NewPCG(7, uint64(len(cases))))}
		for i := range subject.count {
			cases = append(cases, testCase{
				name:  fmt.Sprintf("generated %s/%02d", subject.name, i+1),
				steps: []step{{[]string{"EVAL", subject.script(g), "2", "k", "l", "3", "word"}, true}},
			})
		}
	}
	return cases
}

// show is Lua that makes text of any value. The text contains no addresses.
const show = `local function show(v)
  if type(v) == 'table' then
    local t = {}
    for k, x in pairs(v) do t[#t + 1] = show(k) .. '=' .. show(x) end
    return '{' .. table.concat(t, ' ') .. '}'
  end
  if type(v) == 'function' or type(v) == 'thread' then return type(v) end
  return tostring(v)
end
local out = {}
local function try(f, ...)
  local r = {pcall(f, ...)}
  for i = 1, #r do r[i] = show(r[i]) end
  out[#out + 1] = table.concat(r, ' ')
end
`

type generator struct{ *rand.Rand }

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

// lines joins n generated pieces into a script that returns all
// results.
func (g *generator) lines(n int, piece func() string) string {
	var script strings.Builder
	script.WriteString(show)
	for range n {
		script.WriteString(piece() + "\n")
	}
	script.WriteString("return out")
	return script.String()
}

// tried makes a script that tries expressions.
func (g *generator) tried(expression func() string) string {
	return g.lines(3+g.IntN(4), func() string { return "try(function() return " + expression() + " end)" })
}

func (g *generator) number() string {
	switch g.IntN(10) {
	case 0, 1, 2:
		return strconv.Itoa(g.IntN(20))
	case 3:
		return "(" + strconv.Itoa(-g.IntN(1000)) + ")"
	case 4:
		return strconv.FormatFloat(float64(g.IntN(10000))/8, 'g', -1, 64)
	case 5:
		return strconv.FormatFloat(float64(g.IntN(1000))/10, 'g', -1, 64)
	case 6:
		return g.pick("1e15", "2^53", "2^31", "1e100", "1e-7", "123456789012", "0xff", "4294967296")
	case 7:
		return fmt.Sprintf("%q", strconv.Itoa(g.IntN(100)))
	case 8:
		return g.pick("(1/0)", "(-1/0)", "(0/0)", "(-0)", "0.1", "1/3", `"0x1F"`, `" 7 "`, `"1e2"`)
	}
	return strconv.Itoa(g.IntN(1 << 30))
}

func (g *generator) arithmetic() string {
	var expression func(depth int) string
	expression = func(depth int) string {
		if depth == 0 || g.IntN(6) == 0 {
			if g.IntN(25) == 0 {
				return g.pick("nil", "{}", "true", `"x"`, "ARGV[1]", "ARGV[9]", "#ARGV")
			}
			return g.number()
		}
		a, b := expression(depth-1), expression(depth-1)
		switch g.IntN(9) {
		case 0:
			return "-" + a
		case 1:
			return "math.floor(" + a + ")"
		case 2:
			return g.pick("math.abs", "math.ceil", "math.sqrt", "tonumber", "math.max") + "(" + a + ")"
		case 3:
			return "(" + a + ") ^ " + g.pick("2", "0.5", "3", "-1", "0")
		}
		return "(" + a + g.pick(" + ", " - ", " * ", " / ", " % ") + b + ")"
	}
	return g.tried(func() string { return expression(3) })
}

func (g *generator) text() string {
	switch g.IntN(6) {
	case 0:
		return g.pick(`''`, `'a'`, `'hello world'`, `'key=value; k2=v2'`, `'  padded '`, `'a,b,,c'`, `'\0x\255'`, `'ABC123'`, `'(a(b)c)'`, `'%d'`)
	case 1:
		return "ARGV[2]"
	case 2:
		return g.number()
	}
	var s strings.Builder
	for range g.IntN(12) {
		s.WriteByte("abcXYZ019 .-_%"[g.IntN(14)])
	}
	return "'" + s.String() + "'"
}

func (g *generator) index() string { return strconv.Itoa(g.IntN(16) - 6) }

func (g *generator) strings() string {
	var expression func(depth int) string
	expression = func(depth int) string {
		if depth == 0 {
			return g.text()
		}
		a := expression(depth - 1)
		switch g.IntN(11) {
		case 0:
			return a + " .. " + expression(depth-1)
		case 1:
			return fmt.Sprintf("string.sub(%s, %s, %s)", a, g.index(), g.index())
		case 2:
			return fmt.Sprintf("string.rep(%s, %d)", a, g.IntN(5)-1)
		case 3:
			return g.pick("string.upper", "string.lower", "string.reverse", "string.len", "#") + "(" + a + ")"
		case 4:
			return fmt.Sprintf("string.byte(%s, %s, %s)", a, g.index(), g.index())
		case 5:
			return fmt.Sprintf("(%s):sub(%s)", a, g.index())
		case 6:
			return fmt.Sprintf("string.find(%s, %s, %s, true)", a, g.text(), g.index())
		case 7:
			return fmt.Sprintf("table.concat({%s, %s, %s}, %s)", a, g.text(), g.number(), g.text())
		case 8:
			return fmt.Sprintf("string.char(%d, %d)", g.IntN(260), g.IntN(256))
		}
		return fmt.Sprintf("string.gsub(%s, %s, %s)", a, "'[%w]'", g.text())
	}
	return g.tried(func() string { return expression(2) })
}

func (g *generator) pattern() string {
	var p strings.Builder
	if g.IntN(6) == 0 {
		p.WriteString("^")
	}
	open := 0
	for range 1 + g.IntN(5) {
		switch g.IntN(8) {
		case 0:
			p.WriteString("(")
			open++
		case 1:
			p.WriteString(g.pick("[%a_]", "[^,]", "[0-9]", "[%w.]", "[a-c]", "[]]", "[^%s]"))
		case 2:
			p.WriteString(g.pick(".", "%d", "%s", "%a", "%w", "%p", "%u", "%l", "%x", "%D"))
		case 3:
			p.WriteString(g.pick("%b()", "%f[%w]", "()", "%1", "%."))
		default:
			p.WriteString(g.pick("a", "b", "c", "l", "o", "=", ",", " ", "1"))
		}
		p.WriteString(g.pick("", "", "+", "*", "-", "?"))
		if open > 0 && g.IntN(2) == 0 {
			p.WriteString(")")
			open--
		}
	}
	if g.IntN(8) > 0 {
		p.WriteString(strings.Repeat(")", open))
	}
	if g.IntN(6) == 0 {
		p.WriteString("$")
	}
	return "'" + p.String() + "'"
}

func (g *generator) patterns() string {
	return g.tried(func() string {
		subject := g.pick(`'hello world'`, `'key=value, k2=v2'`, `'a1b22c333'`, `'f(a(b)c)d'`, `'  x  y '`, `''`, `'aaa'`, `'2024-01-15'`, `'aabbcc abc'`)
		switch g.IntN(5) {
		case 0:
			return fmt.Sprintf("string.find(%s, %s)", subject, g.pattern())
		case 1:
			return fmt.Sprintf("string.match(%s, %s, %d)", subject, g.pattern(), g.IntN(4)+1)
		case 2:
			return fmt.Sprintf("string.gsub(%s, %s, %s)", subject, g.pattern(), g.pick("'<%0>'", "'%1'", "'x'", "{a = 1, b = 'B'}", "function(...) return select('#', ...) end", "string.upper"))
		case 3:
			return fmt.Sprintf("(function() local t = {} for a, b in string.gmatch(%s, %s) do t[#t + 1] = show(a) .. show(b) end return t end)()", subject, g.pattern())
		}
		return fmt.Sprintf("string.gsub(%s, %s, '-', %d)", subject, g.pattern(), g.IntN(3))
	})
}

func (g *generator) formats() string {
	return g.tried(func() string {
		spec := "%" + g.pick("", "", "-", "0", "+", " ", "#", "-+", "0+") + g.pick("", "", "5", "10", "1", "20") + g.pick("", "", ".0", ".1", ".3", ".10", ".", ".17")
		kind := g.pick("d", "i", "u", "x", "X", "o", "e", "E", "f", "g", "G", "s", "q", "c")
		value := g.number()
		if kind == "s" || kind == "q" {
			value = g.text()
		}
		if kind == "c" {
			spec, value = "%", strconv.Itoa(32+g.IntN(90))
		}
		return fmt.Sprintf("string.format('[%s%s]', %s)", spec, kind, value)
	})
}

func (g *generator) value() string {
	return g.pick("nil", "true", "false", "0", "1", "-1", "0.5", "''", "'a'", "'b'", "'10'", "'9'", "10", "{}", "tostring", "cjson.null", "1/0", "0/0", "'\\0'", "2^53", "2^53 + 1")
}

func (g *generator) comparisons() string {
	return g.tried(func() string {
		a, b := g.value(), g.value()
		if g.IntN(3) == 0 {
			return fmt.Sprintf("(%s %s %s) %s %s", a, g.pick("and", "or"), b, g.pick("==", "~=", "and", "or"), g.value())
		}
		return fmt.Sprintf("(%s) %s (%s)", a, g.pick("==", "~=", "<", "<=", ">", ">="), b)
	})
}

func (g *generator) conversions() string {
	return g.tried(func() string {
		text := g.pick("1", "12", "007", "-5", "+5", " 5", "5 ", "0x10", "-0x10", "0X1f", "1e3", "1E-2", ".5", "5.", "1.5e300", "1e400", "ff", "zz", "10101", "1_0", "", " ", "inf", "nan", "0b1", "1.2.3", "9007199254740993", "99999999999999999999", "1e", "e1", "0x", "0x1p2", "1,5", "\\t8\\n")
		switch g.IntN(6) {
		case 0:
			return fmt.Sprintf("tonumber('%s')", text)
		case 1:
			return fmt.Sprintf("tonumber('%s', %d)", text, 1+g.IntN(37))
		case 2:
			return fmt.Sprintf("'%s' + 0", text)
		case 3:
			return fmt.Sprintf("tostring(%s)", g.number())
		case 4:
			return fmt.Sprintf("%s .. '|' .. %s", g.number(), g.number())
		}
		return fmt.Sprintf("math.floor('%s')", text)
	})
}

func (g *generator) key() string {
	switch g.IntN(4) {
	case 0:
		return g.pick("'a'", "'b'", "'name'", "'id'", "'x1'", "true", "1.5", "-1", "0", "'1'", "2^40")
	case 1:
		return "'k" + strconv.Itoa(g.IntN(30)) + "'"
	}
	return strconv.Itoa(1 + g.IntN(20))
}

// constructor makes a table constructor of some depth.
func (g *generator) constructor(depth int) string {
	var parts []string
	for range g.IntN(6) {
		value := g.pick("1", "2.5", "'s'", "true", "'two words'", "-7", "1e15", "'é'", "nil")
		if depth > 0 && g.IntN(3) == 0 {
			value = g.constructor(depth - 1)
		}
		switch g.IntN(4) {
		case 0:
			parts = append(parts, g.pick("a", "b", "c", "id", "name", "list")+" = "+value)
		case 1:
			parts = append(parts, "["+g.key()+"] = "+value)
		default:
			parts = append(parts, value)
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (g *generator) tables() string {
	first := "local t = " + g.constructor(1) + "\n"
	rest := g.lines(8+g.IntN(20), func() string {
		switch g.IntN(9) {
		case 0, 1, 2:
			return fmt.Sprintf("t[%s] = %d", g.key(), g.IntN(100))
		case 3:
			return fmt.Sprintf("t[%s] = nil", g.key())
		case 4:
			return fmt.Sprintf("try(table.insert, t, %d)", g.IntN(100))
		case 5:
			return fmt.Sprintf("try(table.insert, t, %d, %d)", 1+g.IntN(5), g.IntN(100))
		case 6:
			return "try(table.remove, t" + g.pick("", ", 1", ", 2", ", 7") + ")"
		case 7:
			return "try(function() return #t, t[#t] end)"
		}
		return "try(function() return t end)"
	})
	return first + strings.Replace(rest, "return out", "try(function() return t, #t, table.maxn(t) end)\nreturn out", 1)
}

func (g *generator) json() string {
	return g.tried(func() string {
		if g.IntN(3) == 0 {
			text := g.pick(`[1,2,3]`, `{"a":1,"b":[true,null]}`, `"text"`, `{"k":{"k":{"k":[]}}}`, `[1.5,-2e3,0.1]`, `{"z":1,"y":2,"x":3,"w":4}`, `[[],{}]`, `["\\u00e9","\\n"]`)
			if g.IntN(2) == 0 { // damaged
				at := g.IntN(len(text))
				text = text[:at] + g.pick("", "x", "]", "}", ",", `"`, ":") + text[at+g.IntN(2):]
			}
			return fmt.Sprintf("cjson.decode('%s')", text)
		}
		table := g.constructor(2)
		return g.pick("cjson.encode("+table+")", "cjson.decode(cjson.encode("+table+"))", "cjson.encode(cjson.decode(cjson.encode("+table+")))")
	})
}

func (g *generator) packed() string {
	return g.tried(func() string {
		switch g.IntN(6) {
		case 0:
			return "(cmsgpack.pack(" + g.constructor(2) + "):gsub('.', function(c) return string.format('%02x', c:byte()) end))"
		case 1:
			return "cmsgpack.unpack(cmsgpack.pack(" + g.constructor(2) + ", " + g.number() + "))"
		case 2:
			var bytes strings.Builder
			for range 1 + g.IntN(6) {
				fmt.Fprintf(&bytes, "\\%03d", g.IntN(256))
			}
			return "cmsgpack.unpack('" + bytes.String() + "')"
		case 3:
			format := g.pick("", ">", "<") + g.pick("bBh", "iI", "s", "dI2", "!4bi", "f", "c3", "bxh", "l")
			return fmt.Sprintf("struct.unpack('%s', struct.pack('%s', %d, %d, %d))", format, format, g.IntN(400)-100, g.IntN(70000), g.IntN(256))
		case 4:
			return fmt.Sprintf("bit.%s(%s, %d)", g.pick("band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror"), g.number(), g.IntN(64)-8)
		}
		return fmt.Sprintf("bit.%s(%s)", g.pick("tobit", "tohex", "bnot", "bswap"), g.number())
	})
}

// errors makes functions that call each other and fail.
func (g *generator) errors() string {
	var body func(depth int) string
	body = func(depth int) string {
		if depth == 0 {
			return g.pick(
				"error('plain')", "error('level two', 2)", "error('no place', 0)", "error({err = 'CODE words'})",
				"return redis.call('NOSUCH')", "return redis.call('INCR', 'l')", "return redis.pcall('GET')", "redis.call('SET', KEYS[1], x)",
				"local t\nreturn t.x", "local t = {}\nt.a.b = 1", "return nil + 1", "return {} .. 'x'", "return #5", "local f = 5 f()",
				"assert(false)", "assert(nil, 'asserted')", "return nosuch", "nosuch = 1", "string.rep()", "return ('x'):bad()",
				"return 1 < 'x'", "return cjson.decode('{')", "for i = 1, 'x' do end", "return setmetatable(1, {})", "return 'fine'", "return tostring(x.y)")
		}
		inner := strings.ReplaceAll(body(depth-1), "\n", "\n  ")
		switch g.IntN(7) {
		case 0:
			return "local ok, e = pcall(function()\n  " + inner + "\nend)\nreturn {tostring(ok), e}"
		case 1:
			return "local ok, e = pcall(function()\n  " + inner + "\nend)\nif not ok then error(e) end\nreturn e"
		case 2:
			return "local ok, e = xpcall(function()\n  " + inner + "\nend, function(m) return 'handled ' .. (type(m) == 'table' and tostring(m.err) or tostring(m)) end)\nreturn {tostring(ok), e}"
		case 3:
			return "local function f()\n  " + inner + "\nend\nreturn f()"
		case 4:
			return "local function f()\n  " + inner + "\nend\nlocal r = f()\nreturn r"
		case 5:
			return "return coroutine.wrap(function()\n  " + inner + "\nend)()"
		}
		return "local co = coroutine.create(function()\n  " + inner + "\nend)\nlocal ok, e = coroutine.resume(co)\nif type(e) == 'table' then e = e.err or e end\nreturn {tostring(ok), e}"
	}
	return "local x\nredis.call('RPUSH', 'l', 'element')\n" + body(1+g.IntN(3))
}

func (g *generator) replies() string {
	var reply func(depth int) string
	reply = func(depth int) string {
		if depth > 0 && g.IntN(3) > 0 {
			var parts []string
			for range g.IntN(6) {
				parts = append(parts, reply(depth-1))
			}
			return "{" + strings.Join(parts, ", ") + "}"
		}
		switch g.IntN(12) {
		case 0:
			return g.pick("{ok = 'fine'}", "{err = 'ERR bad'}", "redis.error_reply('bad')", "redis.status_reply('fine')", "{err = 5}")
		case 1:
			return "{double = " + g.number() + "}"
		case 2:
			return "{map = {k = " + reply(0) + "}}"
		case 3:
			return g.pick("{set = {m = true}}", "{big_number = '123'}", "{verbatim_string = {format = 'txt', string = 'v'}}", "{double = 'x'}")
		case 4:
			return g.pick("nil", "true", "false", "cjson.null", "tostring", "{a = 1}")
		case 5, 6:
			return g.text()
		}
		return g.number()
	}
	prefix := g.pick("", "", "redis.setresp(3) ")
	return prefix + "return " + reply(3)
}

func (g *generator) commands() string {
	arg := func() string {
		return g.pick("1", "2", "'a'", "'b'", "'10'", "1.5", "-1", "'x y'", "ARGV[1]", "3.0", "''")
	}
	integer := func() string { return g.pick("0", "1", "2", "-1", "-2", "5", "'x'") }
	command := func() string {
		switch g.IntN(24) {
		case 0, 1:
			return "'SET', KEYS[1], " + arg() + g.pick("", ", 'NX'", ", 'XX'", ", 'GET'", ", 'EX', 100")
		case 2:
			return "'" + g.pick("GET", "STRLEN", "INCR", "DECR", "TYPE", "EXISTS", "TTL", "PERSIST", "GETDEL", "DEL") + "', KEYS[1]"
		case 3:
			return "'" + g.pick("INCRBY", "DECRBY", "INCRBYFLOAT", "APPEND", "GETSET", "SETNX") + "', KEYS[1], " + arg()
		case 4:
			return "'GETRANGE', KEYS[1], " + integer() + ", " + integer()
		case 5, 6:
			return "'" + g.pick("RPUSH", "LPUSH", "RPUSHX") + "', KEYS[2], " + arg() + ", " + arg()
		case 7:
			return "'" + g.pick("LPOP", "RPOP", "LLEN") + "', KEYS[2]"
		case 8:
			return "'LRANGE', KEYS[2], " + integer() + ", " + integer()
		case 9:
			return "'LREM', KEYS[2], " + integer() + ", " + arg()
		case 10:
			return "'" + g.pick("LINDEX", "LPOS") + "', KEYS[2], " + integer()
		case 11:
			return "'LINSERT', KEYS[2], " + g.pick("'BEFORE'", "'AFTER'", "'BESIDE'") + ", " + arg() + ", " + arg()
		case 12, 13:
			return "'HSET', 'h', " + arg() + ", " + arg() + g.pick("", ", 'n', 5")
		case 14:
			return "'" + g.pick("HGETALL", "HKEYS", "HVALS", "HLEN") + "', 'h'"
		case 15:
			return "'" + g.pick("HGET", "HEXISTS", "HDEL", "HSTRLEN") + "', 'h', " + arg()
		case 16:
			return "'" + g.pick("HINCRBY", "HINCRBYFLOAT") + "', 'h', " + g.pick("'n'", "'a'") + ", " + arg()
		case 17, 18:
			return "'ZADD', 'z', " + g.pick("", "", "'NX', ", "'GT', ", "'CH', ", "'INCR', ") + g.pick("1", "2.5", "-1", "'inf'", "'x'", "1e15", "0.1") + ", " + arg()
		case 19:
			return "'ZRANGE', 'z', " + integer() + ", " + integer() + g.pick("", ", 'WITHSCORES'", ", 'REV'")
		case 20:
			return "'" + g.pick("ZSCORE", "ZRANK", "ZREM") + "', 'z', " + arg()
		case 21:
			return "'ZRANGEBYSCORE', 'z', " + g.pick("'-inf'", "0", "'(1'", "'x'") + ", " + g.pick("'+inf'", "2", "'(2.5'") + g.pick("", ", 'WITHSCORES'", ", 'LIMIT', 0, 1")
		case 22:
			return "'" + g.pick("ZCARD", "ZPOPMIN", "ZPOPMAX") + "', 'z'"
		}
		return "'" + g.pick("SADD", "SREM", "SISMEMBER", "RENAME", "GET", "HGET", "LPUSH", "NOSUCH") + "', " + g.pick("'s'", "'z'", "KEYS[1]") + ", " + integer()
	}
	var script strings.Builder
	script.WriteString("local t = {}\n")
	for range 6 + g.IntN(10) {
		script.WriteString("t[#t + 1] = redis.pcall(" + command() + ")\n")
	}
	script.WriteString("return t")
	return script.String()
}

// syntax damages a script and returns its compile error. The script does not run.
func (g *generator) syntax() string {
	tokens := strings.Fields(g.pick(
		"local t = { 1 , 2 ; x = 'y' , [ 3 ] = nil } return # t , t . x",
		"for i = 1 , 10 , 2 do if i > 3 and i ~= 5 then break end end",
		"local function f ( a , b , ... ) return a + b * 2 , ... end return f ( 1 , 2 )",
		"while x < 5 do x = x + 1 end repeat local y = x until y == 7",
		"if a == 1 then b = 'one' elseif a == 2 then b = \"two\" else b = [[three]] end",
		"for k , v in pairs ( t ) do t [ k ] = v .. '!' end return not v",
		"function t . a . b : c ( x ) self . x = - x return x ^ 2 end",
		"return redis . call ( 'SET' , KEYS [ 1 ] , ARGV [ 1 ] , 'EX' , 60 )",
		"do local a , b = f { 1 , 2 } , g 'text' : upper ( ) end",
		"local s = 'a' .. 1.5 .. 0x1f % 3 / - 2 return ( s ) : rep ( 2 )",
	))
	for range 1 + g.IntN(2) {
		i := g.IntN(len(tokens))
		switch g.IntN(4) {
		case 0:
			tokens = append(tokens[:i:i], tokens[i+1:]...)
		case 1:
			tokens[i] = g.pick("end", "then", "do", "=", "==", "(", ")", "{", "}", "[", "]", ",", ";", ":", "..", "...", "local", "function", "nil", "5", "'s'", "name", "return", "until", "@", "~", "1x", "'open")
		case 2:
			tokens = append(tokens[:i:i], append([]string{g.pick("end", "=", "(", ")", ",", "x", "1", "'s'", "do", "not", "-", "#", "break", "\n", "[[open", "--")}, tokens[i:]...)...)
		default:
			tokens = tokens[:i+1]
		}
		if len(tokens) == 0 {
			break
		}
	}
	return fmt.Sprintf("local f, e = loadstring([==[%s]==], '=script')\nreturn {type(f), e}", strings.Join(tokens, " "))
}
