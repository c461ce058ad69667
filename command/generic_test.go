package command_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleTTL() {
	command.Set("session", "x").Do(ctx, rdb)
	ttl, err := command.TTL("session").Do(ctx, rdb)
	fmt.Println(ttl == command.Forever, err)

	command.Expire("session", time.Minute).Do(ctx, rdb)
	ttl, err = command.TTL("session").Do(ctx, rdb)
	fmt.Println(ttl.Round(time.Minute), err)

	_, err = command.TTL("nosuch").Do(ctx, rdb)
	fmt.Println(err)
	// Output:
	// true <nil>
	// 1m0s <nil>
	// redis: TTL: nil reply
}

func TestKeys(t *testing.T) {
	s := newServer(t)
	isNil(s, command.RandomKey())
	returns(s, []string{}, command.Keys("*"))
	run(s, command.Set("a", "1"))
	returns(s, "a", command.RandomKey())
	returns(s, []string{"a"}, command.Keys("[ab]*"))
	returns(s, true, command.Copy("a", "b"))
	returns(s, false, command.Copy("a", "b"))
	returns(s, true, command.Copy("a", "b", command.Replace()))
	returns(s, true, command.Copy("a", "b", command.DB(1)))
	returns(s, 2, command.Exists("a", "a", "none"))
	returns(s, 2, command.Touch("a", "b", "none"))
	returns(s, "string", command.Type("a"))
	returns(s, "none", command.Type("none"))
	returns(s, "OK", command.Rename("b", "c"))
	fails(s, "ERR", command.Rename("b", "c"))
	returns(s, false, command.RenameNX("c", "a"))
	returns(s, true, command.RenameNX("c", "d"))
	returns(s, 1, command.Del("d", "none"))
	returns(s, 1, command.Unlink("a"))
	returns(s, 0, command.DBSize())
}

func TestExpiry(t *testing.T) {
	s := newServer(t)
	at := time.Now().Add(time.Hour).Truncate(time.Second)
	returns(s, false, command.Expire("none", time.Hour))
	returns(s, false, command.ExpireAt("none", at))
	isNil(s, command.TTL("none"))
	isNil(s, command.PTTL("none"))
	isNil(s, command.ExpireTime("none"))
	isNil(s, command.PExpireTime("none"))
	returns(s, false, command.Persist("none"))

	run(s, command.Set("k", "v"))
	returns(s, command.Forever, command.TTL("k"))
	returns(s, command.Forever, command.PTTL("k"))
	returns(s, time.Time{}, command.ExpireTime("k"))
	returns(s, time.Time{}, command.PExpireTime("k"))
	returns(s, false, command.Expire("k", time.Hour, command.XX()))
	returns(s, true, command.Expire("k", time.Hour, command.NX()))
	about(s, time.Hour, command.TTL("k"))
	returns(s, false, command.Expire("k", time.Minute, command.GT()))
	returns(s, true, command.Expire("k", time.Minute, command.LT(), command.XX()))
	returns(s, true, command.PExpire("k", 90*time.Second+time.Millisecond))
	assert.Greater(t, run(s, command.PTTL("k")), 80*time.Second)
	returns(s, true, command.ExpireAt("k", at))
	returns(s, at, command.ExpireTime("k"))
	returns(s, true, command.PExpireAt("k", at.Add(5*time.Millisecond), command.GT()))
	returns(s, at.Add(5*time.Millisecond), command.PExpireTime("k"))
	returns(s, true, command.Persist("k"))
	returns(s, true, command.Expire("k", 0))
	returns(s, 0, command.Exists("k"))
}

