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

// withScores decodes a list that alternates members and scores.
func withScores(r redis.Reply) ([]Z, error) {
	return pairs(r, func(member string, score float64) Z { return Z{member, score} })
}

// A ZAddOption is an option of [ZAdd]: [NX], [XX], [GT], [LT] or [CH]. [XX] can be
// combined with [GT] or [LT]. [GT] and [LT] do not prevent that a new member is added;
// they exist since Redis 6.2.0.
type ZAddOption interface {
	option
	needsOneOf_CH_GT_LT_NX_XX()
}

// A ZAddIncrOption is an option of [ZAddIncr]: [NX], [XX], [GT] or [LT]. [XX] can be
// combined with [GT] or [LT]. [GT] and [LT] do not prevent that a new member is added;
// they exist since Redis 6.2.0.
type ZAddIncrOption interface {
	option
	needsOneOf_GT_LT_NX_XX()
}

func (condition) needsOneOf_CH_GT_LT_NX_XX()  {}
func (comparison) needsOneOf_CH_GT_LT_NX_XX() {}
func (changes) needsOneOf_CH_GT_LT_NX_XX()    {}

// ZAdd adds members with their scores to the sorted set at key (ZADD). A member that is
// already in the sorted set gets the new score. ZAdd creates the sorted set if the key
// does not exist. It returns the number of new members.
//
// O(log(N)) for each member, since Redis 1.2.0.
//
// Options: [CH], [GT], [LT], [NX], [XX].
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

// ZAddIncr is [ZIncrBy] with options (ZADD with the option INCR). It returns the new
// score, or null if an option prevented the change.
//
// O(log(N)), since Redis 1.2.0.
//
// Options: [GT], [LT], [NX], [XX].
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

// ZCard returns the number of members of the sorted set at key (ZCARD), or 0 if the key
// does not exist.
//
// O(1), since Redis 1.2.0.
func ZCard(key string) redis.Command[int64] { return redis.Cmd[int64]("ZCARD", key) }

// A ScoreBound is the lower or upper bound of a range of scores: [Score] or
// [OpenScore].
type ScoreBound struct {
	score float64
	open  bool
}

// Score is a bound that includes the score x. An infinite x ([math.Inf]) means no
// bound.
func Score(x float64) ScoreBound { return ScoreBound{score: x} }

// OpenScore is a bound that excludes the score x.
func OpenScore(x float64) ScoreBound { return ScoreBound{score: x, open: true} }

func (b ScoreBound) word() any {
	if !b.open || math.IsNaN(b.score) { // NaN is refused later, as an argument
		return b.score
	}
	return "(" + strings.ToLower(strconv.FormatFloat(b.score, 'g', -1, 64)) // +inf, not +Inf
}

// A LexBound is the lower or upper bound of a range of members: [Lex], [OpenLex],
// [LexMin] or [LexMax].
type LexBound struct {
	member string
	sign   string // "" means "["
}

// Lex is a bound that includes member. The member does not have to exist.
func Lex(member string) LexBound { return LexBound{member: member} }

// OpenLex is a bound that excludes member. The member does not have to exist.
func OpenLex(member string) LexBound { return LexBound{member: member, sign: "("} }

// LexMin is a bound before all members.
func LexMin() LexBound { return LexBound{sign: "-"} }

// LexMax is a bound after all members.
func LexMax() LexBound { return LexBound{sign: "+"} }

func (b LexBound) word() any {
	if b.sign == "" {
		return "[" + b.member
	}
	return b.sign + b.member
}

// ZCount returns the number of members of the sorted set at key that have a score from
// min to max (ZCOUNT).
//
// O(log(N)), since Redis 2.0.0.
func ZCount(key string, min, max ScoreBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZCOUNT", key, min.word(), max.word())
}

// ZDiff returns the members of the first sorted set that are in none of the other
// sorted sets, ordered by score (ZDIFF).
//
// In all commands that take several sorted sets, a key that does not exist counts as an
// empty sorted set. A key can also hold a plain set; each of its members then has the
// score 1.
//
// O(L + (N-K)log(N)), since Redis 6.2.0.
func ZDiff(keys ...string) redis.Command[[]string] {
	c := newCall("ZDIFF")
	addCounted(c, "key", keys)
	return command[[]string](c)
}

// ZDiffWithScores is [ZDiff] that also returns the scores (ZDIFF with WITHSCORES).
//
// O(L + (N-K)log(N)), since Redis 6.2.0.
func ZDiffWithScores(keys ...string) redis.Command[[]Z] {
	c := newCall("ZDIFF")
	addCounted(c, "key", keys)
	c.add("WITHSCORES")
	return commandWithDecoder(c, withScores)
}

