package command

import (
	"errors"

	redis "github.com/redis-rest/redis-rest-go"
)

// LIndex returns the element at index of the list at key (LINDEX), or null if there is
// no such element. Indexes are counted from 0. A negative index counts from the end: -1
// is the last element.
//
// O(N), since Redis 1.0.0.
func LIndex[T any](key string, index int64) redis.Command[T] {
	return redis.Cmd[T]("LINDEX", key, index)
}

// A Side says on which side of an element [LInsert] inserts: [Before] or [After].
type Side string

// The sides of an element.
const (
	Before Side = "BEFORE"
	After  Side = "AFTER"
)

// LInsert inserts value before or after the first element of the list at key that
// equals pivot (LINSERT). It returns the new length of the list. If pivot is not in the
// list it inserts nothing and returns -1. If the key does not exist it inserts nothing
// and returns 0.
//
// O(N), since Redis 2.2.0.
func LInsert(key string, side Side, pivot, value any) redis.Command[int64] {
	c := newCall("LINSERT", key)
	addEither(c, side, Before, After)
	c.add(pivot, value)
	return command[int64](c)
}

// LLen returns the length of the list at key (LLEN), or 0 if the key does not exist.
//
// O(1), since Redis 1.0.0.
func LLen(key string) redis.Command[int64] { return redis.Cmd[int64]("LLEN", key) }

// An End of a list is [Left] or [Right].
type End string

// The ends of a list.
const (
	Left  End = "LEFT" // the end with index 0
	Right End = "RIGHT"
)

// LMove removes the element at one end of the list at source and inserts it at one end
// of the list at destination, atomically (LMOVE). Both can be the same list. It returns
// the element, or null if source does not exist.
//
// O(1), since Redis 6.2.0.
func LMove[T any](source, destination string, from, to End) redis.Command[T] {
	c := newCall("LMOVE", source, destination)
	addEither(c, from, Left, Right)
	addEither(c, to, Left, Right)
	return command[T](c)
}

// LMPop removes elements from one end of the first list that is not empty (LMPOP) and
// returns them with the key of that list. It returns null if all lists are empty.
// Without [Count] it removes one element.
//
// O(N+M), since Redis 7.0.0.
//
// Options: [Count].
func LMPop[T any](keys []string, from End, opts ...CountOption) redis.Command[Popped[T]] {
	c := newCall("LMPOP")
	addCounted(c, "key", keys)
	addEither(c, from, Left, Right)
	apply(c, opts)
	return command[Popped[T]](c)
}

// LPop removes the first element of the list at key and returns it (LPOP). It returns
// null if the key does not exist.
//
// O(N), since Redis 1.0.0.
func LPop[T any](key string) redis.Command[T] { return redis.Cmd[T]("LPOP", key) }

// LPopCount removes the first n elements of the list at key and returns them, the first
// element first (LPOP with a count). It removes all elements if the list has fewer. It
// returns nil if the key does not exist.
//
// O(N), since Redis 1.0.0; with a count since Redis 6.2.0.
func LPopCount[T any](key string, n int64) redis.Command[[]T] {
	return redis.Cmd[[]T]("LPOP", key, n)
}

// An LPosOption is an option of [LPos] and [LPosCount]: [Rank] or [MaxCompared].
type LPosOption interface {
	option
	needsOneOf_MaxCompared_Rank()
}

type listSearch struct{ word }

func (listSearch) needsOneOf_MaxCompared_Rank() {}

// Rank starts a search at match n, counted from 1. A negative n searches from the end
// of the list towards the front: -1 is the last match.
func Rank(n int64) LPosOption {
	w := newWord("RANK", n)
	if n == 0 {
		w.err = errors.New("must not be 0")
	}
	return listSearch{w}
}

// MaxCompared makes a search compare at most n elements. 0 compares all.
func MaxCompared(n int64) LPosOption { return listSearch{newCount("MAXLEN", n, 0)} }

