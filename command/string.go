package command

import (
	"encoding/hex"
	"errors"

	redis "github.com/redis-rest/redis-rest-go"
)

// Append appends value to the string at key (APPEND) and returns the new length in
// bytes. A key that does not exist counts as an empty string.
//
// O(1), since Redis 2.0.0.
func Append(key string, value any) redis.Command[int64] {
	return redis.Cmd[int64]("APPEND", key, value)
}

// Decr subtracts 1 from the integer at key (DECR) and returns the new value. A key that
// does not exist counts as 0.
//
// O(1), since Redis 1.0.0.
func Decr(key string) redis.Command[int64] { return redis.Cmd[int64]("DECR", key) }

// DecrBy subtracts n from the integer at key (DECRBY) and returns the new value. A key
// that does not exist counts as 0.
//
// O(1), since Redis 1.0.0.
func DecrBy(key string, n int64) redis.Command[int64] { return redis.Cmd[int64]("DECRBY", key, n) }

// Get returns the value at key (GET), or null if the key does not exist.
//
// O(1), since Redis 1.0.0.
func Get[T any](key string) redis.Command[T] { return redis.Cmd[T]("GET", key) }

// GetDel returns the value at key and deletes the key (GETDEL). It returns null if the
// key does not exist.
//
// O(1), since Redis 6.2.0.
func GetDel[T any](key string) redis.Command[T] { return redis.Cmd[T]("GETDEL", key) }

// A GetExOption is an option of [GetEx] and [HGetEx]: one of [EX], [EXAT] and
// [PersistTTL].
type GetExOption interface {
	option
	needsOneOf_EX_EXAT_PersistTTL()
}

func (expiryOption) needsOneOf_EX_EXAT_PersistTTL() {}
func (persistTTL) needsOneOf_EX_EXAT_PersistTTL()   {}

// GetEx returns the value at key and changes when the key expires (GETEX). It returns
// null if the key does not exist. Without an option it does the same as [Get].
//
// O(1), since Redis 6.2.0.
//
// Options: [EX], [EXAT], [PersistTTL].
func GetEx[T any](key string, opts ...GetExOption) redis.Command[T] {
	c := newCall("GETEX", key)
	apply(c, opts)
	c.exclude("EX", "EXAT", "PERSIST")
	return command[T](c)
}

// GetRange returns the bytes from start to end of the string at key (GETRANGE), both
// included. Offsets are counted from 0. A negative offset counts from the end: -1 is
// the last byte. The result is empty if the key does not exist or the range has no
// bytes.
//
// O(N), since Redis 2.4.0.
func GetRange(key string, start, end int64) redis.Command[string] {
	return redis.Cmd[string]("GETRANGE", key, start, end)
}

// Incr adds 1 to the integer at key (INCR) and returns the new value. A key that does
// not exist counts as 0.
//
// O(1), since Redis 1.0.0.
func Incr(key string) redis.Command[int64] { return redis.Cmd[int64]("INCR", key) }

// IncrBy adds n to the integer at key (INCRBY) and returns the new value. A key that
// does not exist counts as 0.
//
// O(1), since Redis 1.0.0.
func IncrBy(key string, n int64) redis.Command[int64] { return redis.Cmd[int64]("INCRBY", key, n) }

// IncrByFloat adds x to the number at key (INCRBYFLOAT) and returns the new value. A
// key that does not exist counts as 0.
//
// O(1), since Redis 2.6.0.
func IncrByFloat(key string, x float64) redis.Command[float64] {
	return redis.Cmd[float64]("INCRBYFLOAT", key, x)
}

// MGet returns the values at keys, in the order of the keys (MGET). If a key does not
// exist or does not hold a string, its element is null.
//
// O(N), since Redis 1.0.0.
func MGet[T any](keys ...string) redis.Command[[]T] {
	c := newCall("MGET")
	addAll(c, "key", keys)
	return command[[]T](c)
}