// ZDiffStore stores the result of [ZDiffWithScores] as a sorted set at destination
// (ZDIFFSTORE), and returns its number of members. It overwrites destination. If the
// result is empty, destination is deleted.
//
// O(L + (N-K)log(N)), since Redis 6.2.0.
func ZDiffStore(destination string, keys ...string) redis.Command[int64] {
	c := newCall("ZDIFFSTORE", destination)
	addCounted(c, "key", keys)
	return command[int64](c)
}

// ZIncrBy adds increment to the score of a member of the sorted set at key (ZINCRBY),
// and returns the new score. A member that does not exist is added with the score
// increment.
//
// O(log(N)), since Redis 1.2.0.
func ZIncrBy(key string, increment float64, member string) redis.Command[float64] {
	return redis.Cmd[float64]("ZINCRBY", key, increment, member)
}

// A ZCombineOption is an option of [ZInter], [ZUnion] and the like: [Weights] or an
// [Aggregate].
type ZCombineOption interface {
	option
	needsOneOf_Aggregate_Weights()
}

type weights struct{ word }

func (weights) needsOneOf_Aggregate_Weights() {}

// Weights are factors for the scores, one for each key, in the order of the keys. The
// scores of a sorted set are multiplied by its factor.
func Weights(factors ...float64) ZCombineOption {
	w := newWord("WEIGHTS")
	for _, f := range factors {
		w.args = append(w.args, f)
	}
	return weights{w}
}

// An Aggregate says how the scores of a member that is in several sorted sets become
// one score.
type Aggregate string

// The aggregates. The default is AggregateSum.
const (
	AggregateSum   Aggregate = "SUM"
	AggregateMin   Aggregate = "MIN"
	AggregateMax   Aggregate = "MAX"
	AggregateCount Aggregate = "COUNT" // the sum of the weights of the sorted sets that have the member, since Redis 8.8.0
)

func (Aggregate) needsOneOf_Aggregate_Weights() {}

func (a Aggregate) writeTo(c *call) {
	w := newWord("AGGREGATE", string(a))
	if !slices.Contains([]Aggregate{AggregateSum, AggregateMin, AggregateMax, AggregateCount}, a) {
		w.err = errors.New("unknown value")
	}
	w.writeTo(c)
}

// zCombine adds the keys and the options of a command that combines sorted sets.
func zCombine(c *call, keys []string, opts []ZCombineOption) *call {
	addCounted(c, "key", keys)
	apply(c, opts)
	for _, o := range opts {
		if w, ok := o.(weights); ok && len(w.args) != 1+len(keys) {
			c.refuse("WEIGHTS: needs one factor for each key")
		}
	}
	return c
}

// ZInter returns the members that are in all of the sorted sets, ordered by score
// (ZINTER).
//
// O(N*K)+O(M*log(M)), since Redis 6.2.0.
//
// Options: [Aggregate], [Weights].
func ZInter(keys []string, opts ...ZCombineOption) redis.Command[[]string] {
	return command[[]string](zCombine(newCall("ZINTER"), keys, opts))
}

// ZInterWithScores is [ZInter] that also returns the scores (ZINTER with WITHSCORES).
//
// O(N*K)+O(M*log(M)), since Redis 6.2.0.
//
// Options: [Aggregate], [Weights].
func ZInterWithScores(keys []string, opts ...ZCombineOption) redis.Command[[]Z] {
	c := zCombine(newCall("ZINTER"), keys, opts)
	c.add("WITHSCORES")
	return commandWithDecoder(c, withScores)
}

// ZInterCard returns the number of members that are in all of the sorted sets
// (ZINTERCARD).
//
// O(N*K), since Redis 7.0.0.
//
// Options: [StopAt].
func ZInterCard(keys []string, opts ...InterCardOption) redis.Command[int64] {
	c := newCall("ZINTERCARD")
	addCounted(c, "key", keys)
	apply(c, opts)
	return command[int64](c)
}

// ZInterStore stores the result of [ZInterWithScores] as a sorted set at destination
// (ZINTERSTORE), and returns its number of members. It overwrites destination. If the
// result is empty, destination is deleted.
//
// O(N*K)+O(M*log(M)), since Redis 2.0.0.
//
// Options: [Aggregate], [Weights].
func ZInterStore(destination string, keys []string, opts ...ZCombineOption) redis.Command[int64] {
	return command[int64](zCombine(newCall("ZINTERSTORE", destination), keys, opts))
}

