package command

import (
	"errors"

	redis "github.com/redis-rest/redis-rest-go"
)

// LIndex returns an element of the list at key (LINDEX), null where there is none.
// Elements are counted from 0, or from the end by negative numbers: -1 is the last.
//
// O(N), since Redis 1.0.0.
func LIndex[T any](key string, index int64) redis.Command[T] {
	return redis.Cmd[T]("LINDEX", key, index)
}

// A Side of an element is [Before] or [After] it.
type Side string

// Where [LInsert] puts an element.
const (
	Before Side = "BEFORE"
	After  Side = "AFTER"
)

// LInsert puts a value before or after the first element that is pivot into the list
// at key (LINSERT), and returns how long this makes the list: -1 where there is no
// such element, and 0 where there is no list; then it does nothing.
//
// O(N), since Redis 2.2.0.
func LInsert(key string, side Side, pivot, value any) redis.Command[int64] {
	c := newCall("LINSERT", key)
	addEither(c, side, Before, After)
	c.add(pivot, value)
	return command[int64](c)
}

// LLen returns how long the list at key is (LLEN), 0 where there is none.
//
// O(1), since Redis 1.0.0.
func LLen(key string) redis.Command[int64] { return redis.Cmd[int64]("LLEN", key) }

// An End of a list is [Left] or [Right].
type End string

// The ends of a list.
const (
	Left  End = "LEFT" // where index 0 is
	Right End = "RIGHT"
)

// LMove takes the element at one end of a list and puts it at an end of another, or of
// the same, at once (LMOVE). It returns the element, null where source has none.
//
// O(1), since Redis 6.2.0.
func LMove[T any](source, destination string, from, to End) redis.Command[T] {
	c := newCall("LMOVE", source, destination)
	addEither(c, from, Left, Right)
	addEither(c, to, Left, Right)
	return command[T](c)
}

// LMPop takes elements from an end of the first of these lists that has any (LMPOP).
// Null says that none has.
//
// O(N+M), since Redis 7.0.0.
func LMPop[T any](keys []string, from End, opts ...MPopOption) redis.Command[Popped[T]] {
	c := newCall("LMPOP")
	addCounted(c, "key", keys)
	addEither(c, from, Left, Right)
	apply(c, opts)
	return command[Popped[T]](c)
}

// LPop takes the first element from the list at key and returns it (LPOP), null where
// there is none.
//
// O(N), since Redis 1.0.0.
func LPop[T any](key string) redis.Command[T] { return redis.Cmd[T]("LPOP", key) }

// LPopCount takes the first n elements from the list at key, or all where it has fewer,
// and returns them from the first on (LPOP with a count); nil where there is no list.
//
// O(N), since Redis 1.0.0; with a count since Redis 6.2.0.
func LPopCount[T any](key string, n int64) redis.Command[[]T] {
	return redis.Cmd[[]T]("LPOP", key, n)
}

// An LPosOption of [LPos] and [LPosCount] is [Rank] or [MaxCompared].
type LPosOption interface {
	option
	forLPos()
}

type listSearch struct{ word }

func (listSearch) forLPos() {}

// Rank has a search begin with match n, counted from 1; from the end, and towards the
// front, by negative numbers.
func Rank(n int64) LPosOption {
	w := newWord("RANK", n)
	if n == 0 {
		w.err = errors.New("must not be 0")
	}
	return listSearch{w}
}

// MaxCompared has a search look at n elements and no more; 0 is for all.
func MaxCompared(n int64) LPosOption { return listSearch{newCount("MAXLEN", n, 0)} }

// LPos returns the index of the first element of the list at key that is value (LPOS),
// null where there is none. It is counted from 0 at the front, whatever the options
// are.
//
// O(N), since Redis 6.0.6.
func LPos(key string, value any, opts ...LPosOption) redis.Command[int64] {
	c := newCall("LPOS", key, value)
	apply(c, opts)
	return command[int64](c)
}

// LPosCount returns the indexes of the first n elements of the list at key that are
// value, or of all where n is 0 (LPOS with the option COUNT). It is empty where there
// are none.
//
// O(N), since Redis 6.0.6.
func LPosCount(key string, value any, n int64, opts ...LPosOption) redis.Command[[]int64] {
	c := newCall("LPOS", key, value)
	apply(c, opts)
	newCount("COUNT", n, 0).apply(c)
	return command[[]int64](c)
}

// LPush puts values before the first element of the list at key, which may not exist,
// one after the other, so that the last of them becomes the first of the list (LPUSH).
// It returns how long this makes the list.
//
// O(1) for each value, since Redis 1.0.0.
func LPush(key string, values ...any) redis.Command[int64] { return push("LPUSH", key, values) }

// LPushX is [LPush] to a list that exists (LPUSHX), and else does nothing and returns
// 0.
//
// O(1) for each value, since Redis 2.2.0.
func LPushX(key string, values ...any) redis.Command[int64] { return push("LPUSHX", key, values) }

func push(name, key string, values []any) redis.Command[int64] {
	c := newCall(name, key)
	addAll(c, "value", values)
	return command[int64](c)
}

// LRange returns the elements of the list at key from one index to another (LRANGE),
// both included and counted from 0, or from the end by negative numbers. It is empty
// where there is nothing.
//
// O(S+N), since Redis 1.0.0.
func LRange[T any](key string, start, stop int64) redis.Command[[]T] {
	return redis.Cmd[[]T]("LRANGE", key, start, stop)
}

// LRem deletes the first n elements that are value from the list at key; the last where
// n is negative, and all where it is 0 (LREM). It returns how many it deleted.
//
// O(N+M), since Redis 1.0.0.
func LRem(key string, n int64, value any) redis.Command[int64] {
	return redis.Cmd[int64]("LREM", key, n, value)
}

// LSet puts value in the place of an element of the list at key (LSET), and returns OK.
// A list or an index that does not exist is an error.
//
// O(N), since Redis 1.0.0.
func LSet(key string, index int64, value any) redis.Command[string] {
	return redis.Cmd[string]("LSET", key, index, value)
}

// LTrim deletes all elements of the list at key but those that [LRange] returns
// (LTRIM), and returns OK.
//
// O(N), since Redis 1.0.0.
func LTrim(key string, start, stop int64) redis.Command[string] {
	return redis.Cmd[string]("LTRIM", key, start, stop)
}

// RPop takes the last element from the list at key and returns it (RPOP), null where
// there is none.
//
// O(N), since Redis 1.0.0.
func RPop[T any](key string) redis.Command[T] { return redis.Cmd[T]("RPOP", key) }

// RPopCount takes the last n elements from the list at key, or all where it has fewer,
// and returns them from the last on (RPOP with a count); nil where there is no list.
//
// O(N), since Redis 1.0.0; with a count since Redis 6.2.0.
func RPopCount[T any](key string, n int64) redis.Command[[]T] {
	return redis.Cmd[[]T]("RPOP", key, n)
}

// RPush puts values behind the last element of the list at key, which may not exist
// (RPUSH), and returns how long this makes the list.
//
// O(1) for each value, since Redis 1.0.0.
func RPush(key string, values ...any) redis.Command[int64] { return push("RPUSH", key, values) }

// RPushX is [RPush] to a list that exists (RPUSHX), and else does nothing and returns
// 0.
//
// O(1) for each value, since Redis 2.2.0.
func RPushX(key string, values ...any) redis.Command[int64] { return push("RPUSHX", key, values) }
