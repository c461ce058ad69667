package command_test

import (
	"context"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

// sent returns the words that a command sends, or nil if the command is refused.
func sent[T any](t *testing.T, cmd redis.Command[T]) []string {
	t.Helper()
	f := &fake{reply: "1"}
	_, err := cmd.Do(t.Context(), f)
	require.Equal(t, err != nil, f.sent == nil, err)
	return f.sent
}

// A duration or time is sent to the millisecond, whichever unit is chosen.
func FuzzTimesKeepTheirMilliseconds(f *testing.F) {
	for _, n := range []int64{
		0, 1, -1, int64(time.Millisecond) - 1, int64(time.Millisecond), int64(time.Second), int64(time.Second) + 1, int64(1500 * time.Millisecond),
		-int64(time.Second), -int64(1500 * time.Millisecond), math.MaxInt64, math.MinInt64, 1700000000_000_000_000, 1700000000_001_999_999,
	} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		d, at := time.Duration(n), time.Unix(0, n)
		milliseconds := map[string]int64{"EX": 1000, "EXPIRE": 1000, "EXAT": 1000, "EXPIREAT": 1000, "PX": 1, "PEXPIRE": 1, "PXAT": 1, "PEXPIREAT": 1}
		check := func(words []string, name, value int, want int64) {
			t.Helper()
			unit, ok := milliseconds[strings.TrimPrefix(words[name], "H")]
			require.True(t, ok, words)
			got, err := strconv.ParseInt(words[value], 10, 64)
			require.NoError(t, err)
			require.Equal(t, want, got*unit, words)
		}
		if words := sent(t, command.Set("k", "v", command.EX(d))); d < time.Millisecond {
			require.Nil(t, words)
		} else {
			check(words, 3, 4, d.Milliseconds())
		}
		tooShort := 0 < d && d < time.Millisecond
		for _, words := range [][]string{sent(t, command.Expire("k", d)), sent(t, command.PExpire("k", d))} {
			if tooShort {
				require.Nil(t, words)
			} else {
				check(words, 0, 2, d.Milliseconds())
			}
		}
		if words := sent(t, command.Set("k", "v", command.EXAT(at))); at.UnixMilli() <= 0 {
			require.Nil(t, words)
		} else {
			check(words, 3, 4, at.UnixMilli())
		}
		check(sent(t, command.ExpireAt("k", at)), 0, 2, at.UnixMilli())
		check(sent(t, command.PExpireAt("k", at)), 0, 2, at.UnixMilli())
	})
}

// A bound of a range is sent exactly: all bits of the score are the same.
func FuzzScoresReadBackTheSame(f *testing.F) {
	for _, x := range []float64{0, 1, -2.5, 1e21, 1e-7, 1000000, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN()} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		words := sent(t, command.ZCount("k", command.OpenScore(x), command.Score(x)))
		if math.IsNaN(x) {
			require.Nil(t, words)
			return
		}
		open, ok := strings.CutPrefix(words[2], "(")
		require.True(t, ok)
		for _, word := range []string{open, words[3]} {
			got, err := strconv.ParseFloat(word, 64)
			require.NoError(t, err)
			require.Equal(t, x, got)
			require.Equal(t, strings.ToLower(word), word)
		}
	})
}

