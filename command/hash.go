package command

import (
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Field is a field of a hash and its value.
type Field[T any] struct {
	Name  string
	Value T
}

// fields reads a list of fields and values in turn.
func fields[T any](r redis.Reply) ([]Field[T], error) {
	return pairs(r, func(name string, value T) Field[T] { return Field[T]{name, value} })
}

// HDel deletes fields of the hash at key (HDEL) and returns how many existed.
//
// O(N), since Redis 2.0.0.
func HDel(key string, fields ...string) redis.Command[int64] {
	c := newCall("HDEL", key)
	addAll(c, "field", fields)
	return command[int64](c)
}

// HExists says whether the hash at key has a field (HEXISTS).
//
// O(1), since Redis 2.0.0.
func HExists(key, field string) redis.Command[bool] {
	return redis.Cmd[bool]("HEXISTS", key, field)
}

// A FieldStatus is what a command says of each field whose expiry it was to change.
type FieldStatus int64

// What became of a field's expiry.
const (
	FieldMissing   FieldStatus = -2 // there is no such field, or no such key
	FieldPersisted FieldStatus = -1 // it does not expire anyway
	FieldKept      FieldStatus = 0  // an option kept it
	FieldChanged   FieldStatus = 1
	FieldDeleted   FieldStatus = 2 // since the time has passed
)

// HExpire has fields of the hash at key expire in d (HEXPIRE, or HPEXPIRE where d is
// not whole seconds), and returns what became of each. [NX], [XX], [GT] and [LT]
// exclude each other here.
//
// O(N), since Redis 7.4.0.
func HExpire(key string, d time.Duration, fields []string, opts ...ExpireOption) redis.Command[[]FieldStatus] {
	return hExpire("", key, d, fields, opts)
}

// HPExpire is [HExpire] in milliseconds whatever d is (HPEXPIRE).
//
// O(N), since Redis 7.4.0.
func HPExpire(key string, d time.Duration, fields []string, opts ...ExpireOption) redis.Command[[]FieldStatus] {
	return hExpire("P", key, d, fields, opts)
}

func hExpire(p, key string, d time.Duration, fields []string, opts []ExpireOption) redis.Command[[]FieldStatus] {
	p, n, err := units(p, d)
	c := newCall("H"+p+"EXPIRE", key, n)
	c.err = err
	return command[[]FieldStatus](fieldOptions(c, fields, opts))
}

// HExpireAt is [HExpire] at a time (HEXPIREAT, or HPEXPIREAT where it is not a whole
// second).
//
// O(N), since Redis 7.4.0.
func HExpireAt(key string, t time.Time, fields []string, opts ...ExpireOption) redis.Command[[]FieldStatus] {
	return hExpireAt("", key, t, fields, opts)
}

// HPExpireAt is [HExpireAt] in milliseconds whatever the time is (HPEXPIREAT).
//
// O(N), since Redis 7.4.0.
func HPExpireAt(key string, t time.Time, fields []string, opts ...ExpireOption) redis.Command[[]FieldStatus] {
	return hExpireAt("P", key, t, fields, opts)
}

func hExpireAt(p, key string, t time.Time, fields []string, opts []ExpireOption) redis.Command[[]FieldStatus] {
	p, n, err := unitsAt(p, t)
	c := newCall("H"+p+"EXPIREAT", key, n)
	c.err = err
	return command[[]FieldStatus](fieldOptions(c, fields, opts))
}

func fieldOptions(c *call, fields []string, opts []ExpireOption) *call {
	apply(c, opts)
	c.exclude("NX", "XX", "GT", "LT")
	return addFields(c, fields)
}

func addFields(c *call, fields []string) *call {
	c.add("FIELDS")
	addCounted(c, "field", fields)
	return c
}

// HExpireTime returns when fields of the hash at key expire, to the second
// (HEXPIRETIME): the zero time where one does not, and nil where there is no such
// field.
//
// O(N), since Redis 7.4.0.
func HExpireTime(key string, fields ...string) redis.Command[[]*time.Time] {
	return commandFunc(addFields(newCall("HEXPIRETIME", key), fields), eachOf(orNil(expiry(time.Second))))
}

// HPExpireTime is [HExpireTime] to the millisecond (HPEXPIRETIME).
//
// O(N), since Redis 7.4.0.
func HPExpireTime(key string, fields ...string) redis.Command[[]*time.Time] {
	return commandFunc(addFields(newCall("HPEXPIRETIME", key), fields), eachOf(orNil(expiry(time.Millisecond))))
}

// HGet returns a field of the hash at key (HGET), null where there is none.
//
// O(1), since Redis 2.0.0.
func HGet[T any](key, field string) redis.Command[T] { return redis.Cmd[T]("HGET", key, field) }

// HGetAll returns the hash at key (HGETALL) as a map of its fields, such as
// map[string]string, or a struct with a field for each. Redis replies to a key that does
// not exist as to a hash without fields: that is an empty map, or the zero struct, of
// which a pointer is not nil.
//
// O(N), since Redis 2.0.0.
func HGetAll[T any](key string) redis.Command[T] { return redis.Cmd[T]("HGETALL", key) }

// HGetDel returns fields of the hash at key, in that order, and deletes them
// (HGETDEL). A field that does not exist is nil or the zero T.
//
// O(N), since Redis 8.0.0.
func HGetDel[T any](key string, fields ...string) redis.Command[[]T] {
	return commandFunc(addFields(newCall("HGETDEL", key), fields), eachOf(orZero[T]))
}

// HGetEx returns fields of the hash at key, in that order, and changes when they
// expire (HGETEX). A field that does not exist is nil or the zero T.
//
// O(N), since Redis 8.0.0.
func HGetEx[T any](key string, fields []string, opts ...GetExOption) redis.Command[[]T] {
	c := newCall("HGETEX", key)
	apply(c, opts)
	c.exclude("EX", "EXAT", "PERSIST")
	return commandFunc(addFields(c, fields), eachOf(orZero[T]))
}

// HIncrBy adds n to the integer in a field of the hash at key (HINCRBY) and returns
// what this makes. A field that does not exist counts as 0.
//
// O(1), since Redis 2.0.0.
func HIncrBy(key, field string, n int64) redis.Command[int64] {
	return redis.Cmd[int64]("HINCRBY", key, field, n)
}

// HIncrByFloat adds x to the number in a field of the hash at key (HINCRBYFLOAT) and
// returns what this makes.
//
// O(1), since Redis 2.6.0.
func HIncrByFloat(key, field string, x float64) redis.Command[float64] {
	return redis.Cmd[float64]("HINCRBYFLOAT", key, field, x)
}

// HKeys returns the names of the fields of the hash at key, in no order (HKEYS).
//
// O(N), since Redis 2.0.0.
func HKeys(key string) redis.Command[[]string] { return redis.Cmd[[]string]("HKEYS", key) }

// HLen returns how many fields the hash at key has (HLEN).
//
// O(1), since Redis 2.0.0.
func HLen(key string) redis.Command[int64] { return redis.Cmd[int64]("HLEN", key) }

// HMGet returns fields of the hash at key, in that order (HMGET). A field that does
// not exist is nil or the zero T.
//
// O(N), since Redis 2.0.0.
func HMGet[T any](key string, fields ...string) redis.Command[[]T] {
	c := newCall("HMGET", key)
	addAll(c, "field", fields)
	return commandFunc(c, eachOf(orZero[T]))
}

// HPersist ends the time to live of fields of the hash at key (HPERSIST), and returns
// what became of each.
//
// O(N), since Redis 7.4.0.
func HPersist(key string, fields ...string) redis.Command[[]FieldStatus] {
	return command[[]FieldStatus](addFields(newCall("HPERSIST", key), fields))
}

// HPTTL is [HTTL] to the millisecond (HPTTL).
//
// O(N), since Redis 7.4.0.
func HPTTL(key string, fields ...string) redis.Command[[]*time.Duration] {
	return commandFunc(addFields(newCall("HPTTL", key), fields), eachOf(orNil(ttl(time.Millisecond))))
}

// HRandField returns the name of some field of the hash at key (HRANDFIELD), null
// where there is none.
//
// O(N), since Redis 6.2.0.
func HRandField(key string) redis.Command[string] { return redis.Cmd[string]("HRANDFIELD", key) }

// HRandFields returns the names of n different fields of the hash at key, or of all
// where it has fewer (HRANDFIELD). A negative n is for that many names that may be the
// same.
//
// O(N), since Redis 6.2.0.
func HRandFields(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("HRANDFIELD", key, n)
}

// HRandFieldsWithValues is [HRandFields] with the values (HRANDFIELD).
//
// O(N), since Redis 6.2.0.
func HRandFieldsWithValues[T any](key string, n int64) redis.Command[[]Field[T]] {
	return redis.CmdFunc(fields[T], "HRANDFIELD", key, n, "WITHVALUES")
}

// HSet sets fields of the hash at key to their values (HSET) and returns how many are
// new.
//
// O(1) for each field, since Redis 2.0.0.
func HSet[V any](key string, values map[string]V) redis.Command[int64] {
	c := newCall("HSET", key)
	addMap(c, "field", values)
	return command[int64](c)
}

// An HSetExOption of [HSetEx] is [EX], [EXAT] or [KeepTTL], and [FNX] or [FXX].
type HSetExOption interface {
	option
	forHSetEx()
}

func (Expiry) forHSetEx()     {}
func (KeptExpiry) forHSetEx() {}

type fieldCondition struct{ word }

func (fieldCondition) forHSetEx() {}

// FNX sets the fields only where none of them exists.
func FNX() HSetExOption { return fieldCondition{newWord("FNX")} }

// FXX sets the fields only where all of them exist.
func FXX() HSetExOption { return fieldCondition{newWord("FXX")} }

// HSetEx sets fields of the hash at key to their values and says when they expire
// (HSETEX). It returns false where [FNX] or [FXX] kept it from that.
//
// O(N), since Redis 8.0.0.
func HSetEx[V any](key string, values map[string]V, opts ...HSetExOption) redis.Command[bool] {
	c := newCall("HSETEX", key)
	apply(c, opts)
	c.exclude("EX", "EXAT", "KEEPTTL")
	c.exclude("FNX", "FXX")
	c.add("FIELDS", len(values))
	addMap(c, "field", values)
	return command[bool](c)
}

// HSetNX sets a field of the hash at key that does not exist (HSETNX), and returns
// false where it does.
//
// O(1), since Redis 2.0.0.
func HSetNX(key, field string, value any) redis.Command[bool] {
	return redis.Cmd[bool]("HSETNX", key, field, value)
}

// HStrLen returns the length in bytes of a field of the hash at key (HSTRLEN), 0 where
// there is none.
//
// O(1), since Redis 3.2.0.
func HStrLen(key, field string) redis.Command[int64] {
	return redis.Cmd[int64]("HSTRLEN", key, field)
}

// HTTL returns the time until fields of the hash at key expire, to the second (HTTL):
// [Forever] where one does not, and nil where there is no such field.
//
// O(N), since Redis 7.4.0.
func HTTL(key string, fields ...string) redis.Command[[]*time.Duration] {
	return commandFunc(addFields(newCall("HTTL", key), fields), eachOf(orNil(ttl(time.Second))))
}

// HVals returns the values of the hash at key, in no order (HVALS).
//
// O(N), since Redis 2.0.0.
func HVals[T any](key string) redis.Command[[]T] { return redis.Cmd[[]T]("HVALS", key) }
