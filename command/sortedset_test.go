package command_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleZRange() {
	command.ZAdd("board", []command.Z{{"ada", 30}, {"alan", 10}, {"grace", 20}}).Do(ctx, rdb)
	fmt.Println(command.ZRange("board", command.ByRank(0, -1)).Do(ctx, rdb))
	best := command.ByScore(command.OpenScore(10), command.Score(math.Inf(1)))
	fmt.Println(command.ZRangeWithScores("board", best, command.Rev(), command.Limit(0, 10)).Do(ctx, rdb))
	// Output:
	// [alan grace ada] <nil>
	// [{ada 30} {grace 20}] <nil>
}

func TestSortedSets(t *testing.T) {
	s := newServer(t)
	returns(s, 3, command.ZAdd("z", []command.Z{{"a", 1}, {"b", 2.5}, {"c", 3}}))
	returns(s, 1, command.ZAdd("z", []command.Z{{"a", 2}, {"d", math.Inf(1)}}))
	returns(s, 2, command.ZAdd("z", []command.Z{{"a", 1}, {"b", 2.5}, {"e", math.Inf(-1)}}, command.CH()))
	returns(s, 5, command.ZCard("z"))
	returns(s, 2.5, command.ZScore("z", "b"))
	returns(s, math.Inf(1), command.ZScore("z", "d"))
	isNil(s, command.ZScore("z", "x"))
	one, low := 1.0, math.Inf(-1)
	returns(s, []*float64{&one, nil, &low}, command.ZMScore("z", "a", "x", "e"))
	returns(s, 1, command.ZRank("z", "a"))
	returns(s, 3, command.ZRevRank("z", "a"))
	isNil(s, command.ZRank("z", "x"))
	isNil(s, command.ZRevRank("z", "x"))
	returns(s, 1.25, command.ZIncrBy("z", 0.25, "a"))
	returns(s, -2.0, command.ZIncrBy("z", -2, "f"))
	returns(s, 2, command.ZRem("z", "f", "x", "e"))
	returns(s, []command.Z{{"a", 1.25}, {"b", 2.5}, {"c", 3}, {"d", math.Inf(1)}}, command.ZRangeWithScores("z", command.ByRank(0, -1)))

	members := []string{"a", "b", "c", "d"}
	assert.Contains(t, members, run(s, command.ZRandMember("z")))
	assert.ElementsMatch(t, members, run(s, command.ZRandMembers("z", 10)))
	assert.Len(t, run(s, command.ZRandMembers("z", -10)), 10)
	assert.Contains(t, run(s, command.ZRandMembersWithScores("z", 10)), command.Z{"a", 1.25})

	returns(s, command.Z{"d", math.Inf(1)}, command.ZPopMax("z"))
	returns(s, command.Z{"a", 1.25}, command.ZPopMin("z"))
	returns(s, []command.Z{{"c", 3}, {"b", 2.5}}, command.ZPopMaxCount("z", 5))
	run(s, command.ZAdd("z", []command.Z{{"a", 1}, {"b", 2}, {"c", 3}}))
	returns(s, []command.Z{{"a", 1}, {"b", 2}}, command.ZPopMinCount("z", 2))
}

func TestSortedSetConditions(t *testing.T) {
	s := newServer(t)
	add := func(member string, score float64, opts ...command.ZAddOption) redis.Command[int64] {
		return command.ZAdd("z", []command.Z{{member, score}}, opts...)
	}
	returns(s, 0, add("a", 1, command.XX()))
	returns(s, 1, add("a", 5, command.NX()))
	returns(s, 0, add("a", 6, command.NX(), command.CH()))
	returns(s, 1, add("a", 6, command.XX(), command.CH()))
	returns(s, 0, add("a", 5, command.GT(), command.CH()))
	returns(s, 1, add("a", 5, command.LT(), command.CH()))
	returns(s, 1, add("b", 1, command.GT()))
	returns(s, 0, add("c", 1, command.XX(), command.GT()))

	returns(s, 7.5, command.ZAddIncr("z", 2.5, "a"))
	returns(s, 8.0, command.ZAddIncr("z", 0.5, "a", command.XX(), command.GT()))
	isNil(s, command.ZAddIncr("z", -1, "a", command.GT()))
	isNil(s, command.ZAddIncr("z", 1, "a", command.NX()))
	isNil(s, command.ZAddIncr("z", 1, "none", command.XX()))
	returns(s, 1.0, command.ZAddIncr("z", 1, "new", command.NX()))
}