// For any reply, a command returns a result, or an error that does not quote the reply.
func FuzzReplies(f *testing.F) {
	for _, reply := range []string{
		`null`, `[]`, `[null]`, `["0",[]]`, `["0",["hunter2","1"]]`, `[["1-0",["f","hunter2"]]]`, `[["k",[["1-0",["f","v"]]]]]`, `[["k",[["1-0",null],null]]]`,
		`["0-0",[null,["1-0",["f","v"]]],["2-0"]]`, `[1,"1-0","2-0",[["c","1"]]]`, `[["1-0","c",5,1]]`, `[["name","c","pending",1,"idle",-1]]`,
		`["length",1,"first-entry",["1-0",["f","v"]],"groups",[["name","g","pending",[["1-0","c",5,1]],"consumers",[["name","c","seen-time",5]]]]]`,
		`[["m","1.5",7,["1","2"]]]`, `[["13.3","38.1"],null]`, `["k",[["m","1"]]]`, `"[1,null]"`, `"\"hunter2\""`, `"{\"a\":[1]}"`, `[1,-1,2]`, `"inf"`,
		`[9223372036854775807,-9223372036854775808]`, `[["hunter2"],{"hunter2":[null]}]`, `{"error":"ERR no"}`, `[{"error":"ERR no"}]`,
	} {
		f.Add(reply)
	}
	type user struct {
		Name string `redis:"f" json:"a"`
	}
	circle := command.ByRadius(1, command.Meters)
	f.Fuzz(func(t *testing.T, reply string) {
		parsed, err := redis.ParseReply(reply)
		if err != nil {
			return
		}
		// The text of an error reply may be quoted.
		quoting := !strings.Contains(reply, "hunter2") || strings.Contains(reply, "rror") || strings.Contains(reply, `\u`)
		check := func(err error) {
			t.Helper()
			assert.True(t, err == nil || quoting || !strings.Contains(err.Error(), "hunter2"), "%v", err)
		}
		try(check, parsed, command.HMGet[string]("k", "f"))
		try(check, parsed, command.HMGet[*user]("k", "f"))
		try(check, parsed, command.HScanPage[user]("k", "0"))
		try(check, parsed, command.HTTL("k", "f"))
		try(check, parsed, command.HPExpireTime("k", "f"))
		try(check, parsed, command.TTL("k"))
		try(check, parsed, command.PExpireTime("k"))
		try(check, parsed, command.ZScanPage("k", "0"))
		try(check, parsed, command.ZPopMin("k"))
		try(check, parsed, command.ZMPop([]string{"k"}, command.Lowest))
		try(check, parsed, command.ZRankWithScore("k", "m"))
		try(check, parsed, command.XRange[user]("k", "-", "+"))
		try(check, parsed, command.XRange[map[string]string]("k", "-", "+"))
		try(check, parsed, command.XRead[[]string](map[string]string{"k": "0"}))
		try(check, parsed, command.XAutoClaim[map[string]any]("k", "g", "c", 0, "0"))
		try(check, parsed, command.XPending("k", "g"))
		try(check, parsed, command.XPendingEntries("k", "g", "-", "+", 1))
		try(check, parsed, command.XInfoConsumers("k", "g"))
		try(check, parsed, command.XInfoGroups("k"))
		try(check, parsed, command.XInfoStreamFull[user]("k"))
		try(check, parsed, command.GeoPos("k", "m"))
		try(check, parsed, command.GeoSearchPlaces("k", command.FromMember("m"), circle, command.WithDist(), command.WithHash(), command.WithCoord()))
		try(check, parsed, command.JSONGet[string]("k"))
		try(check, parsed, command.JSONGet[[]user]("k", "$"))
		try(check, parsed, command.JSONMGet[int]([]string{"k"}, "$"))
		try(check, parsed, command.JSONNumIncrBy("k", "$", 1.5))
		try(check, parsed, command.JSONToggle("k", ".a"))
		try(check, parsed, command.JSONResp[any]("k", "$"))
		try(check, parsed, command.FunctionList())
		try(check, parsed, command.FunctionStats())
		try(check, parsed, command.Info())
		try(check, parsed, command.Time())
	})
}

// try runs a command that gets this reply.
func try[T any](check func(error), reply redis.Reply, cmd redis.Command[T]) {
	_, err := cmd.Do(ctx, replier{reply})
	check(err)
}

// A replier always sends the same reply.
type replier struct{ reply redis.Reply }

func (r replier) Do(context.Context, ...any) (redis.Reply, error) { return r.reply, nil }
