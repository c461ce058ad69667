package command

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Z is a member of a sorted set and its score.
type Z struct {
	Member string  `redis:"0"`
	Score  float64 `redis:"1"`
}

// withScores reads a list of members and scores in turn.
func withScores(r redis.Reply) ([]Z, error) {
	return pairs(r, func(member string, score float64) Z { return Z{member, score} })
}

// A ZAddOption of [ZAdd] is one of [ZAddIncr], or [CH].
type ZAddOption interface {
	option
	forZAdd()
}

// A ZAddIncrOption of [ZAddIncr] is [NX], or [XX] and [GT] or [LT]. The last two do add
// a member that is not there, and are since Redis 6.2.0.
type ZAddIncrOption interface {
	option
	forZAddIncr()
}

func (Condition) forZAdd()      {}
func (Condition) forZAddIncr()  {}
func (Comparison) forZAdd()     {}
func (Comparison) forZAddIncr() {}
func (Changes) forZAdd()        {}

// ZAdd adds members with their scores to the sorted set at key, which may not exist, or
// gives those that are there their new scores (ZADD). It returns how many are new.
//
// O(log(N)) for each member, since Redis 1.2.0.
func ZAdd(key string, members []Z, opts ...ZAddOption) redis.Command[int64] {
	c := zAdd(key, opts)
	if len(members) == 0 {
		c.refuse("needs at least one member")
	}
	for _, z := range members {
		c.add(z.Score, z.Member)
	}
	return command[int64](c)
}

// ZAddIncr is [ZIncrBy] with options (ZADD with the option INCR). It returns the score
// that this makes, and null where an option kept it from that.
//
// O(log(N)), since Redis 1.2.0.
func ZAddIncr(key string, increment float64, member string, opts ...ZAddIncrOption) redis.Command[float64] {
	c := zAdd(key, opts)
	c.add("INCR", increment, member)
	return command[float64](c)
}

func zAdd[O option](key string, opts []O) *call {
	c := newCall("ZADD", key)
	apply(c, opts)
	c.exclude("NX", "XX")
	c.exclude("NX", "GT", "LT")
	return c
}

// ZCard returns how many members the sorted set at key has (ZCARD), 0 where there is
// none.
//
// O(1), since Redis 1.2.0.
func ZCard(key string) redis.Command[int64] { return redis.Cmd[int64]("ZCARD", key) }

// A ScoreBound is an end of a range of scores: [Score] or [OpenScore].
type ScoreBound struct {
	score float64
	open  bool
}

// Score is the end of a range that has this score in it. [math.Inf] is for no end.
func Score(x float64) ScoreBound { return ScoreBound{score: x} }

// OpenScore is the end of a range that reaches up to this score and does not have it in
// it.
func OpenScore(x float64) ScoreBound { return ScoreBound{score: x, open: true} }

func (b ScoreBound) word() any {
	if !b.open || math.IsNaN(b.score) { // what is no number is refused as an argument
		return b.score
	}
	return "(" + strings.ToLower(strconv.FormatFloat(b.score, 'g', -1, 64)) // +inf, not +Inf
}

// A LexBound is an end of a range of members: [Lex], [OpenLex], [LexMin] or [LexMax].
type LexBound struct {
	member string
	sign   string // "[" where it is empty
}

// Lex is the end of a range that has this member in it, if there is one.
func Lex(member string) LexBound { return LexBound{member: member} }

// OpenLex is the end of a range that reaches up to this member and does not have it in
// it.
func OpenLex(member string) LexBound { return LexBound{member: member, sign: "("} }

// LexMin is before all members.
func LexMin() LexBound { return LexBound{sign: "-"} }

// LexMax is behind all members.
func LexMax() LexBound { return LexBound{sign: "+"} }

func (b LexBound) word() any {
	if b.sign == "" {
		return "[" + b.member
	}
	return b.sign + b.member
}

// ZCount returns how many members of the sorted set at key have a score from min to max
// (ZCOUNT).
//
// O(log(N)), since Redis 2.0.0.
func ZCount(key string, min, max ScoreBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZCOUNT", key, min.word(), max.word())
}

