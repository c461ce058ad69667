package value

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/longtext"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// After random commands, a stream is in all that XINFO shows what it is in redis-server. Each
// command is here as it will be in the database: a few lines on the types.
func TestStreamAsRedis(t *testing.T) {
	server := realredis.Start(t)
	server.Do("CONFIG", "SET", "rdbcompression", "no")
	rounds := 12
	if testing.Short() {
		rounds = 8
	}
	for round := range rounds {
		c := &streamCommands{t: t, server: server, random: rand.New(rand.NewPCG(uint64(round), 3)), s: NewStream()}
		c.sizes = []int{1, 40, 300}[round%3]
		c.limits = DefaultLimits()
		c.limits.StreamNodeMaxEntries = []int{100, 0, 1, 5}[round%4]
		server.Do("CONFIG", "SET", "stream-node-max-entries", fmt.Sprint(c.limits.StreamNodeMaxEntries))
		server.Do("DEL", "k")
		server.Do("XGROUP", "CREATE", "k", "g0", "0", "MKSTREAM")
		c.s.CreateGroup("g0", ID{}, -1)
		for range 150 {
			c.step()
		}
		c.compare()
	}
}

// streamCommands runs commands on a stream here and on the key k of a server.
type streamCommands struct {
	t      testing.TB
	server *realredis.Server
	random *rand.Rand
	s      *Stream
	sizes  int // of values
	limits *Limits
	ms     uint64
	log    []string
}

// do runs a command on the server and requires a reply.
func (c *streamCommands) do(want any, args ...string) {
	c.t.Helper()
	c.log = append(c.log, strings.Join(args, " "))
	require.Equal(c.t, want, maskTimes(parseReply(c.server.Do(args...)), nil), "%s", strings.Join(c.log[max(0, len(c.log)-30):], "\n"))
}

func (c *streamCommands) id() ID {
	return ID{uint64(c.random.IntN(int(c.ms) + 2)), uint64(c.random.IntN(3))}
}

func (c *streamCommands) step() {
	s, random := c.s, c.random
	group := fmt.Sprint("g", random.IntN(3))
	consumer := fmt.Sprint("c", random.IntN(3))
	g := s.Group(group)
	switch n := random.IntN(24); {
	case n < 9:
		count := 1
		if random.IntN(4) == 0 {
			count = 60
		}
		for range count {
			c.add()
		}
	case n < 11:
		id := c.id()
		if e, ok := s.Last(); ok && random.IntN(4) == 0 {
			id = e.ID
		} else if random.IntN(4) == 0 {
			id = s.FirstID()
		}
		c.do(count(s.Delete(id)), "XDEL", "k", id.String())
	case n < 13:
		how, text, removed := c.trim()
		c.do(int64(removed()), append([]string{"XTRIM", "k", how}, text...)...)
	case n == 13:
		if random.IntN(6) == 0 {
			c.setID()
		}
	case g == nil:
		id, read := c.id(), int64(random.IntN(20)-1)
		s.CreateGroup(group, id, read)
		c.do("OK", "XGROUP", "CREATE", "k", group, id.String(), "ENTRIESREAD", fmt.Sprint(read))
	case n == 14:
		g.LastID, g.EntriesRead = c.id(), -1
		c.do("OK", "XGROUP", "SETID", "k", group, g.LastID.String())
	case n == 15:
		if random.IntN(3) == 0 {
			c.do(count(s.DestroyGroup(group)), "XGROUP", "DESTROY", "k", group)
		} else {
			c.do(count(g.CreateConsumer(consumer, 0) != nil), "XGROUP", "CREATECONSUMER", "k", group, consumer)
		}
	case n == 16:
		c.do(int64(g.DeleteConsumer(consumer)), "XGROUP", "DELCONSUMER", "k", group, consumer)
	case n < 19:
		c.readGroup(g, consumer)
	case n == 19:
		id := c.id()
		if p := g.Pending.Last(); p != nil && random.IntN(2) == 0 {
			id = p.ID
		}
		c.do(count(g.Ack(id)), "XACK", "k", group, id.String())
	case n == 20:
		c.claim(g, consumer)
	case n == 21:
		c.autoClaim(g, consumer)
	case n == 22:
		from, to := c.id(), c.id()
		limit := 1 + random.IntN(150)
		var up, down []any
		for e := range s.Range(from, to) {
			if up = append(up, entry(e)); len(up) == limit {
				break
			}
		}
		for e := range s.RangeDown(from, to) {
			if down = append(down, entry(e)); len(down) == limit {
				break
			}
		}
		c.do(list(up), "XRANGE", "k", from.String(), to.String(), "COUNT", fmt.Sprint(limit))
		c.do(list(down), "XREVRANGE", "k", to.String(), from.String(), "COUNT", fmt.Sprint(limit))
	default:
		c.compare()
	}
}

