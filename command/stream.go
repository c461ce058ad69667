package command

import (
	"errors"
	"maps"
	"slices"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// An Entry is an entry of a stream. T is its fields and values, such as
// map[string]string, or a struct with a field for each.
//
// A group can still hold an entry that the stream no longer has: its Values are nil or
// the zero T.
type Entry[T any] struct {
	ID     string
	Values T
}

// UnmarshalReply reads an entry as Redis writes it. Null is the zero Entry.
func (e *Entry[T]) UnmarshalReply(r redis.Reply) error {
	*e = Entry[T]{}
	if r.IsNull() {
		return nil
	}
	parts, err := partsOf[Entry[T], struct {
		ID     string      `redis:"0"`
		Values redis.Reply `redis:"1"`
	}](r)
	if err != nil {
		return err
	}
	e.ID = parts.ID
	e.Values, err = orZero[T](parts.Values)
	return at[T](1, err)
}

// XAck has a group no longer wait for entries to be processed (XACK), and returns how
// many it waited for.
//
// O(1) for each id, since Redis 5.0.0.
func XAck(key, group string, ids ...string) redis.Command[int64] {
	c := newCall("XACK", key, group)
	addAll(c, "id", ids)
	return command[int64](c)
}

// An EntryStatus is what [XAckDel] and [XDelEx] say of each entry that they were to
// delete.
type EntryStatus int64

// What became of an entry.
const (
	EntryMissing EntryStatus = -1 // there is no such entry, or no such key
	EntryDeleted EntryStatus = 1
	EntryKept    EntryStatus = 2 // [Acked] kept it
)

// A References says what the deletion of entries means to groups that wait for them:
// [KeepRef], [DelRef] or [Acked].
type References struct{ word }

func (References) forXAckDel() {}
func (References) forXAdd()    {}
func (References) forXDelEx()  {}
func (References) forXTrim()   {}

// KeepRef has groups go on waiting for what is deleted, as they do without an option,
// since Redis 8.2.0.
func KeepRef() References { return References{newWord("KEEPREF")} }

// DelRef has groups forget what is deleted, since Redis 8.2.0.
func DelRef() References { return References{newWord("DELREF")} }

// Acked deletes only what all groups have read and acknowledged, since Redis 8.2.0.
func Acked() References { return References{newWord("ACKED")} }

func excludeReferences(c *call) { c.exclude("KEEPREF", "DELREF", "ACKED") }

// addIDs adds the ids as the newer commands have them.
func addIDs(c *call, ids []string) *call {
	c.add("IDS")
	addCounted(c, "id", ids)
	return c
}

// An XAckDelOption of [XAckDel] is [KeepRef], [DelRef] or [Acked].
type XAckDelOption interface {
	option
	forXAckDel()
}

// XAckDel is [XAck] and then [XDelEx] at once (XACKDEL), and returns what became of
// each entry.
//
// O(1) for each id, since Redis 8.2.0.
func XAckDel(key, group string, ids []string, opts ...XAckDelOption) redis.Command[[]EntryStatus] {
	c := newCall("XACKDEL", key, group)
	apply(c, opts)
	excludeReferences(c)
	return command[[]EntryStatus](addIDs(c, ids))
}

// A Trim says which entries a stream keeps: [MaxLen] or [MinID].
type Trim struct {
	word
	threshold any
}

func (Trim) forXAdd()    {}
func (Trim) isTrimming() {}

// MaxLen keeps the last n entries.
func MaxLen(n int64) Trim { return Trim{newCount("MAXLEN", n, 0), n} }

// MinID keeps the entries from id on, since Redis 6.2.0.
func MinID(id string) Trim { return Trim{newWord("MINID", id), id} }

// Approx has Redis keep more where that is less work, a few tens of entries mostly.
func (t Trim) Approx() ApproxTrim {
	t.args = []any{t.name, "~", t.threshold}
	return ApproxTrim(t)
}

// An ApproxTrim is a [Trim] that Redis need not follow to the entry.
type ApproxTrim struct {
	word
	threshold any
}

func (ApproxTrim) forXAdd()    {}
func (ApproxTrim) isTrimming() {}

// Limit has Redis delete at most n entries, since Redis 6.2.0; 0 is for any number.
// Without it the server chooses a limit.
func (t ApproxTrim) Limit(n int64) ApproxTrim {
	t.args = []any{t.name, "~", t.threshold, "LIMIT", n}
	if t.err == nil && n < 0 {
		t.err = errors.New("LIMIT must be at least 0")
	}
	return t
}

// An XAddOption of [XAdd] is [NoMkStream], [MaxLen] or [MinID], and [KeepRef],
// [DelRef] or [Acked] for what these delete.
type XAddOption interface {
	option
	forXAdd()
}

type noMkStream struct{ word }

func (noMkStream) forXAdd() {}

// NoMkStream adds nothing where the stream does not exist, since Redis 6.2.0.
func NoMkStream() XAddOption { return noMkStream{newWord("NOMKSTREAM")} }

// XAdd adds an entry to the stream at key (XADD) and returns its id, null where
// [NoMkStream] kept it from that. The id * is for one that the server makes; another
// must be greater than all before. Fields are written in the order of their names.
//
// O(1), or O(N) where it deletes N entries, since Redis 5.0.0.
func XAdd[V any](key, id string, values map[string]V, opts ...XAddOption) redis.Command[string] {
	c := newCall("XADD", key)
	apply(c, opts)
	c.exclude("MAXLEN", "MINID")
	excludeReferences(c)
	c.add(id)
	addMap(c, "field", values)
	return command[string](c)
}

// A Claim is a part of what a group waits for, as [XAutoClaim] takes it over: any
// number of elements, even none, and where to go on.
type Claim[E any] struct {
	Cursor   string   `redis:"0"` // of the next part; 0-0 behind the last
	Elements []E      `redis:"1"`
	Deleted  []string `redis:"2"` // the ids of what the stream no longer has, and the group now forgets, since Redis 7.0.0
}

// Last says whether no more parts follow.
func (c Claim[E]) Last() bool { return c.Cursor == "0-0" }

// An XAutoClaimOption of [XAutoClaim] and [XAutoClaimJustID] is [Count], which is 100
// without.
type XAutoClaimOption interface {
	option
	forXAutoClaim()
}

func (Quantity) forXAutoClaim() {}

// XAutoClaim gives a consumer what the group has waited for at least minIdle to be
// processed by others, from the id start on (XAUTOCLAIM), and returns it and where to
// go on.
//
// O(1) where the count is small, since Redis 6.2.0.
func XAutoClaim[T any](key, group, consumer string, minIdle time.Duration, start string, opts ...XAutoClaimOption) redis.Command[Claim[Entry[T]]] {
	return command[Claim[Entry[T]]](xAutoClaim(key, group, consumer, minIdle, start, opts))
}

// XAutoClaimJustID is [XAutoClaim] that returns only the ids (XAUTOCLAIM with JUSTID),
// and does not count as a delivery.
//
// O(1) where the count is small, since Redis 6.2.0.
func XAutoClaimJustID(key, group, consumer string, minIdle time.Duration, start string, opts ...XAutoClaimOption) redis.Command[Claim[string]] {
	c := xAutoClaim(key, group, consumer, minIdle, start, opts)
	c.add("JUSTID")
	return command[Claim[string]](c)
}

func xAutoClaim(key, group, consumer string, minIdle time.Duration, start string, opts []XAutoClaimOption) *call {
	c := newCall("XAUTOCLAIM", key, group, consumer)
	addIdle(c, minIdle)
	c.add(start)
	apply(c, opts)
	return c
}

func addIdle(c *call, d time.Duration) {
	n, err := milliseconds(d)
	if err != nil {
		c.refuse("%w", err)
	}
	c.add(n)
}

// An XClaimOption of [XClaim] and [XClaimJustID] is [Idle] or [DeliveredAt],
// [RetryCount], [Force] or [LastID].
type XClaimOption interface {
	option
	forXClaim()
}

func (Idleness) forXClaim() {}

type claimWord struct{ word }

func (claimWord) forXClaim() {}

// DeliveredAt sets when the entries were last delivered (TIME). Without it, that is
// now.
func DeliveredAt(t time.Time) XClaimOption {
	_, n, err := unitsAt("P", t)
	w := newWord("TIME", n)
	w.err = err
	return claimWord{w}
}

// RetryCount sets how often the entries were delivered. Without it, that is once more
// than before.
func RetryCount(n int64) XClaimOption { return claimWord{newCount("RETRYCOUNT", n, 0)} }

// Force has the group wait for entries that it does not wait for yet. They must be in
// the stream.
func Force() XClaimOption { return claimWord{newWord("FORCE")} }

// LastID has the group begin its next read behind id, where it would begin before.
func LastID(id string) XClaimOption { return claimWord{newWord("LASTID", id)} }

// XClaim gives a consumer those of the entries that the group has waited for at least
// minIdle to be processed by others (XCLAIM), and returns them.
//
// O(log N), since Redis 5.0.0.
func XClaim[T any](key, group, consumer string, minIdle time.Duration, ids []string, opts ...XClaimOption) redis.Command[[]Entry[T]] {
	return command[[]Entry[T]](xClaim(key, group, consumer, minIdle, ids, opts))
}

// XClaimJustID is [XClaim] that returns only the ids (XCLAIM with JUSTID), and does not
// count as a delivery.
//
// O(log N), since Redis 5.0.0.
func XClaimJustID(key, group, consumer string, minIdle time.Duration, ids []string, opts ...XClaimOption) redis.Command[[]string] {
	c := xClaim(key, group, consumer, minIdle, ids, opts)
	c.add("JUSTID")
	return command[[]string](c)
}

func xClaim(key, group, consumer string, minIdle time.Duration, ids []string, opts []XClaimOption) *call {
	c := newCall("XCLAIM", key, group, consumer)
	addIdle(c, minIdle)
	addAll(c, "id", ids)
	apply(c, opts)
	c.exclude("IDLE", "TIME")
	return c
}

// XDel deletes entries of the stream at key (XDEL) and returns how many existed.
//
// O(1) for each id, since Redis 5.0.0.
func XDel(key string, ids ...string) redis.Command[int64] {
	c := newCall("XDEL", key)
	addAll(c, "id", ids)
	return command[int64](c)
}

// An XDelExOption of [XDelEx] is [KeepRef], [DelRef] or [Acked].
type XDelExOption interface {
	option
	forXDelEx()
}

// XDelEx deletes entries of the stream at key (XDELEX) and returns what became of
// each.
//
// O(1) for each id, since Redis 8.2.0.
func XDelEx(key string, ids []string, opts ...XDelExOption) redis.Command[[]EntryStatus] {
	c := newCall("XDELEX", key)
	apply(c, opts)
	excludeReferences(c)
	return command[[]EntryStatus](addIDs(c, ids))
}

// An XGroupCreateOption of [XGroupCreate] is [MkStream] or [EntriesRead].
type XGroupCreateOption interface {
	option
	forXGroupCreate()
}

type mkStream struct{ word }

func (mkStream) forXGroupCreate() {}

// MkStream makes an empty stream where there is none.
func MkStream() XGroupCreateOption { return mkStream{newWord("MKSTREAM")} }

// An EntriesReadCount is [EntriesRead].
type EntriesReadCount struct{ word }

func (EntriesReadCount) forXGroupCreate() {}
func (EntriesReadCount) forXGroupSetID()  {}

// EntriesRead says how many entries the stream has had up to the group's place, from
// which Redis computes the group's lag, since Redis 7.0.0; -1 is for not known.
func EntriesRead(n int64) EntriesReadCount {
	return EntriesReadCount{newCount("ENTRIESREAD", n, -1)}
}

// XGroupCreate makes a group of consumers that reads the stream at key from behind an
// id on (XGROUP CREATE), and returns OK: 0 is for all entries, $ for those to come. A
// group that exists is an error, and so is a stream that does not, without
// [MkStream].
//
// O(1), since Redis 5.0.0.
func XGroupCreate(key, group, id string, opts ...XGroupCreateOption) redis.Command[string] {
	c := newCall("XGROUP", "CREATE", key, group, id)
	apply(c, opts)
	return command[string](c)
}

// XGroupCreateConsumer makes a consumer of a group (XGROUP CREATECONSUMER), as its
// first read does too. It returns false where there is one of that name.
//
// O(1), since Redis 6.2.0.
func XGroupCreateConsumer(key, group, consumer string) redis.Command[bool] {
	return redis.Cmd[bool]("XGROUP", "CREATECONSUMER", key, group, consumer)
}

// XGroupDelConsumer deletes a consumer of a group (XGROUP DELCONSUMER) and returns how
// many entries it had got and not acknowledged. Nobody can claim them any more.
//
// O(1), since Redis 5.0.0.
func XGroupDelConsumer(key, group, consumer string) redis.Command[int64] {
	return redis.Cmd[int64]("XGROUP", "DELCONSUMER", key, group, consumer)
}

// XGroupDestroy deletes a group (XGROUP DESTROY). It returns false where there is none.
//
// O(N), since Redis 5.0.0.
func XGroupDestroy(key, group string) redis.Command[bool] {
	return redis.Cmd[bool]("XGROUP", "DESTROY", key, group)
}

// An XGroupSetIDOption of [XGroupSetID] is [EntriesRead].
type XGroupSetIDOption interface {
	option
	forXGroupSetID()
}

// XGroupSetID has a group's next read begin behind an id (XGROUP SETID), and returns
// OK.
//
// O(1), since Redis 5.0.0.
func XGroupSetID(key, group, id string, opts ...XGroupSetIDOption) redis.Command[string] {
	c := newCall("XGROUP", "SETID", key, group, id)
	apply(c, opts)
	return command[string](c)
}

// A ConsumerInfo is what [XInfoConsumers] says of a consumer.
type ConsumerInfo struct {
	Name     string
	Pending  int64         // how many entries that it got the group waits for
	Idle     time.Duration // since it was last heard of
	Inactive time.Duration // since it last got an entry, Forever where it got none; since Redis 7.2.0
}

// UnmarshalReply reads a consumer as Redis writes it.
func (i *ConsumerInfo) UnmarshalReply(r redis.Reply) error {
	parts, err := partsOf[ConsumerInfo, struct {
		Name     string `redis:"name"`
		Pending  int64  `redis:"pending"`
		Idle     age    `redis:"idle"`
		Inactive age    `redis:"inactive"`
	}](r)
	*i = ConsumerInfo{parts.Name, parts.Pending, time.Duration(parts.Idle), time.Duration(parts.Inactive)}
	return err
}

// An age is a duration that Redis gives in milliseconds.
type age time.Duration

func (a *age) UnmarshalReply(r redis.Reply) error {
	d, err := ttl(time.Millisecond)(r)
	*a = age(d)
	return inside[time.Duration](err)
}

// A moment is a time that Redis gives in milliseconds since 1970.
type moment time.Time

func (m *moment) UnmarshalReply(r redis.Reply) error {
	t, err := expiry(time.Millisecond)(r)
	*m = moment(t)
	return inside[time.Time](err)
}

// XInfoConsumers returns the consumers of a group (XINFO CONSUMERS). A key or group
// that does not exist is an error.
//
// O(1), since Redis 5.0.0.
func XInfoConsumers(key, group string) redis.Command[[]ConsumerInfo] {
	return redis.Cmd[[]ConsumerInfo]("XINFO", "CONSUMERS", key, group)
}

// A GroupInfo is what [XInfoGroups] says of a group.
type GroupInfo struct {
	Name            string `redis:"name"`
	Consumers       int64  `redis:"consumers"`
	Pending         int64  `redis:"pending"` // how many entries it waits for
	LastDeliveredID string `redis:"last-delivered-id"`
	EntriesRead     *int64 `redis:"entries-read"` // as EntriesRead, nil where not known, since Redis 7.0.0
	Lag             *int64 `redis:"lag"`          // how many entries it has not read, nil where not known, since Redis 7.0.0
}

// XInfoGroups returns the groups of the stream at key (XINFO GROUPS). A key that does
// not exist is an error.
//
// O(1), since Redis 5.0.0.
func XInfoGroups(key string) redis.Command[[]GroupInfo] {
	return redis.Cmd[[]GroupInfo]("XINFO", "GROUPS", key)
}

// A StreamInfo is what [XInfoStream] says of a stream.
type StreamInfo[T any] struct {
	Length               int64     `redis:"length"`
	RadixTreeKeys        int64     `redis:"radix-tree-keys"`
	RadixTreeNodes       int64     `redis:"radix-tree-nodes"`
	LastGeneratedID      string    `redis:"last-generated-id"`
	MaxDeletedEntryID    string    `redis:"max-deleted-entry-id"`    // since Redis 7.0.0
	EntriesAdded         int64     `redis:"entries-added"`           // since Redis 7.0.0
	RecordedFirstEntryID string    `redis:"recorded-first-entry-id"` // since Redis 7.0.0
	Groups               int64     `redis:"groups"`
	FirstEntry           *Entry[T] `redis:"first-entry"` // nil where the stream is empty
	LastEntry            *Entry[T] `redis:"last-entry"`
}

// XInfoStream returns what there is to say of the stream at key (XINFO STREAM). A key
// that does not exist is an error.
//
// O(1), since Redis 5.0.0.
func XInfoStream[T any](key string) redis.Command[StreamInfo[T]] {
	return redis.Cmd[StreamInfo[T]]("XINFO", "STREAM", key)
}

// A StreamDetails is what [XInfoStreamFull] says of a stream.
type StreamDetails[T any] struct {
	Length               int64          `redis:"length"`
	RadixTreeKeys        int64          `redis:"radix-tree-keys"`
	RadixTreeNodes       int64          `redis:"radix-tree-nodes"`
	LastGeneratedID      string         `redis:"last-generated-id"`
	MaxDeletedEntryID    string         `redis:"max-deleted-entry-id"`    // since Redis 7.0.0
	EntriesAdded         int64          `redis:"entries-added"`           // since Redis 7.0.0
	RecordedFirstEntryID string         `redis:"recorded-first-entry-id"` // since Redis 7.0.0
	Entries              []Entry[T]     `redis:"entries"`
	Groups               []GroupDetails `redis:"groups"`
}

// A GroupDetails is what [XInfoStreamFull] says of a group.
type GroupDetails struct {
	Name            string            `redis:"name"`
	LastDeliveredID string            `redis:"last-delivered-id"`
	EntriesRead     *int64            `redis:"entries-read"` // as in GroupInfo
	Lag             *int64            `redis:"lag"`
	PendingCount    int64             `redis:"pel-count"` // how many entries it waits for
	Pending         []Delivery        `redis:"pending"`
	Consumers       []ConsumerDetails `redis:"consumers"`
}

// A ConsumerDetails is what [XInfoStreamFull] says of a consumer.
type ConsumerDetails struct {
	Name         string
	SeenTime     time.Time // when it was last heard of
	ActiveTime   time.Time // when it last got an entry, the zero time where it got none; since Redis 7.2.0
	PendingCount int64     // how many entries that it got the group waits for
	Pending      []Delivery
}

// UnmarshalReply reads a consumer as Redis writes it.
func (d *ConsumerDetails) UnmarshalReply(r redis.Reply) error {
	parts, err := partsOf[ConsumerDetails, struct {
		Name         string `redis:"name"`
		SeenTime     moment `redis:"seen-time"`
		ActiveTime   moment `redis:"active-time"`
		PendingCount int64  `redis:"pel-count"`
		Pending      []struct {
			ID    string `redis:"0"`
			Time  moment `redis:"1"`
			Count int64  `redis:"2"`
		} `redis:"pending"`
	}](r)
	*d = ConsumerDetails{
		Name:         parts.Name,
		SeenTime:     time.Time(parts.SeenTime),
		ActiveTime:   time.Time(parts.ActiveTime),
		PendingCount: parts.PendingCount,
	}
	for _, p := range parts.Pending {
		d.Pending = append(d.Pending, Delivery{p.ID, parts.Name, time.Time(p.Time), p.Count})
	}
	return err
}

// A Delivery is that of an entry that a group waits for.
type Delivery struct {
	ID       string
	Consumer string
	Time     time.Time // the last
	Count    int64     // how often it was delivered
}

// UnmarshalReply reads a delivery as Redis writes it.
func (d *Delivery) UnmarshalReply(r redis.Reply) error {
	parts, err := partsOf[Delivery, struct {
		ID       string `redis:"0"`
		Consumer string `redis:"1"`
		Time     moment `redis:"2"`
		Count    int64  `redis:"3"`
	}](r)
	*d = Delivery{parts.ID, parts.Consumer, time.Time(parts.Time), parts.Count}
	return err
}

// An XInfoStreamFullOption of [XInfoStreamFull] is [Count] or [AllEntries]; it is 10
// without.
type XInfoStreamFullOption interface {
	option
	forXInfoStreamFull()
}

func (Quantity) forXInfoStreamFull() {}

type allEntries struct{ word }

func (allEntries) forXInfoStreamFull() {}

// AllEntries is [Count] without an end.
func AllEntries() XInfoStreamFullOption { return allEntries{newWord("COUNT", int64(0))} }

// XInfoStreamFull returns all there is to say of the stream at key (XINFO STREAM with
// FULL): the first of its entries, its groups, their consumers, and the first of what
// each waits for. A key that does not exist is an error.
//
// O(1) for each entry, since Redis 5.0.0; with FULL since Redis 6.0.0.
func XInfoStreamFull[T any](key string, opts ...XInfoStreamFullOption) redis.Command[StreamDetails[T]] {
	c := newCall("XINFO", "STREAM", key, "FULL")
	apply(c, opts)
	return command[StreamDetails[T]](c)
}

// XLen returns how many entries the stream at key has (XLEN), 0 where there is none.
//
// O(1), since Redis 5.0.0.
func XLen(key string) redis.Command[int64] { return redis.Cmd[int64]("XLEN", key) }

// A PendingSummary is what [XPending] says of a group.
type PendingSummary struct {
	Count     int64            // how many entries the group waits for
	FirstID   string           // "" where it waits for none
	LastID    string           // the same
	Consumers map[string]int64 // how many each consumer has got of them
}

// UnmarshalReply reads a summary as Redis writes it.
func (s *PendingSummary) UnmarshalReply(r redis.Reply) error {
	parts, err := partsOf[PendingSummary, struct {
		Count     int64   `redis:"0"`
		FirstID   *string `redis:"1"`
		LastID    *string `redis:"2"`
		Consumers []struct {
			Name  string `redis:"0"`
			Count int64  `redis:"1"`
		} `redis:"3"`
	}](r)
	*s = PendingSummary{Count: parts.Count, Consumers: map[string]int64{}}
	if parts.FirstID != nil && parts.LastID != nil {
		s.FirstID, s.LastID = *parts.FirstID, *parts.LastID
	}
	for _, c := range parts.Consumers {
		s.Consumers[c.Name] = c.Count
	}
	return err
}

// XPending returns what a group waits for, in short (XPENDING): entries that its
// consumers have got and not acknowledged. A key or group that does not exist is an
// error.
//
// O(N), N the number of consumers, since Redis 5.0.0.
func XPending(key, group string) redis.Command[PendingSummary] {
	return redis.Cmd[PendingSummary]("XPENDING", key, group)
}

// A PendingEntry is an entry that a group waits for.
type PendingEntry struct {
	ID         string
	Consumer   string
	Idle       time.Duration // since it was last delivered
	Deliveries int64
}

// UnmarshalReply reads an entry as Redis writes it.
func (e *PendingEntry) UnmarshalReply(r redis.Reply) error {
	parts, err := partsOf[PendingEntry, struct {
		ID         string `redis:"0"`
		Consumer   string `redis:"1"`
		Idle       age    `redis:"2"`
		Deliveries int64  `redis:"3"`
	}](r)
	*e = PendingEntry{parts.ID, parts.Consumer, time.Duration(parts.Idle), parts.Deliveries}
	return err
}

// An XPendingOption of [XPendingEntries] is [Idle] or [OfConsumer].
type XPendingOption interface {
	option
	forXPending()
}

// An Idleness is [Idle].
type Idleness struct{ word }

func (Idleness) forXPending() {}

// Idle is for how long entries have not been delivered. [XPendingEntries] looks for
// those of at least d, since Redis 6.2.0; [XClaim] sets d for what it claims.
func Idle(d time.Duration) Idleness {
	n, err := milliseconds(d)
	w := newWord("IDLE", n)
	w.err = err
	return Idleness{w}
}

type consumerName struct{ word }

func (consumerName) forXPending() {}

// OfConsumer looks only for what a consumer has got.
func OfConsumer(name string) XPendingOption {
	return consumerName{word{name: "a consumer", args: []any{name}}}
}

// XPendingEntries returns what a group waits for, one by one (XPENDING): at most count
// entries with ids from start to end, as in [XRange].
//
// O(N), since Redis 5.0.0.
func XPendingEntries(key, group, start, end string, count int64, opts ...XPendingOption) redis.Command[[]PendingEntry] {
	c := newCall("XPENDING", key, group)
	var behind []XPendingOption
	for _, o := range opts {
		if idle, ok := o.(Idleness); ok {
			apply(c, []Idleness{idle})
		} else {
			behind = append(behind, o)
		}
	}
	c.add(start, end, count)
	apply(c, behind)
	return command[[]PendingEntry](c)
}

// An XRangeOption of [XRange] and [XRevRange] is [Count].
type XRangeOption interface {
	option
	forXRange()
}

func (Quantity) forXRange() {}

// XRange returns the entries of the stream at key with ids from start to end
// (XRANGE). - and + are the least and the greatest id, and a ( before an id, since
// Redis 6.2.0, leaves it out. Where there is no such key there are none.
//
// O(N), since Redis 5.0.0.
func XRange[T any](key, start, end string, opts ...XRangeOption) redis.Command[[]Entry[T]] {
	c := newCall("XRANGE", key, start, end)
	apply(c, opts)
	return command[[]Entry[T]](c)
}

// An XReadOption of [XRead] is [Count].
type XReadOption interface {
	option
	forXRead()
}

func (Quantity) forXRead() {}

// XRead returns the entries of streams behind an id of each (XREAD), for each stream
// that has any; nil where none has. The id + is for the last entry alone, since Redis
// 7.4.0. It does not wait for entries to come.
//
// O(N), since Redis 5.0.0.
func XRead[T any](ids map[string]string, opts ...XReadOption) redis.Command[map[string][]Entry[T]] {
	c := newCall("XREAD")
	apply(c, opts)
	return commandFunc(addStreams(c, ids), streams[T])
}

// An XReadGroupOption of [XReadGroup] is [Count] or [NoAck].
type XReadGroupOption interface {
	option
	forXReadGroup()
}

func (Quantity) forXReadGroup() {}

type noAck struct{ word }

func (noAck) forXReadGroup() {}

// NoAck has the group not wait for what is read, as if it were acknowledged.
func NoAck() XReadGroupOption { return noAck{newWord("NOACK")} }

// XReadGroup is [XRead] for a consumer of a group (XREADGROUP). The id > is for what no
// consumer of the group has got, for which the group then waits until [XAck]. Another
// is for what this one has got and not acknowledged, behind that id.
//
// O(M), since Redis 5.0.0.
func XReadGroup[T any](group, consumer string, ids map[string]string, opts ...XReadGroupOption) redis.Command[map[string][]Entry[T]] {
	c := newCall("XREADGROUP", "GROUP", group, consumer)
	apply(c, opts)
	return commandFunc(addStreams(c, ids), streams[T])
}

// addStreams adds keys, in their order, and then the id of each.
func addStreams(c *call, ids map[string]string) *call {
	keys := slices.Sorted(maps.Keys(ids))
	c.add("STREAMS")
	addAll(c, "stream", keys)
	for _, key := range keys {
		c.add(ids[key])
	}
	return c
}

// streams reads the entries of each stream.
func streams[T any](r redis.Reply) (map[string][]Entry[T], error) {
	list, err := partsOf[map[string][]Entry[T], []struct {
		Key     string     `redis:"0"`
		Entries []Entry[T] `redis:"1"`
	}](r)
	if list == nil || err != nil {
		return nil, err
	}
	entries := make(map[string][]Entry[T], len(list))
	for _, s := range list {
		entries[s.Key] = s.Entries
	}
	return entries, nil
}

// XRevRange is [XRange] from the end to the start (XREVRANGE).
//
// O(N), since Redis 5.0.0.
func XRevRange[T any](key, end, start string, opts ...XRangeOption) redis.Command[[]Entry[T]] {
	c := newCall("XREVRANGE", key, end, start)
	apply(c, opts)
	return command[[]Entry[T]](c)
}

// A Trimming is what [XTrim] does: [MaxLen] or [MinID], or one of these with
// [Trim.Approx].
type Trimming interface {
	option
	isTrimming()
}

// An XTrimOption of [XTrim] is [KeepRef], [DelRef] or [Acked].
type XTrimOption interface {
	option
	forXTrim()
}

// XTrim deletes the oldest entries of the stream at key (XTRIM), and returns how many
// it deleted.
//
// O(N), since Redis 5.0.0.
func XTrim(key string, trim Trimming, opts ...XTrimOption) redis.Command[int64] {
	c := newCall("XTRIM", key)
	apply(c, []Trimming{trim})
	apply(c, opts)
	excludeReferences(c)
	return command[int64](c)
}