// ZDiff returns the members of the first sorted set that are in none of the others, by
// score (ZDIFF). A key that does not exist counts as empty here and in all commands of
// several sorted sets, and of a plain set each member has the score 1.
//
// O(L + (N-K)log(N)), since Redis 6.2.0.
func ZDiff(keys ...string) redis.Command[[]string] {
	c := newCall("ZDIFF")
	addCounted(c, "key", keys)
	return command[[]string](c)
}

// ZDiffWithScores is [ZDiff] with the scores (ZDIFF with WITHSCORES).
//
// O(L + (N-K)log(N)), since Redis 6.2.0.
func ZDiffWithScores(keys ...string) redis.Command[[]Z] {
	c := newCall("ZDIFF")
	addCounted(c, "key", keys)
	c.add("WITHSCORES")
	return commandFunc(c, withScores)
}

// ZDiffStore makes destination the sorted set that [ZDiffWithScores] returns, whatever
// it held (ZDIFFSTORE), and returns how many members it has. An empty one is no key.
//
// O(L + (N-K)log(N)), since Redis 6.2.0.
func ZDiffStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("ZDIFFSTORE", destination)
	addCounted(c, "key", keys)
	return command[int64](c)
}

// ZIncrBy adds increment to the score of a member of the sorted set at key (ZINCRBY),
// and returns what this makes. A member that does not exist counts as 0 and is added.
//
// O(log(N)), since Redis 1.2.0.
func ZIncrBy(key string, increment float64, member string) redis.Command[float64] {
	return redis.Cmd[float64]("ZINCRBY", key, increment, member)
}

// A ZCombineOption of [ZInter], [ZUnion] and their like is [Weights] or an [Aggregate].
type ZCombineOption interface {
	option
	forZCombine()
}

type weights struct{ word }

func (weights) forZCombine() {}

// Weights are what the scores of each sorted set are multiplied with, in the order of
// the keys and as many.
func Weights(factors ...float64) ZCombineOption {
	w := newWord("WEIGHTS")
	for _, f := range factors {
		w.args = append(w.args, f)
	}
	return weights{w}
}

// An Aggregate says what the score is of a member that comes from several sorted sets.
type Aggregate string

// The aggregates. Without one it is AggregateSum.
const (
	AggregateSum   Aggregate = "SUM"
	AggregateMin   Aggregate = "MIN"
	AggregateMax   Aggregate = "MAX"
	AggregateCount Aggregate = "COUNT" // how many have it: the sum of their weights, since Redis 8.8.0
)

func (Aggregate) forZCombine() {}

func (a Aggregate) apply(c *call) {
	w := newWord("AGGREGATE", string(a))
	if !slices.Contains([]Aggregate{AggregateSum, AggregateMin, AggregateMax, AggregateCount}, a) {
		w.err = errors.New("there is no such one")
	}
	w.apply(c)
}

// zCombine adds keys and how they become one.
func zCombine(c *call, keys []string, opts []ZCombineOption) *call {
	addCounted(c, "key", keys)
	apply(c, opts)
	for _, o := range opts {
		if w, ok := o.(weights); ok && len(w.args) != 1+len(keys) {
			c.refuse("WEIGHTS: must be as many as the keys")
		}
	}
	return c
}

// ZInter returns the members that all these sorted sets have, by score (ZINTER).
//
// O(N*K)+O(M*log(M)), since Redis 6.2.0.
func ZInter(keys []string, opts ...ZCombineOption) redis.Command[[]string] {
	return command[[]string](zCombine(newCall("ZINTER"), keys, opts))
}

// ZInterWithScores is [ZInter] with the scores (ZINTER with WITHSCORES).
//
// O(N*K)+O(M*log(M)), since Redis 6.2.0.
func ZInterWithScores(keys []string, opts ...ZCombineOption) redis.Command[[]Z] {
	c := zCombine(newCall("ZINTER"), keys, opts)
	c.add("WITHSCORES")
	return commandFunc(c, withScores)
}

// ZInterCard returns how many members all these sorted sets have in common
// (ZINTERCARD).
//
// O(N*K), since Redis 7.0.0.
func ZInterCard(keys []string, opts ...InterCardOption) redis.Command[int64] {
	c := newCall("ZINTERCARD")
	addCounted(c, "key", keys)
	apply(c, opts)
	return command[int64](c)
}