func TestSortedSetRanges(t *testing.T) {
	s := newServer(t)
	run(s, command.ZAdd("z", []command.Z{{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}}))
	run(s, command.ZAdd("l", []command.Z{{"a", 0}, {"b", 0}, {"c", 0}, {"d", 0}}))
	all := command.ByScore(command.Score(math.Inf(-1)), command.Score(math.Inf(1)))
	bd := command.ByScore(command.OpenScore(1), command.Score(4))
	lex := command.ByLex(command.Lex("a"), command.OpenLex("c"))
	for _, c := range []struct {
		key  string
		by   command.Range
		opts []command.ZRangeOption
		want []string
	}{
		{"z", command.ByRank(0, -1), nil, []string{"a", "b", "c", "d"}},
		{"z", command.ByRank(1, 2), nil, []string{"b", "c"}},
		{"z", command.ByRank(0, 1), []command.ZRangeOption{command.Rev()}, []string{"d", "c"}},
		{"z", command.ByRank(5, 9), nil, []string{}},
		{"z", all, nil, []string{"a", "b", "c", "d"}},
		{"z", bd, nil, []string{"b", "c", "d"}},
		{"z", bd, []command.ZRangeOption{command.Rev()}, []string{"d", "c", "b"}},
		{"z", bd, []command.ZRangeOption{command.Limit(1, 1)}, []string{"c"}},
		{"z", bd, []command.ZRangeOption{command.Limit(1, -1), command.Rev()}, []string{"c", "b"}},
		{"z", command.ByScore(command.Score(2.5), command.OpenScore(math.Inf(1))), nil, []string{"c", "d"}},
		{"z", command.ByScore(command.Score(4), command.Score(1)), nil, []string{}},
		{"l", lex, nil, []string{"a", "b"}},
		{"l", lex, []command.ZRangeOption{command.Rev()}, []string{"b", "a"}},
		{"l", command.ByLex(command.LexMin(), command.LexMax()), []command.ZRangeOption{command.Limit(2, 5)}, []string{"c", "d"}},
		{"l", command.ByLex(command.OpenLex("a"), command.LexMax()), nil, []string{"b", "c", "d"}},
		{"none", all, nil, []string{}},
	} {
		returns(s, c.want, command.ZRange(c.key, c.by, c.opts...))
		returns(s, int64(len(c.want)), command.ZRangeStore("to", c.key, c.by, c.opts...))
		returns(s, len(c.want) > 0, redis.Cmd[bool]("EXISTS", "to"))
	}
	returns(s, []command.Z{{"d", 4}, {"c", 3}}, command.ZRangeWithScores("z", bd, command.Rev(), command.Limit(0, 2)))

	returns(s, 3, command.ZCount("z", command.OpenScore(1), command.Score(math.Inf(1))))
	returns(s, 2, command.ZLexCount("l", command.OpenLex("a"), command.Lex("c")))
	returns(s, 2, command.ZRemRangeByRank("z", 0, 1))
	returns(s, 1, command.ZRemRangeByScore("z", command.OpenScore(3), command.Score(4)))
	returns(s, []string{"c"}, command.ZRange("z", command.ByRank(0, -1)))
	returns(s, 3, command.ZRemRangeByLex("l", command.LexMin(), command.OpenLex("d")))
	returns(s, []string{"d"}, command.ZRange("l", command.ByRank(0, -1)))
}