// MSet sets many keys to their values at once (MSET) and returns OK. It removes the
// time to live of keys that had one.
//
// O(N), since Redis 1.0.1.
func MSet[V any](values map[string]V) redis.Command[string] {
	c := newCall("MSET")
	addMap(c, "key", values)
	return command[string](c)
}

// MSetNX is [MSet] for keys that do not exist (MSETNX). If any of the keys exists, it
// sets none and returns false.
//
// O(N), since Redis 1.0.1.
func MSetNX[V any](values map[string]V) redis.Command[bool] {
	c := newCall("MSETNX")
	addMap(c, "key", values)
	return command[bool](c)
}

// A SetOption is an option of [Set] and [SetGet]: one of [EX], [EXAT] and [KeepTTL],
// and one of [NX], [XX], [IfEqual], [IfNotEqual], [IfDigest] and [IfNotDigest].
type SetOption interface {
	option
	needsOneOf_EX_EXAT_IfDigest_IfEqual_IfNotDigest_IfNotEqual_KeepTTL_NX_XX()
}

func (expiryOption) needsOneOf_EX_EXAT_IfDigest_IfEqual_IfNotDigest_IfNotEqual_KeepTTL_NX_XX() {}
func (keepTTL) needsOneOf_EX_EXAT_IfDigest_IfEqual_IfNotDigest_IfNotEqual_KeepTTL_NX_XX()      {}
func (condition) needsOneOf_EX_EXAT_IfDigest_IfEqual_IfNotDigest_IfNotEqual_KeepTTL_NX_XX()    {}
func (stringCondition) needsOneOf_EX_EXAT_IfDigest_IfEqual_IfNotDigest_IfNotEqual_KeepTTL_NX_XX() {
}

// A stringCondition is [IfEqual], [IfNotEqual], [IfDigest] or [IfNotDigest].
type stringCondition struct{ word }

// IfEqual allows only what changes a key that holds this value. Since Redis 8.4.0.
func IfEqual(value any) stringCondition { return stringCondition{newWord("IFEQ", value)} }

// IfNotEqual allows only what changes a key that holds another value or, for [Set], does
// not exist. Since Redis 8.4.0.
func IfNotEqual(value any) stringCondition { return stringCondition{newWord("IFNE", value)} }

// IfDigest is [IfEqual] for a large value: it names the value by what [Digest] returned.
// Since Redis 8.4.0.
func IfDigest(digest string) stringCondition { return newDigest("IFDEQ", digest) }

// IfNotDigest is [IfNotEqual] for a large value: it names the value by what [Digest]
// returned. Since Redis 8.4.0.
func IfNotDigest(digest string) stringCondition { return newDigest("IFDNE", digest) }

func newDigest(name, digest string) stringCondition {
	w := newWord(name, digest)
	if _, err := hex.DecodeString(digest); err != nil || len(digest) != 16 {
		w.err = errors.New("needs a digest of 16 hexadecimal digits")
	}
	return stringCondition{w}
}

// stringConditions are the names of the options of which one may be given.
var stringConditions = []string{"NX", "XX", "IFEQ", "IFNE", "IFDEQ", "IFDNE"}

// A DelExOption is an option of [DelEx]: one of [IfEqual], [IfNotEqual], [IfDigest] and
// [IfNotDigest].
type DelExOption interface {
	option
	needsOneOf_IfDigest_IfEqual_IfNotDigest_IfNotEqual()
}

func (stringCondition) needsOneOf_IfDigest_IfEqual_IfNotDigest_IfNotEqual() {}

// DelEx deletes key if its value meets a condition (DELEX), and says whether it did.
// Without a condition it does what [Del] does.
//
// O(1), or O(N) for [IfDigest] and [IfNotDigest], since Redis 8.4.0.
//
// Options: [IfDigest], [IfEqual], [IfNotDigest], [IfNotEqual].
func DelEx(key string, opts ...DelExOption) redis.Command[bool] {
	c := newCall("DELEX", key)
	apply(c, opts)
	c.exclude(stringConditions...)
	return command[bool](c)
}

