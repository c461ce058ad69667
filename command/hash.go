package command

import (
	"reflect"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A Field is a field of a hash and its value.
type Field[T any] struct {
	Name  string
	Value T
}

// fields decodes a list that alternates fields and values.
func fields[T any](r redis.Reply) ([]Field[T], error) {
	return pairs(r, func(name string, value T) Field[T] { return Field[T]{name, value} })
}

// HDel deletes fields of the hash at key (HDEL) and returns the number of fields that
// existed.
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

// A FieldStatus says what a command did with the expiry of one field.
type FieldStatus int64

// What a command did with the expiry of a field.
const (
	FieldMissing   FieldStatus = -2 // the field or the key does not exist
	FieldPersisted FieldStatus = -1 // the field has no expiry
	FieldKept      FieldStatus = 0  // an option prevented the change
	FieldChanged   FieldStatus = 1
	FieldDeleted   FieldStatus = 2 // the time is in the past, so the field was deleted
)

// HExpire sets the time to live of fields of the hash at key to d (HEXPIRE, or HPEXPIRE
// if d is not a whole number of seconds). It returns a status for each field. Only one
// of [NX], [XX], [GT] and [LT] can be given.
//
// O(N), since Redis 7.4.0.
//
// Options: [GT], [LT], [NX], [XX].
func HExpire(key string, d time.Duration, fields []string, opts ...ExpireOption) redis.Command[[]FieldStatus] {
	return hExpire("", key, d, fields, opts)
}

// HPExpire is [HExpire] that always sends milliseconds (HPEXPIRE).
//
// O(N), since Redis 7.4.0.
//
// Options: [GT], [LT], [NX], [XX].
func HPExpire(key string, d time.Duration, fields []string, opts ...ExpireOption) redis.Command[[]FieldStatus] {
	return hExpire("P", key, d, fields, opts)
}

func hExpire(p, key string, d time.Duration, fields []string, opts []ExpireOption) redis.Command[[]FieldStatus] {
	p, n, err := units(p, d)
	c := newCall("H"+p+"EXPIRE", key, n)
	c.err = err
	return command[[]FieldStatus](fieldOptions(c, fields, opts))
}

// HExpireAt is [HExpire] with a time instead of a duration (HEXPIREAT, or HPEXPIREAT if
// t is not a whole second).
//
// O(N), since Redis 7.4.0.
//
// Options: [GT], [LT], [NX], [XX].
func HExpireAt(key string, t time.Time, fields []string, opts ...ExpireOption) redis.Command[[]FieldStatus] {
	return hExpireAt("", key, t, fields, opts)
}

// HPExpireAt is [HExpireAt] that always sends milliseconds (HPEXPIREAT).
//
// O(N), since Redis 7.4.0.
//
// Options: [GT], [LT], [NX], [XX].
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

// HExpireTime returns the times at which fields of the hash at key expire, to the
// second (HEXPIRETIME). An element is the zero time if the field has no expiry, and nil
// if the field does not exist.
//
// O(N), since Redis 7.4.0.
func HExpireTime(key string, fields ...string) redis.Command[[]*time.Time] {
	return commandWithDecoder(addFields(newCall("HEXPIRETIME", key), fields), eachOf(orNil(expiry(time.Second))))
}

// HPExpireTime is [HExpireTime] to the millisecond (HPEXPIRETIME).
//
// O(N), since Redis 7.4.0.
func HPExpireTime(key string, fields ...string) redis.Command[[]*time.Time] {
	return commandWithDecoder(addFields(newCall("HPEXPIRETIME", key), fields), eachOf(orNil(expiry(time.Millisecond))))
}

// HGet returns the value of a field of the hash at key (HGET). It returns null if the
// field or the key does not exist.
//
// O(1), since Redis 2.0.0.
func HGet[T any](key, field string) redis.Command[T] { return redis.Cmd[T]("HGET", key, field) }

// HGetAll returns the hash at key (HGETALL). T is a map of its fields, such as
// map[string]string, or a struct with a Go field for each field of the hash. It returns
// null if the key does not exist: nil for a map or a pointer to a struct, and
// [redis.ErrNil] for a struct.
//
// O(N), since Redis 2.0.0.
func HGetAll[T any](key string) redis.Command[T] { return redis.Cmd[T]("HGETALL", key) }

// HGetDel returns the values of fields of the hash at key, in the order of the fields,
// and deletes the fields (HGETDEL). An element is null if its field does not exist. If a
// value does not fit T, the [redis.DecodeError] keeps the reply with all values.
//
// O(N), since Redis 8.0.0.
func HGetDel[T any](key string, fields ...string) redis.Command[[]T] {
	return command[[]T](addFields(newCall("HGETDEL", key), fields))
}

// HGetEx returns the values of fields of the hash at key, in the order of the fields,
// and changes when the fields expire (HGETEX). An element is null if its field does not
// exist.
//
// O(N), since Redis 8.0.0.
//
// Options: [EX], [EXAT], [PersistTTL].
func HGetEx[T any](key string, fields []string, opts ...GetExOption) redis.Command[[]T] {
	c := newCall("HGETEX", key)
	apply(c, opts)
	c.exclude("EX", "EXAT", "PERSIST")
	return command[[]T](addFields(c, fields))
}

// HIncrBy adds n to the integer in a field of the hash at key (HINCRBY) and returns the
// new value. A field that does not exist counts as 0.
//
// O(1), since Redis 2.0.0.
func HIncrBy(key, field string, n int64) redis.Command[int64] {
	return redis.Cmd[int64]("HINCRBY", key, field, n)
}

// HIncrByFloat adds x to the number in a field of the hash at key (HINCRBYFLOAT) and
// returns the new value. A field that does not exist counts as 0.
//
// O(1), since Redis 2.6.0.
func HIncrByFloat(key, field string, x float64) redis.Command[float64] {
	return redis.Cmd[float64]("HINCRBYFLOAT", key, field, x)
}

// HKeys returns the names of the fields of the hash at key, in no particular order
// (HKEYS).
//
// O(N), since Redis 2.0.0.
func HKeys(key string) redis.Command[[]string] { return redis.Cmd[[]string]("HKEYS", key) }

// HLen returns the number of fields of the hash at key (HLEN), or 0 if the key does not
// exist.
//
// O(1), since Redis 2.0.0.
func HLen(key string) redis.Command[int64] { return redis.Cmd[int64]("HLEN", key) }

// HMGet returns the values of fields of the hash at key, in the order of the fields
// (HMGET). An element is null if its field does not exist.
//
// O(N), since Redis 2.0.0.
func HMGet[T any](key string, fields ...string) redis.Command[[]T] {
	c := newCall("HMGET", key)
	addAll(c, "field", fields)
	return command[[]T](c)
}

// HMGetStruct returns the struct T, or a pointer to one, with the values of fields of the
// hash at key (HMGET): of the given fields, or without any, of those that T has for
// [Fields]. A field that the hash does not have is zero. It returns null if the hash has
// none of the fields.
//
// O(N), since Redis 2.0.0.
func HMGetStruct[T any](key string, fields ...string) redis.Command[T] {
	c := newCall("HMGET", key)
	if len(fields) == 0 {
		names, err := wire.FieldNames(reflect.TypeFor[T]())
		if err != nil {
			c.refuse("fields: %w", err)
		}
		fields = names
	}
	addAll(c, "field", fields)
	return command[T](c)
}

// HPersist removes the time to live of fields of the hash at key (HPERSIST), and
// returns a status for each field.
//
// O(N), since Redis 7.4.0.
func HPersist(key string, fields ...string) redis.Command[[]FieldStatus] {
	return command[[]FieldStatus](addFields(newCall("HPERSIST", key), fields))
}

// HPTTL is [HTTL] to the millisecond (HPTTL).
//
// O(N), since Redis 7.4.0.
func HPTTL(key string, fields ...string) redis.Command[[]*time.Duration] {
	return commandWithDecoder(addFields(newCall("HPTTL", key), fields), eachOf(orNil(ttl(time.Millisecond))))
}

// HRandField returns the name of a random field of the hash at key (HRANDFIELD), or
// null if the key does not exist.
//
// O(N), since Redis 6.2.0.
func HRandField(key string) redis.Command[string] { return redis.Cmd[string]("HRANDFIELD", key) }

// HRandFields returns the names of n different random fields of the hash at key
// (HRANDFIELD). It returns all names if the hash has fewer fields. If n is negative, it
// returns -n names, and the same name can occur more than once.
//
// O(N), since Redis 6.2.0.
func HRandFields(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("HRANDFIELD", key, n)
}

// HRandFieldsWithValues is [HRandFields] that also returns the values (HRANDFIELD).
//
// O(N), since Redis 6.2.0.
func HRandFieldsWithValues[T any](key string, n int64) redis.Command[[]Field[T]] {
	return redis.CmdWithDecoder(fields[T], "HRANDFIELD", key, n, "WITHVALUES")
}

// HSet sets fields of the hash at key to their values (HSET) and returns the number of new
// fields. The fields are given in one of three ways:
//
//	HSet(key, "name", "Ada", "level", 3)   fields and values in turn; names are strings
//	HSet(key, map[string]any{"level": 3})  a map, in the order of its keys
//	HSet(key, Fields(user))                a struct; see Fields
//
// O(1) for each field, since Redis 2.0.0.
func HSet(key string, fieldValues ...any) redis.Command[int64] {
	c := newCall("HSET", key)
	switch n := len(fieldValues); {
	case n <= 1:
		var values any
		if n == 1 {
			values = fieldValues[0]
		}
		c.add(c.fieldsOf(values)...)
	case n%2 != 0:
		c.refuse("needs a value for each field")
	default:
		for i := 0; i < n; i += 2 {
			if _, ok := fieldValues[i].(string); !ok {
				c.refuse("argument %d (%T): the name of a field is a string", len(c.args)+i, fieldValues[i])
			}
		}
		c.add(fieldValues...)
	}
	return command[int64](c)
}

// An HSetExOption is an option of [HSetEx]: one of [EX], [EXAT] and [KeepTTL], and one
// of [FNX] and [FXX].
type HSetExOption interface {
	option
	needsOneOf_EX_EXAT_FNX_FXX_KeepTTL()
}

func (expiryOption) needsOneOf_EX_EXAT_FNX_FXX_KeepTTL() {}
func (keepTTL) needsOneOf_EX_EXAT_FNX_FXX_KeepTTL()      {}

type fieldCondition struct{ word }

func (fieldCondition) needsOneOf_EX_EXAT_FNX_FXX_KeepTTL() {}

// FNX sets the fields only if none of them exists.
func FNX() HSetExOption { return fieldCondition{newWord("FNX")} }

// FXX sets the fields only if all of them exist.
func FXX() HSetExOption { return fieldCondition{newWord("FXX")} }

// HSetEx sets fields of the hash at key to values and sets when the fields expire
// (HSETEX). It returns false if [FNX] or [FXX] prevented it. The values are a map, or
// [Fields] of a struct.
//
// O(N), since Redis 8.0.0.
//
// Options: [EX], [EXAT], [FNX], [FXX], [KeepTTL].
func HSetEx(key string, values any, opts ...HSetExOption) redis.Command[bool] {
	c := newCall("HSETEX", key)
	apply(c, opts)
	c.exclude("EX", "EXAT", "KEEPTTL")
	c.exclude("FNX", "FXX")
	fields := c.fieldsOf(values)
	c.add("FIELDS", len(fields)/2)
	c.add(fields...)
	return command[bool](c)
}

// HSetNX sets a field of the hash at key if the field does not exist (HSETNX). It
// returns false if the field exists.
//
// O(1), since Redis 2.0.0.
func HSetNX(key, field string, value any) redis.Command[bool] {
	return redis.Cmd[bool]("HSETNX", key, field, value)
}

// HStrLen returns the length in bytes of the value of a field of the hash at key
// (HSTRLEN). It returns 0 if the field or the key does not exist.
//
// O(1), since Redis 3.2.0.
func HStrLen(key, field string) redis.Command[int64] {
	return redis.Cmd[int64]("HSTRLEN", key, field)
}

// HTTL returns the time to live of fields of the hash at key, to the second (HTTL). An
// element is [Forever] if the field has no expiry, and nil if the field does not exist.
//
// O(N), since Redis 7.4.0.
func HTTL(key string, fields ...string) redis.Command[[]*time.Duration] {
	return commandWithDecoder(addFields(newCall("HTTL", key), fields), eachOf(orNil(ttl(time.Second))))
}

// HVals returns the values of the fields of the hash at key, in no particular order
// (HVALS).
//
// O(N), since Redis 2.0.0.
func HVals[T any](key string) redis.Command[[]T] { return redis.Cmd[[]T]("HVALS", key) }
