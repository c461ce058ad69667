package command

import (
	"slices"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// A CopyOption of [Copy] is [Replace] or [DB].
type CopyOption interface {
	option
	forCopy()
}

func (Replacement) forCopy() {}

type database struct{ word }

func (database) forCopy() {}

// DB copies to another database of the server, by its number.
func DB(n int64) CopyOption { return database{newCount("DB", n, 0)} }

// Copy copies what is at source, its expiry too, to destination (COPY). It returns
// false where source does not exist, or destination does and [Replace] is not given.
//
// O(N), since Redis 6.2.0.
func Copy(source, destination string, opts ...CopyOption) redis.Command[bool] {
	c := newCall("COPY", source, destination)
	apply(c, opts)
	return command[bool](c)
}

// Del deletes keys (DEL) and returns how many existed.
//
// O(N), since Redis 1.0.0.
func Del(keys ...string) redis.Command[int64] {
	c := newCall("DEL")
	addAll(c, "key", keys)
	return command[int64](c)
}

// Dump returns what is at key in Redis' own form, for [Restore] (DUMP), nil where the
// key does not exist.
//
// O(N*M), since Redis 2.6.0.
func Dump(key string) redis.Command[[]byte] { return redis.Cmd[[]byte]("DUMP", key) }

// Exists returns how many of the keys exist (EXISTS). One that is named twice counts
// twice.
//
// O(N), since Redis 1.0.0.
func Exists(keys ...string) redis.Command[int64] {
	c := newCall("EXISTS")
	addAll(c, "key", keys)
	return command[int64](c)
}

// An ExpireOption of [Expire] and its like is [NX], or [XX] and [GT] or [LT], since
// Redis 7.0.0. A key that does not expire counts as the latest of all.
type ExpireOption interface {
	option
	forExpire()
}

func (Condition) forExpire()  {}
func (Comparison) forExpire() {}

// Expire has a key expire in d (EXPIRE, or PEXPIRE where d is not whole seconds), and
// deletes it where d is not positive. It returns false where the key does not exist,
// or an option kept it.
//
// O(1), since Redis 1.0.0.
func Expire(key string, d time.Duration, opts ...ExpireOption) redis.Command[bool] {
	return expire("", key, d, opts)
}

// PExpire is [Expire] in milliseconds whatever d is (PEXPIRE).
//
// O(1), since Redis 2.6.0.
func PExpire(key string, d time.Duration, opts ...ExpireOption) redis.Command[bool] {
	return expire("P", key, d, opts)
}

func expire(p, key string, d time.Duration, opts []ExpireOption) redis.Command[bool] {
	p, n, err := units(p, d)
	c := newCall(p+"EXPIRE", key, n)
	c.err = err
	return command[bool](expireOptions(c, opts))
}

// ExpireAt is [Expire] at a time (EXPIREAT, or PEXPIREAT where it is not a whole
// second). A time that has passed deletes the key.
//
// O(1), since Redis 1.2.0.
func ExpireAt(key string, t time.Time, opts ...ExpireOption) redis.Command[bool] {
	return expireAt("", key, t, opts)
}

// PExpireAt is [ExpireAt] in milliseconds whatever the time is (PEXPIREAT).
//
// O(1), since Redis 2.6.0.
func PExpireAt(key string, t time.Time, opts ...ExpireOption) redis.Command[bool] {
	return expireAt("P", key, t, opts)
}

func expireAt(p, key string, t time.Time, opts []ExpireOption) redis.Command[bool] {
	p, n, err := unitsAt(p, t)
	c := newCall(p+"EXPIREAT", key, n)
	c.err = err
	return command[bool](expireOptions(c, opts))
}

func expireOptions(c *call, opts []ExpireOption) *call {
	apply(c, opts)
	c.exclude("NX", "XX")
	c.exclude("NX", "GT")
	c.exclude("NX", "LT")
	c.exclude("GT", "LT")
	return c
}

// ExpireTime returns when a key expires, to the second (EXPIRETIME): the zero time
// where it does not, and null where there is no such key.
//
// O(1), since Redis 7.0.0.
func ExpireTime(key string) redis.Command[time.Time] {
	return redis.CmdFunc(expiry(time.Second), "EXPIRETIME", key)
}

// PExpireTime is [ExpireTime] to the millisecond (PEXPIRETIME).
//
// O(1), since Redis 7.0.0.
func PExpireTime(key string) redis.Command[time.Time] {
	return redis.CmdFunc(expiry(time.Millisecond), "PEXPIRETIME", key)
}

// Keys returns the keys that match a pattern (KEYS): * ? [a-z]. It walks through all
// keys while others wait; see [Scan].
//
// O(N), since Redis 1.0.0.
func Keys(pattern string) redis.Command[[]string] { return redis.Cmd[[]string]("KEYS", pattern) }

// Persist ends a key's time to live, so that it stays (PERSIST). It returns false
// where there was none.
//
// O(1), since Redis 2.2.0.
func Persist(key string) redis.Command[bool] { return redis.Cmd[bool]("PERSIST", key) }

// PTTL is [TTL] to the millisecond (PTTL).
//
// O(1), since Redis 2.6.0.
func PTTL(key string) redis.Command[time.Duration] {
	return redis.CmdFunc(ttl(time.Millisecond), "PTTL", key)
}

// RandomKey returns some key (RANDOMKEY), null where there are none.
//
// O(1), since Redis 1.0.0.
func RandomKey() redis.Command[string] { return redis.Cmd[string]("RANDOMKEY") }

// Rename gives a key another name, whatever had it (RENAME), and returns OK. A key
// that does not exist is an error.
//
// O(1), since Redis 1.0.0.
func Rename(key, name string) redis.Command[string] {
	return redis.Cmd[string]("RENAME", key, name)
}

// RenameNX is [Rename] where no key has the new name (RENAMENX), and else returns
// false.
//
// O(1), since Redis 1.0.0.
func RenameNX(key, name string) redis.Command[bool] {
	return redis.Cmd[bool]("RENAMENX", key, name)
}

// A RestoreOption of [Restore] is [EX] or [EXAT], [Replace], and [IdleTime] or [Freq].
type RestoreOption interface {
	option
	forRestore()
}

func (Expiry) forRestore()      {}
func (Replacement) forRestore() {}

type usage struct{ word }

func (usage) forRestore() {}

// IdleTime says how long a key has not been used, in whole seconds, for the server's
// choice of keys to evict.
func IdleTime(d time.Duration) RestoreOption {
	return usage{newCount("IDLETIME", int64(d/time.Second), 0)}
}

// Freq says how often a key is used, from 0 to 255, for the server's choice of keys to
// evict.
func Freq(n int64) RestoreOption { return usage{newCount("FREQ", n, 0)} }

// inRestore is the expiry as RESTORE has it: milliseconds in a place of their own, and
// a word where they are since 1970.
func (e Expiry) inRestore() Expiry {
	e.args = nil
	if e.absolute {
		e.args = []any{"ABSTTL"}
	}
	return e
}

// Restore makes a key of what [Dump] returned (RESTORE), and returns OK. Without [EX] or
// [EXAT] it does not expire; without [Replace], a key that exists is an error.
//
// REST carries text: a dump that is not UTF-8, as most are, is refused before
// anything is sent. [Copy] needs no dump.
//
// O(N*M), since Redis 2.6.0.
func Restore(key string, dump []byte, opts ...RestoreOption) redis.Command[string] {
	c := newCall("RESTORE", key, int64(0), dump)
	for i, o := range opts {
		if e, ok := o.(Expiry); ok {
			c.args[2] = e.milliseconds
			opts = slices.Clone(opts)
			opts[i] = e.inRestore()
		}
	}
	apply(c, opts)
	c.exclude("EX", "EXAT")
	c.exclude("IDLETIME", "FREQ")
	return command[string](c)
}

// Touch notes that keys are used (TOUCH), for the server's choice of keys to evict,
// and returns how many exist.
//
// O(N), since Redis 3.2.1.
func Touch(keys ...string) redis.Command[int64] {
	c := newCall("TOUCH")
	addAll(c, "key", keys)
	return command[int64](c)
}

// TTL returns the time until a key expires, to the second (TTL): [Forever] where it
// does not, and null where there is no such key.
//
// O(1), since Redis 1.0.0.
func TTL(key string) redis.Command[time.Duration] {
	return redis.CmdFunc(ttl(time.Second), "TTL", key)
}

// Type returns what kind of value is at key (TYPE): string, list, set, zset, hash or
// stream, and none where there is no such key.
//
// O(1), since Redis 1.0.0.
func Type(key string) redis.Command[string] { return redis.Cmd[string]("TYPE", key) }

// Unlink is [Del] that has the memory freed in the background (UNLINK).
//
// O(1) for each key, since Redis 4.0.0.
func Unlink(keys ...string) redis.Command[int64] {
	c := newCall("UNLINK")
	addAll(c, "key", keys)
	return command[int64](c)
}
