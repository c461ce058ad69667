package command_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

// A worker reads new entries and acknowledges each one when its work is done.
func ExampleXReadGroup() {
	type Order struct {
		Item string
		N    int
	}
	command.XGroupCreate("orders", "workers", "0", command.MkStream()).Do(ctx, rdb)
	command.XAdd("orders", "1-0", map[string]any{"item": "tea", "n": 2}, command.MaxLen(1000).Approx()).Do(ctx, rdb)
	command.XAdd("orders", "2-0", map[string]any{"item": "milk", "n": 1}).Do(ctx, rdb)

	read := command.XReadGroup[Order]("workers", "ada", map[string]string{"orders": ">"}, command.Count(10))
	streams, err := read.Do(ctx, rdb)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, entry := range streams["orders"] {
		if entry.Err != nil { // the others are not affected
			fmt.Println(entry.ID, entry.Raw, entry.Err)
			continue
		}
		fmt.Println(entry.ID, entry.Values.Item, entry.Values.N)
		command.XAck("orders", "workers", entry.ID).Do(ctx, rdb)
	}
	streams, err = read.Do(ctx, rdb)
	fmt.Println(len(streams), err)
	// Output:
	// 1-0 tea 2
	// 2-0 milk 1
	// 0 <nil>
}

type values = map[string]string

func TestStreams(t *testing.T) {
	s := newServer(t)
	returns(s, "1-1", command.XAdd("s", "1-1", map[string]any{"b": 2, "a": "x"}))
	returns(s, "1-2", command.XAdd("s", "1-*", values{"a": "y"}))
	assert.Regexp(t, `^\d+-\d+$`, run(s, command.XAdd("other", "*", values{"a": "z"})))
	fails(s, "ERR", command.XAdd("s", "1-1", values{"a": "late"}))
	returns(s, "3-0", command.XAdd("s", "3-0", values{"a": "z"}, command.NoMkStream()))
	isNil(s, command.XAdd("none", "*", values{"a": "z"}, command.NoMkStream()))
	returns(s, 3, command.XLen("s"))

	first, second, third := entry("1-1", values{"a": "x", "b": "2"}), entry("1-2", values{"a": "y"}), entry("3-0", values{"a": "z"})
	returns(s, entries{first, second, third}, command.XRange[values]("s", "-", "+"))
	returns(s, entries{second}, command.XRange[values]("s", "(1-1", "1"))
	returns(s, entries{first, second}, command.XRange[values]("s", "-", "+", command.Count(2)))
	returns(s, entries{third, second}, command.XRevRange[values]("s", "+", "-", command.Count(2)))
	type pair struct {
		A string
		B int
	}
	returns(s, []command.Entry[pair]{{ID: "1-1", Values: pair{"x", 2}}, {ID: "1-2", Values: pair{A: "y"}}}, command.XRange[pair]("s", "-", "1"))

	returns(s, map[string][]command.Entry[values]{"s": {second, third}}, command.XRead[values](map[string]string{"s": "1-1", "none": "0"}))
	both := run(s, command.XRead[values](map[string]string{"s": "0", "other": "0"}, command.Count(1)))
	assert.Equal(t, entries{first}, both["s"])
	assert.Equal(t, values{"a": "z"}, both["other"][0].Values)
	returns(s, nil, command.XRead[values](map[string]string{"s": "3-0"}))

	returns(s, 1, command.XDel("s", "1-2", "1-2", "7-7"))
	returns(s, 1, command.XTrim("s", command.MaxLen(1)))
	returns(s, 0, command.XTrim("s", command.MinID("3")))
	returns(s, 0, command.XTrim("s", command.MaxLen(1).Approx().Limit(10)))
	returns(s, "4-0", command.XAdd("s", "4-0", values{"a": "last"}, command.MinID("4")))
	returns(s, entries{entry("4-0", values{"a": "last"})}, command.XRange[values]("s", "-", "+"))
}

type entries = []command.Entry[values]

func entry(id string, v values) command.Entry[values] {
	return command.Entry[values]{ID: id, Values: v}
}

