package extlib_test

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/extlib"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/stdlib"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

//go:embed testdata/show.lua
var show string

// The libraries behave as in redis-server: each case runs on both.
func TestAsRedis(t *testing.T) {
	server := startRedis(t)
	files, err := filepath.Glob("testdata/cases/*.lua")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".lua"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			compare(t, server, cases(string(text)))
		})
	}
}

// cases returns the lines of a file, without the comment in the first line.
func cases(text string) []string {
	return strings.Split(strings.TrimSpace(text), "\n")[1:]
}

// compare runs function bodies as one script, here and on redis-server.
func compare(t *testing.T, server *redis.Client, bodies []string, args ...string) {
	t.Helper()
	var script strings.Builder
	script.WriteString(show + "local results = {}\n")
	for _, body := range bodies {
		script.WriteString("results[#results + 1] = try(function() " + body + " end)\n")
	}
	script.WriteString("return results\n")
	want := eval(t, server, script.String(), args)
	got := run(t, script.String(), args)
	require.Len(t, want, len(bodies))
	require.Len(t, got, len(bodies))
	for i, body := range bodies {
		assert.Equal(t, want[i], got[i], "%.300s", body)
	}
}

// eval runs a script on redis-server.
func eval(t *testing.T, server *redis.Client, script string, args []string) []string {
	t.Helper()
	argv := make([]any, len(args))
	for i, arg := range args {
		argv[i] = arg
	}
	results, err := server.Eval(t.Context(), script, nil, argv...).StringSlice()
	require.NoError(t, err)
	return results
}

// run runs a script here.
func run(t *testing.T, script string, args []string) []string {
	t.Helper()
	return runIn(t, newState(), script, args)
}

func runIn(t *testing.T, s *lua.State, script string, args []string) []string {
	t.Helper()
	s.Globals.SetString("ARGV", argv(args))
	f, err := s.Load(script, "@user_script")
	require.NoError(t, err)
	returned, raised := s.PCall(f)
	if raised != nil {
		require.Fail(t, "the script failed", raised.Value)
	}
	list := returned[0].(*lua.Table)
	results := make([]string, list.Len())
	for i := range results {
		results[i] = list.GetInt(i + 1).(string)
	}
	return results
}

func argv(args []string) *lua.Table {
	list := lua.NewTable(len(args), 0)
	for i, arg := range args {
		list.SetInt(i+1, arg)
	}
	return list
}

func newState() *lua.State {
	s := lua.NewState()
	stdlib.Open(s, stdlib.NewRandom())
	extlib.Open(s)
	return s
}

func startRedis(t *testing.T) *redis.Client {
	t.Helper()
	// On a loaded machine a script may take long. Asking again would meet it, as BUSY.
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: realredis.Start(t).Socket, ReadTimeout: -1, MaxRetries: -1})
	t.Cleanup(func() { client.Close() })
	return client
}

