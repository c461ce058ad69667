package value

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/rdb"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/longtext"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// payloadOf returns the payload in the reply of DUMP.
func payloadOf(reply []byte) string {
	c := resp.NewCursor(reply)
	return string(c.Next().Text)
}

// Payloads of redis-server are read, those written here are what redis-server writes, and it
// restores them. They are compared without compression: what redis-server compresses depends on what
// it compressed before. The order of hash tables is not the same, so those are compared by content.
func TestDumpAsRedis(t *testing.T) {
	server := realredis.Start(t)
	limits := DefaultLimits()
	random := rand.New(rand.NewPCG(5, 1))
	content := func(key string) string {
		switch string(server.Do("TYPE", key)) {
		case "+hash\r\n":
			return sortedPairs(server.Do("HGETALL", key), 2)
		case "+set\r\n":
			return sortedPairs(server.Do("SMEMBERS", key), 1)
		}
		t.Fatalf("%s", server.Do("TYPE", key))
		return ""
	}
	check := func(v Value) {
		t.Helper()
		server.Do("CONFIG", "SET", "rdbcompression", "yes")
		dump := payloadOf(server.Do("DUMP", "k"))
		server.Do("CONFIG", "SET", "rdbcompression", "no")
		read, err := Restore(dump, limits)
		require.NoError(t, err)
		require.Equal(t, v.Encoding(), read.Encoding())
		require.Equal(t, v.Len(), read.Len())
		for _, v := range []Value{v, read} {
			own := string(Dump(v))
			require.Equal(t, "+OK\r\n", string(server.Do("RESTORE", "other", "0", own, "REPLACE")))
			require.Equal(t, string(server.Do("OBJECT", "ENCODING", "k")), string(server.Do("OBJECT", "ENCODING", "other")))
			if v.Encoding() == "hashtable" {
				require.Equal(t, content("k"), content("other"))
			} else {
				longtext.Equal(t, string(server.Do("DUMP", "k")), string(server.Do("DUMP", "other")), v.Encoding())
			}
		}
		server.Do("DEL", "k", "other")
	}
	text := func() string {
		switch random.IntN(4) {
		case 0:
			return fmt.Sprint(random.Int64() >> random.IntN(63) * int64(random.IntN(3)-1))
		case 1:
			return strings.Repeat("text", random.IntN(40))
		case 2:
			return strings.Repeat("x", random.IntN(1500))
		}
		return fmt.Sprint("\x00\xff", random.Float64())
	}
	for range 40 {
		s := text()
		server.Do("SET", "k", s)
		check(NewString(s))
	}
	for _, size := range []int{1, 5, 100, 530} {
		l := NewList()
		for range size {
			s := text()
			server.Do("RPUSH", "k", s)
			l.PushRight(s)
		}
		check(l)
		h := NewHash()
		for range size {
			field, v := text(), text()
			server.Do("HSET", "k", field, v)
			h.Set(field, v, limits)
		}
		check(h)
		h = NewHash()
		for i := range size {
			server.Do("HSET", "k", fmt.Sprint("f", i), "v")
			h.Set(fmt.Sprint("f", i), "v", limits)
		}
		check(h)
		for _, member := range []func() string{text, func() string { return fmt.Sprint(random.IntN(50_000) - 25_000) }} {
			s := NewSet()
			for range size {
				m := member()
				server.Do("SADD", "k", m)
				s.Add(m, limits)
			}
			check(s)
		}
		scores := []float64{math.Inf(-1), -2, 0, math.Copysign(0, -1), 0.1, 1e20, 1 << 52, 1 << 62, 1.5e-300, 12345678, math.Inf(1)}
		z := NewSortedSet()
		for range size {
			member, i := text(), random.IntN(len(scores))
			server.Do("ZADD", "k", fmt.Sprint(scores[i]), member)
			z.Set(member, scores[i], limits)
		}
		check(z)
		z = NewSortedSet()
		for i := range size {
			server.Do("ZADD", "k", fmt.Sprint(scores[i%len(scores)]), fmt.Sprint(i))
			z.Set(fmt.Sprint(i), scores[i%len(scores)], limits)
		}
		check(z)
	}
	for _, width := range []string{"32767", "-32768", "32768", "2147483647", "-2147483648", "2147483648", "9223372036854775807", "-9223372036854775808"} {
		server.Do("SADD", "k", "1", width)
		s := NewSet()
		s.Add("1", limits)
		s.Add(width, limits)
		check(s)
	}
	server.Do("SADD", "k", "100000", "-9223372036854775808")
	s := NewSet()
	s.Add("100000", limits)
	s.Add("-9223372036854775808", limits)
	check(s)
	texts := listpackTexts()
	l := NewList()
	for _, text := range texts {
		server.Do("RPUSH", "k", text)
		l.PushRight(text)
	}
	check(l)
	for n := range 8 { // two are in one node of a list, or are not
		first, second := strings.Repeat("y", 4096), strings.Repeat("y", 4070+n)
		server.Do("RPUSH", "k", first, second)
		l := NewList()
		l.PushRight(first)
		l.PushRight(second)
		check(l)
	}
}