func TestGroups(t *testing.T) {
	s := newServer(t)
	fails(s, "ERR", command.XGroupCreate("s", "g", "0"))
	returns(s, "OK", command.XGroupCreate("s", "g", "0", command.MkStream(), command.EntriesRead(0)))
	fails(s, "BUSYGROUP", command.XGroupCreate("s", "g", "0"))
	returns(s, true, command.XGroupCreateConsumer("s", "g", "ada"))
	returns(s, false, command.XGroupCreateConsumer("s", "g", "ada"))
	a, b, c := entry("1-0", values{"n": "1"}), entry("2-0", values{"n": "2"}), entry("3-0", values{"n": "3"})
	for _, e := range (entries{a, b, c}) {
		run(s, command.XAdd("s", e.ID, e.Values))
	}

	fresh := map[string]string{"s": ">"}
	returns(s, command.PendingSummary{Consumers: map[string]int64{}}, command.XPending("s", "g"))
	returns(s, map[string]entries{"s": {a, b}}, command.XReadGroup[values]("g", "ada", fresh, command.Count(2)))
	returns(s, map[string]entries{"s": {c}}, command.XReadGroup[values]("g", "bob", fresh))
	returns(s, nil, command.XReadGroup[values]("g", "bob", fresh))
	returns(s, map[string]entries{"s": {b}}, command.XReadGroup[values]("g", "ada", map[string]string{"s": "1-0"}))
	returns(s, command.PendingSummary{Count: 3, FirstID: "1-0", LastID: "3-0", Consumers: map[string]int64{"ada": 2, "bob": 1}}, command.XPending("s", "g"))
	returns(s, 1, command.XAck("s", "g", "1-0", "7-7"))

	// Bob claims the entries of Ada. Their last delivery is set to an hour ago, and the
	// number of deliveries to 7.
	returns(s, entries{b}, command.XClaim[values]("s", "g", "bob", 0, []string{"1-0", "2-0"}, command.Idle(time.Hour), command.RetryCount(7)))
	returns(s, entries{}, command.XClaim[values]("s", "g", "ada", 2*time.Hour, []string{"2-0"}))
	pending := run(s, command.XPendingEntries("s", "g", "-", "+", 10, command.Idle(time.Minute), command.OfConsumer("bob")))
	require.Len(t, pending, 1)
	assert.InDelta(t, time.Hour, pending[0].Idle, float64(time.Minute))
	pending[0].Idle = 0
	assert.Equal(t, command.PendingEntry{ID: "2-0", Consumer: "bob", Deliveries: 7}, pending[0])
	assert.Len(t, run(s, command.XPendingEntries("s", "g", "-", "+", 1)), 1)
	returns(s, []command.PendingEntry{}, command.XPendingEntries("s", "g", "-", "+", 10, command.OfConsumer("ada")))

	returns(s, command.Claim[command.Entry[values]]{Cursor: "0-0", Elements: entries{b}, Deleted: []string{}},
		command.XAutoClaim[values]("s", "g", "ada", time.Minute, "0", command.Count(5)))
	part := run(s, command.XAutoClaimJustID("s", "g", "bob", 0, "0", command.Count(1)))
	assert.Equal(t, command.Claim[string]{Cursor: "3-0", Elements: []string{"2-0"}, Deleted: []string{}}, part)
	assert.False(t, part.Last())
	assert.True(t, run(s, command.XAutoClaimJustID("s", "g", "bob", 0, part.Cursor)).Last())

	// A deleted entry stays pending until it is claimed.
	run(s, command.XDel("s", "2-0"))
	returns(s, map[string]entries{"s": {entry("2-0", nil), c}}, command.XReadGroup[values]("g", "bob", map[string]string{"s": "0"}))
	returns(s, map[string][]command.Entry[struct{ N int }]{"s": {{ID: "2-0", Err: redis.ErrNil}, {ID: "3-0", Values: struct{ N int }{3}}}}, command.XReadGroup[struct{ N int }]("g", "bob", map[string]string{"s": "0"}))
	returns(s, command.Claim[command.Entry[values]]{Cursor: "0-0", Elements: entries{c}, Deleted: []string{"2-0"}}, command.XAutoClaim[values]("s", "g", "ada", 0, "0"))

	returns(s, []string{"3-0"}, command.XClaimJustID("s", "g", "bob", 0, []string{"3-0"}, command.DeliveredAt(time.Now()), command.LastID("3-0")))
	returns(s, 1, command.XAck("s", "g", "3-0"))
	returns(s, []string{"3-0"}, command.XClaimJustID("s", "g", "bob", 0, []string{"3-0"}, command.Force()))
	returns(s, 1, command.XGroupDelConsumer("s", "g", "bob"))
	returns(s, 0, command.XGroupDelConsumer("s", "g", "bob"))

	returns(s, "OK", command.XGroupSetID("s", "g", "0", command.EntriesRead(0)))
	returns(s, map[string]entries{"s": {a, c}}, command.XReadGroup[values]("g", "ada", fresh, command.NoAck()))
	assert.Zero(t, run(s, command.XPending("s", "g")).Count)
	returns(s, true, command.XGroupDestroy("s", "g"))
	returns(s, false, command.XGroupDestroy("s", "g"))
}