func TestCombinedSortedSets(t *testing.T) {
	s := newServer(t)
	run(s, command.ZAdd("a", []command.Z{{"x", 1}, {"y", 2}, {"z", 3}}))
	run(s, command.ZAdd("b", []command.Z{{"y", 10}, {"z", 20}, {"w", 30}}))
	run(s, command.SAdd("set", "x"))
	keys := []string{"a", "b"}
	returns(s, []string{"x"}, command.ZDiff("a", "b"))
	returns(s, []command.Z{{"y", 2}, {"z", 3}}, command.ZDiffWithScores("a", "set", "none"))
	returns(s, []string{"y", "z"}, command.ZInter(keys))
	returns(s, []command.Z{{"y", 12}, {"z", 23}}, command.ZInterWithScores(keys))
	returns(s, []command.Z{{"y", 2}, {"z", 3}}, command.ZInterWithScores(keys, command.AggregateMin))
	returns(s, []command.Z{{"y", 10}, {"z", 20}}, command.ZInterWithScores(keys, command.Weights(2, 1), command.AggregateMax))
	returns(s, 2, command.ZInterCard(keys))
	returns(s, 1, command.ZInterCard(keys, command.StopAt(1)))
	returns(s, []string{"x", "y", "z", "w"}, command.ZUnion(keys))
	returns(s, []command.Z{{"x", 2}}, command.ZUnionWithScores([]string{"set"}, command.Weights(2)))
	returns(s, []command.Z{{"x", 2}, {"y", 9}, {"w", 15}, {"z", 16}}, command.ZUnionWithScores(keys, command.Weights(2, 0.5), command.AggregateSum))

	returns(s, 1, command.ZDiffStore("to", keys...))
	returns(s, []command.Z{{"x", 1}}, command.ZRangeWithScores("to", command.ByRank(0, -1)))
	returns(s, 2, command.ZInterStore("to", keys, command.AggregateMax))
	returns(s, []command.Z{{"y", 10}, {"z", 20}}, command.ZRangeWithScores("to", command.ByRank(0, -1)))
	returns(s, 4, command.ZUnionStore("to", keys, command.Weights(0, 1)))
	returns(s, []command.Z{{"x", 0}, {"y", 10}, {"z", 20}, {"w", 30}}, command.ZRangeWithScores("to", command.ByRank(0, -1)))
	returns(s, 0, command.ZInterStore("to", []string{"a", "none"}))
	returns(s, 0, command.Exists("to"))

	returns(s, command.Popped[command.Z]{"a", []command.Z{{"x", 1}}}, command.ZMPop([]string{"none", "a", "b"}, command.Lowest))
	returns(s, command.Popped[command.Z]{"b", []command.Z{{"w", 30}, {"z", 20}}}, command.ZMPop([]string{"b", "a"}, command.Highest, command.Count(2)))
	isNil(s, command.ZMPop([]string{"none"}, command.Lowest))
}

func TestSortedSetsWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.Set("k", "v"))
	keys, zero := []string{"k"}, command.Score(0)
	fails(s, "WRONGTYPE", command.ZAdd("k", []command.Z{{"m", 1}}))
	fails(s, "WRONGTYPE", command.ZAddIncr("k", 1, "m"))
	fails(s, "WRONGTYPE", command.ZCard("k"))
	fails(s, "WRONGTYPE", command.ZCount("k", zero, zero))
	fails(s, "WRONGTYPE", command.ZDiff("k"))
	fails(s, "WRONGTYPE", command.ZDiffWithScores("k"))
	fails(s, "WRONGTYPE", command.ZDiffStore("to", "k"))
	fails(s, "WRONGTYPE", command.ZIncrBy("k", 1, "m"))
	fails(s, "WRONGTYPE", command.ZInter(keys))
	fails(s, "WRONGTYPE", command.ZInterCard(keys))
	fails(s, "WRONGTYPE", command.ZLexCount("k", command.LexMin(), command.LexMax()))
	fails(s, "WRONGTYPE", command.ZMPop(keys, command.Lowest))
	fails(s, "WRONGTYPE", command.ZMScore("k", "m"))
	fails(s, "WRONGTYPE", command.ZPopMax("k"))
	fails(s, "WRONGTYPE", command.ZPopMinCount("k", 1))
	fails(s, "WRONGTYPE", command.ZRandMember("k"))
	fails(s, "WRONGTYPE", command.ZRandMembersWithScores("k", 1))
	fails(s, "WRONGTYPE", command.ZRange("k", command.ByRank(0, -1)))
	fails(s, "WRONGTYPE", command.ZRangeWithScores("k", command.ByRank(0, -1)))
	fails(s, "WRONGTYPE", command.ZRangeStore("to", "k", command.ByRank(0, -1)))
	fails(s, "WRONGTYPE", command.ZRank("k", "m"))
	fails(s, "WRONGTYPE", command.ZRem("k", "m"))
	fails(s, "WRONGTYPE", command.ZRemRangeByLex("k", command.LexMin(), command.LexMax()))
	fails(s, "WRONGTYPE", command.ZRemRangeByRank("k", 0, -1))
	fails(s, "WRONGTYPE", command.ZRemRangeByScore("k", zero, zero))
	fails(s, "WRONGTYPE", command.ZRevRank("k", "m"))
	fails(s, "WRONGTYPE", command.ZScore("k", "m"))
	fails(s, "WRONGTYPE", command.ZUnionWithScores(keys))
	fails(s, "WRONGTYPE", command.ZUnionStore("to", keys))

	returns(s, 0, command.ZCard("none"))
	returns(s, 0, command.ZCount("none", zero, zero))
	returns(s, []*float64{nil, nil}, command.ZMScore("none", "m", "n"))
	returns(s, 0, command.ZRem("none", "m"))
	returns(s, []string{}, command.ZDiff("none"))
	returns(s, []string{}, command.ZUnion([]string{"none"}))
	returns(s, []command.Z{}, command.ZUnionWithScores([]string{"none"}))
	returns(s, []command.Z{}, command.ZPopMaxCount("none", 1))
	returns(s, []command.Z{}, command.ZPopMinCount("none", 1))
	returns(s, []string{}, command.ZRandMembers("none", 1))
	returns(s, []command.Z{}, command.ZRandMembersWithScores("none", 1))
	isNil(s, command.ZPopMax("none"))
	isNil(s, command.ZPopMin("none"))
	isNil(s, command.ZRandMember("none"))
	isNil(s, command.ZRank("none", "m"))
	isNil(s, command.ZRevRank("none", "m"))
	isNil(s, command.ZScore("none", "m"))

	run(s, command.ZAdd("inf", []command.Z{{"m", math.Inf(1)}}))
	fails(s, "ERR", command.ZIncrBy("inf", math.Inf(-1), "m"))
}

// The installed Redis may be older than these commands. So the test checks what is sent,
// and gives the replies that Redis documents.
func TestRanksWithScores(t *testing.T) {
	for want, cmd := range map[string]redis.Command[command.Ranking]{
		"ZRANK k m WITHSCORE":    command.ZRankWithScore("k", "m"),
		"ZREVRANK k m WITHSCORE": command.ZRevRankWithScore("k", "m"),
	} {
		sends(t, want, cmd)
		ranking, err := replies(t, `[3,"2.5"]`, cmd)
		require.NoError(t, err)
		require.Equal(t, command.Ranking{Rank: 3, Score: 2.5}, ranking)
		_, err = replies(t, `null`, cmd)
		require.ErrorIs(t, err, redis.ErrNil)
		_, err = replies(t, `[3]`, cmd)
		require.Error(t, err)
	}
}

func TestUnexpectedScoreReplies(t *testing.T) {
	for _, reply := range []string{`["m"]`, `["m","x"]`, `[null,"1"]`, `7`, `[["m"],["1"]]`} {
		_, err := replies(t, reply, command.ZPopMin("k"))
		assert.Error(t, err, reply)
		_, err = replies(t, `["k",`+reply+`]`, command.ZMPop([]string{"k"}, command.Lowest))
		assert.Error(t, err, reply)
	}
	_, err := replies(t, `["m","x"]`, command.ZPopMax("k"))
	require.EqualError(t, err, "redis: ZPOPMAX: [1]: want float64, got string that is not a number")
}

