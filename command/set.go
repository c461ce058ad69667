package command

import redis "github.com/redis-rest/redis-rest-go"

// SAdd adds members to the set at key, which may not exist (SADD), and returns how many
// are new.
//
// O(1) for each member, since Redis 1.0.0.
func SAdd(key string, members ...string) redis.Command[int64] {
	c := newCall("SADD", key)
	addAll(c, "member", members)
	return command[int64](c)
}

// SCard returns how many members the set at key has (SCARD), 0 where there is none.
//
// O(1), since Redis 1.0.0.
func SCard(key string) redis.Command[int64] { return redis.Cmd[int64]("SCARD", key) }

// SDiff returns the members of the first set that are in none of the others, in no
// order (SDIFF). A set that does not exist is empty.
//
// O(N), since Redis 1.0.0.
func SDiff(keys ...string) redis.Command[[]string] {
	c := newCall("SDIFF")
	addAll(c, "key", keys)
	return command[[]string](c)
}

// SDiffStore makes destination the set that [SDiff] returns, whatever it held
// (SDIFFSTORE), and returns how many members it has. An empty set is no key.
//
// O(N), since Redis 1.0.0.
func SDiffStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("SDIFFSTORE", destination)
	addAll(c, "key", keys)
	return command[int64](c)
}

// SInter returns the members that all these sets have, in no order (SINTER). A set that
// does not exist is empty.
//
// O(N*M), since Redis 1.0.0.
func SInter(keys ...string) redis.Command[[]string] {
	c := newCall("SINTER")
	addAll(c, "key", keys)
	return command[[]string](c)
}

// SInterCard returns how many members all these sets have in common (SINTERCARD).
//
// O(N*M), since Redis 7.0.0.
func SInterCard(keys []string, opts ...InterCardOption) redis.Command[int64] {
	c := newCall("SINTERCARD")
	addCounted(c, "key", keys)
	apply(c, opts)
	return command[int64](c)
}

// SInterStore makes destination the set that [SInter] returns, whatever it held
// (SINTERSTORE), and returns how many members it has. An empty set is no key.
//
// O(N*M), since Redis 1.0.0.
func SInterStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("SINTERSTORE", destination)
	addAll(c, "key", keys)
	return command[int64](c)
}

// SIsMember says whether the set at key has a member (SISMEMBER).
//
// O(1), since Redis 1.0.0.
func SIsMember(key, member string) redis.Command[bool] {
	return redis.Cmd[bool]("SISMEMBER", key, member)
}

// SMembers returns the members of the set at key, in no order (SMEMBERS). It is empty
// where there is none; see [SScan] for a large one.
//
// O(N), since Redis 1.0.0.
func SMembers(key string) redis.Command[[]string] { return redis.Cmd[[]string]("SMEMBERS", key) }

// SMIsMember says of each of these, in that order, whether it is a member of the set at
// key (SMISMEMBER).
//
// O(N), since Redis 6.2.0.
func SMIsMember(key string, members ...string) redis.Command[[]bool] {
	c := newCall("SMISMEMBER", key)
	addAll(c, "member", members)
	return command[[]bool](c)
}

// SMove moves a member from one set to another at once (SMOVE). It returns false where
// source does not have it.
//
// O(1), since Redis 1.0.0.
func SMove(source, destination, member string) redis.Command[bool] {
	return redis.Cmd[bool]("SMOVE", source, destination, member)
}

// SPop takes some member from the set at key and returns it (SPOP), null where there is
// none.
//
// O(1), since Redis 1.0.0.
func SPop(key string) redis.Command[string] { return redis.Cmd[string]("SPOP", key) }

// SPopCount takes some n members from the set at key, or all where it has fewer, and
// returns them (SPOP with a count). It is empty where there are none.
//
// O(N), since Redis 1.0.0; with a count since Redis 3.2.0.
func SPopCount(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("SPOP", key, n)
}

// SRandMember returns some member of the set at key (SRANDMEMBER), null where there is
// none.
//
// O(1), since Redis 1.0.0.
func SRandMember(key string) redis.Command[string] { return redis.Cmd[string]("SRANDMEMBER", key) }

// SRandMembers returns n different members of the set at key, or all where it has fewer
// (SRANDMEMBER with a count). A negative n is for that many that may be the same.
//
// O(N), since Redis 1.0.0; with a count since Redis 2.6.0.
func SRandMembers(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("SRANDMEMBER", key, n)
}

// SRem deletes members from the set at key (SREM) and returns how many it had.
//
// O(N), since Redis 1.0.0.
func SRem(key string, members ...string) redis.Command[int64] {
	c := newCall("SREM", key)
	addAll(c, "member", members)
	return command[int64](c)
}

// SUnion returns the members that any of these sets has, in no order (SUNION).
//
// O(N), since Redis 1.0.0.
func SUnion(keys ...string) redis.Command[[]string] {
	c := newCall("SUNION")
	addAll(c, "key", keys)
	return command[[]string](c)
}

// SUnionStore makes destination the set that [SUnion] returns, whatever it held
// (SUNIONSTORE), and returns how many members it has. An empty set is no key.
//
// O(N), since Redis 1.0.0.
func SUnionStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("SUNIONSTORE", destination)
	addAll(c, "key", keys)
	return command[int64](c)
}