func TestStreamInfo(t *testing.T) {
	s := newServer(t)
	run(s, command.XGroupCreate("s", "g", "$", command.MkStream()))
	returns(s, command.StreamInfo[values]{
		RadixTreeNodes: 1, LastGeneratedID: "0-0", MaxDeletedEntryID: "0-0", RecordedFirstEntryID: "0-0", Groups: 1,
	}, command.XInfoStream[values]("s"))
	a, b := entry("1-0", values{"n": "1"}), entry("2-0", values{"n": "2"})
	run(s, command.XAdd("s", a.ID, a.Values))
	run(s, command.XAdd("s", b.ID, b.Values))
	run(s, command.XReadGroup[values]("g", "ada", map[string]string{"s": ">"}, command.Count(1)))
	run(s, command.XGroupCreateConsumer("s", "g", "bob"))

	returns(s, command.StreamInfo[values]{
		Length: 2, RadixTreeKeys: 1, RadixTreeNodes: 2, LastGeneratedID: "2-0", MaxDeletedEntryID: "0-0", EntriesAdded: 2,
		RecordedFirstEntryID: "1-0", Groups: 1, FirstEntry: &a, LastEntry: &b,
	}, command.XInfoStream[values]("s"))
	one := int64(1)
	returns(s, []command.GroupInfo{{Name: "g", Consumers: 2, Pending: 1, LastDeliveredID: "1-0", EntriesRead: &one, Lag: &one}}, command.XInfoGroups("s"))
	consumers := run(s, command.XInfoConsumers("s", "g"))
	require.Len(t, consumers, 2)
	assert.Less(t, consumers[0].Idle, time.Minute)
	assert.Equal(t, []string{"ada", "bob"}, []string{consumers[0].Name, consumers[1].Name})
	assert.Equal(t, []int64{1, 0}, []int64{consumers[0].Pending, consumers[1].Pending})

	full := run(s, command.XInfoStreamFull[values]("s", command.Count(1)))
	require.Len(t, full.Groups, 1)
	g := full.Groups[0]
	require.Len(t, g.Pending, 1)
	require.Len(t, g.Consumers, 2)
	ada, bob, delivered := g.Consumers[0], g.Consumers[1], g.Pending[0].Time
	assert.WithinDuration(t, time.Now(), delivered, time.Minute)
	assert.WithinDuration(t, time.Now(), ada.SeenTime, time.Minute)
	assert.WithinDuration(t, time.Now(), bob.SeenTime, time.Minute)
	ada.SeenTime, bob.SeenTime = time.Time{}, time.Time{}
	delivery := []command.Delivery{{ID: "1-0", Consumer: "ada", Time: delivered, Count: 1}}
	assert.Equal(t, command.ConsumerDetails{Name: "ada", PendingCount: 1, Pending: delivery}, withoutActive(ada))
	assert.Equal(t, command.ConsumerDetails{Name: "bob"}, withoutActive(bob))
	g.Consumers = nil
	assert.Equal(t, command.GroupDetails{Name: "g", LastDeliveredID: "1-0", EntriesRead: &one, Lag: &one, PendingCount: 1, Pending: delivery}, g)
	full.Groups = nil
	assert.Equal(t, command.StreamDetails[values]{
		Length: 2, RadixTreeKeys: 1, RadixTreeNodes: 2, LastGeneratedID: "2-0", MaxDeletedEntryID: "0-0", EntriesAdded: 2,
		RecordedFirstEntryID: "1-0", Entries: entries{a},
	}, full)
	assert.Len(t, run(s, command.XInfoStreamFull[values]("s", command.AllEntries())).Entries, 2)

	// The position of a group that starts in the middle of the stream is unknown.
	run(s, command.XGroupSetID("s", "g", "1-0"))
	run(s, command.XDel("s", "1-0"))
	groups := run(s, command.XInfoGroups("s"))
	assert.Nil(t, groups[0].EntriesRead)
}

