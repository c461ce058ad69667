package data

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// texts returns the strings of a reply that is an array, a set or a string.
func texts(reply string) (list []string) {
	c := resp.NewCursor([]byte(reply))
	if p := c.Next(); p.Kind == '$' {
		return []string{string(p.Text)}
	}
	for p := c.Next(); p.Kind != 0; p = c.Next() {
		list = append(list, string(p.Text))
	}
	return list
}

// SPOP removes what it replies, and nothing else. Its effect can be repeated.
func TestPopMembers(t *testing.T) {
	s := newTestServer(t)
	for _, prefix := range []string{"", "m"} { // an intset and a hash table
		for _, size := range []int{1, 2, 6, 7, 100} {
			for count := range size + 2 {
				s.do(fmt.Sprintf("SADD s %s<1..%d>", prefix, size))
				s.do("COPY s copy REPLACE")
				all := slices.Sorted(slices.Values(texts(s.do("SMEMBERS s"))))
				popped := texts(s.do(fmt.Sprint("SPOP s ", count)))
				require.Len(t, popped, min(count, size))
				if effect := s.Effect(); count > 0 {
					effect[1] = "copy"
					command, _ := commandtable.Check(effect)
					s.Run(&s.session, command, effect, nil)
				}
				left := texts(s.do("SMEMBERS s"))
				require.Equal(t, all, slices.Sorted(slices.Values(slices.Concat(left, popped))))
				require.Equal(t, slices.Sorted(slices.Values(left)), slices.Sorted(slices.Values(texts(s.do("SMEMBERS copy")))))
				require.Equal(t, len(left) > 0, s.Exists(0, "s"))
				s.do("DEL s")
			}
		}
	}
}

func TestEffectOfPop(t *testing.T) {
	s := newTestServer(t)
	s.do("SADD s m<1..10>")
	popped := texts(s.do("SPOP s"))
	require.Equal(t, []string{"SREM", "s", popped[0]}, s.Effect())
}

// Each member is drawn equally often. Chi-squared with 9 degrees of freedom is above 60 once in a billion tests.
func TestRandomIsUniform(t *testing.T) {
	for _, draw := range []string{"SRANDMEMBER s", "SRANDMEMBER s 1", "SRANDMEMBER s 3", "SRANDMEMBER s 9", "SRANDMEMBER s -3", "SPOP s", "SPOP s 3", "SPOP s 9"} {
		for _, member := range []string{"", "m"} {
			s := newTestServer(t)
			counts, n := map[string]int{}, 0
			for n < 2000 {
				s.do("SADD s " + member + "<0..9>")
				drawn := texts(s.do(draw))
				if !strings.Contains(draw, "-") {
					require.Len(t, slices.Compact(slices.Sorted(slices.Values(drawn))), len(drawn), draw)
				}
				for _, m := range drawn {
					counts[m]++
					n++
				}
			}
			chi, expected := 0.0, float64(n)/10
			for i := range 10 {
				d := float64(counts[member+strconv.Itoa(i)]) - expected
				chi += d * d / expected
			}
			require.Less(t, chi, 60.0, "%s: %v", draw, counts)
		}
	}
}

// A short command cannot make a reply that takes all memory.
func TestRandomIsLimited(t *testing.T) {
	const tooMany = "-ERR value is out of range\r\n"
	s := newTestServer(t)
	s.do("SADD s a")
	require.Equal(t, 1+1<<20, strings.Count(s.do("SRANDMEMBER s -1048576"), "\r\n")/2+1)
	require.Equal(t, tooMany, s.do("SRANDMEMBER s -1048577"))
	require.Equal(t, tooMany, s.do("SRANDMEMBER s -9223372036854775807"))
	require.Equal(t, "*0\r\n", s.do("SRANDMEMBER none -9223372036854775807"))
	s.MaxBulk = 1000
	require.Equal(t, tooMany, s.do("SRANDMEMBER s -1000"))
	require.Len(t, texts(s.do("SRANDMEMBER s -100")), 100)
}

// SSCAN goes on from its cursor and visits about COUNT members.
func TestScanOfSet(t *testing.T) {
	s := newTestServer(t)
	s.do("SADD s m<1..100>")
	seen, calls := scanAll(t, s, "SSCAN s %s COUNT 7")
	require.Len(t, seen, 100)
	require.Equal(t, 15, calls)
	seen, _ = scanAll(t, s, "SSCAN s %s COUNT 7 MATCH m1?")
	require.Len(t, seen, 10)
}

// scanAll returns all elements that a scan finds, and the number of calls.
func scanAll(t *testing.T, s *testServer, line string) (seen []string, calls int) {
	t.Helper()
	for cursor := "0"; calls == 0 || cursor != "0"; calls++ {
		found := texts(s.do(fmt.Sprintf(line, cursor)))
		cursor = found[0]
		seen = append(seen, found[2:]...) // after the head of the array
	}
	return seen, calls
}