func (c *streamCommands) add() {
	id := ID{c.ms, uint64(c.random.IntN(3))}
	switch c.random.IntN(4) {
	case 0, 1:
		c.ms++
		id = ID{c.ms, 0}
	case 2:
		c.ms += uint64(c.random.IntN(40_000))
		id = ID{c.ms, uint64(c.random.IntN(100_000))}
	}
	fields := []string{"f", fmt.Sprint(c.random.IntN(1 << c.random.IntN(40)))}
	for c.random.IntN(3) == 0 {
		fields = append(fields, fmt.Sprint(c.random.IntN(3)), strings.Repeat("v", c.random.IntN(1+c.sizes)))
	}
	args := []string{"XADD", "k"}
	trimmed := func() int { return 0 }
	if c.random.IntN(10) == 0 {
		how, text, trim := c.trim()
		args = append(append(args, how), text...)
		trimmed = trim
	}
	args = append(append(args, id.String()), fields...)
	if !c.s.Add(id, fields, c.limits) {
		require.Equal(c.t, byte('-'), c.server.Do(args...)[0])
		return
	}
	trimmed()
	c.do(id.String(), args...)
}

// trim returns the arguments of a trimming and what it does.
func (c *streamCommands) trim() (how string, args []string, trim func() int) {
	approx, limit := c.random.IntN(3) > 0, 0
	sign := "="
	if approx {
		sign, limit = "~", 10_000
		if c.random.IntN(2) == 0 {
			limit = c.random.IntN(300)
		}
	}
	if c.random.IntN(2) == 0 {
		n := c.random.IntN(200)
		how, args, trim = "MAXLEN", []string{sign, fmt.Sprint(n)}, func() int { return c.s.TrimLen(n, approx, limit) }
	} else {
		id := c.id()
		if e, ok := c.s.Get(c.s.FirstID()); ok && c.random.IntN(2) == 0 {
			id, _ = e.ID.Next()
		}
		how, args, trim = "MINID", []string{sign, id.String()}, func() int { return c.s.TrimID(id, approx, limit) }
	}
	if approx && limit != 10_000 {
		args = append(args, "LIMIT", fmt.Sprint(limit))
	}
	return how, args, trim
}

func (c *streamCommands) setID() {
	s := c.s
	id := ID{c.ms + 1, 0}
	if e, ok := s.Last(); ok && c.random.IntN(2) == 0 {
		id = e.ID
	}
	s.LastID = id
	args := []string{"XSETID", "k", id.String()}
	if c.random.IntN(2) == 0 {
		s.EntriesAdded = int64(s.Len() + c.random.IntN(5))
		args = append(args, "ENTRIESADDED", fmt.Sprint(s.EntriesAdded))
	}
	if deleted := c.id(); c.random.IntN(2) == 0 && deleted.Less(id) {
		if deleted != (ID{}) {
			s.MaxDeletedID = deleted
		}
		args = append(args, "MAXDELETEDID", deleted.String())
	}
	c.do("OK", args...)
}

// consumer returns a consumer, and makes it if needed.
func (c *streamCommands) consumer(g *Group, name string) *Consumer {
	if consumer := g.Consumer(name); consumer != nil {
		return consumer
	}
	return g.CreateConsumer(name, 0)
}

func (c *streamCommands) readGroup(g *Group, name string) {
	limit := 1 + c.random.IntN(70)
	args := []string{"XREADGROUP", "GROUP", g.Name, name, "COUNT", fmt.Sprint(limit)}
	var entries []any
	if c.random.IntN(3) == 0 { // what is pending
		from := c.id()
		consumer := c.consumer(g, name)
		start, _ := from.Next()
		for p := range consumer.Pending.From(start) {
			if e, ok := c.s.Get(p.ID); ok {
				p.Count++
				entries = append(entries, entry(e))
			} else {
				entries = append(entries, []any{p.ID.String(), nil})
			}
			if len(entries) == limit {
				break
			}
		}
		c.do([]any{[]any{"k", list(entries)}}, append(args, "STREAMS", "k", from.String())...)
		return
	}
	noAck := c.random.IntN(3) == 0
	if noAck {
		args = append(args, "NOACK")
	}
	args = append(args, "STREAMS", "k", ">")
	last, ok := c.s.Last()
	if !ok || !g.LastID.Less(last.ID) {
		c.do(nil, args...)
		return
	}
	consumer := c.consumer(g, name)
	start, _ := g.LastID.Next()
	for e := range c.s.Range(start, MaxID) {
		c.s.Deliver(g, e.ID)
		if !noAck {
			g.Assign(e.ID, consumer, 0, 1)
		}
		if entries = append(entries, entry(e)); len(entries) == limit {
			break
		}
	}
	c.do([]any{[]any{"k", list(entries)}}, args...)
}

