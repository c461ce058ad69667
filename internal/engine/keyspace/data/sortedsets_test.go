package data

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/growth"
)

// bulks returns the strings of a reply, in order.
func bulks(reply string) (list []string) {
	lines := strings.Split(reply, "\r\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "$") && i+1 < len(lines) {
			list = append(list, lines[i+1])
		}
	}
	return list
}

// addMembers adds n members with scores in no order.
func (s *testServer) addMembers(key string, n int) {
	z := value.NewSortedSet()
	for i := range n {
		z.Set(fmt.Sprint("m", i), float64(i*7919%n), s.Limits)
	}
	s.put(s.dbs[0], key, z)
}

func TestSortedSetsWait(t *testing.T) {
	s := newTestServer(t)
	for line, want := range map[string]Wait{
		"BZPOPMIN a b 1.5":                   {Keys: []string{"a", "b"}, Until: s.time.UnixMilli() + 1500},
		"BZPOPMAX a 0":                       {Keys: []string{"a"}},
		"BZMPOP 0.0001 2 a b MAX COUNT 1000": {Keys: []string{"a", "b"}, Until: s.time.UnixMilli() + 1},
	} {
		args := strings.Fields(line)
		command, _ := commandtable.Check(args)
		reply, wait := s.Run(&s.session, command, args, nil)
		require.Empty(t, reply)
		require.NotNil(t, wait, line)
		want.Args = args
		require.Equal(t, want, *wait)
	}
}

// A scan of a large sorted set visits about COUNT members a call, and each of them.
func TestSortedSetScanHonoursCount(t *testing.T) {
	s := newTestServer(t)
	s.addMembers("z", 1000)
	seen := map[string]bool{}
	cursor, calls := "0", 0
	for ; calls == 0 || cursor != "0"; calls++ {
		list := bulks(s.do("ZSCAN z " + cursor + " COUNT 10"))
		cursor = list[0]
		require.Len(t, list, 21)
		for i := 1; i < len(list); i += 2 {
			require.False(t, seen[list[i]])
			seen[list[i]] = true
			require.Equal(t, fmt.Sprintf("$%d\r\n%s\r\n", len(list[i+1]), list[i+1]), s.do("ZSCORE z "+list[i]))
		}
	}
	require.Equal(t, 100, calls)
	require.Len(t, seen, 1000)
}

func TestRandomMembers(t *testing.T) {
	s := newTestServer(t)
	s.addMembers("small", 10)
	s.addMembers("large", 1000)
	for _, key := range []string{"small", "large"} {
		seen := map[string]int{}
		for range 2000 {
			list := bulks(s.do("ZRANDMEMBER " + key + " 3 WITHSCORES"))
			require.Len(t, list, 6)
			require.NotEqual(t, list[0], list[2])
			require.NotEqual(t, list[0], list[4])
			require.NotEqual(t, list[2], list[4])
			for i := 0; i < 6; i += 2 {
				seen[list[i]]++
				require.Equal(t, list[i+1], bulks(s.do("ZSCORE " + key + " " + list[i]))[0])
			}
		}
		if key == "small" {
			require.Len(t, seen, 10)
			for member, n := range seen {
				require.InDelta(t, 600, n, 150, member) // seven standard deviations
			}
		}
		require.Len(t, bulks(s.do("ZRANDMEMBER "+key+" -5000")), 5000)
		require.Len(t, bulks(s.do("ZRANDMEMBER "+key)), 1)
		require.Equal(t, s.do("ZREVRANGE "+key+" 0 -1 WITHSCORES"), s.do("ZRANDMEMBER "+key+" 1000 WITHSCORES"), "all, in the order of Redis")
	}
}

// A negative count may ask for more than there is memory.
func TestRandomMembersAreBounded(t *testing.T) {
	s := newTestServer(t)
	s.MaxBulk = 1 << 20
	s.do("ZADD z 1 a 2 b")
	full := string(resp.Error(string(errReplyTooLong)))
	require.Equal(t, full, s.do("ZRANDMEMBER z -4611686018427387903 WITHSCORES"))
	require.Equal(t, full, s.do("ZRANDMEMBER z -9223372036854775807"))
	require.Len(t, bulks(s.do("ZRANDMEMBER z -100000")), 100_000)
}

// A copy of the server keeps its members when the other changes.
func TestSortedSetsAreShared(t *testing.T) {
	for _, line := range []string{
		"ZADD z 9 m1", "ZINCRBY z 1 m1", "ZREM z m1", "ZREMRANGEBYRANK z 0 5", "ZREMRANGEBYSCORE z 1 5", "ZPOPMIN z",
		"ZPOPMAX z 5", "BZPOPMIN z 0", "ZMPOP 1 z MAX", "GEOADD z 1 1 m1",
	} {
		s := newTestServer(t)
		s.addMembers("z", 20)
		before := s.do("ZRANGE z 0 -1 WITHSCORES")
		c := &testServer{t: t, Server: s.Copy()}
		s.do(line)
		require.NotEqual(t, before, s.do("ZRANGE z 0 -1 WITHSCORES"), line)
		require.Equal(t, before, c.do("ZRANGE z 0 -1 WITHSCORES"), line)
	}
}

// The time of each command is what Redis documents: it depends little on the members that are not in the reply.
func TestSortedSetCommandsGrow(t *testing.T) {
	s := newTestServer(t)
	const small, large = 1000, 32_000
	for key, n := range map[string]int{"small": small, "large": large} {
		s.addMembers(key, n)
		places := value.NewSortedSet()
		random := rand.New(rand.NewPCG(1, 2))
		for i := range n { // the more places, the smaller the area
			p := place{random.Float64() * 1e-3 * float64(n), random.Float64()}
			places.Set(fmt.Sprint("p", i), float64(cellOf(p, geoSteps, geoMaxLat).bits), s.Limits)
		}
		s.put(s.dbs[0], "geo"+key, places)
		s.do("ZADD few" + key + " 1 m1 2 m2 3 m3")
	}
	for _, line := range []string{
		"ZADD KEY 5 m7", "ZINCRBY KEY 1 m9", "ZRANGE KEY 100 110 WITHSCORES", "ZRANGE KEY 100 110 BYSCORE REV LIMIT 5 5", "ZCOUNT KEY 5 500",
		"ZRANK KEY m5", "ZMSCORE KEY m1 m2", "ZRANDMEMBER KEY 5", "ZSCAN KEY 100 COUNT 10", "ZINTER 2 KEY fewKEY", "ZINTERCARD 2 KEY KEY LIMIT 5",
		"ZDIFF 2 fewKEY KEY", "GEOSEARCH geoKEY FROMLONLAT 0.5 0.5 BYBOX 10 10 km", "GEODIST geoKEY p1 p2", "GEOSEARCH geoKEY FROMLONLAT 0.5 0.5 BYRADIUS 100 km COUNT 1 ANY",
	} {
		run := func(key string) func() {
			line := strings.ReplaceAll(line, "KEY", key)
			return func() {
				for range 20 {
					s.do(line)
				}
			}
		}
		growth.AtMost(t, 16, run("small"), run("large"), line)
	}
}
