package lint_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
)

// codes returns the codes of what is found, in order.
func codes(source string, target lint.Target) string {
	var list []string
	for _, f := range lint.Run(source, target) {
		list = append(list, f.Code)
	}
	return strings.Join(list, " ")
}

// docs/lint.md describes each check, and its examples show it.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/lint.md")
	require.NoError(t, err)
	sections := strings.Split(string(page), "\n### ")[1:]
	require.Len(t, sections, len(lint.Checks))
	block := regexp.MustCompile("(?s)```lua (wrong|right)\n(.*?)```")
	for i, c := range lint.Checks {
		code, section, _ := strings.Cut(sections[i], "\n\n")
		require.Equal(t, c.Code, code)
		require.True(t, strings.HasPrefix(section, "*"+string(c.Severity)+".* "+c.Title+"\n"), "%s: %s", code, section)
		blocks := block.FindAllStringSubmatch(section, -1)
		require.Len(t, blocks, 2, code)
		require.Equal(t, code, codes(blocks[0][2], lint.Redis7), "%s: the wrong example", code)
		require.Empty(t, codes(blocks[1][2], lint.Redis7), "%s: the right example", code)
	}
	ignored := regexp.MustCompile("(?s)```lua ignored\n(.*?)```").FindStringSubmatch(string(page))
	require.Empty(t, codes(ignored[1], lint.Redis7))
}

