package commandtable_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// MayBlock knows the commands that Redis flags as blocking, and WAIT and WAITAOF.
func TestMayBlock(t *testing.T) {
	n := 0
	for c := range commandtable.All {
		if blocks := c.Flags.Has(commandtable.Blocking) || c.Name == "WAIT"; blocks {
			n++
			assert.True(t, commandtable.MayBlock(c.Name), c.Name)
		} else {
			assert.False(t, commandtable.MayBlock(c.Name), c.Name)
		}
	}
	assert.Equal(t, 11, n)
	assert.True(t, commandtable.MayBlock("WAITAOF"))
}

func TestBlocks(t *testing.T) {
	const forever = commandtable.Forever
	for line, want := range map[string]time.Duration{
		"BLPOP a b 5": 5 * time.Second, "brpop a 0.25": 250 * time.Millisecond, "BZPOPMIN a 1e1": 10 * time.Second, "BZPOPMAX a 0": forever,
		"BRPOPLPUSH a b 7": 7 * time.Second, "BLMOVE a b LEFT RIGHT 1": time.Second, "BLMPOP 2 1 9 LEFT": 2 * time.Second, "bzmpop 0 1 9 MIN COUNT 3": forever,
		"WAIT 1 100": 100 * time.Millisecond, "WAITAOF 1 1 0": forever, "BLPOP a 1e300": forever, "BLPOP a inf": forever,
		"BLPOP a -1": 0, "BLPOP a x": 0, "BLPOP a NaN": 0, "BLPOP": 0, "BLMPOP": 0,
		"XREAD BLOCK 0 STREAMS s $": forever, "XREAD COUNT 2 block 1500 STREAMS s $": 1500 * time.Millisecond, "XREAD BLOCK 1 BLOCK 2 STREAMS s 0": 2 * time.Millisecond,
		"XREADGROUP GROUP STREAMS BLOCK BLOCK 30 STREAMS s >": 30 * time.Millisecond, "XREADGROUP GROUP g c NOACK BLOCK 4 STREAMS s >": 4 * time.Millisecond,
	} {
		wait, blocks := commandtable.Blocks(strings.Fields(line))
		assert.True(t, blocks, line)
		assert.Equal(t, want, wait, line)
	}
	for _, line := range []string{
		"", "GET 5", "LPOP a 5", "XREAD STREAMS BLOCK 0", "XREAD COUNT BLOCK STREAMS BLOCK 0", "XREADGROUP GROUP BLOCK 5 STREAMS s >", "XREADGROUP GROUP g BLOCK COUNT 5 STREAMS BLOCK >",
		"XREAD", "XREAD BLOCK", "XREAD COUNT 5", "LMPOP 1 a LEFT", "CLIENT PAUSE 5",
	} {
		_, blocks := commandtable.Blocks(strings.Fields(line))
		assert.False(t, blocks, line)
	}
}
