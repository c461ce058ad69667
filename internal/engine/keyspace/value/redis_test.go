package value

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/longtext"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// What redis-server shows of the form and the order of values is what the types show.
func TestAsRedis(t *testing.T) {
	server := realredis.Start(t)
	do := func(args ...string) string {
		t.Helper()
		reply := string(server.Do(args...))
		require.NotEqual(t, "-", reply[:1], "%q: %s", args, reply)
		return reply
	}
	bulks := func(list []string) string { return string(resp.AppendBulks(nil, list)) }
	encoding := func(t *testing.T, v Value) {
		t.Helper()
		require.Equal(t, do("OBJECT", "ENCODING", "k"), string(resp.AppendBulk(nil, v.Encoding())))
		require.Equal(t, do("TYPE", "k"), string(resp.AppendStatus(nil, v.Type())))
	}
	limits := DefaultLimits()
	random := rand.New(rand.NewPCG(1, 1))

	t.Run("strings", func(t *testing.T) {
		for _, text := range []string{
			"0", "-1", "-0", "+1", "01", "", " 1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e3",
			strings.Repeat("1", 20), strings.Repeat("a", 44), strings.Repeat("a", 45),
		} {
			do("SET", "k", text)
			s := NewString(text)
			encoding(t, s)
			do("APPEND", "k", "x")
			b, _ := Edit(s)
			b.B = append(b.B, 'x')
			encoding(t, b)
			require.Equal(t, do("GET", "k"), string(resp.AppendBulk(nil, b.B)))
		}
	})

	t.Run("hash", func(t *testing.T) {
		for _, size := range []int{20, 520} {
			do("DEL", "k")
			h := NewHash()
			for range 2 * size {
				field, v := fmt.Sprint("f", random.IntN(size)), fmt.Sprint(random.IntN(1000))
				if random.IntN(5) == 0 && h.Len() > 1 {
					do("HDEL", "k", field)
					h.Delete(field)
				} else {
					do("HSET", "k", field, v)
					h.Set(field, v, limits)
				}
			}
			for i := 0; i < size; i++ {
				do("HSET", "k", fmt.Sprint("f", i), "v")
				h.Set(fmt.Sprint("f", i), "v", limits)
				encoding(t, h)
				if !h.large {
					var want []string
					for field, v := range h.All() {
						want = append(want, field, v)
					}
					require.Equal(t, do("HGETALL", "k"), bulks(want))
				}
			}
			for h.Len() > 1 {
				field, _ := h.At(0)
				do("HDEL", "k", field)
				h.Delete(field)
			}
			encoding(t, h)
		}
		for _, pair := range [][]string{{strings.Repeat("f", 64), strings.Repeat("v", 64)}, {strings.Repeat("f", 65), "v"}, {"f", strings.Repeat("v", 65)}} {
			do("DEL", "k")
			do("HSET", "k", pair[0], pair[1])
			h := NewHash()
			h.Set(pair[0], pair[1], limits)
			encoding(t, h)
		}
	})

	t.Run("set", func(t *testing.T) {
		for _, members := range [][]string{{"3", "-1", "20", "100", "0", "-9223372036854775808"}, {"1", "a"}, {"a", "1"}, {"1", "-0"}, {"+1"}, {"01"}, {"9223372036854775808"}} {
			do("DEL", "k")
			s := NewSet()
			for _, member := range members {
				do("SADD", "k", member)
				s.Add(member, limits)
				encoding(t, s)
			}
			if s.members == nil {
				var want []string
				for member := range s.All() {
					want = append(want, member)
				}
				require.Equal(t, do("SMEMBERS", "k"), bulks(want))
			}
		}
		do("DEL", "k")
		s := NewSet()
		for i := range 514 {
			do("SADD", "k", fmt.Sprint(i))
			s.Add(fmt.Sprint(i), limits)
			encoding(t, s)
		}
	})

	t.Run("sorted set", func(t *testing.T) {
		scores := []float64{math.Inf(-1), -2, 0, math.Copysign(0, -1), 0.1, 3, math.Inf(1)}
		text := func(score float64) string { return strings.ToLower(ctext.FormatFloat(score, 'g', 17)) }
		for _, size := range []int{10, 126, 200} {
			do("DEL", "k")
			z := NewSortedSet()
			for i := range size {
				member, score := fmt.Sprint(random.IntN(size), "\x00\xff"), scores[random.IntN(len(scores))]
				do("ZADD", "k", text(score), member)
				z.Set(member, score, limits)
				if i%7 == 0 {
					do("ZADD", "k", "-0", "zero")
					z.Set("zero", math.Copysign(0, -1), limits)
				}
				encoding(t, z)
			}
			var all []string
			for member, score := range z.Range(0, z.Len()) {
				all = append(all, member, text(score))
			}
			require.Equal(t, strings.ReplaceAll(do("ZRANGE", "k", "0", "-1", "WITHSCORES"), "0.10000000000000001", "0.1"), strings.ReplaceAll(bulks(all), "0.10000000000000001", "0.1"))
			if z.large {
				continue
			}
			// Ranges by bytes among different scores.
			bound := func() (LexBound, string) {
				member := fmt.Sprint(random.IntN(size))
				switch random.IntN(6) {
				case 0:
					return LexBound{Infinite: -1}, "-"
				case 1:
					return LexBound{Infinite: 1}, "+"
				case 2:
					return LexBound{Member: member, Exclusive: true}, "(" + member
				}
				return LexBound{Member: member}, "[" + member
			}
			for range 200 {
				low, lowText := bound()
				high, highText := bound()
				var up, down []string
				from, to := z.RangeByLex(low, high, false)
				for member := range z.Range(from, to) {
					up = append(up, member)
				}
				require.Equal(t, do("ZRANGEBYLEX", "k", lowText, highText), bulks(up), "%s %s", lowText, highText)
				require.Equal(t, do("ZLEXCOUNT", "k", lowText, highText), string(resp.AppendInt(nil, int64(to-from))))
				from, to = z.RangeByLex(low, high, true)
				for member := range z.RangeDown(from, to) {
					down = append(down, member)
				}
				require.Equal(t, do("ZREVRANGEBYLEX", "k", highText, lowText), bulks(down), "%s %s", lowText, highText)
			}
		}
		do("DEL", "k", "other")
		z := NewSortedSet()
		for i := range 130 { // stored sorted sets are compacted, and then lose the sign of zero
			do("ZADD", "other", "-0", fmt.Sprint(i))
			z.Set(fmt.Sprint(i), math.Copysign(0, -1), &Limits{})
		}
		for range 3 {
			do("ZUNIONSTORE", "k", "1", "other")
			z.Compact(limits)
			encoding(t, z)
			require.Equal(t, do("ZSCORE", "k", "129")[4:], map[bool]string{true: "-0\r\n", false: "0\r\n"}[math.Signbit(mustScore(z, "129"))])
			do("ZPOPMIN", "other")
			z.RemoveRange(0, 1)
		}
		for _, member := range []string{strings.Repeat("m", 64), strings.Repeat("m", 65)} {
			do("DEL", "k")
			do("ZADD", "k", "1", member)
			z := NewSortedSet()
			z.Set(member, 1, limits)
			encoding(t, z)
		}
	})
}