// Digest returns a digest of the value at key (DIGEST), or null if the key does not exist:
// 16 hexadecimal digits (XXH3) for [IfDigest] and [IfNotDigest].
//
// O(N), since Redis 8.4.0.
func Digest(key string) redis.Command[string] { return redis.Cmd[string]("DIGEST", key) }

// An MSetExOption is an option of [MSetEx]: one of [EX], [EXAT] and [KeepTTL], and one of
// [NX] and [XX].
type MSetExOption interface {
	option
	needsOneOf_EX_EXAT_KeepTTL_NX_XX()
}

func (expiryOption) needsOneOf_EX_EXAT_KeepTTL_NX_XX() {}
func (keepTTL) needsOneOf_EX_EXAT_KeepTTL_NX_XX()      {}
func (condition) needsOneOf_EX_EXAT_KeepTTL_NX_XX()    {}

// MSetEx is [MSet] with a time to live for all keys (MSETEX). It returns false and sets
// none if [NX] prevented it because one of the keys exists, or [XX] because one does not.
//
// O(N), since Redis 8.4.0.
//
// Options: [EX], [EXAT], [KeepTTL], [NX], [XX].
func MSetEx[V any](values map[string]V, opts ...MSetExOption) redis.Command[bool] {
	c := newCall("MSETEX", len(values))
	addMap(c, "key", values)
	apply(c, opts)
	c.exclude("EX", "EXAT", "KEEPTTL")
	c.exclude("NX", "XX")
	return command[bool](c)
}

// Set sets key to value (SET). A value that the key held before is overwritten,
// whatever its type. Set returns false if a condition such as [NX] prevented it. The old
// time to live is removed; the options [EX], [EXAT] and [KeepTTL] set or keep one.
//
// O(1), since Redis 1.0.0; [IfEqual] and the like since Redis 8.4.0. [IfDigest] and
// [IfNotDigest] read the whole value.
//
// Options: [EX], [EXAT], [IfDigest], [IfEqual], [IfNotDigest], [IfNotEqual], [KeepTTL], [NX], [XX].
func Set(key string, value any, opts ...SetOption) redis.Command[bool] {
	return command[bool](set(key, value, opts))
}

// SetGet is [Set] that returns the value that the key held before (SET with the option
// GET). It returns null if the key did not exist. With [NX] or [XX] the result also
// says whether the value was set: with NX it was set if the result is null, with XX if
// it is not null.
//
// O(1), since Redis 6.2.0; with [NX] since Redis 7.0.0.
//
// Options: [EX], [EXAT], [IfDigest], [IfEqual], [IfNotDigest], [IfNotEqual], [KeepTTL], [NX], [XX].
func SetGet[T any](key string, value any, opts ...SetOption) redis.Command[T] {
	c := set(key, value, opts)
	c.add("GET")
	return command[T](c)
}

func set(key string, value any, opts []SetOption) *call {
	c := newCall("SET", key, value)
	apply(c, opts)
	c.exclude("EX", "EXAT", "KEEPTTL")
	c.exclude(stringConditions...)
	return c
}

// SetRange overwrites the string at key, starting at the byte offset (SETRANGE), and
// returns the new length in bytes. If the string is shorter than offset, zero bytes are
// added up to it.
//
// O(1), since Redis 2.2.0.
func SetRange(key string, offset int64, value any) redis.Command[int64] {
	return redis.Cmd[int64]("SETRANGE", key, offset, value)
}

// StrLen returns the length in bytes of the string at key (STRLEN), or 0 if the key
// does not exist.
//
// O(1), since Redis 2.2.0.
func StrLen(key string) redis.Command[int64] { return redis.Cmd[int64]("STRLEN", key) }