func TestSortedSetArguments(t *testing.T) {
	keys := []string{"a", "b"}
	ab := []command.Z{{"a", 1}, {"b", 2.5}}
	sends(t, "ZADD k 1 a 2.5 b", command.ZAdd("k", ab))
	sends(t, "ZADD k XX GT CH 1 a", command.ZAdd("k", ab[:1], command.XX(), command.GT(), command.CH()))
	sends(t, "ZADD k CH NX 1 a", command.ZAdd("k", ab[:1], command.CH(), command.NX()))
	sends(t, "ZADD k -inf a", command.ZAdd("k", []command.Z{{"a", math.Inf(-1)}}))
	sends(t, "ZADD k INCR 1.5 m", command.ZAddIncr("k", 1.5, "m"))
	sends(t, "ZADD k LT XX INCR 1.5 m", command.ZAddIncr("k", 1.5, "m", command.LT(), command.XX()))
	sends(t, "ZCOUNT k -inf (5", command.ZCount("k", command.Score(math.Inf(-1)), command.OpenScore(5)))
	sends(t, "ZCOUNT k (-inf (+inf", command.ZCount("k", command.OpenScore(math.Inf(-1)), command.OpenScore(math.Inf(1))))
	sends(t, "ZCOUNT k (-0.1 (1e+30", command.ZCount("k", command.OpenScore(-0.1), command.OpenScore(1e30)))
	sends(t, "ZCOUNT k 0 +inf", command.ZCount("k", command.ScoreBound{}, command.Score(math.Inf(1))))
	sends(t, "ZLEXCOUNT k [ +", command.ZLexCount("k", command.LexBound{}, command.LexMax()))
	sends(t, "ZDIFF 2 a b", command.ZDiff(keys...))
	sends(t, "ZDIFF 2 a b WITHSCORES", command.ZDiffWithScores(keys...))
	sends(t, "ZDIFFSTORE to 2 a b", command.ZDiffStore("to", keys...))
	sends(t, "ZINTER 2 a b WEIGHTS 1 0.5 AGGREGATE COUNT", command.ZInter(keys, command.Weights(1, 0.5), command.AggregateCount))
	sends(t, "ZINTER 2 a b AGGREGATE MIN WITHSCORES", command.ZInterWithScores(keys, command.AggregateMin))
	sends(t, "ZINTERSTORE to 2 a b AGGREGATE MAX WEIGHTS 1 2", command.ZInterStore("to", keys, command.AggregateMax, command.Weights(1, 2)))
	sends(t, "ZINTERCARD 2 a b LIMIT 7", command.ZInterCard(keys, command.StopAt(7)))
	sends(t, "ZUNION 2 a b AGGREGATE SUM", command.ZUnion(keys, command.AggregateSum))
	sends(t, "ZUNION 2 a b WEIGHTS 1 -1 WITHSCORES", command.ZUnionWithScores(keys, command.Weights(1, -1)))
	sends(t, "ZUNIONSTORE to 2 a b", command.ZUnionStore("to", keys))
	sends(t, "ZMPOP 2 a b MIN", command.ZMPop(keys, command.Lowest))
	sends(t, "ZMPOP 2 a b MAX COUNT 3", command.ZMPop(keys, command.Highest, command.Count(3)))
	sends(t, "ZPOPMAX k", command.ZPopMax("k"))
	sends(t, "ZPOPMIN k 3", command.ZPopMinCount("k", 3))
	sends(t, "ZRANDMEMBER k -3 WITHSCORES", command.ZRandMembersWithScores("k", -3))
	sends(t, "ZREMRANGEBYLEX k [a (b", command.ZRemRangeByLex("k", command.Lex("a"), command.OpenLex("b")))
	sends(t, "ZREMRANGEBYSCORE k (1 2", command.ZRemRangeByScore("k", command.OpenScore(1), command.Score(2)))

	scores := command.ByScore(command.OpenScore(1), command.Score(2))
	lex := command.ByLex(command.LexMin(), command.OpenLex("m"))
	sends(t, "ZRANGE k 0 -1", command.ZRange("k", command.ByRank(0, -1)))
	sends(t, "ZRANGE k 0 -1 REV WITHSCORES", command.ZRangeWithScores("k", command.ByRank(0, -1), command.Rev()))
	sends(t, "ZRANGE k (1 2 BYSCORE LIMIT 1 2", command.ZRange("k", scores, command.Limit(1, 2)))
	sends(t, "ZRANGE k 2 (1 BYSCORE LIMIT 1 2 REV WITHSCORES", command.ZRangeWithScores("k", scores, command.Limit(1, 2), command.Rev()))
	sends(t, "ZRANGE k - (m BYLEX", command.ZRange("k", lex))
	sends(t, "ZRANGESTORE to k (m - BYLEX REV LIMIT 0 -1", command.ZRangeStore("to", "k", lex, command.Rev(), command.Limit(0, -1)))
	sends(t, "ZRANGESTORE to k 1 2", command.ZRangeStore("to", "k", command.ByRank(1, 2)))

	refuses(t, "redis: ZADD: needs at least one member", command.ZAdd("k", nil))
	refuses(t, "redis: ZADD: NX and XX exclude each other", command.ZAdd("k", ab, command.NX(), command.XX()))
	refuses(t, "redis: ZADD: GT and NX exclude each other", command.ZAdd("k", ab, command.GT(), command.NX()))
	refuses(t, "redis: ZADD: GT and LT exclude each other", command.ZAddIncr("k", 1, "m", command.GT(), command.LT()))
	refuses(t, "redis: ZDIFF: needs at least one key", command.ZDiff())
	refuses(t, "redis: ZDIFF: needs at least one key", command.ZDiffWithScores())
	refuses(t, "redis: ZDIFFSTORE: needs at least one key", command.ZDiffStore("to"))
	refuses(t, "redis: ZINTER: needs at least one key", command.ZInter(nil))
	refuses(t, "redis: ZINTER: WEIGHTS: needs one factor for each key", command.ZInter(keys, command.Weights(1)))
	refuses(t, "redis: ZUNIONSTORE: WEIGHTS: needs one factor for each key", command.ZUnionStore("to", keys, command.Weights(1, 2, 3)))
	refuses(t, "redis: ZUNION: WEIGHTS is given twice", command.ZUnion(keys, command.Weights(1, 2), command.Weights(1, 2)))
	refuses(t, "redis: ZUNION: AGGREGATE is given twice", command.ZUnion(keys, command.AggregateMin, command.AggregateMax))
	refuses(t, "redis: ZUNION: AGGREGATE: unknown value", command.ZUnion(keys, command.Aggregate("secret")))
	refuses(t, "redis: ZUNION: an option is nil", command.ZUnion(keys, nil))
	refuses(t, "redis: ZINTERCARD: needs at least one key", command.ZInterCard(nil))
	refuses(t, "redis: ZMPOP: needs MIN or MAX", command.ZMPop(keys, "secret"))
	refuses(t, "redis: ZMPOP: needs at least one key", command.ZMPop(nil, command.Lowest))
	refuses(t, "redis: ZMSCORE: needs at least one member", command.ZMScore("k"))
	refuses(t, "redis: ZREM: needs at least one member", command.ZRem("k"))
	refuses(t, "redis: ZRANGE: the range is nil", command.ZRange("k", nil))
	refuses(t, "redis: ZRANGE: the range is nil", command.ZRangeWithScores("k", nil))
	refuses(t, "redis: ZRANGE: LIMIT cannot be used with a range of ranks", command.ZRange("k", command.ByRank(0, 1), command.Limit(0, 1)))
	refuses(t, "redis: ZRANGESTORE: REV is given twice", command.ZRangeStore("to", "k", scores, command.Rev(), command.Rev()))
	for _, bound := range []command.ScoreBound{command.Score(math.NaN()), command.OpenScore(math.NaN())} {
		f := &fake{reply: "0"}
		_, err := command.ZCount("k", bound, bound).Do(t.Context(), f)
		assert.Error(t, err)
		assert.Empty(t, f.sent)
	}
}
