package stdlib_test

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/stdlib"
)

//go:embed testdata/functions.lua
var functions string

// The C library's functions are not exact, and the error depends on the processor. The
// last digit may differ, but rarely does.
func TestMathFunctions(t *testing.T) {
	client := startRedis(t)
	var wants, gots []string
	for seed := range 30 {
		script := strings.Replace(functions, "SEED", strconv.Itoa(seed), 1)
		want, err := client.Eval(t.Context(), script, nil).Text()
		require.NoError(t, err)
		wants = append(wants, strings.Split(want, "\n")...)
		gots = append(gots, strings.Split(eval(t, open(), script), "\n")...)
	}
	require.Len(t, gots, len(wants))
	calls, differ := map[string]int{}, map[string]int{}
	for i, line := range wants {
		call, value, _ := strings.Cut(line, " ")
		name, _, _ := strings.Cut(call, "(")
		calls[name]++
		if line == gots[i] {
			continue
		}
		differ[name]++
		sameCall, other, _ := strings.Cut(gots[i], " ")
		require.Equal(t, call, sameCall)
		a, err := strconv.ParseFloat(value, 64)
		require.NoError(t, err)
		b, err := strconv.ParseFloat(other, 64)
		require.NoError(t, err)
		assert.Equal(t, a, math.Nextafter(b, a), "%s is %s in Redis and %s here", call, value, other)
	}
	require.Len(t, calls, 18)
	for name, n := range calls {
		assert.Less(t, float64(differ[name])/float64(n), 0.01, name)
	}
}

// A server starts the sequence once. It continues from script to script.
func TestRandomSequence(t *testing.T) {
	client := startRedis(t)
	const script = "local t = {} for i = 1, 5 do t[i] = string.format('%.17g', math.random()) end return table.concat(t, ' ')"
	random := stdlib.NewRandom()
	for range 3 {
		s := lua.NewState()
		stdlib.Open(s, random)
		s.Reset()
		want, err := client.Eval(t.Context(), script, nil).Text()
		require.NoError(t, err)
		assert.Equal(t, want, eval(t, s, script))
	}
}
