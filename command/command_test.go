package command_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
	"github.com/redis-rest/redis-rest-go/redistest"
	"github.com/redis-rest/redis-rest-go/restserver"
)

// In the examples, ctx and rdb are a context and a client of an empty database: the embedded one, which has newer commands too.
var (
	ctx = context.Background()
	rdb *redis.Redis
)

func TestMain(m *testing.M) {
	s, err := restserver.Start(restserver.Config{Backend: "memory"})
	if err == nil {
		rdb, err = redis.New(s.URL, s.Token)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	s.Close()
	os.Exit(code)
}

// A server is a Redis server that only one test uses.
type server struct {
	*redis.Redis
	t *testing.T
}

func newServer(t *testing.T) server {
	t.Helper()
	if os.Getenv("REDISTEST_BACKEND") == "memory" {
		t.Skip("needs a real Redis")
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is not on PATH, and CI must have it")
		}
		t.Skip("redis-server is not on PATH")
	}
	return server{redistest.New(t, redistest.Backend("redis-server")), t}
}

// run runs a command and fails the test if it returns an error.
func run[T any](s server, cmd redis.Command[T]) T {
	s.t.Helper()
	v, err := cmd.Do(s.t.Context(), s)
	require.NoError(s.t, err)
	return v
}

// returns checks what a command returns.
func returns[T any](s server, want T, cmd redis.Command[T]) {
	s.t.Helper()
	assert.Equal(s.t, want, run(s, cmd), cmd.String())
}

// about checks a time to live, of which up to a minute may have passed.
func about(s server, want time.Duration, cmd redis.Command[time.Duration]) {
	s.t.Helper()
	assert.InDelta(s.t, want, run(s, cmd), float64(time.Minute), cmd.String())
}

// isNil checks that a command returns ErrNil.
func isNil[T any](s server, cmd redis.Command[T]) {
	s.t.Helper()
	_, err := cmd.Do(s.t.Context(), s)
	assert.ErrorIs(s.t, err, redis.ErrNil, cmd.String())
}

// fails checks the code of a command's error.
func fails[T any](s server, code string, cmd redis.Command[T]) {
	s.t.Helper()
	_, err := cmd.Do(s.t.Context(), s)
	assert.Equal(s.t, code, redis.Code(err), "%s: %v", cmd, err)
}

// A fake is a Doer that records what is sent and answers with a reply.
type fake struct {
	reply string
	sent  []string
}

func (f *fake) Do(_ context.Context, args ...any) (redis.Reply, error) {
	text, err := wire.AppendCommand(nil, args)
	if err != nil {
		return redis.Reply{}, err
	}
	if err := json.Unmarshal(text, &f.sent); err != nil {
		return redis.Reply{}, err
	}
	return redis.ParseReply(f.reply)
}

// A doer is a Doer that answers with a function.
type doer func(args ...any) (string, error)

func (d doer) Do(_ context.Context, args ...any) (redis.Reply, error) {
	text, err := d(args...)
	if err != nil {
		return redis.Reply{}, err
	}
	return redis.ParseReply(text)
}

// sends checks the words that a command sends. It also checks that the number of words
// and the positions of keys are legal for Redis.
func sends[T any](t *testing.T, want string, cmd redis.Command[T]) {
	t.Helper()
	f := &fake{reply: "null"}
	_, err := cmd.Do(t.Context(), f)
	if err != nil && !errors.Is(err, redis.ErrNil) {
		assert.NoError(t, err, want)
		return
	}
	assert.Equal(t, want, strings.Join(f.sent, " "))
	known, ok := commandtable.Find(f.sent)
	assert.True(t, ok, want)
	_, err = known.Keys(f.sent)
	assert.NoError(t, err, want)
	assert.Equal(t, strings.Fields(want)[0], cmd.String())
}

// refuses checks the error of a command that is not sent.
func refuses[T any](t *testing.T, want string, cmd redis.Command[T]) {
	t.Helper()
	f := &fake{reply: "null"}
	_, err := cmd.Do(t.Context(), f)
	assert.EqualError(t, err, want)
	assert.Empty(t, f.sent)
}

// replies runs a command that gets this reply.
func replies[T any](t *testing.T, reply string, cmd redis.Command[T]) (T, error) {
	t.Helper()
	return cmd.Do(t.Context(), &fake{reply: reply})
}