// withoutActive returns a consumer without its active time, which Redis 7.0 does not send.
func withoutActive(d command.ConsumerDetails) command.ConsumerDetails {
	d.ActiveTime = time.Time{}
	return d
}

func TestStreamsWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	run(s, command.Set("k", "v"))
	fails(s, "WRONGTYPE", command.XAdd("k", "*", values{"a": "b"}))
	fails(s, "WRONGTYPE", command.XRange[values]("k", "-", "+"))
	fails(s, "WRONGTYPE", command.XRevRange[values]("k", "+", "-"))
	fails(s, "WRONGTYPE", command.XRead[values](map[string]string{"k": "0"}))
	fails(s, "WRONGTYPE", command.XReadGroup[values]("g", "c", map[string]string{"k": ">"}))
	fails(s, "WRONGTYPE", command.XLen("k"))
	fails(s, "WRONGTYPE", command.XPending("k", "g"))
	fails(s, "WRONGTYPE", command.XGroupCreate("k", "g", "0"))
	fails(s, "WRONGTYPE", command.XInfoStream[values]("k"))
	fails(s, "WRONGTYPE", command.XTrim("k", command.MaxLen(1)))

	returns(s, 0, command.XLen("none"))
	returns(s, entries{}, command.XRange[values]("none", "-", "+"))
	returns(s, entries{}, command.XRevRange[values]("none", "+", "-"))
	returns(s, nil, command.XRead[values](map[string]string{"none": "0"}))
	returns(s, 0, command.XDel("none", "1-0"))
	returns(s, 0, command.XTrim("none", command.MaxLen(1)))
	returns(s, 0, command.XAck("none", "g", "1-0"))
	fails(s, "NOGROUP", command.XReadGroup[values]("g", "c", map[string]string{"none": ">"}))
	fails(s, "NOGROUP", command.XPending("none", "g"))
	fails(s, "NOGROUP", command.XPendingEntries("none", "g", "-", "+", 1))
	fails(s, "NOGROUP", command.XClaim[values]("none", "g", "c", 0, []string{"1-0"}))
	fails(s, "NOGROUP", command.XAutoClaim[values]("none", "g", "c", 0, "0"))
	fails(s, "ERR", command.XInfoStream[values]("none"))
	fails(s, "ERR", command.XInfoStreamFull[values]("none"))
	fails(s, "ERR", command.XInfoGroups("none"))
	fails(s, "ERR", command.XInfoConsumers("none", "g"))
	fails(s, "ERR", command.XGroupDestroy("none", "g"))

	run(s, command.XAdd("s", "1-0", values{"n": "many"}))
	list := run(s, command.XRange[map[string]int]("s", "-", "+"))
	require.EqualError(t, list[0].Err, "redis: [1]: want int, got string that is not a number")
}

