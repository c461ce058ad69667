package command_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleScan() {
	for i := range 3 {
		command.Set("scanned:"+strconv.Itoa(i), i).Do(ctx, rdb)
	}
	var keys []string
	for key, err := range command.Scan(ctx, rdb, command.Match("scanned:*")) {
		if err != nil {
			fmt.Println(err)
			return
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	fmt.Println(keys)
	// Output: [scanned:0 scanned:1 scanned:2]
}

func TestScan(t *testing.T) {
	s := newServer(t)
	values := map[string]int{}
	for i := range 500 {
		values["key:"+strconv.Itoa(i)] = i
	}
	run(s, command.MSet(values))
	run(s, command.HSet("hash", values))
	for name := range values {
		_, err := s.Redis.Do(t.Context(), "ZADD", "zset", values[name], name)
		require.NoError(t, err)
	}
	b := s.Pipeline()
	for name := range values {
		redis.Cmd[int]("SADD", "set", name).Queue(b)
	}
	require.NoError(t, b.Exec(t.Context()))

	var keys []string
	for key, err := range command.Scan(t.Context(), s, command.Match("key:*"), command.Count(50), command.OfType("string")) {
		require.NoError(t, err)
		keys = append(keys, key)
	}
	slices.Sort(keys)
	assert.Equal(t, slices.Sorted(maps.Keys(values)), slices.Compact(keys))

	fields := map[string]int{}
	for f, err := range command.HScan[int](t.Context(), s, "hash") {
		require.NoError(t, err)
		fields[f.Name] = f.Value
	}
	assert.Equal(t, values, fields)

	scores := map[string]int{}
	for z, err := range command.ZScan(t.Context(), s, "zset", command.Match("key:*")) {
		require.NoError(t, err)
		scores[z.Member] = int(z.Score)
	}
	assert.Equal(t, values, scores)

	members := map[string]bool{}
	for m, err := range command.SScan(t.Context(), s, "set", command.Count(7)) {
		require.NoError(t, err)
		members[m] = true
	}
	assert.Len(t, members, len(values))

	page := run(s, command.ScanPage("0", command.Count(10)))
	assert.False(t, page.Last())
	assert.NotEmpty(t, page.Elements)
	all := run(s, command.SScanPage("set", "0", command.Count(10000)))
	assert.Len(t, all.Elements, len(values))
	assert.True(t, all.Last())
	for range command.Scan(t.Context(), s, command.Match("nothing*")) {
		assert.Fail(t, "there is nothing")
	}
	for range command.HScan[string](t.Context(), s, "none") {
		assert.Fail(t, "there is nothing")
	}
}

func TestScanOfWrongType(t *testing.T) {
	s := newServer(t)
	run(s, command.Set("k", "v"))
	fails(s, "WRONGTYPE", command.HScanPage[string]("k", "0"))
	fails(s, "WRONGTYPE", command.SScanPage("k", "0"))
	fails(s, "WRONGTYPE", command.ZScanPage("k", "0"))
	returns(s, command.Page[command.Z]{Cursor: "0", Elements: []command.Z{}}, command.ZScanPage("none", "0"))
	var errs []error
	for z, err := range command.ZScan(t.Context(), s, "k") {
		assert.Zero(t, z)
		errs = append(errs, err)
	}
	require.Len(t, errs, 1)
	assert.Equal(t, "WRONGTYPE", redis.Code(errs[0]))
	fails(s, "ERR", command.ScanPage("nonsense"))
}

// Pages are requested one at a time, and none is requested after the caller stops. The
// cursors here are greater than an int64.
func TestScanStopsEarly(t *testing.T) {
	pages := map[string]string{
		"0": `["18446744073709551615",["a","b"]]`, "18446744073709551615": `["18446744073709551614",[]]`, "18446744073709551614": `["0",["c"]]`,
	}
	for stop, want := range map[string]int{"a": 1, "b": 1, "c": 3, "": 3} {
		var cursors []string
		d := doer(func(args ...any) (string, error) {
			cursors = append(cursors, args[1].(string))
			return pages[args[1].(string)], nil
		})
		for key, err := range command.Scan(t.Context(), d) {
			require.NoError(t, err)
			if key == stop {
				break
			}
		}
		assert.Len(t, cursors, want, "stopped at %q", stop)
	}

	broken := errors.New("broken")
	requests := 0
	d := doer(func(args ...any) (string, error) {
		if requests++; requests > 1 {
			return "", broken
		}
		return pages["0"], nil
	})
	var keys []string
	var last error
	for key, err := range command.Scan(t.Context(), d) {
		keys, last = append(keys, key), err
	}
	assert.Equal(t, []string{"a", "b", ""}, keys)
	assert.ErrorIs(t, last, broken)
	assert.Equal(t, 2, requests)
}

func TestScanArguments(t *testing.T) {
	sends(t, "SCAN 0", command.ScanPage("0"))
	sends(t, "SCAN 17 MATCH a* COUNT 100 TYPE hash", command.ScanPage("17", command.Match("a*"), command.Count(100), command.OfType("hash")))
	sends(t, "HSCAN k 0 COUNT 5", command.HScanPage[string]("k", "0", command.Count(5)))
	sends(t, "SSCAN k 0 MATCH a*", command.SScanPage("k", "0", command.Match("a*")))
	sends(t, "ZSCAN k 0", command.ZScanPage("k", "0"))
	for _, err := range command.Scan(t.Context(), &fake{}, command.Count(-1)) {
		require.EqualError(t, err, "redis: SCAN: COUNT: must be at least 1")
	}
}
