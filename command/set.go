package command

import redis "github.com/redis-rest/redis-rest-go"

// SAdd adds members to the set at key (SADD), and returns the number of new members. It
// creates the set if the key does not exist.
//
// O(1) for each member, since Redis 1.0.0.
func SAdd(key string, members ...string) redis.Command[int64] {
	c := newCall("SADD", key)
	addAll(c, "member", members)
	return command[int64](c)
}

// SCard returns the number of members of the set at key (SCARD), or 0 if the key does
// not exist.
//
// O(1), since Redis 1.0.0.
func SCard(key string) redis.Command[int64] { return redis.Cmd[int64]("SCARD", key) }

// SDiff returns the members of the first set that are in none of the other sets, in no
// particular order (SDIFF). A key that does not exist counts as an empty set.
//
// O(N), since Redis 1.0.0.
func SDiff(keys ...string) redis.Command[[]string] {
	c := newCall("SDIFF")
	addAll(c, "key", keys)
	return command[[]string](c)
}

// SDiffStore stores the result of [SDiff] as a set at destination (SDIFFSTORE), and
// returns its number of members. It overwrites destination. If the result is empty,
// destination is deleted.
//
// O(N), since Redis 1.0.0.
func SDiffStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("SDIFFSTORE", destination)
	addAll(c, "key", keys)
	return command[int64](c)
}

// SInter returns the members that are in all of the sets, in no particular order
// (SINTER). A key that does not exist counts as an empty set.
//
// O(N*M), since Redis 1.0.0.
func SInter(keys ...string) redis.Command[[]string] {
	c := newCall("SINTER")
	addAll(c, "key", keys)
	return command[[]string](c)
}

// SInterCard returns the number of members that are in all of the sets (SINTERCARD).
//
// O(N*M), since Redis 7.0.0.
//
// Options: [StopAt].
func SInterCard(keys []string, opts ...InterCardOption) redis.Command[int64] {
	c := newCall("SINTERCARD")
	addCounted(c, "key", keys)
	apply(c, opts)
	return command[int64](c)
}

// SInterStore stores the result of [SInter] as a set at destination (SINTERSTORE), and
// returns its number of members. It overwrites destination. If the result is empty,
// destination is deleted.
//
// O(N*M), since Redis 1.0.0.
func SInterStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("SINTERSTORE", destination)
	addAll(c, "key", keys)
	return command[int64](c)
}

// SIsMember says whether member is in the set at key (SISMEMBER).
//
// O(1), since Redis 1.0.0.
func SIsMember(key, member string) redis.Command[bool] {
	return redis.Cmd[bool]("SISMEMBER", key, member)
}

// SMembers returns the members of the set at key, in no particular order (SMEMBERS).
// The result is empty if the key does not exist. Use [SScan] for a large set.
//
// O(N), since Redis 1.0.0.
func SMembers(key string) redis.Command[[]string] { return redis.Cmd[[]string]("SMEMBERS", key) }

// SMIsMember says for each member, in the given order, whether it is in the set at key
// (SMISMEMBER).
//
// O(N), since Redis 6.2.0.
func SMIsMember(key string, members ...string) redis.Command[[]bool] {
	c := newCall("SMISMEMBER", key)
	addAll(c, "member", members)
	return command[[]bool](c)
}

// SMove moves a member from one set to another atomically (SMOVE). It returns false if
// the member is not in the set at source.
//
// O(1), since Redis 1.0.0.
func SMove(source, destination, member string) redis.Command[bool] {
	return redis.Cmd[bool]("SMOVE", source, destination, member)
}

// SPop removes a random member of the set at key and returns it (SPOP). It returns null
// if the key does not exist.
//
// O(1), since Redis 1.0.0.
func SPop(key string) redis.Command[string] { return redis.Cmd[string]("SPOP", key) }

// SPopCount removes n random members of the set at key and returns them (SPOP with a
// count). It removes all members if the set has fewer. The result is empty if the key
// does not exist.
//
// O(N), since Redis 1.0.0; with a count since Redis 3.2.0.
func SPopCount(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("SPOP", key, n)
}

// SRandMember returns a random member of the set at key (SRANDMEMBER), or null if the
// key does not exist.
//
// O(1), since Redis 1.0.0.
func SRandMember(key string) redis.Command[string] { return redis.Cmd[string]("SRANDMEMBER", key) }

// SRandMembers returns n different random members of the set at key (SRANDMEMBER with a
// count). It returns all members if the set has fewer. If n is negative, it returns -n
// members, and the same member can occur more than once.
//
// O(N), since Redis 1.0.0; with a count since Redis 2.6.0.
func SRandMembers(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("SRANDMEMBER", key, n)
}

// SRem deletes members from the set at key (SREM) and returns the number of members
// that were in the set.
//
// O(N), since Redis 1.0.0.
func SRem(key string, members ...string) redis.Command[int64] {
	c := newCall("SREM", key)
	addAll(c, "member", members)
	return command[int64](c)
}

// SUnion returns the members that are in at least one of the sets, in no particular
// order (SUNION).
//
// O(N), since Redis 1.0.0.
func SUnion(keys ...string) redis.Command[[]string] {
	c := newCall("SUNION")
	addAll(c, "key", keys)
	return command[[]string](c)
}

// SUnionStore stores the result of [SUnion] as a set at destination (SUNIONSTORE), and
// returns its number of members. It overwrites destination. If the result is empty,
// destination is deleted.
//
// O(N), since Redis 1.0.0.
func SUnionStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("SUNIONSTORE", destination)
	addAll(c, "key", keys)
	return command[int64](c)
}