func TestStreamArguments(t *testing.T) {
	v := values{"f": "v"}
	ids := []string{"1-0", "2-0"}
	at := time.UnixMilli(1700000000_001)
	sends(t, "XACK k g 1-0 2-0", command.XAck("k", "g", ids...))
	sends(t, "XACKDEL k g IDS 2 1-0 2-0", command.XAckDel("k", "g", ids))
	sends(t, "XACKDEL k g DELREF IDS 2 1-0 2-0", command.XAckDel("k", "g", ids, command.DelRef()))
	sends(t, "XADD k * a 1 b 2", command.XAdd("k", "*", map[string]int{"b": 2, "a": 1}))
	sends(t, "XADD k MAXLEN 5 * f v", command.XAdd("k", "*", v, command.MaxLen(5)))
	sends(t, "XADD k MAXLEN ~ 5 * f v", command.XAdd("k", "*", v, command.MaxLen(5).Approx()))
	sends(t, "XADD k NOMKSTREAM KEEPREF MINID ~ 7-0 LIMIT 0 1-1 f v", command.XAdd("k", "1-1", v, command.NoMkStream(), command.KeepRef(), command.MinID("7-0").Approx().Limit(3).Limit(0)))
	sends(t, "XAUTOCLAIM k g c 1500 0", command.XAutoClaim[values]("k", "g", "c", 1500*time.Millisecond, "0"))
	sends(t, "XAUTOCLAIM k g c 0 0 COUNT 5 JUSTID", command.XAutoClaimJustID("k", "g", "c", 0, "0", command.Count(5)))
	sends(t, "XCLAIM k g c 60000 1-0 2-0", command.XClaim[values]("k", "g", "c", time.Minute, ids))
	sends(t, "XCLAIM k g c 0 1-0 IDLE 1000 RETRYCOUNT 0 FORCE LASTID 1-0", command.XClaim[values]("k", "g", "c", 0, ids[:1], command.Idle(time.Second), command.RetryCount(0), command.Force(), command.LastID("1-0")))
	sends(t, "XCLAIM k g c 0 1-0 TIME 1700000000001 JUSTID", command.XClaimJustID("k", "g", "c", 0, ids[:1], command.DeliveredAt(at)))
	sends(t, "XDEL k 1-0 2-0", command.XDel("k", ids...))
	sends(t, "XDELEX k IDS 1 1-0", command.XDelEx("k", ids[:1]))
	sends(t, "XDELEX k ACKED IDS 2 1-0 2-0", command.XDelEx("k", ids, command.Acked()))
	sends(t, "XGROUP CREATE k g $", command.XGroupCreate("k", "g", "$"))
	sends(t, "XGROUP CREATE k g 0 MKSTREAM ENTRIESREAD -1", command.XGroupCreate("k", "g", "0", command.MkStream(), command.EntriesRead(-1)))
	sends(t, "XGROUP SETID k g 1-0 ENTRIESREAD 3", command.XGroupSetID("k", "g", "1-0", command.EntriesRead(3)))
	sends(t, "XGROUP CREATECONSUMER k g c", command.XGroupCreateConsumer("k", "g", "c"))
	sends(t, "XGROUP DELCONSUMER k g c", command.XGroupDelConsumer("k", "g", "c"))
	sends(t, "XGROUP DESTROY k g", command.XGroupDestroy("k", "g"))
	sends(t, "XINFO CONSUMERS k g", command.XInfoConsumers("k", "g"))
	sends(t, "XINFO GROUPS k", command.XInfoGroups("k"))
	sends(t, "XINFO STREAM k", command.XInfoStream[values]("k"))
	sends(t, "XINFO STREAM k FULL", command.XInfoStreamFull[values]("k"))
	sends(t, "XINFO STREAM k FULL COUNT 3", command.XInfoStreamFull[values]("k", command.Count(3)))
	sends(t, "XINFO STREAM k FULL COUNT 0", command.XInfoStreamFull[values]("k", command.AllEntries()))
	sends(t, "XPENDING k g", command.XPending("k", "g"))
	sends(t, "XPENDING k g - + 10", command.XPendingEntries("k", "g", "-", "+", 10))
	sends(t, "XPENDING k g IDLE 60000 - + 10 c", command.XPendingEntries("k", "g", "-", "+", 10, command.OfConsumer("c"), command.Idle(time.Minute)))
	sends(t, "XRANGE k - + COUNT 2", command.XRange[values]("k", "-", "+", command.Count(2)))
	sends(t, "XREVRANGE k + - COUNT 2", command.XRevRange[values]("k", "+", "-", command.Count(2)))
	sends(t, "XREAD STREAMS a b 1-0 2-0", command.XRead[values](map[string]string{"b": "2-0", "a": "1-0"}))
	sends(t, "XREAD COUNT 2 STREAMS a 0", command.XRead[values](map[string]string{"a": "0"}, command.Count(2)))
	sends(t, "XREADGROUP GROUP g c STREAMS a b > 0", command.XReadGroup[values]("g", "c", map[string]string{"b": "0", "a": ">"}))
	sends(t, "XREADGROUP GROUP g c NOACK COUNT 2 STREAMS a >", command.XReadGroup[values]("g", "c", map[string]string{"a": ">"}, command.NoAck(), command.Count(2)))
	sends(t, "XTRIM k MAXLEN 0", command.XTrim("k", command.MaxLen(0)))
	sends(t, "XTRIM k MINID ~ 1-0 LIMIT 9 ACKED", command.XTrim("k", command.MinID("1-0").Approx().Limit(9), command.Acked()))

	refuses(t, "redis: XACK: needs at least one id", command.XAck("k", "g"))
	refuses(t, "redis: XACKDEL: needs at least one id", command.XAckDel("k", "g", nil))
	refuses(t, "redis: XADD: needs at least one field", command.XAdd("k", "*", nil))
	refuses(t, "redis: XADD: MAXLEN: must be at least 0", command.XAdd("k", "*", v, command.MaxLen(-1).Approx().Limit(-1)))
	refuses(t, "redis: XADD: MAXLEN: LIMIT must be at least 0", command.XAdd("k", "*", v, command.MaxLen(1).Approx().Limit(-1)))
	refuses(t, "redis: XADD: MAXLEN and MINID exclude each other", command.XAdd("k", "*", v, command.MaxLen(1), command.MinID("1")))
	refuses(t, "redis: XADD: MAXLEN is given twice", command.XAdd("k", "*", v, command.MaxLen(1), command.MaxLen(1).Approx()))
	refuses(t, "redis: XADD: KEEPREF and ACKED exclude each other", command.XAdd("k", "*", v, command.KeepRef(), command.Acked()))
	refuses(t, "redis: XADD: an option is empty", command.XAdd("k", "*", v, command.Trim{}.Approx()))
	refuses(t, "redis: XAUTOCLAIM: the duration must be at least one millisecond", command.XAutoClaim[values]("k", "g", "c", 1, "0"))
	refuses(t, "redis: XCLAIM: needs at least one id", command.XClaim[values]("k", "g", "c", 0, nil))
	refuses(t, "redis: XCLAIM: the duration must be at least one millisecond", command.XClaimJustID("k", "g", "c", 1, ids))
	refuses(t, "redis: XCLAIM: IDLE and TIME exclude each other", command.XClaim[values]("k", "g", "c", 0, ids, command.Idle(0), command.DeliveredAt(at)))
	refuses(t, "redis: XCLAIM: TIME: the time is the zero time", command.XClaim[values]("k", "g", "c", 0, ids, command.DeliveredAt(time.Time{})))
	refuses(t, "redis: XDEL: needs at least one id", command.XDel("k"))
	refuses(t, "redis: XDELEX: DELREF and ACKED exclude each other", command.XDelEx("k", ids, command.DelRef(), command.Acked()))
	refuses(t, "redis: XGROUP: ENTRIESREAD: must be at least -1", command.XGroupSetID("k", "g", "0", command.EntriesRead(-2)))
	refuses(t, "redis: XINFO: COUNT is given twice", command.XInfoStreamFull[values]("k", command.Count(1), command.AllEntries()))
	refuses(t, "redis: XPENDING: IDLE: the duration must be at least one millisecond", command.XPendingEntries("k", "g", "-", "+", 1, command.Idle(1)))
	refuses(t, "redis: XPENDING: an option is nil", command.XPendingEntries("k", "g", "-", "+", 1, nil))
	refuses(t, "redis: XREAD: needs at least one stream", command.XRead[values](nil))
	refuses(t, "redis: XREADGROUP: needs at least one stream", command.XReadGroup[values]("g", "c", nil))
	refuses(t, "redis: XTRIM: an option is nil", command.XTrim("k", nil))
}

