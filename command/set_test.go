package command_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleSInter() {
	command.SAdd("likes:ada", "tea", "maths", "horses").Do(ctx, rdb)
	command.SAdd("likes:alan", "running", "maths", "chess").Do(ctx, rdb)
	fmt.Println(command.SInter("likes:ada", "likes:alan").Do(ctx, rdb))
	fmt.Println(command.SIsMember("likes:alan", "tea").Do(ctx, rdb))
	// Output:
	// [maths] <nil>
	// false <nil>
}

func TestSets(t *testing.T) {
	s := newServer(t)
	returns(s, 3, command.SAdd("s", "a", "b", "c", "a"))
	returns(s, 1, command.SAdd("s", "a", "d"))
	returns(s, 4, command.SCard("s"))
	assert.ElementsMatch(t, []string{"a", "b", "c", "d"}, run(s, command.SMembers("s")))
	returns(s, true, command.SIsMember("s", "a"))
	returns(s, false, command.SIsMember("s", "x"))
	returns(s, []bool{true, false, true}, command.SMIsMember("s", "a", "x", "d"))
	returns(s, 2, command.SRem("s", "a", "b", "x"))
	returns(s, true, command.SMove("s", "t", "c"))
	returns(s, false, command.SMove("s", "t", "c"))
	returns(s, []string{"c"}, command.SMembers("t"))

	returns(s, "d", command.SRandMember("s"))
	returns(s, []string{"d"}, command.SRandMembers("s", 5))
	returns(s, []string{"d", "d"}, command.SRandMembers("s", -2))
	returns(s, "d", command.SPop("s"))
	isNil(s, command.SPop("s"))
	run(s, command.SAdd("s", "a", "b", "c"))
	popped := append(run(s, command.SPopCount("s", 2)), run(s, command.SPopCount("s", 2))...)
	assert.ElementsMatch(t, []string{"a", "b", "c"}, popped)
	returns(s, []string{}, command.SPopCount("s", 2))
}

func TestCombinedSets(t *testing.T) {
	s := newServer(t)
	run(s, command.SAdd("a", "1", "2", "3", "4"))
	run(s, command.SAdd("b", "3", "4", "5"))
	for _, c := range []struct {
		want []string
		got  []string
	}{
		{[]string{"1", "2"}, run(s, command.SDiff("a", "b"))},
		{[]string{"5"}, run(s, command.SDiff("b", "a", "none"))},
		{[]string{"1", "2", "3", "4"}, run(s, command.SDiff("a"))},
		{[]string{"3", "4"}, run(s, command.SInter("a", "b"))},
		{[]string{}, run(s, command.SInter("a", "none"))},
		{[]string{"1", "2", "3", "4", "5"}, run(s, command.SUnion("a", "b", "none"))},
	} {
		slices.Sort(c.got)
		assert.Equal(t, c.want, c.got)
	}
	returns(s, 2, command.SInterCard([]string{"a", "b"}))
	returns(s, 1, command.SInterCard([]string{"a", "b"}, command.StopAt(1)))
	returns(s, 0, command.SInterCard([]string{"a", "none"}))

	returns(s, 2, command.SDiffStore("to", "a", "b"))
	assert.ElementsMatch(t, []string{"1", "2"}, run(s, command.SMembers("to")))
	returns(s, 2, command.SInterStore("to", "a", "b"))
	assert.ElementsMatch(t, []string{"3", "4"}, run(s, command.SMembers("to")))
	returns(s, 5, command.SUnionStore("to", "a", "b"))
	assert.ElementsMatch(t, []string{"1", "2", "3", "4", "5"}, run(s, command.SMembers("to")))
	returns(s, 0, command.SInterStore("to", "a", "none"))
	returns(s, 0, command.Exists("to"))
}

func TestSetsWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.Set("k", "v"))
	run(s, command.SAdd("s", "m"))
	fails(s, "WRONGTYPE", command.SAdd("k", "m"))
	fails(s, "WRONGTYPE", command.SCard("k"))
	fails(s, "WRONGTYPE", command.SDiff("s", "k"))
	fails(s, "WRONGTYPE", command.SDiffStore("to", "k"))
	fails(s, "WRONGTYPE", command.SInter("s", "k"))
	fails(s, "WRONGTYPE", command.SInterCard([]string{"s", "k"}))
	fails(s, "WRONGTYPE", command.SIsMember("k", "m"))
	fails(s, "WRONGTYPE", command.SMembers("k"))
	fails(s, "WRONGTYPE", command.SMIsMember("k", "m"))
	fails(s, "WRONGTYPE", command.SMove("s", "k", "m"))
	fails(s, "WRONGTYPE", command.SPop("k"))
	fails(s, "WRONGTYPE", command.SPopCount("k", 1))
	fails(s, "WRONGTYPE", command.SRandMember("k"))
	fails(s, "WRONGTYPE", command.SRandMembers("k", 1))
	fails(s, "WRONGTYPE", command.SRem("k", "m"))
	fails(s, "WRONGTYPE", command.SUnion("s", "k"))
	fails(s, "WRONGTYPE", command.SUnionStore("to", "s", "k"))
	fails(s, "ERR", command.SPopCount("s", -1))

	returns(s, 0, command.SCard("none"))
	returns(s, []string{}, command.SMembers("none"))
	returns(s, false, command.SIsMember("none", "m"))
	returns(s, []bool{false, false}, command.SMIsMember("none", "m", "n"))
	returns(s, false, command.SMove("none", "s", "m"))
	returns(s, 0, command.SRem("none", "m"))
	isNil(s, command.SPop("none"))
	isNil(s, command.SRandMember("none"))
	returns(s, []string{}, command.SPopCount("none", 2))
	returns(s, []string{}, command.SRandMembers("none", 2))
	returns(s, []string{}, command.SUnion("none"))
}

func TestSetArguments(t *testing.T) {
	keys := []string{"a", "b"}
	sends(t, "SADD k a b", command.SAdd("k", keys...))
	sends(t, "SDIFF a b", command.SDiff(keys...))
	sends(t, "SDIFFSTORE to a b", command.SDiffStore("to", keys...))
	sends(t, "SINTER a b", command.SInter(keys...))
	sends(t, "SINTERCARD 2 a b", command.SInterCard(keys))
	sends(t, "SINTERCARD 2 a b LIMIT 7", command.SInterCard(keys, command.StopAt(7)))
	sends(t, "SINTERSTORE to a b", command.SInterStore("to", keys...))
	sends(t, "SMISMEMBER k a b", command.SMIsMember("k", keys...))
	sends(t, "SMOVE a b m", command.SMove("a", "b", "m"))
	sends(t, "SPOP k", command.SPop("k"))
	sends(t, "SPOP k 3", command.SPopCount("k", 3))
	sends(t, "SRANDMEMBER k", command.SRandMember("k"))
	sends(t, "SRANDMEMBER k -3", command.SRandMembers("k", -3))
	sends(t, "SREM k a b", command.SRem("k", keys...))
	sends(t, "SUNION a b", command.SUnion(keys...))
	sends(t, "SUNIONSTORE to a b", command.SUnionStore("to", keys...))
	refuses(t, "redis: SADD: needs at least one member", command.SAdd("k"))
	refuses(t, "redis: SREM: needs at least one member", command.SRem("k"))
	refuses(t, "redis: SMISMEMBER: needs at least one member", command.SMIsMember("k"))
	refuses(t, "redis: SDIFF: needs at least one key", command.SDiff())
	refuses(t, "redis: SINTER: needs at least one key", command.SInter())
	refuses(t, "redis: SUNION: needs at least one key", command.SUnion())
	refuses(t, "redis: SDIFFSTORE: needs at least one key", command.SDiffStore("to"))
	refuses(t, "redis: SINTERSTORE: needs at least one key", command.SInterStore("to"))
	refuses(t, "redis: SUNIONSTORE: needs at least one key", command.SUnionStore("to"))
	refuses(t, "redis: SINTERCARD: needs at least one key", command.SInterCard(nil))
	refuses(t, "redis: SINTERCARD: LIMIT: must be at least 1", command.SInterCard(keys, command.StopAt(0)))
}
