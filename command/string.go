package command

import redis "github.com/redis-rest/redis-rest-go"

// Append appends value to the string at key, which may not exist (APPEND), and
// returns the length in bytes that this makes.
//
// O(1), since Redis 2.0.0.
func Append(key string, value any) redis.Command[int64] {
	return redis.Cmd[int64]("APPEND", key, value)
}

// Decr subtracts one from the integer at key (DECR) and returns what this makes. A
// key that does not exist counts as 0.
//
// O(1), since Redis 1.0.0.
func Decr(key string) redis.Command[int64] { return redis.Cmd[int64]("DECR", key) }

// DecrBy subtracts n from the integer at key (DECRBY) and returns what this makes.
//
// O(1), since Redis 1.0.0.
func DecrBy(key string, n int64) redis.Command[int64] { return redis.Cmd[int64]("DECRBY", key, n) }

// Get returns the value at key (GET), null where there is none.
//
// O(1), since Redis 1.0.0.
func Get[T any](key string) redis.Command[T] { return redis.Cmd[T]("GET", key) }

// GetDel returns the value at key and deletes it (GETDEL); null where there is none.
//
// O(1), since Redis 6.2.0.
func GetDel[T any](key string) redis.Command[T] { return redis.Cmd[T]("GETDEL", key) }

// A GetExOption of [GetEx] and [HGetEx] is [EX], [EXAT] or [PersistTTL], one of
// them.
type GetExOption interface {
	option
	forGetEx()
}

func (Expiry) forGetEx()   {}
func (NoExpiry) forGetEx() {}

// GetEx returns the value at key and changes when it expires (GETEX); null where
// there is none. Without an option it is [Get].
//
// O(1), since Redis 6.2.0.
func GetEx[T any](key string, opts ...GetExOption) redis.Command[T] {
	c := newCall("GETEX", key)
	apply(c, opts)
	c.exclude("EX", "EXAT", "PERSIST")
	return command[T](c)
}

// GetRange returns the bytes of the string at key from one place to another, both
// included and counted from 0, or from the end by negative numbers (GETRANGE). It is
// empty where there is nothing.
//
// O(N), since Redis 2.4.0.
func GetRange(key string, start, end int64) redis.Command[string] {
	return redis.Cmd[string]("GETRANGE", key, start, end)
}

// Incr adds one to the integer at key (INCR) and returns what this makes. A key that
// does not exist counts as 0.
//
// O(1), since Redis 1.0.0.
func Incr(key string) redis.Command[int64] { return redis.Cmd[int64]("INCR", key) }

// IncrBy adds n to the integer at key (INCRBY) and returns what this makes.
//
// O(1), since Redis 1.0.0.
func IncrBy(key string, n int64) redis.Command[int64] { return redis.Cmd[int64]("INCRBY", key, n) }

// IncrByFloat adds x to the number at key (INCRBYFLOAT) and returns what this makes.
//
// O(1), since Redis 2.6.0.
func IncrByFloat(key string, x float64) redis.Command[float64] {
	return redis.Cmd[float64]("INCRBYFLOAT", key, x)
}

// MGet returns the values at keys, in that order (MGET). A key that does not exist,
// or holds something else than a string, is nil or the zero T.
//
// O(N), since Redis 1.0.0.
func MGet[T any](keys ...string) redis.Command[[]T] {
	c := newCall("MGET")
	addAll(c, "key", keys)
	return commandFunc(c, eachOf(orZero[T]))
}

// MSet sets many keys to their values at once (MSET) and returns OK. None has a time
// to live then.
//
// O(N), since Redis 1.0.1.
func MSet[V any](values map[string]V) redis.Command[string] {
	c := newCall("MSET")
	addMap(c, "key", values)
	return command[string](c)
}

// MSetNX is [MSet] where none of the keys exists (MSETNX), and else does nothing and
// returns false.
//
// O(N), since Redis 1.0.1.
func MSetNX[V any](values map[string]V) redis.Command[bool] {
	c := newCall("MSETNX")
	addMap(c, "key", values)
	return command[bool](c)
}

// A SetOption of [Set] and [SetGet] is [EX], [EXAT] or [KeepTTL], and [NX] or [XX].
type SetOption interface {
	option
	forSet()
}

func (Expiry) forSet()     {}
func (KeptExpiry) forSet() {}
func (Condition) forSet()  {}

// Set sets key to value, whatever it held (SET). It returns false where [NX] or [XX]
// kept it from that. The key has no time to live then but what the options say.
//
// O(1), since Redis 1.0.0.
func Set(key string, value any, opts ...SetOption) redis.Command[bool] {
	return command[bool](set(key, value, opts))
}

// SetGet is [Set] that returns what key held before (SET with the option GET), null
// where it did not exist. Whether [NX] or [XX] kept it from setting the value is seen
// by that too.
//
// O(1), since Redis 6.2.0; with [NX] since Redis 7.0.0.
func SetGet[T any](key string, value any, opts ...SetOption) redis.Command[T] {
	c := set(key, value, opts)
	c.add("GET")
	return command[T](c)
}

func set(key string, value any, opts []SetOption) *call {
	c := newCall("SET", key, value)
	apply(c, opts)
	c.exclude("EX", "EXAT", "KEEPTTL")
	c.exclude("NX", "XX")
	return c
}

// SetRange overwrites the string at key from the byte offset on, with zero bytes
// before it where it is shorter (SETRANGE), and returns its length then.
//
// O(1), since Redis 2.2.0.
func SetRange(key string, offset int64, value any) redis.Command[int64] {
	return redis.Cmd[int64]("SETRANGE", key, offset, value)
}

// StrLen returns the length in bytes of the string at key (STRLEN), 0 where there is
// none.
//
// O(1), since Redis 2.2.0.
func StrLen(key string) redis.Command[int64] { return redis.Cmd[int64]("STRLEN", key) }