func sortedPairs(reply []byte, size int) string {
	c := resp.NewCursor(reply)
	list := make([]string, c.Next().N/size)
	for i := range list {
		for range size {
			list[i] += fmt.Sprintf("%q ", c.Next().Text)
		}
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}

// A value of each kind of payload.
func dumpable() []Value {
	limits := smallLimits
	h, large, s, ints, z, skip, l := NewHash(), NewHash(), NewSet(), NewSet(), NewSortedSet(), NewSortedSet(), NewList()
	for i := range 4 {
		h.Set(fmt.Sprint(i), "v", limits)
		ints.Add(fmt.Sprint(i*i*i*300), limits)
		z.Set(fmt.Sprint(i), float64(i)/2, limits)
	}
	for i := range 20 {
		large.Set(fmt.Sprint(i), strings.Repeat("v", i), limits)
		s.Add(fmt.Sprint("m", i), limits)
		skip.Set(fmt.Sprint(i), float64(i)/2, limits)
		l.PushRight(fmt.Sprint(i))
	}
	stream := NewStream()
	for i := range 10 {
		stream.Add(ID{uint64(i * 1000), 1}, []string{"f", "v", fmt.Sprint(i / 2), "x"}, limits)
	}
	stream.Delete(ID{4000, 1})
	c := stream.CreateGroup("g", ID{3000, 1}, 4).CreateConsumer("c", 5)
	stream.Group("g").Assign(ID{1000, 1}, c, 7, 2)
	stream.CreateGroup("other", ID{}, -1)
	return []Value{NewString("12"), NewString("text"), l, h, large, s, ints, z, skip, stream}
}

// No payload makes Restore fail in another way than with an error. What it accepts has a payload
// that gives the same value.
func FuzzRestore(f *testing.F) {
	for _, v := range dumpable() {
		f.Add(AppendDump(nil, v))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		checkRestore(t, body)
	})
}

func checkRestore(t testing.TB, body []byte) {
	v, err := Restore(string(rdb.AppendFooter(slices.Clone(body))), smallLimits)
	if err != nil {
		require.ErrorIs(t, err, ErrPayload)
		return
	}
	dump := Dump(v)
	again, err := Restore(string(dump), smallLimits)
	require.NoError(t, err)
	if v.Encoding() != "hashtable" {
		require.Equal(t, dump, Dump(again))
	}
	require.Equal(t, v.Len(), again.Len())
	if z, ok := v.(*SortedSet); ok {
		var model []scored
		for member, score := range z.Range(0, z.Len()) {
			model = append(model, scored{member, score})
		}
		require.True(t, slices.IsSortedFunc(model, scored.compare))
		checkSortedSet(t, z, model, z.large)
	}
}