func TestFindings(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		// What Redis refuses.
		{"return foo", "R02"}, {"return _G.foo", ""}, {"return table.unpack or unpack", ""}, {"return redis.breakpoint()", ""}, {"return math.floor(os.clock())", "R02"}, {"return cjson.parse(ARGV[1])", "R03"},
		{"local rcall = redis.call return rcall('GEET', KEYS[1])", "R04"}, {"return redis.call('XINFO', 'NOPE', KEYS[1])", "R04"}, {"return redis.call()", "R05"},
		{"return redis.call('MSET', KEYS[1], unpack(ARGV, 1, 9))", ""}, {"return redis.call('GET', KEYS[1], KEYS[2])", "R05"}, {"return redis.call(ARGV[1], KEYS[1])", ""},
		{"#!lua flags=no-writes\nreturn redis.call('SET', KEYS[1], 1)", "R07"}, {"#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], 1)", ""},
		{"#!lua name=l\nredis.call('GET', 'k')\nredis.register_function('f', function() return 1 end)", "R03 K02"},
		{"#!lua name=l\nredis.register_function('f', function(keys, args) return redis.call('GET', keys[1]) .. args[1] end)", "M08"},
		{"#!lua name=l\nredis.register_function('f', function() return KEYS[1] end)", "R02"}, {"#!lua name=l\nlocal function f() redis.breakpoint() end redis.register_function('f', f)", "R03"},
		{"#!lua name=l\nredis.register_function{function_name='f', callback=function() return 1 end, flags={'no-write'}}", "R08"}, {"#!lua nome=l\nreturn 1", "R08"}, {"#!lua", "R08"},
		// Keys, through variables, loops and functions.
		{"for _, k in ipairs(KEYS) do redis.call('DEL', k) end", ""}, {"for _, k in ipairs(ARGV) do redis.call('DEL', k) end", "K02"},
		{"local function get(k) return redis.call('GET', k) end return {get(KEYS[1]), get(KEYS[2])}", ""},
		{"local function get(k) return redis.call('GET', k) end return get(KEYS[1] .. 'x')", "K01"}, {"local t = cjson.decode(ARGV[1]) return redis.call('GET', t.key)", "K02"},
		{"return redis.call('GET', redis.call('GET', KEYS[1]))", "K02"}, {"return redis.call('EVAL', ARGV[1], 1, KEYS[1])", "R06"}, {"return redis.call('ZUNIONSTORE', KEYS[1], 2, 'a', KEYS[2])", "K02"},
		{"return redis.call('GET', 'config')", "K02"}, {"return redis.call('BITOP', 'AND', KEYS[1], KEYS[2])", ""},
		// Classic mistakes.
		{"local v = redis.call('HGET', KEYS[1], 'f') if v ~= nil then return v end", "M01"}, {"local v if ARGV[1] then v = redis.call('GET', KEYS[1]) end if v == nil then return 1 end", ""},
		{"local v = redis.call('HMGET', KEYS[1], 'a', 'b') return v[1] == nil", "M01"}, {"local l = redis.call('LRANGE', KEYS[1], 0, 0) return l[1] == nil", ""},
		{"redis.setresp(3) return redis.call('GET', KEYS[1]) == nil", ""}, {"redis.setresp(3) return redis.call('GET', KEYS[1]) == false", "M01"},
		{"local e = redis.call('SISMEMBER', KEYS[1], ARGV[1]) if e then return 1 end", "M02"}, {"return redis.call('EXISTS', KEYS[1]) and 1 or 0", "M02"}, {"if not redis.call('EXISTS', KEYS[1]) then return 1 end", "M02"},
		{"local n = redis.call('INCR', KEYS[1]) if n and n > 5 then return 1 end", ""}, {"return redis.call('TYPE', KEYS[1]) == 'hash'", "M03"}, {"return redis.call('TYPE', KEYS[1]).ok == 'hash'", ""},
		{"return redis.call('SET', KEYS[1], 1, 'NX', 'GET') == 'OK'", ""}, {"return 1.5", "M05"}, {"return math.floor(ARGV[1] / 3)", ""}, {"return 9007199254740994", "M05"}, {"local half = ARGV[1] / 2 return {1, half}", "M05"},
		{"local t = redis.call('TIME') return t[1] * 1000000 .. ''", "M06"}, {"local t = redis.call('TIME') return redis.call('SET', KEYS[1], t[1] * 1000000000)", "M06"}, {"local t = redis.call('TIME') return t[1] * 1000 .. ''", ""},
		{"return {1, nil, 3}", "M07"}, {"local t = {} t.a = 1 return t", "M07"}, {"local t = {} t[#t + 1] = 1 return t", ""}, {"return {ok = 'yes'}", ""}, {"return {tonumber(redis.call('GET', KEYS[1])), 1}", "M07"},
		{"local v = redis.call('GET', KEYS[1]) return 'a' .. v", "M08"}, {"local v = redis.call('GET', KEYS[1]) if v then return 'a' .. v end", ""}, {"local v = tonumber(redis.call('GET', KEYS[1])) return v and v + 1", ""},
		{"local v = tonumber(redis.call('GET', KEYS[1])) if v < 3 then return 1 end", "M08"}, {"if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('GET', KEYS[1]) + 1 end", ""},
		{"local function f(v) return 'a' .. v end local v = redis.call('GET', KEYS[1]) if v then return f(v) end", ""}, {"return ARGV[1] < ARGV[2]", "M09"}, {"return ARGV[1] < 5", "M09"},
		{"return redis.call('GET', KEYS[1]) == 1", "M09"}, {"local n = ARGV[1] n = tonumber(n) return n == 1", ""}, {"return unpack(redis.call('LRANGE', KEYS[1], 0, -1))", "M10"}, {"return unpack(redis.call('LRANGE', KEYS[1], 0, 9))", ""},
		{"return redis.call('SADD', KEYS[1], unpack(ARGV))", "M10"}, {"return redis.call('KEYS', '*')", "M11"}, {"while true do redis.call('SCAN', '0') end", "M11"},
		{"local r = redis.pcall('GET', KEYS[1]) if r == 'x' then return 1 end", "M12"}, {"local r = redis.pcall('GET', KEYS[1]) return r", ""}, {"pcall(redis.call, 'GET', KEYS[1])", "M12"},
		{"redis.call('INCR', KEYS[1]) redis.call('EXPIRE', KEYS[2], 5)", "M13"}, {"local w = tonumber(ARGV[1]) redis.call('HSET', KEYS[1], 'a', 1) redis.call('PEXPIRE', KEYS[1], w)", "M14"},
		{"local w = tonumber(ARGV[1]) if not w or w < 1 then return 0 end redis.call('HSET', KEYS[1], 'a', 1) redis.call('PEXPIRE', KEYS[1], w)", ""},
		// Plain Lua.
		{"local a, b = unpack(ARGV, 1, 2) return b", ""}, {"local _ = 1", ""}, {"local function f() end", "L01"}, {"local x x = 1", "L04"}, {"local x = 1 do local x = 2 return x end", "L01 L02"},
		{"do return 1 end return 2", "L03"}, {"while true do redis.call('PING') end return 1", "L03"}, {"while true do if redis.call('PING') then break end end return 1", ""}, {"if false then return 1 end", "L03"},
		{"local x = 1 local function f() return x end x = 2 return f()", ""},
		// Comments.
		{"return redis.call('GET', 'a') -- lint:ignore K02 one node", ""}, {"-- lint:ignore K02 one node\n\n-- why\nreturn redis.call('GET', 'a')", ""}, {"-- lint:ignore K02 one node\nreturn redis.call('MGET', 'a', 'b')", "K02"},
		{"-- lint:ignore\nreturn 1", "I01"}, {"-- lint:ignore X99 so\nreturn 1", "I01"},
		{"", ""}, {"\n", ""},
	} {
		require.Equal(t, c.want, codes(c.source, lint.Redis7), c.source)
	}
}

