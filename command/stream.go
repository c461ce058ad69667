package command

import (
	"errors"
	"maps"
	"slices"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
)

// An Entry is an entry of a stream. T is the type of its fields and values, such as
// map[string]string, or a struct with a Go field for each field of the entry.
//
// If the values do not fit T, only this entry has an error: Err. Check it before using
// Values. So one bad entry does not hide the others of the same reply, which are pending
// by then. The bad entry can be acknowledged by its ID.
//
// An entry that was deleted from the stream can still be pending in a group. Its values
// are null: Values is nil if T can hold it, or else Err is [redis.ErrNil].
type Entry[T any] struct {
	ID     string
	Values T           // the zero T if Err is set
	Err    error       // why the values do not fit T; nil if they do
	Raw    redis.Reply // the fields and values as Redis sent them; set only if Err is
}

// UnmarshalReply decodes an entry. Null means that the entry does not exist any more. It
// becomes an Entry without ID, with [redis.ErrNil] in Err.
func (e *Entry[T]) UnmarshalReply(r redis.Reply) error {
	*e = Entry[T]{}
	if r.IsNull() {
		e.Err = redis.ErrNil
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
	if e.Values, e.Err = redis.Decode[T](parts.Values); e.Err != nil && !parts.Values.IsNull() {
		e.Raw = parts.Values
	}
	return nil
}

// XAck acknowledges entries of a group (XACK), so that they are no longer pending. It
// returns the number of entries that were pending.
//
// An entry is pending from the time a consumer of the group reads it until it is
// acknowledged. The group keeps a list of its pending entries.
//
// O(1) for each id, since Redis 5.0.0.
func XAck(key, group string, ids ...string) redis.Command[int64] {
	c := newCall("XACK", key, group)
	addAll(c, "id", ids)
	return command[int64](c)
}

// An EntryStatus says what [XAckDel] or [XDelEx] did with one entry.
type EntryStatus int64

// What a command did with an entry.
const (
	EntryMissing EntryStatus = -1 // the entry or the key does not exist
	EntryDeleted EntryStatus = 1
	EntryKept    EntryStatus = 2 // [Acked] prevented the deletion
)

// A references says what happens to the lists of pending entries if an entry is
// deleted: [KeepRef], [DelRef] or [Acked].
type references struct{ word }

func (references) needsOneOf_Acked_DelRef_KeepRef()                         {}
func (references) needsOneOf_Acked_DelRef_KeepRef_MaxLen_MinID_NoMkStream() {}

// KeepRef keeps a deleted entry in the lists of pending entries. This is the default.
// Since Redis 8.2.0.
func KeepRef() references { return references{newWord("KEEPREF")} }

// DelRef removes a deleted entry from the lists of pending entries of all groups. Since
// Redis 8.2.0.
func DelRef() references { return references{newWord("DELREF")} }

// Acked deletes only entries that all groups have read and acknowledged. Since Redis
// 8.2.0.
func Acked() references { return references{newWord("ACKED")} }

func excludeReferences(c *call) { c.exclude("KEEPREF", "DELREF", "ACKED") }

// addIDs adds ids in the form of the newer commands: IDS, their number, and the ids.
func addIDs(c *call, ids []string) *call {
	c.add("IDS")
	addCounted(c, "id", ids)
	return c
}

// A ReferencesOption is an option of [XAckDel], [XDelEx] and [XTrim]: [KeepRef],
// [DelRef] or [Acked].
type ReferencesOption interface {
	option
	needsOneOf_Acked_DelRef_KeepRef()
}

// XAckDel does what [XAck] and then [XDelEx] do, atomically (XACKDEL). It returns a
// status for each entry.
//
// O(1) for each id, since Redis 8.2.0.
//
// Options: [Acked], [DelRef], [KeepRef].
func XAckDel(key, group string, ids []string, opts ...ReferencesOption) redis.Command[[]EntryStatus] {
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

func (Trim) needsOneOf_Acked_DelRef_KeepRef_MaxLen_MinID_NoMkStream() {}
func (Trim) needsOneOf_MaxLen_MinID()                                 {}

// MaxLen keeps the newest n entries.
func MaxLen(n int64) Trim { return Trim{newCount("MAXLEN", n, 0), n} }

// MinID keeps the entries with an id of at least id. Since Redis 6.2.0.
func MinID(id string) Trim { return Trim{newWord("MINID", id), id} }

// Approx allows Redis to keep more entries if that is less work. It usually keeps a few
// tens more.
func (t Trim) Approx() ApproxTrim {
	t.args = []any{t.name, "~", t.threshold}
	return ApproxTrim(t)
}

// An ApproxTrim is a [Trim] that allows Redis to keep more entries.
type ApproxTrim struct {
	word
	threshold any
}

func (ApproxTrim) needsOneOf_Acked_DelRef_KeepRef_MaxLen_MinID_NoMkStream() {}
func (ApproxTrim) needsOneOf_MaxLen_MinID()                                 {}

// Limit makes Redis delete at most n entries; 0 means no limit. Without Limit the
// server chooses a limit. Since Redis 6.2.0.
func (t ApproxTrim) Limit(n int64) ApproxTrim {
	t.args = []any{t.name, "~", t.threshold, "LIMIT", n}
	if t.err == nil && n < 0 {
		t.err = errors.New("LIMIT must be at least 0")
	}
	return t
}

// An XAddOption is an option of [XAdd]: [NoMkStream], one of [MaxLen] and [MinID], and
// one of [KeepRef], [DelRef] and [Acked]. The last three are for the entries that
// [MaxLen] or [MinID] deletes.
type XAddOption interface {
	option
	needsOneOf_Acked_DelRef_KeepRef_MaxLen_MinID_NoMkStream()
}

type noMkStream struct{ word }

func (noMkStream) needsOneOf_Acked_DelRef_KeepRef_MaxLen_MinID_NoMkStream() {}

// NoMkStream adds nothing if the stream does not exist. Since Redis 6.2.0.
func NoMkStream() XAddOption { return noMkStream{newWord("NOMKSTREAM")} }

// XAdd adds an entry to the stream at key (XADD) and returns its id. It returns null if
// [NoMkStream] prevented it. If id is *, the server makes the id. Any other id must be
// greater than all ids before it. The values are a map, whose fields are sent in the order
// of their names, or [Fields] of a struct.
//
// O(1), or O(N) if it deletes N entries, since Redis 5.0.0.
//
// Options: [Acked], [DelRef], [KeepRef], [MaxLen], [MinID], [NoMkStream].
func XAdd(key, id string, values any, opts ...XAddOption) redis.Command[string] {
	c := newCall("XADD", key)
	apply(c, opts)
	c.exclude("MAXLEN", "MINID")
	excludeReferences(c)
	c.add(id)
	c.add(c.fieldsOf(values)...)
	return command[string](c)
}

// A Claim is one step of [XAutoClaim]. It holds any number of elements, possibly none,
// and the id at which the next step starts.
type Claim[E any] struct {
	Cursor   string   `redis:"0"` // the start of the next step; 0-0 if this is the last step
	Elements []E      `redis:"1"`
	Deleted  []string `redis:"2"` // the ids of entries that the stream no longer has; they are no longer pending; since Redis 7.0.0
}

// Last says whether this is the last step.
func (c Claim[E]) Last() bool { return c.Cursor == "0-0" }

// XAutoClaim makes consumer the owner of pending entries that have not been delivered
// for at least minIdle (XAUTOCLAIM). It starts at the id start. It returns the entries
// and the id at which the next step starts.
//
// O(1) where the count is small, since Redis 6.2.0.
//
// Options: [Count].
func XAutoClaim[T any](key, group, consumer string, minIdle time.Duration, start string, opts ...CountOption) redis.Command[Claim[Entry[T]]] {
	return command[Claim[Entry[T]]](xAutoClaim(key, group, consumer, minIdle, start, opts))
}

// XAutoClaimJustID is [XAutoClaim] that returns only the ids (XAUTOCLAIM with JUSTID).
// It does not count as a delivery of the entries.
//
// O(1) where the count is small, since Redis 6.2.0.
//
// Options: [Count].
func XAutoClaimJustID(key, group, consumer string, minIdle time.Duration, start string, opts ...CountOption) redis.Command[Claim[string]] {
	c := xAutoClaim(key, group, consumer, minIdle, start, opts)
	c.add("JUSTID")
	return command[Claim[string]](c)
}

func xAutoClaim(key, group, consumer string, minIdle time.Duration, start string, opts []CountOption) *call {
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

// An XClaimOption is an option of [XClaim] and [XClaimJustID]: one of [Idle] and
// [DeliveredAt], [RetryCount], [Force], and [LastID].
type XClaimOption interface {
	option
	needsOneOf_DeliveredAt_Force_Idle_LastID_RetryCount()
}

func (idleness) needsOneOf_DeliveredAt_Force_Idle_LastID_RetryCount() {}

type claimWord struct{ word }

func (claimWord) needsOneOf_DeliveredAt_Force_Idle_LastID_RetryCount() {}

// DeliveredAt sets the time of the last delivery of the entries (TIME). The default is
// now.
func DeliveredAt(t time.Time) XClaimOption {
	_, n, err := unitsAt("P", t)
	w := newWord("TIME", n)
	w.err = err
	return claimWord{w}
}

// RetryCount sets the number of deliveries of the entries. Without it the number
// increases by 1.
func RetryCount(n int64) XClaimOption { return claimWord{newCount("RETRYCOUNT", n, 0)} }

// Force also claims entries that are in the stream but not pending. They become
// pending.
func Force() XClaimOption { return claimWord{newWord("FORCE")} }

// LastID sets the last id that the group has read to id, if id is greater. The next
// read of the group starts after it.
func LastID(id string) XClaimOption { return claimWord{newWord("LASTID", id)} }

// XClaim makes consumer the owner of the pending entries among ids that have not been
// delivered for at least minIdle (XCLAIM). It returns these entries.
//
// O(log N), since Redis 5.0.0.
//
// Options: [DeliveredAt], [Force], [Idle], [LastID], [RetryCount].
func XClaim[T any](key, group, consumer string, minIdle time.Duration, ids []string, opts ...XClaimOption) redis.Command[[]Entry[T]] {
	return command[[]Entry[T]](xClaim(key, group, consumer, minIdle, ids, opts))
}

// XClaimJustID is [XClaim] that returns only the ids (XCLAIM with JUSTID). It does not
// count as a delivery of the entries.
//
// O(log N), since Redis 5.0.0.
//
// Options: [DeliveredAt], [Force], [Idle], [LastID], [RetryCount].
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

// XDel deletes entries of the stream at key (XDEL) and returns the number of entries
// that existed.
//
// O(1) for each id, since Redis 5.0.0.
func XDel(key string, ids ...string) redis.Command[int64] {
	c := newCall("XDEL", key)
	addAll(c, "id", ids)
	return command[int64](c)
}

// XDelEx deletes entries of the stream at key (XDELEX) and returns a status for each
// entry.
//
// O(1) for each id, since Redis 8.2.0.
//
// Options: [Acked], [DelRef], [KeepRef].
func XDelEx(key string, ids []string, opts ...ReferencesOption) redis.Command[[]EntryStatus] {
	c := newCall("XDELEX", key)
	apply(c, opts)
	excludeReferences(c)
	return command[[]EntryStatus](addIDs(c, ids))
}

// An XGroupCreateOption is an option of [XGroupCreate]: [MkStream] or [EntriesRead].
type XGroupCreateOption interface {
	option
	needsOneOf_EntriesRead_MkStream()
}

type mkStream struct{ word }

func (mkStream) needsOneOf_EntriesRead_MkStream() {}

// MkStream creates an empty stream if the key does not exist.
func MkStream() XGroupCreateOption { return mkStream{newWord("MKSTREAM")} }

// An entriesRead is [EntriesRead].
type entriesRead struct{ word }

func (entriesRead) needsOneOf_EntriesRead_MkStream() {}
func (entriesRead) needs_EntriesRead()               {}

// EntriesRead sets how many entries the stream has had up to the id of the group. Redis
// uses it to compute the lag of the group. -1 means unknown. Since Redis 7.0.0.
func EntriesRead(n int64) entriesRead {
	return entriesRead{newCount("ENTRIESREAD", n, -1)}
}

// XGroupCreate creates a group of consumers (XGROUP CREATE), and returns OK. The group
// reads the entries of the stream at key after id: 0 means all entries, $ means only
// entries that are added later. Redis returns an error if the group exists. Without
// [MkStream] it also returns an error if the key does not exist.
//
// O(1), since Redis 5.0.0.
//
// Options: [EntriesRead], [MkStream].
func XGroupCreate(key, group, id string, opts ...XGroupCreateOption) redis.Command[string] {
	c := newCall("XGROUP", "CREATE", key, group, id)
	apply(c, opts)
	return command[string](c)
}

// XGroupCreateConsumer creates a consumer of a group (XGROUP CREATECONSUMER). The first
// read of a consumer creates it too. It returns false if the consumer exists.
//
// O(1), since Redis 6.2.0.
func XGroupCreateConsumer(key, group, consumer string) redis.Command[bool] {
	return redis.Cmd[bool]("XGROUP", "CREATECONSUMER", key, group, consumer)
}

// XGroupDelConsumer deletes a consumer of a group (XGROUP DELCONSUMER) and returns the
// number of its pending entries. These entries are no longer pending, so no consumer
// can claim them.
//
// O(1), since Redis 5.0.0.
func XGroupDelConsumer(key, group, consumer string) redis.Command[int64] {
	return redis.Cmd[int64]("XGROUP", "DELCONSUMER", key, group, consumer)
}

// XGroupDestroy deletes a group (XGROUP DESTROY). It returns false if the group does
// not exist.
//
// O(N), since Redis 5.0.0.
func XGroupDestroy(key, group string) redis.Command[bool] {
	return redis.Cmd[bool]("XGROUP", "DESTROY", key, group)
}

// An XGroupSetIDOption is an option of [XGroupSetID]: [EntriesRead].
type XGroupSetIDOption interface {
	option
	needs_EntriesRead()
}

// XGroupSetID makes the next read of a group start after id (XGROUP SETID), and returns
// OK.
//
// O(1), since Redis 5.0.0.
//
// Options: [EntriesRead].
func XGroupSetID(key, group, id string, opts ...XGroupSetIDOption) redis.Command[string] {
	c := newCall("XGROUP", "SETID", key, group, id)
	apply(c, opts)
	return command[string](c)
}

// A ConsumerInfo is information about a consumer, from [XInfoConsumers].
type ConsumerInfo struct {
	Name     string
	Pending  int64         // the number of its pending entries
	Idle     time.Duration // since its last command
	Inactive time.Duration // since it last received an entry, Forever if it never did; since Redis 7.2.0
}

// UnmarshalReply decodes a consumer.
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

// An age is a duration that Redis sends in milliseconds.
type age time.Duration

func (a *age) UnmarshalReply(r redis.Reply) error {
	d, err := ttl(time.Millisecond)(r)
	*a = age(d)
	return inside[time.Duration](err)
}

// A moment is a time that Redis sends in milliseconds since 1970.
type moment time.Time

func (m *moment) UnmarshalReply(r redis.Reply) error {
	t, err := expiry(time.Millisecond)(r)
	*m = moment(t)
	return inside[time.Time](err)
}

// XInfoConsumers returns the consumers of a group (XINFO CONSUMERS). If the key or the
// group does not exist, Redis returns an error.
//
// O(1), since Redis 5.0.0.
func XInfoConsumers(key, group string) redis.Command[[]ConsumerInfo] {
	return redis.Cmd[[]ConsumerInfo]("XINFO", "CONSUMERS", key, group)
}

// A GroupInfo is information about a group, from [XInfoGroups].
type GroupInfo struct {
	Name            string `redis:"name"`
	Consumers       int64  `redis:"consumers"`
	Pending         int64  `redis:"pending"` // the number of pending entries
	LastDeliveredID string `redis:"last-delivered-id"`
	EntriesRead     *int64 `redis:"entries-read"` // see the option [EntriesRead]; nil if unknown; since Redis 7.0.0
	Lag             *int64 `redis:"lag"`          // the number of entries that it has not read; nil if unknown; since Redis 7.0.0
}

// XInfoGroups returns the groups of the stream at key (XINFO GROUPS). If the key does
// not exist, Redis returns an error.
//
// O(1), since Redis 5.0.0.
func XInfoGroups(key string) redis.Command[[]GroupInfo] {
	return redis.Cmd[[]GroupInfo]("XINFO", "GROUPS", key)
}

// A StreamInfo is information about a stream, from [XInfoStream].
type StreamInfo[T any] struct {
	Length               int64     `redis:"length"`
	RadixTreeKeys        int64     `redis:"radix-tree-keys"`
	RadixTreeNodes       int64     `redis:"radix-tree-nodes"`
	LastGeneratedID      string    `redis:"last-generated-id"`
	MaxDeletedEntryID    string    `redis:"max-deleted-entry-id"`    // since Redis 7.0.0
	EntriesAdded         int64     `redis:"entries-added"`           // since Redis 7.0.0
	RecordedFirstEntryID string    `redis:"recorded-first-entry-id"` // since Redis 7.0.0
	Groups               int64     `redis:"groups"`
	FirstEntry           *Entry[T] `redis:"first-entry"` // nil if the stream is empty
	LastEntry            *Entry[T] `redis:"last-entry"`  // nil if the stream is empty
}

// XInfoStream returns information about the stream at key (XINFO STREAM). If the key
// does not exist, Redis returns an error.
//
// O(1), since Redis 5.0.0.
func XInfoStream[T any](key string) redis.Command[StreamInfo[T]] {
	return redis.Cmd[StreamInfo[T]]("XINFO", "STREAM", key)
}

// A StreamDetails is information about a stream, from [XInfoStreamFull].
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

// A GroupDetails is information about a group, from [XInfoStreamFull].
type GroupDetails struct {
	Name            string            `redis:"name"`
	LastDeliveredID string            `redis:"last-delivered-id"`
	EntriesRead     *int64            `redis:"entries-read"` // as in GroupInfo
	Lag             *int64            `redis:"lag"`
	PendingCount    int64             `redis:"pel-count"` // the number of pending entries
	Pending         []Delivery        `redis:"pending"`
	Consumers       []ConsumerDetails `redis:"consumers"`
}

// A ConsumerDetails is information about a consumer, from [XInfoStreamFull].
type ConsumerDetails struct {
	Name         string
	SeenTime     time.Time // when it last sent a command
	ActiveTime   time.Time // when it last received an entry, the zero time if it never did; since Redis 7.2.0
	PendingCount int64     // the number of its pending entries
	Pending      []Delivery
}

// UnmarshalReply decodes a consumer.
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

// A Delivery is the delivery of a pending entry to a consumer.
type Delivery struct {
	ID       string
	Consumer string
	Time     time.Time // when it was last delivered
	Count    int64     // the number of deliveries
}

// UnmarshalReply decodes a delivery.
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

// An XInfoStreamFullOption is an option of [XInfoStreamFull]: [Count] or [AllEntries].
// The default is a count of 10.
type XInfoStreamFullOption interface {
	option
	needsOneOf_AllEntries_Count()
}

func (quantity) needsOneOf_AllEntries_Count() {}

type allEntries struct{ word }

func (allEntries) needsOneOf_AllEntries_Count() {}

// AllEntries returns all entries.
func AllEntries() XInfoStreamFullOption { return allEntries{newWord("COUNT", int64(0))} }

// XInfoStreamFull returns detailed information about the stream at key (XINFO STREAM
// with FULL): its first entries, its groups, their consumers, and the first pending
// entries of each group and consumer. If the key does not exist, Redis returns an
// error.
//
// O(1) for each entry, since Redis 5.0.0; with FULL since Redis 6.0.0.
//
// Options: [AllEntries], [Count].
func XInfoStreamFull[T any](key string, opts ...XInfoStreamFullOption) redis.Command[StreamDetails[T]] {
	c := newCall("XINFO", "STREAM", key, "FULL")
	apply(c, opts)
	return command[StreamDetails[T]](c)
}

// XLen returns the number of entries of the stream at key (XLEN), or 0 if the key does
// not exist.
//
// O(1), since Redis 5.0.0.
func XLen(key string) redis.Command[int64] { return redis.Cmd[int64]("XLEN", key) }

// A PendingSummary is information about the pending entries of a group, from
// [XPending].
type PendingSummary struct {
	Count     int64            // the number of pending entries
	FirstID   string           // the smallest id, "" if no entry is pending
	LastID    string           // the greatest id, "" if no entry is pending
	Consumers map[string]int64 // the number of pending entries of each consumer
}

// UnmarshalReply decodes a summary.
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

// XPending returns a summary of the pending entries of a group (XPENDING). If the key
// or the group does not exist, Redis returns an error.
//
// O(N), N the number of consumers, since Redis 5.0.0.
func XPending(key, group string) redis.Command[PendingSummary] {
	return redis.Cmd[PendingSummary]("XPENDING", key, group)
}

// A PendingEntry is a pending entry of a group.
type PendingEntry struct {
	ID         string
	Consumer   string
	Idle       time.Duration // since it was last delivered
	Deliveries int64         // the number of deliveries
}

// UnmarshalReply decodes a pending entry.
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

// An XPendingOption is an option of [XPendingEntries]: [Idle] or [OfConsumer].
type XPendingOption interface {
	option
	needsOneOf_Idle_OfConsumer()
}

// An idleness is [Idle].
type idleness struct{ word }

func (idleness) needsOneOf_Idle_OfConsumer() {}

// Idle is the time since the last delivery of an entry. [XPendingEntries] returns only
// entries that have not been delivered for at least d, since Redis 6.2.0. [XClaim] and
// [XClaimJustID] set the idle time of the entries that they claim to d.
func Idle(d time.Duration) idleness {
	n, err := milliseconds(d)
	w := newWord("IDLE", n)
	w.err = err
	return idleness{w}
}

type consumerName struct{ word }

func (consumerName) needsOneOf_Idle_OfConsumer() {}

// OfConsumer returns only the pending entries of one consumer.
func OfConsumer(name string) XPendingOption {
	return consumerName{word{name: "a consumer", args: []any{name}}}
}

// XPendingEntries returns the pending entries of a group (XPENDING): at most count
// entries, with ids from start to end. The ids have the form that [XRange] takes.
//
// O(N), since Redis 5.0.0.
//
// Options: [Idle], [OfConsumer].
func XPendingEntries(key, group, start, end string, count int64, opts ...XPendingOption) redis.Command[[]PendingEntry] {
	c := newCall("XPENDING", key, group)
	var behind []XPendingOption
	for _, o := range opts {
		if idle, ok := o.(idleness); ok {
			apply(c, []idleness{idle})
		} else {
			behind = append(behind, o)
		}
	}
	c.add(start, end, count)
	apply(c, behind)
	return command[[]PendingEntry](c)
}

// XRange returns the entries of the stream at key with ids from start to end (XRANGE),
// both included. - is the smallest possible id and + is the greatest. An id with (
// before it is excluded, since Redis 6.2.0. The result is empty if the key does not
// exist.
//
// O(N), since Redis 5.0.0.
//
// Options: [Count].
func XRange[T any](key, start, end string, opts ...CountOption) redis.Command[[]Entry[T]] {
	c := newCall("XRANGE", key, start, end)
	apply(c, opts)
	return command[[]Entry[T]](c)
}

// XRead returns the entries of streams after an id (XREAD). ids maps the key of each
// stream to its id. The result has only the streams with such entries, and is nil if
// there are none. The id + returns the last entry only, since Redis 7.4.0. XRead does
// not wait for new entries.
//
// O(N), since Redis 5.0.0.
//
// Options: [Count].
func XRead[T any](ids map[string]string, opts ...CountOption) redis.Command[map[string][]Entry[T]] {
	c := newCall("XREAD")
	apply(c, opts)
	return commandWithDecoder(addStreams(c, ids), streams[T])
}

// An XReadGroupOption is an option of [XReadGroup]: [Count] or [NoAck].
type XReadGroupOption interface {
	option
	needsOneOf_Count_NoAck()
}

func (quantity) needsOneOf_Count_NoAck() {}

type noAck struct{ word }

func (noAck) needsOneOf_Count_NoAck() {}

// NoAck acknowledges the entries when they are read, so that they do not become
// pending.
func NoAck() XReadGroupOption { return noAck{newWord("NOACK")} }

// XReadGroup is [XRead] for a consumer of a group (XREADGROUP). The id > returns
// entries that no consumer of the group has received. They are then pending until
// [XAck]. Any other id returns the pending entries of this consumer after that id.
//
// O(M), since Redis 5.0.0.
//
// Options: [Count], [NoAck].
func XReadGroup[T any](group, consumer string, ids map[string]string, opts ...XReadGroupOption) redis.Command[map[string][]Entry[T]] {
	c := newCall("XREADGROUP", "GROUP", group, consumer)
	apply(c, opts)
	return commandWithDecoder(addStreams(c, ids), streams[T])
}

// addStreams adds the keys in alphabetical order, and then their ids in the same order.
func addStreams(c *call, ids map[string]string) *call {
	keys := slices.Sorted(maps.Keys(ids))
	c.add("STREAMS")
	addAll(c, "stream", keys)
	for _, key := range keys {
		c.add(ids[key])
	}
	return c
}

// streams decodes the entries of each stream.
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

// XRevRange is [XRange] in reverse order (XREVRANGE): the entry with the greatest id
// comes first.
//
// O(N), since Redis 5.0.0.
//
// Options: [Count].
func XRevRange[T any](key, end, start string, opts ...CountOption) redis.Command[[]Entry[T]] {
	c := newCall("XREVRANGE", key, end, start)
	apply(c, opts)
	return command[[]Entry[T]](c)
}

// A Trimming is [MaxLen] or [MinID], each with or without [Trim.Approx]. It says which
// entries [XTrim] keeps.
type Trimming interface {
	option
	needsOneOf_MaxLen_MinID()
}

// XTrim deletes the oldest entries of the stream at key (XTRIM), and returns the number
// of deleted entries.
//
// O(N), since Redis 5.0.0.
//
// Options: [Acked], [DelRef], [KeepRef].
func XTrim(key string, trim Trimming, opts ...ReferencesOption) redis.Command[int64] {
	c := newCall("XTRIM", key)
	apply(c, []Trimming{trim})
	apply(c, opts)
	excludeReferences(c)
	return command[int64](c)
}