// ZInterStore makes destination the sorted set that [ZInterWithScores] returns, whatever
// it held (ZINTERSTORE), and returns how many members it has. An empty one is no key.
//
// O(N*K)+O(M*log(M)), since Redis 2.0.0.
func ZInterStore(destination string, keys []string, opts ...ZCombineOption) redis.Command[int64] {
	return command[int64](zCombine(newCall("ZINTERSTORE", destination), keys, opts))
}

// ZLexCount returns how many members of the sorted set at key are from min to max, where
// all scores are the same (ZLEXCOUNT).
//
// O(log(N)), since Redis 2.8.9.
func ZLexCount(key string, min, max LexBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZLEXCOUNT", key, min.word(), max.word())
}

// A ScoreEnd of a sorted set is [Lowest] or [Highest].
type ScoreEnd string

// Which members [ZMPop] takes.
const (
	Lowest  ScoreEnd = "MIN"
	Highest ScoreEnd = "MAX"
)

// ZMPop takes the members with the lowest or the highest scores from the first of these
// sorted sets that has any, the most extreme first (ZMPOP). Null says that none has.
//
// O(K) + O(M*log(N)), since Redis 7.0.0.
func ZMPop(keys []string, from ScoreEnd, opts ...MPopOption) redis.Command[Popped[Z]] {
	c := newCall("ZMPOP")
	addCounted(c, "key", keys)
	addEither(c, from, Lowest, Highest)
	apply(c, opts)
	return command[Popped[Z]](c)
}

// ZMScore returns the scores of members of the sorted set at key, in that order
// (ZMSCORE); nil where there is no such member.
//
// O(N), since Redis 6.2.0.
func ZMScore(key string, members ...string) redis.Command[[]*float64] {
	c := newCall("ZMSCORE", key)
	addAll(c, "member", members)
	return command[[]*float64](c)
}

// ZPopMax takes the member with the highest score from the sorted set at key (ZPOPMAX),
// null where there is none.
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMax(key string) redis.Command[Z] { return redis.CmdFunc(alone, "ZPOPMAX", key) }

// ZPopMaxCount takes the n members with the highest scores from the sorted set at key,
// or all where it has fewer, from the highest on (ZPOPMAX with a count).
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMaxCount(key string, n int64) redis.Command[[]Z] {
	return redis.CmdFunc(withScores, "ZPOPMAX", key, n)
}

// ZPopMin takes the member with the lowest score from the sorted set at key (ZPOPMIN),
// null where there is none.
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMin(key string) redis.Command[Z] { return redis.CmdFunc(alone, "ZPOPMIN", key) }

// ZPopMinCount takes the n members with the lowest scores from the sorted set at key, or
// all where it has fewer, from the lowest on (ZPOPMIN with a count).
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMinCount(key string, n int64) redis.Command[[]Z] {
	return redis.CmdFunc(withScores, "ZPOPMIN", key, n)
}

// alone reads a member and its score. An empty list is ErrNil, as null is.
func alone(r redis.Reply) (Z, error) {
	list, err := withScores(r)
	switch {
	case err != nil:
		return Z{}, err
	case len(list) == 0:
		return Z{}, redis.ErrNil
	}
	return list[0], nil
}

// ZRandMember returns some member of the sorted set at key (ZRANDMEMBER), null where
// there is none.
//
// O(N), since Redis 6.2.0.
func ZRandMember(key string) redis.Command[string] { return redis.Cmd[string]("ZRANDMEMBER", key) }

// ZRandMembers returns n different members of the sorted set at key, or all where it has
// fewer (ZRANDMEMBER with a count). A negative n is for that many that may be the same.
//
// O(N), since Redis 6.2.0.
func ZRandMembers(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("ZRANDMEMBER", key, n)
}

// ZRandMembersWithScores is [ZRandMembers] with the scores (ZRANDMEMBER with
// WITHSCORES).
//
// O(N), since Redis 6.2.0.
func ZRandMembersWithScores(key string, n int64) redis.Command[[]Z] {
	return redis.CmdFunc(withScores, "ZRANDMEMBER", key, n, "WITHSCORES")
}

