package command_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleLMove() {
	command.RPush("jobs", "wash", "dry", "fold").Do(ctx, rdb)
	fmt.Println(command.LMove[string]("jobs", "running", command.Left, command.Right).Do(ctx, rdb))
	fmt.Println(command.LRange[string]("jobs", 0, -1).Do(ctx, rdb))
	fmt.Println(command.LRange[string]("running", 0, -1).Do(ctx, rdb))
	// Output:
	// wash <nil>
	// [dry fold] <nil>
	// [wash] <nil>
}

func TestLists(t *testing.T) {
	s := newServer(t)
	returns(s, 0, command.LPushX("l", 1))
	returns(s, 0, command.RPushX("l", 1))
	returns(s, 2, command.LPush("l", "b", "a"))
	returns(s, 4, command.RPush("l", "c", 4))
	returns(s, 5, command.LPushX("l", 0))
	returns(s, 7, command.RPushX("l", 5, 6))
	returns(s, 7, command.LLen("l"))
	returns(s, []string{"0", "a", "b", "c", "4", "5", "6"}, command.LRange[string]("l", 0, -1))
	returns(s, []int{4, 5}, command.LRange[int]("l", -3, -2))
	returns(s, []string{}, command.LRange[string]("l", 7, 9))
	returns(s, "a", command.LIndex[string]("l", 1))
	returns(s, 6, command.LIndex[int]("l", -1))
	isNil(s, command.LIndex[string]("l", 7))

	returns(s, 8, command.LInsert("l", command.Before, "b", "a.5"))
	returns(s, 9, command.LInsert("l", command.After, 6, 7))
	returns(s, -1, command.LInsert("l", command.After, "none", 7))
	returns(s, 0, command.LInsert("none", command.After, "b", 7))
	returns(s, "OK", command.LSet("l", -1, "z"))
	returns(s, []string{"0", "a", "a.5", "b", "c", "4", "5", "6", "z"}, command.LRange[string]("l", 0, -1))
	fails(s, "ERR", command.LSet("l", 9, "z"))
	fails(s, "ERR", command.LSet("none", 0, "z"))

	returns(s, "0", command.LPop[string]("l"))
	returns(s, "z", command.RPop[string]("l"))
	returns(s, []string{"a", "a.5"}, command.LPopCount[string]("l", 2))
	returns(s, []int{6, 5}, command.RPopCount[int]("l", 2))
	returns(s, []string{}, command.LPopCount[string]("l", 0))
	returns(s, "OK", command.LTrim("l", 1, 5))
	returns(s, []string{"c", "4"}, command.LRange[string]("l", 0, -1))
	returns(s, []string{"c", "4"}, command.LPopCount[string]("l", 10))
	returns(s, nil, command.LPopCount[string]("l", 10))
	returns(s, false, command.Set("l", "v", command.XX()))
}

func TestListsAcrossKeys(t *testing.T) {
	s := newServer(t)
	run(s, command.RPush("a", 1, 2, 3))
	returns(s, 1, command.LMove[int]("a", "b", command.Left, command.Right))
	returns(s, 3, command.LMove[int]("a", "b", command.Right, command.Left))
	returns(s, []int{3, 1}, command.LRange[int]("b", 0, -1))
	returns(s, 3, command.LMove[int]("b", "b", command.Left, command.Right))
	returns(s, []int{1, 3}, command.LRange[int]("b", 0, -1))
	isNil(s, command.LMove[string]("none", "b", command.Left, command.Left))

	lists := []string{"none", "b", "a"}
	returns(s, command.Popped[int]{"b", []int{1}}, command.LMPop[int](lists, command.Left))
	returns(s, command.Popped[string]{"b", []string{"3"}}, command.LMPop[string](lists, command.Right, command.Count(5)))
	returns(s, command.Popped[int]{"a", []int{2}}, command.LMPop[int](lists, command.Right, command.Count(5)))
	isNil(s, command.LMPop[int](lists, command.Left))
}

func TestListSearch(t *testing.T) {
	s := newServer(t)
	run(s, command.RPush("l", "a", "b", "a", "c", "a", "a"))
	returns(s, 0, command.LPos("l", "a"))
	returns(s, 4, command.LPos("l", "a", command.Rank(3)))
	returns(s, 4, command.LPos("l", "a", command.Rank(-2)))
	returns(s, 3, command.LPos("l", "c", command.MaxCompared(4)))
	isNil(s, command.LPos("l", "c", command.MaxCompared(3)))
	isNil(s, command.LPos("l", "a", command.Rank(5)))
	returns(s, []int64{0, 2, 4, 5}, command.LPosCount("l", "a", 0))
	returns(s, []int64{2, 4}, command.LPosCount("l", "a", 2, command.Rank(2)))
	returns(s, []int64{5, 4}, command.LPosCount("l", "a", 0, command.Rank(-1), command.MaxCompared(3)))
	returns(s, []int64{}, command.LPosCount("l", "none", 1))

	returns(s, 1, command.LRem("l", -1, "a"))
	returns(s, []string{"a", "b", "a", "c", "a"}, command.LRange[string]("l", 0, -1))
	returns(s, 1, command.LRem("l", 1, "a"))
	returns(s, []string{"b", "a", "c", "a"}, command.LRange[string]("l", 0, -1))
	returns(s, 2, command.LRem("l", 0, "a"))
	returns(s, 0, command.LRem("l", 0, "a"))
}

func TestListsWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.Set("k", "v"))
	fails(s, "WRONGTYPE", command.LIndex[string]("k", 0))
	fails(s, "WRONGTYPE", command.LInsert("k", command.Before, "a", "b"))
	fails(s, "WRONGTYPE", command.LLen("k"))
	fails(s, "WRONGTYPE", command.LMove[string]("k", "l", command.Left, command.Left))
	fails(s, "WRONGTYPE", command.LMPop[string]([]string{"k"}, command.Left))
	fails(s, "WRONGTYPE", command.LPop[string]("k"))
	fails(s, "WRONGTYPE", command.RPopCount[string]("k", 1))
	fails(s, "WRONGTYPE", command.LPos("k", "a"))
	fails(s, "WRONGTYPE", command.LPosCount("k", "a", 1))
	fails(s, "WRONGTYPE", command.LPush("k", "a"))
	fails(s, "WRONGTYPE", command.RPushX("k", "a"))
	fails(s, "WRONGTYPE", command.LRange[string]("k", 0, -1))
	fails(s, "WRONGTYPE", command.LRem("k", 0, "a"))
	fails(s, "WRONGTYPE", command.LTrim("k", 0, 0))
	fails(s, "ERR", command.LPopCount[string]("k", -1))

	returns(s, 0, command.LLen("none"))
	returns(s, []string{}, command.LRange[string]("none", 0, -1))
	returns(s, "OK", command.LTrim("none", 0, 0))
	isNil(s, command.LIndex[string]("none", 0))
	returns(s, nil, command.LIndex[*string]("none", 0))
	isNil(s, command.LPop[string]("none"))
	isNil(s, command.RPop[int]("none"))
	returns(s, nil, command.RPop[*int]("none"))
	returns(s, nil, command.LPopCount[string]("none", 2))
	returns(s, nil, command.RPopCount[string]("none", 2))
	isNil(s, command.LPos("none", "a"))
	returns(s, []int64{}, command.LPosCount("none", "a", 2))

	run(s, command.RPush("l", "text"))
	_, err := command.LRange[int]("l", 0, -1).Do(t.Context(), s)
	require.EqualError(t, err, "redis: LRANGE: [0]: want int, got string that is not a number")
	_, err = command.LMPop[int]([]string{"l"}, command.Left).Do(t.Context(), s)
	require.EqualError(t, err, "redis: LMPOP: [1][0]: want int, got string that is not a number")
}

func TestListArguments(t *testing.T) {
	keys := []string{"a", "b"}
	sends(t, "LINDEX k -1", command.LIndex[string]("k", -1))
	sends(t, "LINSERT k BEFORE p v", command.LInsert("k", command.Before, "p", "v"))
	sends(t, "LINSERT k AFTER 1 2", command.LInsert("k", command.After, 1, 2))
	sends(t, "LMOVE a b LEFT RIGHT", command.LMove[string]("a", "b", command.Left, command.Right))
	sends(t, "LMPOP 2 a b LEFT", command.LMPop[string](keys, command.Left))
	sends(t, "LMPOP 2 a b RIGHT COUNT 5", command.LMPop[string](keys, command.Right, command.Count(5)))
	sends(t, "LPOP k", command.LPop[string]("k"))
	sends(t, "LPOP k 2", command.LPopCount[string]("k", 2))
	sends(t, "RPOP k", command.RPop[string]("k"))
	sends(t, "RPOP k 2", command.RPopCount[string]("k", 2))
	sends(t, "LPOS k v", command.LPos("k", "v"))
	sends(t, "LPOS k v RANK -1 MAXLEN 0", command.LPos("k", "v", command.Rank(-1), command.MaxCompared(0)))
	sends(t, "LPOS k v MAXLEN 100 COUNT 2", command.LPosCount("k", "v", 2, command.MaxCompared(100)))
	sends(t, "LPUSH k 1 x 2.5", command.LPush("k", 1, "x", 2.5))
	sends(t, "LREM k -2 v", command.LRem("k", -2, "v"))
	sends(t, "LSET k 0 v", command.LSet("k", 0, "v"))
	sends(t, "LTRIM k 1 -1", command.LTrim("k", 1, -1))
	refuses(t, "redis: LINSERT: needs BEFORE or AFTER", command.LInsert("k", "secret", "p", "v"))
	refuses(t, "redis: LMOVE: needs LEFT or RIGHT", command.LMove[string]("a", "b", "", command.Left))
	refuses(t, "redis: LMOVE: needs LEFT or RIGHT", command.LMove[string]("a", "b", command.Left, "left"))
	refuses(t, "redis: LMPOP: needs LEFT or RIGHT", command.LMPop[string](keys, "MIN"))
	refuses(t, "redis: LMPOP: needs at least one key", command.LMPop[string](nil, command.Left))
	refuses(t, "redis: LMPOP: COUNT: must be at least 1", command.LMPop[string](keys, command.Left, command.Count(0)))
	refuses(t, "redis: LPOS: RANK: must not be 0", command.LPos("k", "v", command.Rank(0)))
	refuses(t, "redis: LPOS: MAXLEN: must be at least 0", command.LPos("k", "v", command.MaxCompared(-1)))
	refuses(t, "redis: LPOS: COUNT: must be at least 0", command.LPosCount("k", "v", -1))
	refuses(t, "redis: LPOS: RANK is given twice", command.LPos("k", "v", command.Rank(1), command.Rank(2)))
	refuses(t, "redis: LPUSH: needs at least one value", command.LPush("k"))
	refuses(t, "redis: LPUSHX: needs at least one value", command.LPushX("k"))
	refuses(t, "redis: RPUSH: needs at least one value", command.RPush("k"))
	refuses(t, "redis: RPUSHX: needs at least one value", command.RPushX("k"))
	_, err := replies(t, `1`, command.LPush("k", math.NaN()))
	assert.Error(t, err)
}