// Random values have the same encoding here as on redis-server, with the same order of
// keys. Random texts and bytes decode to the same values.
func TestRandomAsRedis(t *testing.T) {
	server := startRedis(t)
	seed := uint64(1)
	if text := os.Getenv("EXTLIB_SEED"); text != "" { // to look for more differences
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	g := generator{rand.New(rand.NewPCG(seed, 0))}

	t.Run("values", func(t *testing.T) {
		var bodies []string
		for range 1000 {
			bodies = append(bodies, fmt.Sprintf("local v = %s return pcall(cjson.encode, v), cmsgpack.pack(v), {cmsgpack.unpack(cmsgpack.pack(v))}", g.literal(4)))
		}
		compare(t, server, bodies)
	})
	t.Run("numbers", func(t *testing.T) {
		var bodies []string
		for range 1000 {
			n := g.number()
			bodies = append(bodies, fmt.Sprintf("local n = %s return pcall(cjson.encode, n), cmsgpack.pack(n), bit.tobit(n), bit.rol(n, 7), struct.pack('>idfLi3', n, n, n, n, n), struct.unpack('>idfLi3', struct.pack('>idfLi3', n, n, n, n, n))", n))
		}
		compare(t, server, bodies)
	})
	t.Run("JSON", func(t *testing.T) {
		g.compareDecoder(t, server, "cjson.decode", func() string { return g.mutate(g.json(4)) })
	})
	t.Run("JSON numbers", func(t *testing.T) {
		g.compareDecoder(t, server, "cjson.decode", func() string {
			return g.pick(jsonNumberParts) + g.pick(jsonNumberParts) + g.pick(jsonNumberParts) + g.pick(jsonNumberParts)
		})
	})
	t.Run("MessagePack", func(t *testing.T) {
		g.compareDecoder(t, server, "cmsgpack.unpack", func() string { return g.mutate(g.messagePack(4)) })
	})
	t.Run("bytes as MessagePack", func(t *testing.T) {
		g.compareDecoder(t, server, "cmsgpack.unpack", g.bytes)
	})
	t.Run("formats", func(t *testing.T) {
		g.compareDecoder(t, server, "function(f) return {pcall(struct.size, f)}, {pcall(struct.unpack, f, string.rep('\\3a\\0\\200\\255', 20))}, {pcall(struct.pack, f, 5, -300, '70000', 2^40, 0.5, 'abcdefgh', 7, 8, 9)} end",
			func() string {
				var format strings.Builder
				for range 1 + g.IntN(6) {
					format.WriteString(g.pick(formatParts))
				}
				return format.String()
			})
	})
}

// compareDecoder calls a function with many generated texts.
func (g generator) compareDecoder(t *testing.T, server *redis.Client, function string, text func() string) {
	t.Helper()
	args := make([]string, 2000)
	bodies := make([]string, len(args))
	for i := range args {
		args[i] = text()
		bodies[i] = fmt.Sprintf("return (%s)(ARGV[%d]) -- %q\n", function, i+1, args[i])
	}
	compare(t, server, bodies, args...)
}

var jsonNumberParts = []string{"", "-", "+", "0", "00", "1", "9", "123", ".", ".5", "e", "E+", "e-3", "e400", "x", "0x", "1f", "p", "p3", "inf", "INFINITY", "nan", "(", "(a)", " ", "12345678901234567890", "99999999999999.5"}

var formatParts = []string{"b", "B", "h", "H", "i", "I", "l", "L", "T", "f", "d", "s", "c", "x", " ", "<", ">", "!", "i3", "I5", "i9", "i16", "i0", "c0", "c3", "!2", "!4", "!16", "!3", "q", "=", "i33", "bc0", "Bs", "7", "c99999999999"}

// A generator makes random input.
type generator struct{ *rand.Rand }

func (g generator) pick(from []string) string { return from[g.IntN(len(from))] }

// literal returns a value as Lua source.
func (g generator) literal(depth int) string {
	kinds := 8
	if depth == 0 {
		kinds = 6
	}
	switch g.IntN(kinds) {
	case 0:
		return g.pick([]string{"true", "false", "nil", "cjson.null"})
	case 1, 2:
		return g.number()
	case 3, 4, 5:
		return quote(g.bytes())
	default:
		var fields strings.Builder
		for range g.IntN(g.pickInt(4, 4, 12, 40)) {
			switch g.IntN(6) {
			case 0, 1, 2:
				fields.WriteString(g.literal(depth - 1))
			case 3:
				fmt.Fprintf(&fields, "[%d]=%s", 1+g.IntN(12), g.literal(depth-1))
			default:
				fmt.Fprintf(&fields, "[%s]=%s", quote(g.key()), g.literal(depth-1))
			}
			fields.WriteString(", ")
		}
		return "{" + fields.String() + "}"
	}
}

func (g generator) pickInt(from ...int) int { return from[g.IntN(len(from))] }

func quote(text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, "\\%03d", text[i])
	}
	return "'" + b.String() + "'"
}

func (g generator) key() string {
	return g.pick([]string{"id", "name", "user:", "k", "1", "ts", "größe", ""}) + g.pick([]string{"", "", "1", "22", "_at"})
}

func (g generator) number() string {
	switch g.IntN(6) {
	case 0:
		return fmt.Sprint(g.IntN(300) - 40)
	case 1:
		return fmt.Sprintf("%d", g.Int64()>>g.IntN(64))
	case 2:
		return fmt.Sprintf("-2^%d+%d", g.IntN(70), g.IntN(3)-1)
	case 3:
		return fmt.Sprintf("%.*g", 1+g.IntN(17), g.NormFloat64())
	case 4:
		return fmt.Sprintf("%.*fe%d", g.IntN(17), g.Float64(), g.IntN(40)-20)
	default:
		return g.pick([]string{"0", "-0", "1/0", "-1/0", "0/0", "0.5", "1e15", "2^53", "2^63", "-2^63", "2^64"})
	}
}

func (g generator) bytes() string {
	b := make([]byte, g.pickInt(0, 1, 2, 3, 5, 8, 20, 31, 32, 40))
	ascii := g.IntN(2) == 0
	for i := range b {
		b[i] = byte(g.Uint32())
		if ascii {
			b[i] = ' ' + b[i]%95
		}
	}
	return string(b)
}

func (g generator) json(depth int) string {
	kinds := 5
	if depth == 0 {
		kinds = 3
	}
	space := g.pick([]string{"", "", "", " ", "\n\t"})
	switch g.IntN(kinds) {
	case 0:
		return space + g.pick([]string{"true", "false", "null", "0", "-1", "12.5e3", "1e400", "123456789012345678"})
	case 1:
		return space + g.number()
	case 2:
		return space + g.jsonString()
	case 3:
		var elements []string
		for range g.IntN(g.pickInt(3, 5, 20)) {
			elements = append(elements, g.json(depth-1))
		}
		return space + "[" + strings.Join(elements, ",") + space + "]"
	default:
		var members []string
		for range g.IntN(g.pickInt(3, 5, 20)) {
			members = append(members, g.jsonString()+space+":"+g.json(depth-1))
		}
		return space + "{" + strings.Join(members, ",") + space + "}"
	}
}