func TestOptions(t *testing.T) {
	at := time.UnixMilli(1700000000_000)
	sends(t, "SET k v", command.Set("k", "v"))
	sends(t, "SET k v EX 3600", command.Set("k", "v", command.EX(time.Hour)))
	sends(t, "SET k v PX 1500", command.Set("k", "v", command.EX(1500*time.Millisecond)))
	sends(t, "SET k v PX 1001", command.Set("k", "v", command.EX(time.Second+1999*time.Microsecond)))
	sends(t, "SET k v PX 1", command.Set("k", "v", command.EX(time.Millisecond)))
	sends(t, "SET k v EXAT 1700000000", command.Set("k", "v", command.EXAT(at)))
	sends(t, "SET k v EXAT 1700000000", command.Set("k", "v", command.EXAT(at.Add(time.Microsecond))))
	sends(t, "SET k v PXAT 1700000000001", command.Set("k", "v", command.EXAT(at.Add(time.Millisecond))))
	sends(t, "SET k v NX EX 1", command.Set("k", "v", command.NX(), command.EX(time.Second)))

	for _, d := range []time.Duration{0, -time.Second, time.Millisecond - 1} {
		refuses(t, "redis: SET: EX: the duration must be at least one millisecond", command.Set("k", "v", command.EX(d)))
	}
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Unix(-1, 0)} {
		refuses(t, "redis: SET: EXAT: the time must be after 1970", command.Set("k", "v", command.EXAT(at)))
	}
	refuses(t, "redis: SET: NX and XX exclude each other", command.Set("k", "v", command.NX(), command.XX()))
	refuses(t, "redis: SET: EX and KEEPTTL exclude each other", command.Set("k", "v", command.EX(time.Second), command.KeepTTL()))
	refuses(t, "redis: SET: EX and EXAT exclude each other", command.Set("k", "v", command.EX(time.Second), command.EXAT(at)))
	refuses(t, "redis: SET: EX is given twice", command.Set("k", "v", command.EX(time.Second), command.EX(1500*time.Millisecond)))
	refuses(t, "redis: SET: an option is nil", command.Set("k", "v", nil))
	refuses(t, "redis: SET: an option is empty", command.Set("k", "v", zeroOf(command.NX())))
	refuses(t, "redis: SCAN: COUNT: must be at least 1", command.ScanPage("0", command.Count(0)))
}

// zeroOf returns the zero value of a type that has no exported name.
func zeroOf[T any](T) (zero T) { return zero }

// A batch with a refused command is not sent.
func TestRefusedCommandInBatch(t *testing.T) {
	s := newServer(t)
	b := s.Pipeline()
	command.Set("k", "v").Queue(b)
	refused := command.Set("k", "v", command.NX(), command.XX()).Queue(b)
	require.Error(t, b.Exec(t.Context()))
	_, err := refused.Result()
	require.EqualError(t, err, "redis: SET: NX and XX exclude each other")
	returns(s, 0, command.DBSize())
}

// A reply that Redis would not send is an error and causes no panic.
func TestUnexpectedReplies(t *testing.T) {
	for _, reply := range []string{`null`, `1`, `"x"`, `"1"`, `[]`, `["0"]`, `["0","x"]`, `["0",["x"]]`, `[null,null]`, `[[],[]]`, `{"error":"ERR x"}`, `[1,2,3]`} {
		_, err := replies(t, reply, command.HScanPage[string]("k", "0"))
		assert.Error(t, err, reply)
		_, err = replies(t, reply, command.ZScanPage("k", "0"))
		assert.Error(t, err, reply)
		_, err = replies(t, reply, command.Time())
		assert.Error(t, err, reply)
		_, err = replies(t, reply, command.PTTL("k"))
		assert.Equal(t, reply != `1` && reply != `"1"`, err != nil, reply)
	}
	_, err := replies(t, `["0",["f"]]`, command.HScanPage[string]("k", "0"))
	require.EqualError(t, err, "redis: HSCAN: [1]: want []command.Field[string], got array of 1, an odd number")
	_, err = replies(t, `["0",["m","1","n","x"]]`, command.ZScanPage("k", "0"))
	require.EqualError(t, err, "redis: ZSCAN: [1][3]: want float64, got string that is not a number")
}