func (c *streamCommands) claim(g *Group, name string) {
	force, justID, retries := c.random.IntN(2) == 0, c.random.IntN(2) == 0, c.random.IntN(6)-2
	args := []string{"XCLAIM", "k", g.Name, name, "0"}
	var claimed []any
	for range 3 {
		id := c.id()
		if p := g.Pending.Last(); p != nil && c.random.IntN(2) == 0 {
			id = p.ID
		} else if c.random.IntN(2) == 0 {
			id = c.s.FirstID()
		}
		args = append(args, id.String())
		e, exists := c.s.Get(id)
		if !exists {
			g.Ack(id)
			continue
		}
		p := g.Pending.Get(id)
		if p == nil && !force {
			continue
		}
		n := int64(1)
		if p != nil {
			n = p.Count
		}
		switch {
		case retries >= 0:
			n = int64(retries)
		case !justID:
			n++
		}
		g.Assign(id, c.consumer(g, name), 0, n)
		if justID {
			claimed = append(claimed, id.String())
		} else {
			claimed = append(claimed, entry(e))
		}
	}
	if force {
		args = append(args, "FORCE")
	}
	if justID {
		args = append(args, "JUSTID")
	}
	if retries >= 0 {
		args = append(args, "RETRYCOUNT", fmt.Sprint(retries))
	}
	c.do(list(claimed), args...)
}

func (c *streamCommands) autoClaim(g *Group, name string) {
	from, limit := c.id(), 1+c.random.IntN(10)
	var claimed, deleted []any
	next := ID{}
	left := limit
	for p := range g.Pending.From(from) {
		if left == 0 {
			next = p.ID
			break
		}
		left--
		e, ok := c.s.Get(p.ID)
		if !ok {
			g.Ack(p.ID)
			deleted = append(deleted, p.ID.String())
			continue
		}
		g.Assign(p.ID, c.consumer(g, name), 0, p.Count+1)
		claimed = append(claimed, entry(e))
	}
	c.do([]any{next.String(), list(claimed), list(deleted)}, "XAUTOCLAIM", "k", g.Name, name, "0", from.String(), "COUNT", fmt.Sprint(limit))
}

// compare compares the replies of XINFO STREAM FULL, XINFO GROUPS and XPENDING.
func (c *streamCommands) compare() {
	s := c.s
	var entries, groups, short []any
	for e := range s.Range(ID{}, MaxID) {
		entries = append(entries, entry(e))
	}
	for _, g := range s.Groups() {
		lag, read := any(nil), any(nil)
		if n, ok := s.Lag(g); ok {
			lag = n
		}
		if g.EntriesRead >= 0 {
			read = g.EntriesRead
		}
		var pending, consumers, summary []any
		for p := range g.Pending.From(ID{}) {
			pending = append(pending, []any{p.ID.String(), p.Consumer.Name, int64(0), p.Count})
		}
		for _, consumer := range g.Consumers() {
			var own []any
			for p := range consumer.Pending.From(ID{}) {
				own = append(own, []any{p.ID.String(), int64(0), p.Count})
			}
			if n := consumer.Pending.Len(); n > 0 {
				summary = append(summary, []any{consumer.Name, fmt.Sprint(n)})
			}
			consumers = append(consumers, []any{"name", consumer.Name, "seen-time", int64(0), "pel-count", int64(consumer.Pending.Len()), "pending", list(own)})
		}
		n := int64(g.Pending.Len())
		groups = append(groups, []any{
			"name", g.Name, "last-delivered-id", g.LastID.String(), "entries-read", read, "lag", lag,
			"pel-count", n, "pending", list(pending), "consumers", list(consumers),
		})
		short = append(short, []any{
			"name", g.Name, "consumers", int64(len(g.Consumers())), "pending", n, "last-delivered-id", g.LastID.String(), "entries-read", read, "lag", lag,
		})
		if n == 0 {
			c.do([]any{int64(0), nil, nil, nil}, "XPENDING", "k", g.Name)
			continue
		}
		var first ID
		for p := range g.Pending.From(ID{}) {
			first = p.ID
			break
		}
		c.do([]any{n, first.String(), g.Pending.Last().ID.String(), list(summary)}, "XPENDING", "k", g.Name)
	}
	keys, nodes := s.RadixTree()
	c.do([]any{
		"length", int64(s.Len()), "radix-tree-keys", int64(keys), "radix-tree-nodes", int64(nodes), "last-generated-id", s.LastID.String(),
		"max-deleted-entry-id", s.MaxDeletedID.String(), "entries-added", s.EntriesAdded, "recorded-first-entry-id", s.FirstID().String(),
		"entries", list(entries), "groups", list(groups),
	}, "XINFO", "STREAM", "k", "FULL", "COUNT", "0")
	c.do(list(short), "XINFO", "GROUPS", "k")
	var sizes []int
	for _, n := range s.nodes {
		sizes = append(sizes, n.listpackSize())
	}
	require.Equal(c.t, sizes, listpackSizes(c.server.Do("DUMP", "k")))
	c.server.Do("CONFIG", "SET", "rdbcompression", "yes")
	dump := c.server.Do("DUMP", "k")
	c.server.Do("CONFIG", "SET", "rdbcompression", "no")
	restored, err := Restore(payloadOf(dump), c.limits)
	require.NoError(c.t, err)
	require.Equal(c.t, "+OK\r\n", string(c.server.Do("RESTORE", "other", "0", string(Dump(restored)), "REPLACE")))
	longtext.Equal(c.t, string(c.server.Do("DUMP", "k")), string(c.server.Do("DUMP", "other")), "the payload")
	c.s = s.Clone().(*Stream) // from here on the commands run on a copy
}