func (g generator) jsonString() string {
	var b strings.Builder
	for range g.IntN(4) {
		b.WriteString(g.pick([]string{g.key(), `\n`, `\/`, `\u00e4`, `\ud83d\ude00`, `\u0000`, `\"`, "\x7f", "x", "\u20ac"}))
	}
	return `"` + b.String() + `"`
}

func (g generator) messagePack(depth int) string {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch g.IntN(kinds) {
	case 0:
		return string([]byte{byte(g.pickInt(0xc0, 0xc2, 0xc3, 0x05, 0x7f, 0xe0, 0xff))})
	case 1:
		kind := g.IntN(10)
		return string([]byte{byte(0xca + kind)}) + g.exactly([]int{4, 8, 1, 2, 4, 8, 1, 2, 4, 8}[kind])
	case 2, 3:
		text := g.bytes()
		if len(text) < 32 {
			return string([]byte{0xa0 | byte(len(text))}) + text
		}
		return string([]byte{0xd9, byte(len(text))}) + text
	case 4:
		n := g.IntN(16)
		b := string([]byte{0x90 | byte(n)})
		for range n {
			b += g.messagePack(depth - 1)
		}
		return b
	default:
		n := g.IntN(16)
		b := string([]byte{0x80 | byte(n)})
		for range n {
			b += g.messagePack(0) + g.messagePack(depth-1)
		}
		return b
	}
}

func (g generator) exactly(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return string(b)
}

// mutate changes a text in one place, but returns it unchanged most of the time.
func (g generator) mutate(text string) string {
	if text == "" {
		return text
	}
	at := g.IntN(len(text))
	switch g.IntN(6) {
	case 0:
		return text[:at]
	case 1:
		return text[:at] + text[at+1:]
	case 2:
		return text[:at] + string([]byte{byte(g.Uint32())}) + text[at:]
	}
	return text
}

// All scripts share cjson's settings.
func TestSettingsStay(t *testing.T) {
	const set, get = `return {tostring(cjson.encode_max_depth(7))}`, `return {tostring(cjson.encode_max_depth()), tostring(cjson.new().encode_max_depth())}`
	server := startRedis(t)
	eval(t, server, set, nil)
	s := newState()
	runIn(t, s, set, nil)
	require.Equal(t, []string{"7", "1000"}, eval(t, server, get, nil))
	require.Equal(t, []string{"7", "1000"}, runIn(t, s, get, nil))
}

// Values that are too deep or too large are an error.
func TestBounds(t *testing.T) {
	deep, deepPacked := strings.Repeat("[", 10<<20), strings.Repeat("\x91", 10<<20)
	for _, c := range []struct{ script, message string }{
		{`cjson.decode(ARGV[1])`, "Found too many nested data structures (1001) at character 1001"},
		{`cjson.decode_max_depth(2^31 - 1) cjson.decode(ARGV[1])`, "Found too many nested data structures (7999) at character 7999"},
		{`cmsgpack.unpack(ARGV[2])`, "stack overflow"},
		{`cjson.encode_sparse_array(false, 0) cjson.encode({[2^31 - 1] = 1})`, "not enough memory"},
		{`local t = {} t[1] = t t[2] = t cjson.encode_max_depth(2^31 - 1) cjson.encode(t)`, "Cannot serialise, excessive nesting (7998)"},
		{`struct.pack(string.rep('s', 200), unpack({}, 1, 200))`, "string expected, got nil"},
	} {
		s := newState()
		s.Globals.SetString("ARGV", argv([]string{deep, deepPacked}))
		f, err := s.Load(c.script, "@user_script")
		require.NoError(t, err)
		_, raised := s.PCall(f)
		require.NotNil(t, raised, c.script)
		assert.ErrorContains(t, raised, c.message, c.script)
	}
}

// A long library call can be stopped like a loop in the script.
func TestStop(t *testing.T) {
	s := newState()
	s.Globals.SetString("stop", lua.NewFunction("stop", func(s *lua.State, _ []lua.Value) []lua.Value {
		s.Stop("stopped")
		return nil
	}))
	list := strings.Repeat("0,", 5000) + "0"
	for _, call := range []string{
		`cjson.decode(ARGV[1])`, `cjson.encode(t)`, `cmsgpack.pack(t)`, `cmsgpack.unpack(packed)`, `struct.unpack(string.rep('b', 5000), ARGV[1])`,
	} {
		s.Reset()
		s.Globals.SetString("ARGV", argv([]string{"[" + list + "]"}))
		f, err := s.Load(`local t = cjson.decode(ARGV[1]) local packed = cmsgpack.pack(t) stop() `+call+` return 'not stopped'`, "@user_script")
		require.NoError(t, err)
		results, raised := s.PCall(f)
		require.NotNil(t, raised, "%s: %v", call, results)
		assert.Equal(t, "stopped", raised.Value, call)
	}
}