// A null inside a reply is not a null reply: the error says where the null is, and a
// batch fails.
func TestNullInsideReply(t *testing.T) {
	type user struct{ Name string }
	check := func(want string, err error) {
		t.Helper()
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, redis.ErrNil)
		_, ok := errors.AsType[*redis.DecodeError](err)
		require.True(t, ok)
	}
	_, err := replies(t, `["integer",null]`, command.JSONType("k", "$..a"))
	check("redis: JSON.TYPE: [1]: want string, got null", err)
	_, err = replies(t, `["m","1",null,"2"]`, command.ZUnionWithScores([]string{"k"}))
	check("redis: ZUNION: [2]: want string, got null", err)
	_, err = replies(t, `["m","1","n",null]`, command.ZUnionWithScores([]string{"k"}))
	check("redis: ZUNION: [3]: want float64, got null", err)
	_, err = replies(t, `["{}","null"]`, command.HMGet[user]("k", "f", "g"))
	check("redis: HMGET: [1]: want command_test.user, got null", err)
	_, err = replies(t, `["0",["f",null]]`, command.HScanPage[string]("k", "0"))
	check("redis: HSCAN: [1][1]: want string, got null", err)
	_, err = replies(t, `[null,[]]`, command.HScanPage[string]("k", "0"))
	check("redis: HSCAN: [0]: want string, got null", err)
	_, err = replies(t, `[["name","a","idle",null]]`, command.XInfoConsumers("k", "g"))
	check("redis: XINFO: [0].idle: want time.Duration, got null", err)
	_, err = replies(t, `["groups",[["pending",[["1-0","a",-2,1]]]]]`, command.XInfoStreamFull[user]("k"))
	check("redis: XINFO: groups[0].pending[0][2]: want time.Time, got null", err)
	entries, err := replies(t, `[["1-0","null"]]`, command.XRange[user]("k", "-", "+"))
	require.NoError(t, err)
	require.ErrorIs(t, entries[0].Err, redis.ErrNil)
}

// An error names the type that the caller asked for, not the types of its parts.
func TestErrorsNameTheCallersType(t *testing.T) {
	check := func(want string, err error) {
		t.Helper()
		require.EqualError(t, err, want)
	}
	for reply, got := range map[string]string{`7`: "integer", `{"a":1}`: "object"} {
		_, err := replies(t, reply, command.XRead[string](map[string]string{"k": "0"}))
		check("redis: XREAD: want map[string][]command.Entry[string], got "+got, err)
		_, err = replies(t, reply, command.HMGet[int]("k", "f"))
		check("redis: HMGET: want []int, got "+got, err)
		_, err = replies(t, reply, command.ZPopMinCount("k", 1))
		check("redis: ZPOPMIN: want []command.Z, got "+got, err)
		_, err = replies(t, reply, command.ZScanPage("k", "0"))
		check("redis: ZSCAN: want command.Page[github.com/redis-rest/redis-rest-go/command.Z], got "+got, err)
		_, err = replies(t, reply, command.Time())
		check("redis: TIME: want time.Time, got "+got, err)
	}
	_, err := replies(t, `[7]`, command.XPendingEntries("k", "g", "-", "+", 1))
	check("redis: XPENDING: [0]: want command.PendingEntry, got integer", err)
	_, err = replies(t, `7`, command.XPending("k", "g"))
	check("redis: XPENDING: want command.PendingSummary, got integer", err)
	_, err = replies(t, `[7]`, command.XInfoConsumers("k", "g"))
	check("redis: XINFO: [0]: want command.ConsumerInfo, got integer", err)
	_, err = replies(t, `[7]`, command.XRange[string]("k", "-", "+"))
	check("redis: XRANGE: [0]: want command.Entry[string], got integer", err)
}

func TestTimeToLiveOutOfRange(t *testing.T) {
	_, err := replies(t, "9223372036854775807", command.PTTL("k"))
	require.EqualError(t, err, "redis: PTTL: want time.Duration, got integer out of range")
	_, err = replies(t, "9223372037", command.TTL("k"))
	require.EqualError(t, err, "redis: TTL: want time.Duration, got integer out of range")
	longest, err := replies(t, "9223372036", command.TTL("k"))
	require.NoError(t, err)
	require.Equal(t, 9223372036*time.Second, longest)
	_, err = replies(t, "[5,9223372036854775807]", command.HTTL("k", "a", "b"))
	require.EqualError(t, err, "redis: HTTL: [1]: want time.Duration, got integer out of range")
	_, err = replies(t, `"soon"`, command.TTL("k"))
	require.EqualError(t, err, "redis: TTL: want int64, got string that is not a number")
	_, err = replies(t, `"soon"`, command.ExpireTime("k"))
	require.EqualError(t, err, "redis: EXPIRETIME: want int64, got string that is not a number")
}