// A Range of a sorted set is [ByRank], [ByScore] or [ByLex].
type Range interface {
	words(rev bool) []any
}

// A ScoredRange of a sorted set is [ByRank] or [ByScore]. Redis gives no scores for the
// other.
type ScoredRange interface {
	Range
	forScores()
}

// A RankRange is [ByRank].
type RankRange struct{ start, stop int64 }

func (RankRange) forScores()         {}
func (r RankRange) words(bool) []any { return []any{r.start, r.stop} }

// ByRank is the members from one rank to another, both included and counted from 0, or
// from the end by negative numbers.
func ByRank(start, stop int64) RankRange { return RankRange{start, stop} }

// A ScoreRange is [ByScore].
type ScoreRange struct{ min, max ScoreBound }

func (ScoreRange) forScores() {}
func (r ScoreRange) words(rev bool) []any {
	if rev {
		r.min, r.max = r.max, r.min
	}
	return []any{r.min.word(), r.max.word(), "BYSCORE"}
}

// ByScore is the members with scores from min to max, since Redis 6.2.0.
func ByScore(min, max ScoreBound) ScoreRange { return ScoreRange{min, max} }

// A LexRange is [ByLex].
type LexRange struct{ min, max LexBound }

func (r LexRange) words(rev bool) []any {
	if rev {
		r.min, r.max = r.max, r.min
	}
	return []any{r.min.word(), r.max.word(), "BYLEX"}
}

// ByLex is the members from min to max in the order of their bytes, which is theirs where
// all scores are the same, since Redis 6.2.0.
func ByLex(min, max LexBound) LexRange { return LexRange{min, max} }

// A ZRangeOption of [ZRange] and its like is [Rev] or [Limit], since Redis 6.2.0.
type ZRangeOption interface {
	option
	forZRange()
}

type rangeWord struct{ word }

func (rangeWord) forZRange() {}

// Rev goes from the highest score to the lowest, and counts ranks so. In [ByScore] and
// [ByLex] the lower end is the first all the same.
func Rev() ZRangeOption { return rangeWord{newWord("REV")} }

// Limit leaves out the first members that are found, offset of them, and returns count,
// or all where it is negative. It is for [ByScore] and [ByLex].
func Limit(offset, count int64) ZRangeOption { return rangeWord{newWord("LIMIT", offset, count)} }

// zRange adds a range and how to go through it.
func zRange(c *call, by Range, opts []ZRangeOption) *call {
	at := len(c.args)
	apply(c, opts)
	switch by.(type) {
	case nil:
		c.refuse("the range is nil")
		return c
	case RankRange:
		if slices.Contains(c.options, "LIMIT") {
			c.refuse("LIMIT is not for ranks")
		}
	}
	c.args = slices.Insert(c.args, at, by.words(slices.Contains(c.options, "REV"))...)
	return c
}

// ZRange returns a range of the members of the sorted set at key, from the lowest score
// to the highest (ZRANGE). It is empty where there is nothing.
//
// O(log(N)+M), since Redis 1.2.0.
func ZRange(key string, by Range, opts ...ZRangeOption) redis.Command[[]string] {
	return command[[]string](zRange(newCall("ZRANGE", key), by, opts))
}

// ZRangeWithScores is [ZRange] with the scores (ZRANGE with WITHSCORES).
//
// O(log(N)+M), since Redis 1.2.0.
func ZRangeWithScores(key string, by ScoredRange, opts ...ZRangeOption) redis.Command[[]Z] {
	c := zRange(newCall("ZRANGE", key), by, opts)
	c.add("WITHSCORES")
	return commandFunc(c, withScores)
}

// ZRangeStore makes destination the sorted set of a range of source, whatever it held
// (ZRANGESTORE), and returns how many members it has. An empty one is no key.
//
// O(log(N)+M), since Redis 6.2.0.
func ZRangeStore(destination, source string, by Range, opts ...ZRangeOption) redis.Command[int64] {
	return command[int64](zRange(newCall("ZRANGESTORE", destination, source), by, opts))
}