// The bytes of a HyperLogLog are those of redis-server after the same commands, and so are its replies.
func TestHyperLogLogAsRedis(t *testing.T) {
	server := realredis.Start(t)
	limits := DefaultLimits()
	random := rand.New(rand.NewPCG(2, 1))
	bytes := func(key string, h HyperLogLog) {
		t.Helper()
		require.NoError(t, h.Check())
		longtext.Equal(t, string(server.Do("GET", key)), string(resp.AppendBulk(nil, []byte(h))), key)
	}
	add := func(key string, h *HyperLogLog, elements ...string) {
		t.Helper()
		changed := *h == nil
		if changed {
			*h = NewHyperLogLog()
		}
		for _, element := range elements {
			c, err := h.Add(element, limits)
			require.NoError(t, err)
			changed = changed || c
		}
		if changed {
			h.Touch()
		}
		require.Equal(t, string(server.Do(append([]string{"PFADD", key}, elements...)...)), map[bool]string{false: ":0\r\n", true: ":1\r\n"}[changed])
	}
	count := func(key string, h HyperLogLog) {
		t.Helper()
		n, ok := h.Stored()
		if !ok {
			var err error
			n, err = h.Count()
			require.NoError(t, err)
			h.Store(n)
		}
		require.Equal(t, string(server.Do("PFCOUNT", key)), string(resp.AppendInt(nil, int64(n))))
		bytes(key, h)
	}
	var all []HyperLogLog
	for i, size := range []int{0, 1, 2, 50, 700, 1500, 2500, 3000, 20_000} {
		key := fmt.Sprint("k", i)
		var h HyperLogLog
		add(key, &h)
		bytes(key, h)
		for n := 0; n < size; {
			elements := make([]string, 1+random.IntN(1+size/4))
			for i := range elements {
				elements[i] = strings.Repeat("x", random.IntN(20)) + fmt.Sprint(random.IntN(1+size))
			}
			add(key, &h, elements...)
			if random.IntN(2) == 0 {
				count(key, h)
			}
			bytes(key, h)
			n += len(elements)
		}
		count(key, h)
		all = append(all, h)
		if h.Sparse() {
			require.Equal(t, string(server.Do("PFDEBUG", "DECODE", key)), string(resp.AppendBulk(nil, h.Decode())))
		}
	}
	merge := func(keys ...int) {
		names, r := []string{}, new(Registers)
		dense := false
		for _, i := range keys {
			names = append(names, fmt.Sprint("k", i))
			require.NoError(t, r.Join(all[i]))
			dense = dense || !all[i].Sparse()
		}
		require.Equal(t, string(server.Do(append([]string{"PFCOUNT"}, names...)...)), string(resp.AppendInt(nil, int64(r.Count()))))
		h := &all[keys[0]]
		if dense {
			require.NoError(t, h.MakeDense())
		}
		require.NoError(t, h.Merge(r, limits))
		h.Touch()
		require.Equal(t, "+OK\r\n", string(server.Do(append([]string{"PFMERGE"}, names...)...)))
		bytes(names[0], *h)
		count(names[0], *h)
	}
	merge(1, 2)
	merge(3, 4, 1)
	merge(4, 5, 3) // becomes dense by its size
	require.False(t, all[4].Sparse())
	merge(0, 8)
	merge(0, 0)
	var registers []byte
	registers = resp.AppendArray(registers, hllRegisters)
	var r Registers
	require.NoError(t, r.Join(all[5]))
	for _, rank := range r {
		registers = resp.AppendInt(registers, int64(rank))
	}
	longtext.Equal(t, string(server.Do("PFDEBUG", "GETREG", "k5")), string(registers), "k5")
	require.NoError(t, all[5].MakeDense())
	bytes("k5", all[5])

	// Many short runs, which are split and joined, and a length near the limit.
	for round := range 60 {
		h := append(NewHyperLogLog()[:hllHeader], hllLongZeros|10, 0) // 2,561 registers
		for left := hllRegisters - 2561; left > 0; {
			length := min(left, 1+random.IntN(hllMaxRun))
			if round%2 == 0 && len(h) > 700 || len(h) > 2985+random.IntN(14) {
				length = min(left, 16384)
				h = appendZeros(h, length)
			} else {
				h = appendValue(h, 1+random.IntN(2), length)
			}
			left -= length
		}
		for range 10 {
			server.Do("SET", "k", string(h))
			elements := []string{}
			for len(elements) < 2 {
				element := fmt.Sprint(random.Uint32())
				if register := int(murmurHash64A(element, 0xadc83b19) % hllRegisters); 2000 < register && register < 3600 {
					elements = append(elements, element)
				}
			}
			add("k", &h, elements...)
			bytes("k", h)
		}
	}

	// Any registers, in the dense form.
	for _, top := range []int{1, 7, 32, 50, 51} {
		h := NewHyperLogLog()
		require.NoError(t, h.MakeDense())
		h.Touch()
		for i := range hllRegisters {
			h.put(i, uint8(top-min(top, random.IntN(5))))
		}
		server.Do("SET", "k", string(h))
		count("k", h)
		for _, other := range []HyperLogLog{append(h[:len(h):len(h)], 0), h[:len(h)-1]} {
			server.Do("SET", "k", string(other))
			require.ErrorIs(t, other.Check(), ErrNotHyperLogLog)
			require.Contains(t, string(server.Do("PFCOUNT", "k")), "-WRONGTYPE")
		}
	}

	// What redis-server says of other strings.
	for range 300 {
		h := append(HyperLogLog("HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80"), NewHyperLogLog()[hllHeader:]...)
		for range random.IntN(3) {
			_, err := h.Add(fmt.Sprint(random.IntN(9)), limits)
			require.NoError(t, err)
		}
		for range random.IntN(3) {
			h[random.IntN(len(h))] = byte(random.Uint32())
		}
		if random.IntN(4) == 0 {
			h = h[:random.IntN(len(h))]
		}
		h = append(h, make([]byte, random.IntN(2))...)
		server.Do("SET", "k", string(h))
		err := h.Check()
		if err == nil {
			h[15] |= 0x80
			server.Do("SETRANGE", "k", "15", string(h[15:16]))
			_, err = h.Count()
		}
		reply := string(server.Do("PFCOUNT", "k"))
		switch err {
		case ErrNotHyperLogLog:
			require.Contains(t, reply, "-WRONGTYPE", "%q", h)
		case ErrCorruptHyperLogLog:
			require.Contains(t, reply, "-INVALIDOBJ", "%q", h)
			require.ErrorIs(t, new(Registers).Join(h), err)
			require.Contains(t, string(server.Do("PFMERGE", "other", "k")), "-INVALIDOBJ", "%q", h)
			require.ErrorIs(t, h.MakeDense(), err)
		default:
			n, _ := h.Count()
			require.Equal(t, reply, string(resp.AppendInt(nil, int64(n))), "%q", h)
		}
	}
}

func mustScore(z *SortedSet, member string) float64 {
	score, ok := z.Score(member)
	if !ok {
		panic(member)
	}
	return score
}
