package main

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/workbench/dap"
	"github.com/redis-rest/redis-rest-go/internal/workbench/trace"
)

// The stubs for the Lua Language Server name what the engine has, and no more.
func TestStubsNameWhatThereIs(t *testing.T) {
	db := keyspace.New()
	defer db.Close()
	reply := db.Do(t.Context(), []string{"EVAL", `local out = {}
for _, library in ipairs({'redis', 'cjson', 'cmsgpack', 'struct', 'bit'}) do
  for name, v in pairs(_G[library]) do out[#out + 1] = library .. '.' .. name .. ' ' .. tostring(type(v) == 'function') end
end
return out`, "0"})
	have := []string{"redis.register_function true"}
	for _, name := range trace.Value(reply).([]any) {
		have = append(have, name.(string))
	}
	text, err := os.ReadFile("../../editors/luals/redis.lua")
	require.NoError(t, err)
	_, err = lua.Parse(string(text), "=redis.lua")
	require.NoError(t, err)
	var named []string
	for _, m := range regexp.MustCompile(`(?m)^(function )?(\w+\.\w+)(?:\(| = )`).FindAllStringSubmatch(string(text), -1) {
		named = append(named, m[2]+" "+map[bool]string{true: "true", false: "false"}[m[1] != ""])
	}
	require.ElementsMatch(t, have, named)
	for _, name := range []string{"KEYS", "ARGV"} {
		require.Contains(t, string(text), "\n"+name+" = {}\n")
	}
}

// What the configurations of editors run is there, and the fields of a launch are those of the debugger.
func TestEditorsRunWhatThereIs(t *testing.T) {
	var manifest struct {
		Main        string
		Contributes struct {
			Debuggers []struct {
				ConfigurationAttributes struct {
					Launch struct{ Properties map[string]any }
				}
			}
		}
	}
	text, err := os.ReadFile("../../editors/vscode/package.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &manifest))
	var fields []string
	for f := range reflect.TypeFor[dap.Launch]().Fields() {
		if name := f.Tag.Get("json"); name != "noDebug" { // which the editor sets
			fields = append(fields, name)
		}
	}
	described := []string{}
	for name := range manifest.Contributes.Debuggers[0].ConfigurationAttributes.Launch.Properties {
		described = append(described, name)
	}
	require.ElementsMatch(t, fields, described)
	page, err := os.ReadFile("../../docs/workbench.md")
	require.NoError(t, err)
	for _, name := range fields {
		require.Contains(t, string(page), "`"+name+"`")
	}

	all := ""
	for _, path := range []string{"vscode/" + manifest.Main, "neovim/redis-rest.lua", "helix/languages.toml"} {
		text, err := os.ReadFile("../../editors/" + path)
		require.NoError(t, err, path)
		if strings.HasSuffix(path, ".lua") {
			_, err := lua.Parse(string(text), "="+path)
			require.NoError(t, err)
		}
		words := regexp.MustCompile(`['"]((?:--)?[a-z]+)['"]`).FindAllStringSubmatch(string(text), -1)
		i := slices.IndexFunc(words, func(m []string) bool { return m[1] == "debug" })
		require.GreaterOrEqual(t, i, 0, path)
		require.Equal(t, "--dap", words[i+1][1], path)
		all += string(text)
	}
	require.Contains(t, all, "'redis-rest', 'lint', '--format', 'json', '-'")
	c := program().Command("debug")
	require.True(t, slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), "dap") }))
}