// A dump that is valid UTF-8 can be sent. Any other dump is refused.
func TestDumpAndRestore(t *testing.T) {
	s := newServer(t)
	returns(s, nil, command.Dump("none"))
	var dump []byte
	for i := 0; !utf8.Valid(dump) || dump == nil; i++ { // about 1 in 500 dumps is valid UTF-8
		require.Less(t, i, 100_000)
		run(s, command.Set("k", "v"+strconv.Itoa(i)))
		dump = run(s, command.Dump("k"))
	}
	value := run(s, command.Get[string]("k"))
	returns(s, "OK", command.Restore("copy", dump))
	fails(s, "BUSYKEY", command.Restore("copy", dump))
	returns(s, "OK", command.Restore("copy", dump, command.EX(time.Hour), command.Replace(), command.IdleTime(time.Minute)))
	returns(s, value, command.Get[string]("copy"))
	about(s, time.Hour, command.TTL("copy"))
	at := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	returns(s, "OK", command.Restore("copy", dump, command.EXAT(at), command.Replace(), command.Freq(5)))
	returns(s, at, command.PExpireTime("copy"))
	_, err := command.Restore("copy", []byte{0xff}).Do(t.Context(), s)
	require.ErrorContains(t, err, "not valid UTF-8")
}

func TestKeyArguments(t *testing.T) {
	at := time.UnixMilli(1700000000_000)
	sends(t, "COPY a b DB 2 REPLACE", command.Copy("a", "b", command.DB(2), command.Replace()))
	sends(t, "EXPIRE k 60", command.Expire("k", time.Minute))
	sends(t, "EXPIRE k 60 XX GT", command.Expire("k", time.Minute, command.XX(), command.GT()))
	sends(t, "PEXPIRE k 1500", command.Expire("k", 1500*time.Millisecond))
	sends(t, "EXPIRE k 1", command.Expire("k", time.Second+time.Microsecond))
	sends(t, "EXPIRE k 0", command.Expire("k", 0))
	sends(t, "EXPIRE k -1", command.Expire("k", -time.Second))
	sends(t, "PEXPIRE k 60000", command.PExpire("k", time.Minute))
	sends(t, "EXPIREAT k 1700000000", command.ExpireAt("k", at))
	sends(t, "PEXPIREAT k 1700000000001 LT", command.ExpireAt("k", at.Add(time.Millisecond), command.LT()))
	sends(t, "PEXPIREAT k 1700000000000", command.PExpireAt("k", at))
	sends(t, "RESTORE k 0 x", command.Restore("k", []byte("x")))
	sends(t, "RESTORE k 60000 x REPLACE", command.Restore("k", []byte("x"), command.Replace(), command.EX(time.Minute)))
	sends(t, "RESTORE k 1700000000000 x ABSTTL IDLETIME 60", command.Restore("k", []byte("x"), command.EXAT(at), command.IdleTime(time.Minute)))
	sends(t, "RESTORE k 0 x FREQ 5", command.Restore("k", []byte("x"), command.Freq(5)))

	const below = "the duration must be at least one millisecond"
	refuses(t, "redis: EXPIRE: "+below, command.Expire("k", time.Microsecond))
	refuses(t, "redis: PEXPIRE: "+below, command.PExpire("k", time.Microsecond))
	refuses(t, "redis: EXPIREAT: the time is the zero time", command.ExpireAt("k", time.Time{}))
	refuses(t, "redis: PEXPIREAT: the time is the zero time", command.PExpireAt("k", time.Time{}))
	for _, pair := range [][]command.ExpireOption{{command.NX(), command.XX()}, {command.NX(), command.GT()}, {command.NX(), command.LT()}, {command.GT(), command.LT()}} {
		_, err := command.Expire("k", time.Minute, pair...).Do(t.Context(), &fake{})
		assert.ErrorContains(t, err, "exclude each other")
	}
	refuses(t, "redis: RESTORE: EX: "+below, command.Restore("k", nil, command.EX(0)))
	refuses(t, "redis: RESTORE: EX and EXAT exclude each other", command.Restore("k", nil, command.EX(time.Second), command.EXAT(at)))
	refuses(t, "redis: RESTORE: FREQ and IDLETIME exclude each other", command.Restore("k", nil, command.Freq(1), command.IdleTime(0)))
	refuses(t, "redis: COPY: DB: must be at least 0", command.Copy("a", "b", command.DB(-1)))
	refuses(t, "redis: DEL: needs at least one key", command.Del())
	refuses(t, "redis: UNLINK: needs at least one key", command.Unlink())
	refuses(t, "redis: EXISTS: needs at least one key", command.Exists())
	refuses(t, "redis: TOUCH: needs at least one key", command.Touch())
}
