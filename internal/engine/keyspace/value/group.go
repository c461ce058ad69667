package value

import (
	"slices"
	"strings"
)

// A Group is a consumer group of a stream. Finding a consumer takes time in proportion to the
// logarithm of their number.
type Group struct {
	Name string
	// LastID is the ID of the last entry that was delivered.
	LastID ID
	// EntriesRead is how many entries were ever added up to LastID, or -1 if that is not known.
	EntriesRead int64
	// Pending are the entries that were delivered and not acknowledged.
	Pending PendingList

	consumers []*Consumer // by name
}

// A Consumer is a consumer of a group.
type Consumer struct {
	Name string
	// Seen is when the consumer last tried to do something, and Active when it last did.
	Seen, Active int64
	// Pending are its part of the pending entries of the group.
	Pending PendingList
}

// Group returns a group, or nil.
func (s *Stream) Group(name string) *Group {
	if i, ok := s.findGroup(name); ok {
		return s.groups[i]
	}
	return nil
}

// Groups returns the groups by name. The slice must not be changed.
func (s *Stream) Groups() []*Group { return s.groups }

// CreateGroup makes a group. It returns nil if there is one of that name.
func (s *Stream) CreateGroup(name string, last ID, entriesRead int64) *Group {
	i, ok := s.findGroup(name)
	if ok {
		return nil
	}
	g := &Group{Name: name, LastID: last, EntriesRead: entriesRead}
	s.groups = slices.Insert(s.groups, i, g)
	return g
}

// DestroyGroup removes a group, and says whether it was there.
func (s *Stream) DestroyGroup(name string) bool {
	i, ok := s.findGroup(name)
	if ok {
		s.groups = slices.Delete(s.groups, i, i+1)
	}
	return ok
}

func (s *Stream) findGroup(name string) (int, bool) {
	return slices.BinarySearchFunc(s.groups, name, func(g *Group, name string) int { return strings.Compare(g.Name, name) })
}

// Deliver notes that an entry goes to a consumer of the group: it updates LastID and EntriesRead.
// Unless the reader wants no acknowledgement, Assign follows.
func (s *Stream) Deliver(g *Group, id ID) {
	if !g.LastID.Less(id) {
		return
	}
	switch {
	case g.EntriesRead >= 0 && !s.deletedFrom(id):
		g.EntriesRead++
	case s.EntriesAdded > 0:
		g.EntriesRead = s.entriesAddedUpTo(id)
	}
	g.LastID = id
}

// Lag returns the number of entries that are not yet delivered to the group. ok is false if it is
// not known.
func (s *Stream) Lag(g *Group) (lag int64, ok bool) {
	if s.EntriesAdded == 0 {
		return 0, true
	}
	read := g.EntriesRead
	if read < 0 || s.deletedFrom(g.LastID) {
		read = s.entriesAddedUpTo(g.LastID)
	}
	return s.EntriesAdded - read, read >= 0
}

// deletedFrom says whether an entry may be deleted at an ID or after it (streamRangeHasTombstones).
func (s *Stream) deletedFrom(id ID) bool {
	return s.length > 0 && s.MaxDeletedID != ID{} && !s.MaxDeletedID.Less(s.firstID) && !s.MaxDeletedID.Less(id)
}

// entriesAddedUpTo returns how many entries were ever added up to an ID, or -1 if that is not known
// (streamEstimateDistanceFromFirstEverEntry).
func (s *Stream) entriesAddedUpTo(id ID) int64 {
	switch toLast := id.Compare(s.LastID); {
	case s.EntriesAdded == 0:
		return 0
	case s.length == 0 && toLast <= 0 || toLast == 0:
		return s.EntriesAdded
	case toLast > 0:
		return -1
	}
	if s.MaxDeletedID == (ID{}) || s.MaxDeletedID.Less(s.firstID) {
		switch id.Compare(s.firstID) {
		case -1:
			return s.EntriesAdded - int64(s.length)
		case 0:
			return s.EntriesAdded - int64(s.length) + 1
		}
	}
	return -1
}

// Consumer returns a consumer, or nil.
func (g *Group) Consumer(name string) *Consumer {
	if i, ok := g.findConsumer(name); ok {
		return g.consumers[i]
	}
	return nil
}

// Consumers returns the consumers by name. The slice must not be changed.
func (g *Group) Consumers() []*Consumer { return g.consumers }

// CreateConsumer makes a consumer. It returns nil if there is one of that name.
func (g *Group) CreateConsumer(name string, now int64) *Consumer {
	i, ok := g.findConsumer(name)
	if ok {
		return nil
	}
	c := &Consumer{Name: name, Seen: now, Active: now}
	g.consumers = slices.Insert(g.consumers, i, c)
	return c
}

// DeleteConsumer removes a consumer with its pending entries, and returns their number.
func (g *Group) DeleteConsumer(name string) (pending int) {
	i, ok := g.findConsumer(name)
	if !ok {
		return 0
	}
	c := g.consumers[i]
	pending = c.Pending.Len()
	for p := range c.Pending.From(ID{}) {
		g.Pending.remove(p.ID)
	}
	g.consumers = slices.Delete(g.consumers, i, i+1)
	return pending
}

func (g *Group) findConsumer(name string) (int, bool) {
	return slices.BinarySearchFunc(g.consumers, name, func(c *Consumer, name string) int { return strings.Compare(c.Name, name) })
}

// Assign makes an entry pending for a consumer, whether or not it is pending for another. XREADGROUP
// gives the time of delivery now and the count 1; XCLAIM and XAUTOCLAIM give what their options say.
func (g *Group) Assign(id ID, c *Consumer, delivered, count int64) {
	p := g.Pending.Get(id)
	switch {
	case p == nil:
		p = &Pending{ID: id}
		g.Pending.insert(p)
	case p.Consumer != c:
		p.Consumer.Pending.remove(id)
	}
	if p.Consumer != c {
		p.Consumer = c
		c.Pending.insert(p)
	}
	p.Delivered, p.Count = delivered, count
}

// Ack makes an entry no longer pending, and says whether it was.
func (g *Group) Ack(id ID) bool {
	p := g.Pending.Get(id)
	if p == nil {
		return false
	}
	g.Pending.remove(id)
	p.Consumer.Pending.remove(id)
	return true
}

func (g *Group) clone() *Group {
	c := &Group{Name: g.Name, LastID: g.LastID, EntriesRead: g.EntriesRead, consumers: make([]*Consumer, len(g.consumers))}
	copies := make(map[*Consumer]*Consumer, len(g.consumers))
	for i, consumer := range g.consumers {
		c.consumers[i] = &Consumer{Name: consumer.Name, Seen: consumer.Seen, Active: consumer.Active}
		copies[consumer] = c.consumers[i]
	}
	for p := range g.Pending.From(ID{}) {
		copied := *p
		copied.Consumer = copies[p.Consumer]
		c.Pending.insert(&copied)
		copied.Consumer.Pending.insert(&copied)
	}
	return c
}