// Replies that Redis 7.0 does not send. They are taken from the documentation of Redis.
func TestStreamReplies(t *testing.T) {
	statuses, err := replies(t, `[-1,1,2]`, command.XDelEx("k", []string{"1", "2", "3"}))
	require.NoError(t, err)
	require.Equal(t, []command.EntryStatus{command.EntryMissing, command.EntryDeleted, command.EntryKept}, statuses)

	consumers, err := replies(t, `[["name","a","pending",1,"idle",20,"inactive",30],["name","b","pending",0,"idle",20,"inactive",-1]]`, command.XInfoConsumers("k", "g"))
	require.NoError(t, err)
	require.Equal(t, []command.ConsumerInfo{{"a", 1, 20 * time.Millisecond, 30 * time.Millisecond}, {"b", 0, 20 * time.Millisecond, command.Forever}}, consumers)

	full, err := replies(t, `["length",0,"groups",[["name","g","consumers",[["name","a","seen-time",1700000000001,"active-time",1700000000002,"pel-count",0,"pending",[]],["name","b","seen-time",1700000000001,"active-time",-1]]]]]`, command.XInfoStreamFull[values]("k"))
	require.NoError(t, err)
	seen := time.UnixMilli(1700000000_001)
	require.Equal(t, []command.ConsumerDetails{{Name: "a", SeenTime: seen, ActiveTime: seen.Add(time.Millisecond)}, {Name: "b", SeenTime: seen}}, full.Groups[0].Consumers)

	// Redis 6.2 sends null for a deleted entry, and does not send the list of deleted ids.
	claim, err := replies(t, `["0-0",[null,["1-0",["f","v"]]]]`, command.XAutoClaim[values]("k", "g", "c", 0, "0"))
	require.NoError(t, err)
	require.Equal(t, command.Claim[command.Entry[values]]{Cursor: "0-0", Elements: entries{{Err: redis.ErrNil}, entry("1-0", values{"f": "v"})}}, claim)

	for _, reply := range []string{`1`, `"x"`, `[1]`, `[["1-0"],2]`, `[[null,["f","v"]]]`} {
		_, err := replies(t, reply, command.XRange[values]("k", "-", "+"))
		assert.Error(t, err, reply)
		_, err = replies(t, reply, command.XRead[values](map[string]string{"k": "0"}))
		assert.Error(t, err, reply)
		_, err = replies(t, reply, command.XPendingEntries("k", "g", "-", "+", 1))
		assert.Error(t, err, reply)
	}
	for _, reply := range []string{`1`, `"x"`, `[1]`, `[["idle","long"]]`, `[["pending",null]]`, `[["name"]]`} {
		_, err := replies(t, reply, command.XInfoConsumers("k", "g"))
		assert.Error(t, err, reply)
	}
	for _, reply := range []string{`1`, `"x"`, `[]`, `["many"]`, `[1,"1-0","1-0",["a"]]`} {
		_, err := replies(t, reply, command.XPending("k", "g"))
		assert.Error(t, err, reply)
	}
	_, err = replies(t, `["groups",[["pending",[["1-0","a","soon",1]]]]]`, command.XInfoStreamFull[values]("k"))
	require.EqualError(t, err, "redis: XINFO: groups[0].pending[0][2]: want int64, got string that is not a number")
}