// ZLexCount returns the number of members of the sorted set at key from min to max
// (ZLEXCOUNT). All members must have the same score; otherwise the result is
// unspecified.
//
// O(log(N)), since Redis 2.8.9.
func ZLexCount(key string, min, max LexBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZLEXCOUNT", key, min.word(), max.word())
}

// A ScoreEnd is one end of a sorted set: [Lowest] or [Highest].
type ScoreEnd string

// Which members [ZMPop] removes.
const (
	Lowest  ScoreEnd = "MIN"
	Highest ScoreEnd = "MAX"
)

// ZMPop removes members from the first sorted set that is not empty (ZMPOP) and returns
// them with the key of that sorted set. It removes those with the lowest or the highest
// scores; the first in the result is the lowest or the highest. It returns null if all
// sorted sets are empty. Without [Count] it removes one member.
//
// O(K) + O(M*log(N)), since Redis 7.0.0.
//
// Options: [Count].
func ZMPop(keys []string, from ScoreEnd, opts ...CountOption) redis.Command[Popped[Z]] {
	c := newCall("ZMPOP")
	addCounted(c, "key", keys)
	addEither(c, from, Lowest, Highest)
	apply(c, opts)
	return command[Popped[Z]](c)
}

// ZMScore returns the scores of members of the sorted set at key, in the order of the
// members (ZMSCORE). An element is nil if its member does not exist.
//
// O(N), since Redis 6.2.0.
func ZMScore(key string, members ...string) redis.Command[[]*float64] {
	c := newCall("ZMSCORE", key)
	addAll(c, "member", members)
	return command[[]*float64](c)
}

// ZPopMax removes the member with the highest score from the sorted set at key and
// returns it (ZPOPMAX). It returns null if the key does not exist.
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMax(key string) redis.Command[Z] { return redis.CmdWithDecoder(alone, "ZPOPMAX", key) }

// ZPopMaxCount removes the n members with the highest scores from the sorted set at key
// and returns them, the highest score first (ZPOPMAX with a count). It removes all
// members if the sorted set has fewer.
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMaxCount(key string, n int64) redis.Command[[]Z] {
	return redis.CmdWithDecoder(withScores, "ZPOPMAX", key, n)
}

// ZPopMin removes the member with the lowest score from the sorted set at key and
// returns it (ZPOPMIN). It returns null if the key does not exist.
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMin(key string) redis.Command[Z] { return redis.CmdWithDecoder(alone, "ZPOPMIN", key) }

// ZPopMinCount removes the n members with the lowest scores from the sorted set at key
// and returns them, the lowest score first (ZPOPMIN with a count). It removes all
// members if the sorted set has fewer.
//
// O(log(N)*M), since Redis 5.0.0.
func ZPopMinCount(key string, n int64) redis.Command[[]Z] {
	return redis.CmdWithDecoder(withScores, "ZPOPMIN", key, n)
}

// alone decodes one member and its score. An empty list or null becomes ErrNil.
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

// ZRandMember returns a random member of the sorted set at key (ZRANDMEMBER), or null
// if the key does not exist.
//
// O(N), since Redis 6.2.0.
func ZRandMember(key string) redis.Command[string] { return redis.Cmd[string]("ZRANDMEMBER", key) }

// ZRandMembers returns n different random members of the sorted set at key (ZRANDMEMBER
// with a count). It returns all members if the sorted set has fewer. If n is negative,
// it returns -n members, and the same member can occur more than once.
//
// O(N), since Redis 6.2.0.
func ZRandMembers(key string, n int64) redis.Command[[]string] {
	return redis.Cmd[[]string]("ZRANDMEMBER", key, n)
}

// ZRandMembersWithScores is [ZRandMembers] that also returns the scores (ZRANDMEMBER
// with WITHSCORES).
//
// O(N), since Redis 6.2.0.
func ZRandMembersWithScores(key string, n int64) redis.Command[[]Z] {
	return redis.CmdWithDecoder(withScores, "ZRANDMEMBER", key, n, "WITHSCORES")
}

// A Range is a range of members of a sorted set: [ByRank], [ByScore] or [ByLex].
type Range interface {
	needsOneOf_ByLex_ByRank_ByScore()
	words(rev bool) []any
}

// A ScoredRange is a [Range] that can be read with scores: [ByRank] or [ByScore]. Redis
// does not return scores for [ByLex].
type ScoredRange interface {
	Range
	needsOneOf_ByRank_ByScore()
}

