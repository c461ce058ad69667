package value

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/rdb"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// ziplist makes a ziplist as versions before Redis 7.0 did.
func ziplist(elements ...string) string {
	var entries []byte
	before, tail := 0, 10
	for _, s := range elements {
		tail = 10 + len(entries)
		start := len(entries)
		if before < 254 {
			entries = append(entries, byte(before))
		} else {
			entries = binary.LittleEndian.AppendUint32(append(entries, 254), uint32(before))
		}
		n, isInt := ctext.ParseInt(s)
		switch {
		case isInt && 0 <= n && n <= 12:
			entries = append(entries, 0xf1+byte(n))
		case isInt && n == int64(int8(n)):
			entries = append(entries, 0xfe, byte(n))
		case isInt && n == int64(int16(n)):
			entries = binary.LittleEndian.AppendUint16(append(entries, 0xc0), uint16(n))
		case isInt && n<<40>>40 == n:
			entries = append(entries, 0xf0, byte(n), byte(n>>8), byte(n>>16))
		case isInt && n == int64(int32(n)):
			entries = binary.LittleEndian.AppendUint32(append(entries, 0xd0), uint32(n))
		case isInt:
			entries = binary.LittleEndian.AppendUint64(append(entries, 0xe0), uint64(n))
		case len(s) < 64:
			entries = append(append(entries, byte(len(s))), s...)
		case len(s) < 16384:
			entries = append(append(entries, 0x40|byte(len(s)>>8), byte(len(s))), s...)
		default:
			entries = append(binary.BigEndian.AppendUint32(append(entries, 0x80), uint32(len(s))), s...)
		}
		before = len(entries) - start
	}
	list := binary.LittleEndian.AppendUint32(nil, uint32(10+len(entries)+1))
	list = binary.LittleEndian.AppendUint32(list, uint32(tail))
	list = binary.LittleEndian.AppendUint16(list, uint16(len(elements)))
	return string(append(append(list, entries...), 0xff))
}

// oldDumps are contents of the types that older versions have written, by what they are.
func oldDumps() map[string][]byte {
	strs := func(kind byte, n int, list ...string) []byte {
		b := rdb.AppendLength([]byte{kind}, uint64(n))
		for _, s := range list {
			b = rdb.AppendString(b, s)
		}
		return b
	}
	one := func(kind byte, s string) []byte { return rdb.AppendString([]byte{kind}, s) }
	elements := []string{
		"a", "", "0", "12", "13", "-1", "-128", "128", "-32768", "32768", "-8388608", "8388608", "-2147483648", "2147483648", "9223372036854775807",
		strings.Repeat("x", 63), strings.Repeat("y", 64), strings.Repeat("z", 300), strings.Repeat("w", 20_000), "last",
	}
	pairs := []string{"f", "v", "n", "12", "long", strings.Repeat("x", 300), "", ""}
	scores := []string{"low", "-inf", "b", "1", "c", "2.5", "high", "inf"}
	zset := []byte{rdbZset, 5}
	for _, member := range []string{"a", "b", "inf", "-inf"} {
		zset = rdb.AppendString(zset, member)
		switch member {
		case "inf":
			zset = append(zset, 254)
		case "-inf":
			zset = append(zset, 255)
		default:
			zset = append(append(zset, 4), "1.25"...)
		}
	}
	zset[1] = 4

	s := NewStream()
	for i := range uint64(250) {
		s.Add(ID{1000 + i, i % 2}, []string{"f", strconv.Itoa(int(i))}, DefaultLimits())
	}
	g := s.CreateGroup("g", ID{1100, 0}, 101)
	g.Assign(ID{1000, 0}, g.CreateConsumer("c", 5000), 6000, 2)
	s.CreateGroup("behind", ID{1, 0}, 0)
	stream := []byte{rdbStream}
	stream = rdb.AppendLength(stream, uint64(len(s.nodes)))
	for _, n := range s.nodes {
		stream = rdb.AppendString(stream, string(appendID(nil, n.id)))
		stream = rdb.AppendString(stream, string(appendListpack(nil, n.elements())))
	}
	for _, n := range []uint64{uint64(s.length), s.LastID.Ms, s.LastID.Seq, 2} {
		stream = rdb.AppendLength(stream, n)
	}
	for _, g := range s.groups {
		stream = rdb.AppendString(stream, g.Name)
		for _, n := range []uint64{g.LastID.Ms, g.LastID.Seq, uint64(g.Pending.Len())} {
			stream = rdb.AppendLength(stream, n)
		}
		for p := range g.Pending.From(ID{}) {
			stream = rdb.AppendLength(binary.LittleEndian.AppendUint64(appendID(stream, p.ID), uint64(p.Delivered)), uint64(p.Count))
		}
		stream = rdb.AppendLength(stream, uint64(len(g.consumers)))
		for _, c := range g.consumers {
			stream = rdb.AppendString(stream, c.Name)
			stream = rdb.AppendLength(binary.LittleEndian.AppendUint64(stream, uint64(c.Seen)), uint64(c.Pending.Len()))
			for p := range c.Pending.From(ID{}) {
				stream = appendID(stream, p.ID)
			}
		}
	}
	return map[string][]byte{
		"a list of strings":     strs(rdbList, len(elements), elements...),
		"a list in a ziplist":   one(rdbListZiplist, ziplist(elements...)),
		"a list in ziplists":    strs(rdbListQuicklist, 2, ziplist(elements[:9]...), ziplist(elements[9:]...)),
		"a hash in a ziplist":   one(rdbHashZiplist, ziplist(pairs...)),
		"a hash in a zipmap":    one(rdbHashZipmap, "\x02\x01f\x01\x02v__\x03foo\x00\x00\xff"),
		"a large zipmap":        one(rdbHashZipmap, "\x01\xfe\x2c\x01\x00\x00"+strings.Repeat("f", 300)+"\x02\x00vw\xff"),
		"a sorted set in text":  zset,
		"a sorted set, ziplist": one(rdbZsetZiplist, ziplist(scores...)),
		"a stream":              stream,
	}
}