func TestTargets(t *testing.T) {
	script := "#!lua flags=allow-key-locking\nreturn redis.call('JSON.GET', KEYS[1])"
	for target, want := range map[string]string{"7.0": "R08", "8.0": "R08", "hosted": ""} {
		parsed, err := lint.ParseTarget(target)
		require.NoError(t, err)
		require.Equal(t, want, codes(script, parsed), target)
	}
	for command, since := range map[string]string{"'HTTL', KEYS[1], 'FIELDS', 1, 'a'": "7.4", "'ZRANK', KEYS[1], 'a', 'WITHSCORE'": "7.2", "'JSON.GET', KEYS[1]": "8.0", "'VCARD', KEYS[1]": "8.0"} {
		targets := []string{"7.0", "7.2", "7.4", "8.0", "8.2"}
		for i, target := range targets {
			parsed, err := lint.ParseTarget(target)
			require.NoError(t, err)
			require.Equal(t, i >= slices.Index(targets, since), codes("return redis.call("+command+")", parsed) == "", "%s on %s", command, target)
		}
	}
	hosted, err := lint.ParseTarget("hosted")
	require.NoError(t, err)
	require.Equal(t, "R04", codes("return redis.call('MEMORY', 'USAGE', KEYS[1])", hosted))
	for _, wrong := range []string{"", "7", "6.2", "x.y", "upstash"} {
		_, err := lint.ParseTarget(wrong)
		require.Error(t, err, wrong)
	}
}

func TestPlaces(t *testing.T) {
	findings := lint.Run("#!lua flags=no-writes\nlocal a = 'é' .. foo\nif x then\n  return a\nend", lint.Redis7)
	require.Len(t, findings, 2)
	require.Equal(t, [2]int{2, 18}, [2]int{findings[0].Line, findings[0].Column})
	require.Equal(t, [2]int{3, 4}, [2]int{findings[1].Line, findings[1].Column})
	findings = lint.Run("return 1 +", lint.Redis7)
	require.Equal(t, "f.lua:1:1: error R01: Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'", findings[0].String("f.lua"))
}

func TestFormats(t *testing.T) {
	files := []lint.File{{"a,b.lua", lint.Run("return redis.call('GET', 'k')", lint.Redis7)}, {"clean.lua", nil}}
	write := func(format string) string {
		var out bytes.Buffer
		require.NoError(t, lint.Write(&out, format, files))
		return out.String()
	}
	const message = "this key of GET is in the script itself: pass it in KEYS"
	require.Equal(t, "a,b.lua:1:26: warning K02: "+message+"\n", write("text"))
	require.Equal(t, "::warning file=a%2Cb.lua,line=1,col=26,title=K02::"+message+"\n", write("github"))
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(write("json")), &list))
	require.Equal(t, []map[string]any{{"file": "a,b.lua", "line": 1.0, "column": 26.0, "code": "K02", "severity": "warning", "title": list[0]["title"], "message": message}}, list)
	var report struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID, Level string
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(write("sarif")), &report))
	require.Equal(t, "2.1.0", report.Version)
	require.Len(t, report.Runs[0].Tool.Driver.Rules, len(lint.Checks))
	result := report.Runs[0].Results[0]
	require.Equal(t, "K02 warning a,b.lua", result.RuleID+" "+result.Level+" "+result.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	require.Equal(t, 26, result.Locations[0].PhysicalLocation.Region.StartColumn)
	require.Error(t, lint.Write(&bytes.Buffer{}, "xml", files))
}

// The scripts of the examples and of the project are clean, notes included.
func TestExamplesAreClean(t *testing.T) {
	var paths []string
	for _, folder := range []string{"examples/*", "ratelimit", "lock"} {
		found, err := filepath.Glob("../../../" + folder + "/*.lua")
		require.NoError(t, err)
		require.NotEmpty(t, found)
		paths = append(paths, found...)
	}
	require.Greater(t, len(paths), 12)
	for _, path := range paths {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, f := range lint.Run(string(source), lint.Redis7) {
			t.Error(f.String(path))
		}
	}
}

// Any source is read in time, and each finding is in it.
func FuzzRun(f *testing.F) {
	paths, err := filepath.Glob("../../engine/script/testdata/corpus/*.lua")
	require.NoError(f, err)
	for _, path := range paths {
		source, err := os.ReadFile(path)
		require.NoError(f, err)
		for _, part := range strings.Split(string(source), "\n--- ") {
			_, body, _ := strings.Cut(part, "\n")
			f.Add(body)
		}
	}
	f.Add("local function f(x) return f(x) .. f(f) end local a = a a = f(a) return {a, f(a), a}")
	f.Fuzz(func(t *testing.T, source string) {
		for _, found := range lint.Run(source, lint.Redis7) {
			require.Positive(t, found.Line)
			require.LessOrEqual(t, found.Line, strings.Count(source, "\n")+strings.Count(source, "\r")+1)
			require.Positive(t, found.Column)
		}
	})
}

func BenchmarkRun(b *testing.B) {
	source, err := os.ReadFile("../../../ratelimit/sliding_window.lua")
	require.NoError(b, err)
	text := strings.Repeat("do\n"+string(source[:bytes.LastIndex(source, []byte("return"))])+"end\n", 10)
	b.ReportMetric(float64(strings.Count(text, "\n")), "lines")
	for b.Loop() {
		lint.Run(text, lint.Redis7)
	}
}
