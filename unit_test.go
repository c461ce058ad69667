package redis_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestUnitsOfArguments(t *testing.T) {
	rdb := redistest.New(t)
	for _, c := range []struct {
		arg  any
		want string
	}{
		{redis.Seconds(90 * time.Second), "90"}, {redis.Seconds(0), "0"}, {redis.Seconds(-time.Minute), "-60"}, {redis.Milliseconds(1500 * time.Millisecond), "1500"},
		{redis.Milliseconds(time.Second), "1000"}, {redis.JSON(redis.Seconds(time.Second)), `"1"`},
	} {
		got, err := redis.Eval[string](t.Context(), rdb, "return ARGV[1]", nil, c.arg)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	_, err := redis.Eval[string](t.Context(), rdb, "return 1", []string{"k"}, 1, redis.Milliseconds(1500*time.Microsecond))
	require.EqualError(t, err, "redis: EVAL: ARGV[2] (time.Duration): it is not a whole number of milliseconds")
	require.ErrorIs(t, err, redis.ErrNotExecuted)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		require.Equal(t, "redis.Seconds redis.Milliseconds", fmt.Sprintf(verb+" "+verb, redis.Seconds(time.Hour), redis.Milliseconds(time.Hour)))
	}
}

func TestUnitsOfReplies(t *testing.T) {
	rdb := redistest.New(t)
	type inner struct {
		At   time.Time     `redis:"0,milliseconds"`
		Wait time.Duration `redis:"1"`
	}
	type outer struct {
		List   []inner                  `redis:"0,seconds"`
		ByName map[string]time.Duration `redis:"1,milliseconds"`
		None   *time.Duration           `redis:"2,seconds"`
	}
	got, err := redis.Eval[outer](t.Context(), rdb, "return {{{1500, 2}, {'2500', '3'}}, {'a', 7}}", nil)
	require.NoError(t, err)
	require.Equal(t, outer{
		[]inner{{time.UnixMilli(1500), 2 * time.Second}, {time.UnixMilli(2500), 3 * time.Second}},
		map[string]time.Duration{"a": 7 * time.Millisecond}, nil,
	}, got)
	at, err := redis.Cmd[time.Time]("EVAL", "return 1764396757", 0).In(time.Second).Do(t.Context(), rdb)
	require.NoError(t, err)
	require.True(t, time.Unix(1764396757, 0).Equal(at))
	none, err := redis.Cmd[*time.Duration]("GET", "none").In(time.Second).Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Nil(t, none)

	// In a batch, too.
	b := rdb.Pipeline()
	wait := redis.Cmd[time.Duration]("EVAL", "return -2", 0).In(time.Second).Idempotent().Queue(b)
	require.NoError(t, b.Exec(t.Context()))
	require.Equal(t, -2*time.Second, result(t, wait))

	// JSON text has nanoseconds, and times in quotes.
	list, err := redis.Cmd[[]time.Duration]("EVAL", "return '[5]'", 0).In(time.Second).Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, []time.Duration{5}, list)

	for reply, want := range map[string]string{
		"'x'":                "redis: EVAL: want time.Duration, got string that is not a number",
		"'1.5'":              "redis: EVAL: want time.Duration, got number with a fraction",
		"{1}":                "redis: EVAL: want time.Duration, got array of 1",
		"'9223372036854776'": "redis: EVAL: want time.Duration, got integer out of range",
		"false":              "redis: EVAL: nil reply",
	} {
		_, err := redis.Cmd[time.Duration]("EVAL", "return "+reply, 0).In(time.Second).Do(t.Context(), rdb)
		require.EqualError(t, err, want, reply)
	}
	_, err = redis.Cmd[time.Duration]("EVAL", "return 1", 0).Do(t.Context(), rdb)
	require.ErrorContains(t, err, "which has no unit")
	_, err = redis.Cmd[time.Duration]("EVAL", "return 1", 0).In(time.Minute).Do(t.Context(), rdb)
	require.ErrorIs(t, err, redis.ErrNotExecuted)
	require.ErrorContains(t, err, "time.Second or time.Millisecond")
}

// What is written with a unit is read back with it.
func TestUnitsOfFields(t *testing.T) {
	type session struct {
		TTL  time.Duration  `redis:"ttl,seconds"`
		Idle *time.Duration `redis:"idle,milliseconds"`
		At   time.Time      `redis:"at,milliseconds"`
		Day  *time.Time     `redis:"day,seconds"`
		None *time.Duration `redis:"none,seconds"`
	}
	rdb := redistest.New(t)
	s := session{time.Minute, new(1500 * time.Millisecond), time.UnixMilli(math.MaxInt32), new(time.Unix(86400, 0)), nil}
	_, err := command.HSet("s", command.Fields(s)).Do(t.Context(), rdb)
	require.NoError(t, err)
	got, err := command.HGetAll[session]("s").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, s, got)
	fields, err := command.HGetAll[map[string]string]("s").Do(t.Context(), rdb)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"ttl": "60", "idle": "1500", "at": "2147483647", "day": "86400"}, fields)
	_, err = command.HSet("s", command.Fields(session{TTL: time.Millisecond})).Do(t.Context(), rdb)
	require.ErrorContains(t, err, "whole number of seconds")
}

func TestErrorCodes(t *testing.T) {
	rdb := redistest.New(t)
	const code = redis.ErrorCode("sold_out")
	for script, want := range map[string]bool{
		"return {err = 'sold_out'}":                       true,
		"return {err = 'sold_out 2 of 5'}":                true,
		"return redis.error_reply('sold_out: 2 of 5')":    true,
		"return redis.error_reply('ERR sold_out')":        true,
		"error('sold_out: 2 of 5')":                       true,
		"error({err = 'sold_out'})":                       true,
		"local function f() error('sold_out', 2) end f()": true,
		"return {err = 'sold_out_now'}":                   false,
		"return {err = 'not sold_out'}":                   false,
		"error('not sold_out')":                           false,
		"return redis.call('INCR', KEYS[1], 'sold_out')":  false,
		"return redis.call('sold_out')":                   false,
	} {
		_, err := redis.Eval[any](t.Context(), rdb, script, []string{"k"})
		require.Error(t, err, script)
		require.Equal(t, want, errors.Is(err, code), script)
		require.NotErrorIs(t, err, redis.ErrorCode(""), script)
	}
	_, err := redis.Cmd[int]("NOSUCH").Do(t.Context(), rdb)
	require.ErrorIs(t, err, redis.ErrorCode("ERR"))
	require.ErrorIs(t, &redis.Error{Message: "ERR user_script:1: sold_out script: x, on @user_script:1."}, code)
	require.Equal(t, "redis: sold_out", code.Error())
}