// Payloads of older versions are restored as redis-server restores them, and refused where it refuses them.
func TestOldDumpsAsRedis(t *testing.T) {
	real := realredis.Start(t, "--enable-debug-command", "yes")
	for name, body := range oldDumps() {
		payload := string(rdb.AppendFooter(slices.Clone(body)))
		require.Equal(t, "+OK\r\n", string(real.Do("RESTORE", "k", "0", payload, "REPLACE")), name)
		v, err := Restore(payload, DefaultLimits())
		require.NoError(t, err, name)
		require.Equal(t, string(real.Do("OBJECT", "ENCODING", "k")), string(resp.AppendBulk(nil, v.Encoding())), name)
		if l, ok := v.(*List); ok { // Redis keeps the nodes
			require.Equal(t, string(real.Do("LRANGE", "k", "0", "-1")), string(resp.AppendBulks(nil, slices.Collect(l.Range(0, l.Len())))), name)
		} else {
			require.Equal(t, string(real.Do("DUMP", "k")), string(resp.AppendBulk(nil, string(Dump(v)))), name)
		}
		for i := range min(len(body), 300) {
			_, err := Restore(string(rdb.AppendFooter(slices.Clone(body[:i]))), DefaultLimits())
			require.ErrorIs(t, err, ErrPayload, "%s, %d bytes", name, i)
		}
	}
}

// What only Redis 7.2 writes is read from files, and is no payload of DUMP of Redis 7.0.
func TestNewerDumps(t *testing.T) {
	set := rdb.AppendString([]byte{rdbSetListpack}, string(appendListpack(nil, []string{"a", "5"})))
	v, rest, err := CutDump(set[0], string(set[1:])+"rest", DefaultLimits())
	require.NoError(t, err)
	require.Equal(t, "rest", rest)
	require.Equal(t, []string{"a", "5"}, slices.Collect(v.(*Set).All()))

	values := dumpable()
	stream := values[len(values)-1].(*Stream)
	body := string(AppendDump(nil, stream))
	// The consumer's time of activity follows the time at which it was seen, which is 5.
	seen := "\x01c\x05\x00\x00\x00\x00\x00\x00\x00"
	require.Equal(t, 1, strings.Count(body, seen))
	newer := strings.Replace(body, seen, seen+"\x09\x00\x00\x00\x00\x00\x00\x00", 1)
	v, _, err = CutDump(rdbStream3, newer[1:], DefaultLimits())
	require.NoError(t, err)
	require.EqualValues(t, 9, v.(*Stream).Group("g").Consumer("c").Active)

	for _, body := range []string{string(set), string(rune(rdbStream3)) + newer[1:], "\x07\x00"} {
		_, err := Restore(string(rdb.AppendFooter([]byte(body))), DefaultLimits())
		require.ErrorIs(t, err, ErrPayload)
	}
	_, _, err = CutDump(rdbModule2, "", DefaultLimits())
	require.ErrorIs(t, err, ErrModule)
}

// No ziplist or zipmap makes CutDump fail in another way than with an error.
func FuzzOldDumps(f *testing.F) {
	for _, body := range oldDumps() {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkRestore(t, body) })
}