// LPos returns the index of the first element of the list at key that equals value
// (LPOS), or null if there is none. The index is counted from 0 at the front of the
// list, with any option.
//
// O(N), since Redis 6.0.6.
//
// Options: [MaxCompared], [Rank].
func LPos(key string, value any, opts ...LPosOption) redis.Command[int64] {
	c := newCall("LPOS", key, value)
	apply(c, opts)
	return command[int64](c)
}

// LPosCount returns the indexes of the first n elements of the list at key that equal
// value (LPOS with the option COUNT). If n is 0 it returns the indexes of all such
// elements. The result is empty if there are none.
//
// O(N), since Redis 6.0.6.
//
// Options: [MaxCompared], [Rank].
func LPosCount(key string, value any, n int64, opts ...LPosOption) redis.Command[[]int64] {
	c := newCall("LPOS", key, value)
	apply(c, opts)
	newCount("COUNT", n, 0).writeTo(c)
	return command[[]int64](c)
}

// LPush inserts values at the front of the list at key (LPUSH) and returns the new
// length of the list. It inserts one value after the other, so the last value becomes
// the first element. It creates the list if the key does not exist.
//
// O(1) for each value, since Redis 1.0.0.
func LPush(key string, values ...any) redis.Command[int64] { return push("LPUSH", key, values) }

// LPushX is [LPush] for a list that exists (LPUSHX). If the key does not exist it does
// nothing and returns 0.
//
// O(1) for each value, since Redis 2.2.0.
func LPushX(key string, values ...any) redis.Command[int64] { return push("LPUSHX", key, values) }

func push(name, key string, values []any) redis.Command[int64] {
	c := newCall(name, key)
	addAll(c, "value", values)
	return command[int64](c)
}

// LRange returns the elements from start to stop of the list at key (LRANGE), both
// included. Indexes are counted from 0. A negative index counts from the end: -1 is the
// last element. The result is empty if the key does not exist or the range has no
// elements.
//
// O(S+N), since Redis 1.0.0.
func LRange[T any](key string, start, stop int64) redis.Command[[]T] {
	return redis.Cmd[[]T]("LRANGE", key, start, stop)
}

// LRem deletes elements that equal value from the list at key (LREM). It deletes the
// first n such elements if n is positive, the last -n if n is negative, and all if n is
// 0. It returns the number of deleted elements.
//
// O(N+M), since Redis 1.0.0.
func LRem(key string, n int64, value any) redis.Command[int64] {
	return redis.Cmd[int64]("LREM", key, n, value)
}

// LSet sets the element at index of the list at key to value (LSET), and returns OK. If
// the key or the index does not exist, Redis returns an error.
//
// O(N), since Redis 1.0.0.
func LSet(key string, index int64, value any) redis.Command[string] {
	return redis.Cmd[string]("LSET", key, index, value)
}

// LTrim keeps the elements of the list at key that [LRange] with the same start and
// stop returns, and deletes all others (LTRIM). It returns OK.
//
// O(N), since Redis 1.0.0.
func LTrim(key string, start, stop int64) redis.Command[string] {
	return redis.Cmd[string]("LTRIM", key, start, stop)
}

// RPop removes the last element of the list at key and returns it (RPOP). It returns
// null if the key does not exist.
//
// O(N), since Redis 1.0.0.
func RPop[T any](key string) redis.Command[T] { return redis.Cmd[T]("RPOP", key) }

// RPopCount removes the last n elements of the list at key and returns them, the last
// element first (RPOP with a count). It removes all elements if the list has fewer. It
// returns nil if the key does not exist.
//
// O(N), since Redis 1.0.0; with a count since Redis 6.2.0.
func RPopCount[T any](key string, n int64) redis.Command[[]T] {
	return redis.Cmd[[]T]("RPOP", key, n)
}

// RPush appends values to the list at key (RPUSH) and returns the new length of the
// list. It creates the list if the key does not exist.
//
// O(1) for each value, since Redis 1.0.0.
func RPush(key string, values ...any) redis.Command[int64] { return push("RPUSH", key, values) }

// RPushX is [RPush] for a list that exists (RPUSHX). If the key does not exist it does
// nothing and returns 0.
//
// O(1) for each value, since Redis 2.2.0.
func RPushX(key string, values ...any) redis.Command[int64] { return push("RPUSHX", key, values) }