// Each payload is read, none of its beginnings is, and changed bytes do no harm.
func TestRestore(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 1))
	for _, v := range dumpable() {
		body := AppendDump(nil, v)
		got, err := Restore(string(rdb.AppendFooter(slices.Clone(body))), smallLimits)
		require.NoError(t, err)
		require.Equal(t, v.Encoding(), got.Encoding())
		require.Equal(t, v.Len(), got.Len())
		for i := range body {
			_, err := Restore(string(rdb.AppendFooter(slices.Clone(body[:i]))), smallLimits)
			require.ErrorIs(t, err, ErrPayload)
		}
		for range 300 {
			changed := slices.Clone(body)
			for range 1 + random.IntN(3) {
				changed[random.IntN(len(changed))] = byte(random.Uint32())
			}
			checkRestore(t, changed)
		}
	}
	_, err := Restore("\x00\x01a", smallLimits)
	require.ErrorIs(t, err, ErrFooter)
	for _, body := range []string{
		"\x0b\x08\x02\x00\x00\x00\x00\x00\x00\x00",                                           // an empty set
		"\x02\x02\x01a\x01a",                                                                 // a member twice
		"\x05\x01\x01a\x00\x00\x00\x00\x00\x00\xf8\x7f",                                      // NaN as a score
		"\x0b\x0c\x02\x00\x00\x00\x02\x00\x00\x00\x02\x00\x01\x00",                           // an intset in descending order
		"\x0b\x0c\x02\x00\x00\x00\x02\x00\x00\x00\x02\x00\x02\x00",                           // a member of an intset twice
		"\x05\x02\x01a\x00\x00\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x00\x00\x00\x00\xf0\x3f", // a member twice
		"\x12\x00", "\x63\x00",
	} {
		_, err := Restore(string(rdb.AppendFooter([]byte(body))), smallLimits)
		require.ErrorIs(t, err, ErrPayload, "%q", body)
	}
}

// A payload that contradicts itself is refused.
func TestRestoreOfBrokenStreams(t *testing.T) {
	values := dumpable()
	good := values[len(values)-1].(*Stream)
	for i, harm := range []func(s *Stream){
		func(s *Stream) { s.length++ },
		func(s *Stream) { s.LastID = ID{5, 0} },
		func(s *Stream) { s.EntriesAdded = -1 },
		func(s *Stream) { s.nodes[0].deleted++ },
		func(s *Stream) { s.nodes[0].entries = nil },
		func(s *Stream) { e := s.nodes[0].entries; e[0], e[1] = e[1], e[0] },
		func(s *Stream) { e := s.nodes[0].entries; e[1] = e[0] },
		func(s *Stream) { s.nodes[0].id.Ms++ },
		func(s *Stream) { s.nodes[0], s.nodes[1] = s.nodes[1], s.nodes[0] },
		func(s *Stream) { s.nodes[1] = s.nodes[0] },
		func(s *Stream) { s.groups[1].Name = s.groups[0].Name },
		func(s *Stream) { s.groups[0].EntriesRead = -2 },
		func(s *Stream) { s.groups[0].Pending.insert(&Pending{ID: ID{9, 9}}) },
		func(s *Stream) { s.groups[0].Pending.remove(ID{1000, 1}) },
		func(s *Stream) {
			g := s.groups[0]
			g.CreateConsumer("d", 0).Pending.insert(g.Pending.Get(ID{1000, 1}))
		},
		func(s *Stream) { s.groups[0].consumers = append(s.groups[0].consumers, s.groups[0].consumers[0]) },
	} {
		s := good.Clone().(*Stream)
		_, err := Restore(string(Dump(s)), smallLimits)
		require.NoError(t, err)
		harm(s)
		_, err = Restore(string(Dump(s)), smallLimits)
		require.ErrorIs(t, err, ErrPayload, "%d", i)
	}
}
