package command_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/command"
)

func ExamplePFCount() {
	command.PFAdd("visitors:monday", "ada", "alan", "grace").Do(ctx, rdb)
	command.PFAdd("visitors:tuesday", "ada", "edsger").Do(ctx, rdb)
	command.PFMerge("visitors", "visitors:monday", "visitors:tuesday").Do(ctx, rdb)
	fmt.Println(command.PFCount("visitors:monday").Do(ctx, rdb))
	fmt.Println(command.PFCount("visitors").Do(ctx, rdb))
	// Output:
	// 3 <nil>
	// 4 <nil>
}

func TestHyperLogLogs(t *testing.T) {
	s := newServer(t)
	returns(s, true, command.PFAdd("h", "a", "b", "c"))
	returns(s, false, command.PFAdd("h", "a"))
	returns(s, true, command.PFAdd("empty"))
	returns(s, false, command.PFAdd("empty"))
	returns(s, 3, command.PFCount("h"))
	returns(s, 0, command.PFCount("empty"))
	returns(s, "OK", command.PFMerge("to", "h", "empty", "none"))
	run(s, command.PFAdd("other", "c", "d"))
	returns(s, "OK", command.PFMerge("to", "other"))
	returns(s, 4, command.PFCount("to"))
	returns(s, 4, command.PFCount("h", "other", "none"))

	var many []string
	for i := range 10_000 {
		many = append(many, strconv.Itoa(i))
	}
	returns(s, true, command.PFAdd("many", many...))
	assert.InEpsilon(t, len(many), run(s, command.PFCount("many")), 0.03)
}

func TestHyperLogLogsWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.Set("k", "v"))
	run(s, command.RPush("l", "v"))
	for _, key := range []string{"k", "l"} {
		fails(s, "WRONGTYPE", command.PFAdd(key, "a"))
		fails(s, "WRONGTYPE", command.PFCount(key))
		fails(s, "WRONGTYPE", command.PFMerge("to", key))
		fails(s, "WRONGTYPE", command.PFMerge(key, "none"))
	}
	returns(s, 0, command.PFCount("none"))
	returns(s, 0, command.PFCount("none", "neither"))
	returns(s, "OK", command.PFMerge("to", "none"))
}

func TestHyperLogLogArguments(t *testing.T) {
	sends(t, "PFADD k", command.PFAdd("k"))
	sends(t, "PFADD k a b", command.PFAdd("k", "a", "b"))
	sends(t, "PFCOUNT a b", command.PFCount("a", "b"))
	sends(t, "PFMERGE to a b", command.PFMerge("to", "a", "b"))
	refuses(t, "redis: PFCOUNT: needs at least one key", command.PFCount())
	refuses(t, "redis: PFMERGE: needs at least one source", command.PFMerge("to"))
}
