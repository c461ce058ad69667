package command

import (
	"slices"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// A CopyOption is an option of [Copy]: [Replace] or [DB].
type CopyOption interface {
	option
	needsOneOf_DB_Replace()
}

func (replacement) needsOneOf_DB_Replace() {}

type database struct{ word }

func (database) needsOneOf_DB_Replace() {}

// DB copies to another database of the server. n is the number of that database.
func DB(n int64) CopyOption { return database{newCount("DB", n, 0)} }

// Copy copies the value at source and its expiry to destination (COPY). It returns
// false if source does not exist, or if destination exists and [Replace] is not given.
//
// O(N), since Redis 6.2.0.
//
// Options: [DB], [Replace].
func Copy(source, destination string, opts ...CopyOption) redis.Command[bool] {
	c := newCall("COPY", source, destination)
	apply(c, opts)
	return command[bool](c)
}

// Del deletes keys (DEL) and returns the number of keys that existed.
//
// O(N), since Redis 1.0.0.
func Del(keys ...string) redis.Command[int64] {
	c := newCall("DEL")
	addAll(c, "key", keys)
	return command[int64](c)
}

// Dump returns the value at key in the binary format of Redis, for [Restore] (DUMP). It
// returns nil if the key does not exist.
//
// O(N*M), since Redis 2.6.0.
func Dump(key string) redis.Command[[]byte] { return redis.Cmd[[]byte]("DUMP", key) }

// Exists returns the number of keys that exist (EXISTS). A key that is given twice is
// counted twice.
//
// O(N), since Redis 1.0.0.
func Exists(keys ...string) redis.Command[int64] {
	c := newCall("EXISTS")
	addAll(c, "key", keys)
	return command[int64](c)
}

// An ExpireOption is an option of [Expire], [HExpire] and the like: [NX], [XX], [GT] or
// [LT]. [XX] can be combined with [GT] or [LT], except for hash fields. A key that has
// no expiry counts as one that expires later than all others. Since Redis 7.0.0.
type ExpireOption interface {
	option
	needsOneOf_GT_LT_NX_XX()
}

func (condition) needsOneOf_GT_LT_NX_XX()  {}
func (comparison) needsOneOf_GT_LT_NX_XX() {}

// Expire sets the time to live of a key to d (EXPIRE, or PEXPIRE if d is not a whole
// number of seconds). It deletes the key if d is 0 or negative. It returns false if the
// key does not exist or an option prevented the change.
//
// O(1), since Redis 1.0.0.
//
// Options: [GT], [LT], [NX], [XX].
func Expire(key string, d time.Duration, opts ...ExpireOption) redis.Command[bool] {
	return expire("", key, d, opts)
}

// PExpire is [Expire] that always sends milliseconds (PEXPIRE).
//
// O(1), since Redis 2.6.0.
//
// Options: [GT], [LT], [NX], [XX].
func PExpire(key string, d time.Duration, opts ...ExpireOption) redis.Command[bool] {
	return expire("P", key, d, opts)
}

func expire(p, key string, d time.Duration, opts []ExpireOption) redis.Command[bool] {
	p, n, err := units(p, d)
	c := newCall(p+"EXPIRE", key, n)
	c.err = err
	return command[bool](expireOptions(c, opts))
}

// ExpireAt is [Expire] with a time instead of a duration (EXPIREAT, or PEXPIREAT if t
// is not a whole second). It deletes the key if t is in the past.
//
// O(1), since Redis 1.2.0.
//
// Options: [GT], [LT], [NX], [XX].
func ExpireAt(key string, t time.Time, opts ...ExpireOption) redis.Command[bool] {
	return expireAt("", key, t, opts)
}

// PExpireAt is [ExpireAt] that always sends milliseconds (PEXPIREAT).
//
// O(1), since Redis 2.6.0.
//
// Options: [GT], [LT], [NX], [XX].
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

// ExpireTime returns the time at which a key expires, to the second (EXPIRETIME). It
// returns the zero time if the key has no expiry, and null if the key does not exist.
//
// O(1), since Redis 7.0.0.
func ExpireTime(key string) redis.Command[time.Time] {
	return redis.CmdWithDecoder(expiry(time.Second), "EXPIRETIME", key)
}

// PExpireTime is [ExpireTime] to the millisecond (PEXPIRETIME).
//
// O(1), since Redis 7.0.0.
func PExpireTime(key string) redis.Command[time.Time] {
	return redis.CmdWithDecoder(expiry(time.Millisecond), "PEXPIRETIME", key)
}

// Keys returns the keys that match a pattern (KEYS): * ? [a-z]. The server looks at all
// keys and serves no other client meanwhile; [Scan] avoids that.
//
// O(N), since Redis 1.0.0.
func Keys(pattern string) redis.Command[[]string] { return redis.Cmd[[]string]("KEYS", pattern) }

// Persist removes the time to live of a key, so that the key does not expire (PERSIST).
// It returns false if the key does not exist or has no time to live.
//
// O(1), since Redis 2.2.0.
func Persist(key string) redis.Command[bool] { return redis.Cmd[bool]("PERSIST", key) }

// PTTL is [TTL] to the millisecond (PTTL).
//
// O(1), since Redis 2.6.0.
func PTTL(key string) redis.Command[time.Duration] {
	return redis.CmdWithDecoder(ttl(time.Millisecond), "PTTL", key)
}

// RandomKey returns a random key (RANDOMKEY), or null if the database has no keys.
//
// O(1), since Redis 1.0.0.
func RandomKey() redis.Command[string] { return redis.Cmd[string]("RANDOMKEY") }

// Rename renames a key (RENAME) and returns OK. If a key with the new name exists, it
// is overwritten. If key does not exist, Redis returns an error.
//
// O(1), since Redis 1.0.0.
func Rename(key, name string) redis.Command[string] {
	return redis.Cmd[string]("RENAME", key, name)
}

// RenameNX is [Rename] that never overwrites a key (RENAMENX). It returns false if a
// key with the new name exists.
//
// O(1), since Redis 1.0.0.
func RenameNX(key, name string) redis.Command[bool] {
	return redis.Cmd[bool]("RENAMENX", key, name)
}

// A RestoreOption is an option of [Restore]: one of [EX] and [EXAT], [Replace], and one
// of [IdleTime] and [Freq].
type RestoreOption interface {
	option
	needsOneOf_EX_EXAT_Freq_IdleTime_Replace()
}

func (expiryOption) needsOneOf_EX_EXAT_Freq_IdleTime_Replace() {}
func (replacement) needsOneOf_EX_EXAT_Freq_IdleTime_Replace()  {}

type usage struct{ word }

func (usage) needsOneOf_EX_EXAT_Freq_IdleTime_Replace() {}

// IdleTime says how long a key has not been used, in whole seconds. The server uses it
// to choose which keys to evict.
func IdleTime(d time.Duration) RestoreOption {
	return usage{newCount("IDLETIME", int64(d/time.Second), 0)}
}

// Freq says how often a key is used, from 0 to 255. The server uses it to choose which
// keys to evict.
func Freq(n int64) RestoreOption { return usage{newCount("FREQ", n, 0)} }

// inRestore is the expiry in the form that RESTORE takes: the milliseconds are a
// separate argument, and the word ABSTTL says that they are counted from 1970.
func (e expiryOption) inRestore() expiryOption {
	e.args = nil
	if e.absolute {
		e.args = []any{"ABSTTL"}
	}
	return e
}

// Restore creates a key from what [Dump] returned (RESTORE), and returns OK. Without
// [EX] or [EXAT] the key does not expire. Without [Replace], Redis returns an error if
// the key exists.
//
// REST carries text. A dump that is not valid UTF-8, which is most dumps, is refused
// before anything is sent. [Copy] copies a key without a dump.
//
// O(N*M), since Redis 2.6.0.
//
// Options: [EX], [EXAT], [Freq], [IdleTime], [Replace].
func Restore(key string, dump []byte, opts ...RestoreOption) redis.Command[string] {
	c := newCall("RESTORE", key, int64(0), dump)
	for i, o := range opts {
		if e, ok := o.(expiryOption); ok {
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

// Touch marks keys as used now (TOUCH) and returns the number of keys that exist. The
// server uses this to choose which keys to evict.
//
// O(N), since Redis 3.2.1.
func Touch(keys ...string) redis.Command[int64] {
	c := newCall("TOUCH")
	addAll(c, "key", keys)
	return command[int64](c)
}

// TTL returns the time to live of a key, to the second (TTL). It returns [Forever] if
// the key has no expiry, and null if the key does not exist.
//
// O(1), since Redis 1.0.0.
func TTL(key string) redis.Command[time.Duration] {
	return redis.CmdWithDecoder(ttl(time.Second), "TTL", key)
}

// Type returns the type of the value at key (TYPE): string, list, set, zset, hash or
// stream. It returns none if the key does not exist.
//
// O(1), since Redis 1.0.0.
func Type(key string) redis.Command[string] { return redis.Cmd[string]("TYPE", key) }

// Unlink is [Del] that makes the server free the memory in the background (UNLINK).
//
// O(1) for each key, since Redis 4.0.0.
func Unlink(keys ...string) redis.Command[int64] {
	c := newCall("UNLINK")
	addAll(c, "key", keys)
	return command[int64](c)
}