// A rankRange is [ByRank].
type rankRange struct{ start, stop int64 }

func (rankRange) needsOneOf_ByLex_ByRank_ByScore() {}
func (rankRange) needsOneOf_ByRank_ByScore()       {}
func (r rankRange) words(bool) []any               { return []any{r.start, r.stop} }

// ByRank selects the members from rank start to rank stop, both included. Ranks are
// counted from 0. A negative rank counts from the end: -1 is the last member.
func ByRank(start, stop int64) rankRange { return rankRange{start, stop} }

// A scoreRange is [ByScore].
type scoreRange struct{ min, max ScoreBound }

func (scoreRange) needsOneOf_ByLex_ByRank_ByScore() {}
func (scoreRange) needsOneOf_ByRank_ByScore()       {}
func (r scoreRange) words(rev bool) []any {
	if rev {
		r.min, r.max = r.max, r.min
	}
	return []any{r.min.word(), r.max.word(), "BYSCORE"}
}

// ByScore selects the members with scores from min to max. Since Redis 6.2.0.
func ByScore(min, max ScoreBound) scoreRange { return scoreRange{min, max} }

// A lexRange is [ByLex].
type lexRange struct{ min, max LexBound }

func (lexRange) needsOneOf_ByLex_ByRank_ByScore() {}

func (r lexRange) words(rev bool) []any {
	if rev {
		r.min, r.max = r.max, r.min
	}
	return []any{r.min.word(), r.max.word(), "BYLEX"}
}

// ByLex selects the members from min to max in the order of their bytes. All members of
// the sorted set must have the same score. Since Redis 6.2.0.
func ByLex(min, max LexBound) lexRange { return lexRange{min, max} }

// A ZRangeOption is an option of [ZRange] and the like: [Rev] or [Limit]. Since Redis
// 6.2.0.
type ZRangeOption interface {
	option
	needsOneOf_Limit_Rev()
}

type rangeWord struct{ word }

func (rangeWord) needsOneOf_Limit_Rev() {}

// Rev reverses the order: the highest score comes first and has rank 0. The arguments
// of [ByScore] and [ByLex] do not change places: the lower bound stays first.
func Rev() ZRangeOption { return rangeWord{newWord("REV")} }

// Limit skips the first offset members of the range and returns the next count members.
// A negative count returns all of them. It works with [ByScore] and [ByLex] only.
func Limit(offset, count int64) ZRangeOption { return rangeWord{newWord("LIMIT", offset, count)} }

// zRange adds a range and its options.
func zRange(c *call, by Range, opts []ZRangeOption) *call {
	at := len(c.args)
	apply(c, opts)
	switch by.(type) {
	case nil:
		c.refuse("the range is nil")
		return c
	case rankRange:
		if slices.Contains(c.options, "LIMIT") {
			c.refuse("LIMIT cannot be used with a range of ranks")
		}
	}
	c.args = slices.Insert(c.args, at, by.words(slices.Contains(c.options, "REV"))...)
	return c
}

// ZRange returns the members in a range of the sorted set at key, ordered from the
// lowest score to the highest (ZRANGE). The result is empty if the key does not exist
// or the range has no members.
//
// O(log(N)+M), since Redis 1.2.0.
//
// Options: [Limit], [Rev].
func ZRange(key string, by Range, opts ...ZRangeOption) redis.Command[[]string] {
	return command[[]string](zRange(newCall("ZRANGE", key), by, opts))
}

// ZRangeWithScores is [ZRange] that also returns the scores (ZRANGE with WITHSCORES).
//
// O(log(N)+M), since Redis 1.2.0.
//
// Options: [Limit], [Rev].
func ZRangeWithScores(key string, by ScoredRange, opts ...ZRangeOption) redis.Command[[]Z] {
	c := zRange(newCall("ZRANGE", key), by, opts)
	c.add("WITHSCORES")
	return commandWithDecoder(c, withScores)
}

// ZRangeStore stores a range of the sorted set at source as a sorted set at destination
// (ZRANGESTORE), and returns its number of members. It overwrites destination. If the
// range is empty, destination is deleted.
//
// O(log(N)+M), since Redis 6.2.0.
//
// Options: [Limit], [Rev].
func ZRangeStore(destination, source string, by Range, opts ...ZRangeOption) redis.Command[int64] {
	return command[int64](zRange(newCall("ZRANGESTORE", destination, source), by, opts))
}

// ZRank returns the rank of a member of the sorted set at key (ZRANK), or null if the
// member does not exist. The member with the lowest score has rank 0.
//
// O(log(N)), since Redis 2.0.0.
func ZRank(key, member string) redis.Command[int64] { return redis.Cmd[int64]("ZRANK", key, member) }