// ZRank returns how many members of the sorted set at key come before a member (ZRANK),
// null where there is no such member. The one with the lowest score has rank 0.
//
// O(log(N)), since Redis 2.0.0.
func ZRank(key, member string) redis.Command[int64] { return redis.Cmd[int64]("ZRANK", key, member) }

// A Ranking is a member's rank and score.
type Ranking struct {
	Rank  int64   `redis:"0"`
	Score float64 `redis:"1"`
}

// ZRankWithScore is [ZRank] with the score (ZRANK with WITHSCORE).
//
// O(log(N)), since Redis 2.0.0; with the score since Redis 7.2.0.
func ZRankWithScore(key, member string) redis.Command[Ranking] {
	return redis.Cmd[Ranking]("ZRANK", key, member, "WITHSCORE")
}

// ZRem deletes members from the sorted set at key (ZREM) and returns how many it had.
//
// O(M*log(N)), since Redis 1.2.0.
func ZRem(key string, members ...string) redis.Command[int64] {
	c := newCall("ZREM", key)
	addAll(c, "member", members)
	return command[int64](c)
}

// ZRemRangeByLex deletes the members from min to max from the sorted set at key, where
// all scores are the same (ZREMRANGEBYLEX), and returns how many it deleted.
//
// O(log(N)+M), since Redis 2.8.9.
func ZRemRangeByLex(key string, min, max LexBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZREMRANGEBYLEX", key, min.word(), max.word())
}

// ZRemRangeByRank deletes the members from one rank to another from the sorted set at
// key (ZREMRANGEBYRANK), and returns how many it deleted. Ranks are those of [ByRank].
//
// O(log(N)+M), since Redis 2.0.0.
func ZRemRangeByRank(key string, start, stop int64) redis.Command[int64] {
	return redis.Cmd[int64]("ZREMRANGEBYRANK", key, start, stop)
}

// ZRemRangeByScore deletes the members with scores from min to max from the sorted set at
// key (ZREMRANGEBYSCORE), and returns how many it deleted.
//
// O(log(N)+M), since Redis 1.2.0.
func ZRemRangeByScore(key string, min, max ScoreBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZREMRANGEBYSCORE", key, min.word(), max.word())
}

// ZRevRank is [ZRank] from the other end: the member with the highest score has rank 0
// (ZREVRANK).
//
// O(log(N)), since Redis 2.0.0.
func ZRevRank(key, member string) redis.Command[int64] {
	return redis.Cmd[int64]("ZREVRANK", key, member)
}

// ZRevRankWithScore is [ZRevRank] with the score (ZREVRANK with WITHSCORE).
//
// O(log(N)), since Redis 2.0.0; with the score since Redis 7.2.0.
func ZRevRankWithScore(key, member string) redis.Command[Ranking] {
	return redis.Cmd[Ranking]("ZREVRANK", key, member, "WITHSCORE")
}

// ZScore returns the score of a member of the sorted set at key (ZSCORE), null where
// there is no such member.
//
// O(1), since Redis 1.2.0.
func ZScore(key, member string) redis.Command[float64] {
	return redis.Cmd[float64]("ZSCORE", key, member)
}

// ZUnion returns the members that any of these sorted sets has, by score (ZUNION).
//
// O(N)+O(M*log(M)), since Redis 6.2.0.
func ZUnion(keys []string, opts ...ZCombineOption) redis.Command[[]string] {
	return command[[]string](zCombine(newCall("ZUNION"), keys, opts))
}

// ZUnionWithScores is [ZUnion] with the scores (ZUNION with WITHSCORES).
//
// O(N)+O(M*log(M)), since Redis 6.2.0.
func ZUnionWithScores(keys []string, opts ...ZCombineOption) redis.Command[[]Z] {
	c := zCombine(newCall("ZUNION"), keys, opts)
	c.add("WITHSCORES")
	return commandFunc(c, withScores)
}

// ZUnionStore makes destination the sorted set that [ZUnionWithScores] returns, whatever
// it held (ZUNIONSTORE), and returns how many members it has. An empty one is no key.
//
// O(N)+O(M log(M)), since Redis 2.0.0.
func ZUnionStore(destination string, keys []string, opts ...ZCombineOption) redis.Command[int64] {
	return command[int64](zCombine(newCall("ZUNIONSTORE", destination), keys, opts))
}