// The size of the listpack of a node is that of redis-server, for strings and integers of all sizes
// and for many fields.
func TestStreamNodeSizes(t *testing.T) {
	server := realredis.Start(t)
	server.Do("CONFIG", "SET", "rdbcompression", "no")
	server.Do("CONFIG", "SET", "stream-node-max-bytes", "0")
	limits := DefaultLimits()
	limits.StreamNodeMaxBytes = 0
	s := NewStream()
	texts := listpackTexts()
	id := ID{1, 1 << 63}
	for i, text := range texts {
		fields := []string{"f", text}
		switch i % 3 {
		case 1:
			id.Ms += uint64(1) << (i / 5)
			id.Seq = uint64(i) << (i / 5)
		case 2:
			fields = append(fields, text, "")
		}
		id, _ = id.Next()
		if i > 90 {
			for j := range i - 90 {
				fields = append(fields, fmt.Sprint("f", j), "v")
			}
		}
		server.Do(append([]string{"XADD", "k", id.String()}, fields...)...)
		require.True(t, s.Add(id, fields, limits))
		last := s.nodes[len(s.nodes)-1]
		sizes := listpackSizes(server.Do("DUMP", "k"))
		require.Equal(t, sizes[len(sizes)-1], last.listpackSize(), "%.50q", fields)
	}
}

// listpackSizes reads the sizes of the listpacks in the reply of DUMP of a stream.
func listpackSizes(reply []byte) (sizes []int) {
	c := resp.NewCursor(reply)
	b := c.Next().Text[1:]
	length := func() (n int) {
		switch b[0] >> 6 {
		case 0:
			n, b = int(b[0]), b[1:]
		case 1:
			n, b = int(b[0]&63)<<8|int(b[1]), b[2:]
		default:
			n, b = int(binary.BigEndian.Uint32(b[1:])), b[5:]
		}
		return n
	}
	for range length() {
		n := length() // of the ID
		b = b[n:]
		n = length()
		sizes = append(sizes, int(binary.LittleEndian.Uint32(b)))
		b = b[n:]
	}
	return sizes
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// list is an array that is not nil, which is null.
func list(a []any) []any { return append([]any{}, a...) }

func entry(e Entry) any {
	fields := []any{}
	for _, text := range e.Fields {
		fields = append(fields, text)
	}
	return []any{e.ID.String(), fields}
}

func parseReply(reply []byte) any {
	c := resp.NewCursor(reply)
	var parse func() any
	parse = func() any {
		switch p := c.Next(); {
		case p.Null:
			return nil
		case p.Kind == '*':
			elements := make([]any, p.N)
			for i := range elements {
				elements[i] = parse()
			}
			return elements
		case p.Kind == ':':
			return p.Int()
		default:
			return string(p.Text)
		}
	}
	return parse()
}

// maskTimes makes the times in a reply of XINFO STREAM zero: they are the only integers of their
// size.
func maskTimes(reply, _ any) any {
	switch v := reply.(type) {
	case []any:
		for i := range v {
			v[i] = maskTimes(v[i], nil)
		}
	case int64:
		if len(strconv.FormatInt(v, 10)) == 13 {
			return int64(0)
		}
	}
	return reply
}