// A Ranking is the rank and the score of a member.
type Ranking struct {
	Rank  int64   `redis:"0"`
	Score float64 `redis:"1"`
}

// ZRankWithScore is [ZRank] that also returns the score (ZRANK with WITHSCORE).
//
// O(log(N)), since Redis 2.0.0; with the score since Redis 7.2.0.
func ZRankWithScore(key, member string) redis.Command[Ranking] {
	return redis.Cmd[Ranking]("ZRANK", key, member, "WITHSCORE")
}

// ZRem deletes members from the sorted set at key (ZREM) and returns the number of
// members that were in it.
//
// O(M*log(N)), since Redis 1.2.0.
func ZRem(key string, members ...string) redis.Command[int64] {
	c := newCall("ZREM", key)
	addAll(c, "member", members)
	return command[int64](c)
}

// ZRemRangeByLex deletes the members from min to max from the sorted set at key
// (ZREMRANGEBYLEX), and returns the number of deleted members. All members of the
// sorted set must have the same score.
//
// O(log(N)+M), since Redis 2.8.9.
func ZRemRangeByLex(key string, min, max LexBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZREMRANGEBYLEX", key, min.word(), max.word())
}

// ZRemRangeByRank deletes the members from rank start to rank stop from the sorted set
// at key (ZREMRANGEBYRANK), and returns the number of deleted members. Ranks are
// counted as in [ByRank].
//
// O(log(N)+M), since Redis 2.0.0.
func ZRemRangeByRank(key string, start, stop int64) redis.Command[int64] {
	return redis.Cmd[int64]("ZREMRANGEBYRANK", key, start, stop)
}

// ZRemRangeByScore deletes the members with scores from min to max from the sorted set
// at key (ZREMRANGEBYSCORE), and returns the number of deleted members.
//
// O(log(N)+M), since Redis 1.2.0.
func ZRemRangeByScore(key string, min, max ScoreBound) redis.Command[int64] {
	return redis.Cmd[int64]("ZREMRANGEBYSCORE", key, min.word(), max.word())
}

// ZRevRank is [ZRank] in reverse order (ZREVRANK): the member with the highest score
// has rank 0.
//
// O(log(N)), since Redis 2.0.0.
func ZRevRank(key, member string) redis.Command[int64] {
	return redis.Cmd[int64]("ZREVRANK", key, member)
}

// ZRevRankWithScore is [ZRevRank] that also returns the score (ZREVRANK with
// WITHSCORE).
//
// O(log(N)), since Redis 2.0.0; with the score since Redis 7.2.0.
func ZRevRankWithScore(key, member string) redis.Command[Ranking] {
	return redis.Cmd[Ranking]("ZREVRANK", key, member, "WITHSCORE")
}

// ZScore returns the score of a member of the sorted set at key (ZSCORE), or null if
// the member does not exist.
//
// O(1), since Redis 1.2.0.
func ZScore(key, member string) redis.Command[float64] {
	return redis.Cmd[float64]("ZSCORE", key, member)
}

// ZUnion returns the members that are in at least one of the sorted sets, ordered by
// score (ZUNION).
//
// O(N)+O(M*log(M)), since Redis 6.2.0.
//
// Options: [Aggregate], [Weights].
func ZUnion(keys []string, opts ...ZCombineOption) redis.Command[[]string] {
	return command[[]string](zCombine(newCall("ZUNION"), keys, opts))
}

// ZUnionWithScores is [ZUnion] that also returns the scores (ZUNION with WITHSCORES).
//
// O(N)+O(M*log(M)), since Redis 6.2.0.
//
// Options: [Aggregate], [Weights].
func ZUnionWithScores(keys []string, opts ...ZCombineOption) redis.Command[[]Z] {
	c := zCombine(newCall("ZUNION"), keys, opts)
	c.add("WITHSCORES")
	return commandWithDecoder(c, withScores)
}

// ZUnionStore stores the result of [ZUnionWithScores] as a sorted set at destination
// (ZUNIONSTORE), and returns its number of members. It overwrites destination. If the
// result is empty, destination is deleted.
//
// O(N)+O(M log(M)), since Redis 2.0.0.
//
// Options: [Aggregate], [Weights].
func ZUnionStore(destination string, keys []string, opts ...ZCombineOption) redis.Command[int64] {
	return command[int64](zCombine(newCall("ZUNIONSTORE", destination), keys, opts))
}
