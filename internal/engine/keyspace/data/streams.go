package data

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func init() {
	add(table{
		"XADD":                  xadd,
		"XLEN":                  length[*value.Stream],
		"XRANGE":                xrange,
		"XREVRANGE":             xrange,
		"XDEL":                  xdel,
		"XTRIM":                 xtrim,
		"XSETID":                xsetid,
		"XREAD":                 xread,
		"XREADGROUP":            xread,
		"XACK":                  xack,
		"XACKDEL":               xackdel,
		"XDELEX":                xdelex,
		"XPENDING":              xpending,
		"XCLAIM":                xclaim,
		"XAUTOCLAIM":            xautoclaim,
		"XGROUP|CREATE":         xgroupCreate,
		"XGROUP|SETID":          xgroupSetID,
		"XGROUP|DESTROY":        xgroupDestroy,
		"XGROUP|CREATECONSUMER": xgroupConsumer,
		"XGROUP|DELCONSUMER":    xgroupConsumer,
		"XGROUP|HELP":           xgroupHelp,
		"XINFO|STREAM":          xinfoStream,
		"XINFO|GROUPS":          xinfoGroups,
		"XINFO|CONSUMERS":       xinfoConsumers,
		"XINFO|HELP":            xinfoHelp,
	})
}

const (
	errXaddID     = Error("ERR The ID specified in XADD is equal or smaller than the target stream top item")
	errStartBound = Error("ERR invalid start ID for the interval")
	errEndBound   = Error("ERR invalid end ID for the interval")
	errBusyGroup  = Error("BUSYGROUP Consumer Group name already exists")
)

// errNoGroup is the error for a key that is not there, or has no such group.
func errNoGroup(key, group string) error {
	return Error(fmt.Sprintf("NOGROUP No such key '%s' or consumer group '%s'", ctext.String(key), ctext.String(group)))
}

// errNoGroupFor is the error of XGROUP and XINFO for a key without such a group.
func errNoGroupFor(key, group string) error {
	return Error(fmt.Sprintf("NOGROUP No such consumer group '%s' for key name '%s'", ctext.String(group), ctext.String(key)))
}

// editRead is edit for a command on groups. Redis looks for the key as if it only read it.
func editRead(c *call, key string) (*value.Stream, error) {
	if _, err := read[*value.Stream](c, key); err != nil {
		return nil, err
	}
	return edit[*value.Stream](c, key)
}

// noted says that the command changed the groups or the counters of a stream, but not its entries. As in
// Redis, transactions that watch the key do not fail.
func (c *call) noted(key, event string) {
	c.stats.Changes++
	c.notify(c.db, 't', event, key)
}

// trimOptions are the options of XADD and XTRIM.
type trimOptions struct {
	by      byte // L for MAXLEN, I for MINID, 0 for none
	approx  bool
	maxLen  int64
	minID   value.ID
	limit   int64
	noMake  bool   // NOMKSTREAM
	refs    string // KEEPREF, DELREF or ACKED
	id      value.ID
	given   bool // id is given, and not *
	autoSeq bool // but its sequence is *
}

// parseTrim reads the options of XADD and XTRIM. at is the place of the ID.
func (c *call) parseTrim(add bool) (o trimOptions, at int, err error) {
	limited := false
	i := 2
words:
	for ; i < len(c.args); i++ {
		more := i+1 < len(c.args)
		isLen := c.is(i, "MAXLEN")
		switch {
		case add && ctext.String(c.args[i]) == "*":
			break words
		case (isLen || c.is(i, "MINID")) && more:
			if o.by != 0 {
				return o, 0, errorf("syntax error, MAXLEN and MINID options at the same time are not compatible")
			}
			i++
			if sign := ctext.String(c.args[i]); (sign == "~" || sign == "=") && i+1 < len(c.args) {
				o.approx = sign == "~"
				i++
			}
			if !isLen {
				o.by = 'I'
				o.minID, err = parseStrictStreamID(c.args[i], 0)
			} else {
				o.by = 'L'
				if o.maxLen, err = parseInt(c.args[i]); err == nil && o.maxLen < 0 {
					err = errorf("The MAXLEN argument must be >= 0.")
				}
			}
		case c.is(i, "LIMIT") && more:
			i++
			limited = true
			if o.limit, err = parseInt(c.args[i]); err == nil && o.limit < 0 {
				err = errorf("The LIMIT argument must be >= 0.")
			}
		case add && c.is(i, "NOMKSTREAM"):
			o.noMake = true
		case c.isRefs(i) != "":
			if o.refs != "" {
				return o, 0, errSyntax
			}
			o.refs = c.isRefs(i)
		case add:
			if o.id, o.autoSeq, err = parseNewStreamID(c.args[i]); err == nil {
				o.given = true
				break words
			}
		default:
			err = errSyntax
		}
		if err != nil {
			return o, 0, err
		}
	}
	switch {
	case o.limit != 0 && o.by == 0:
		return o, 0, errorf("syntax error, LIMIT cannot be used without specifying a trimming strategy")
	case !add && o.by == 0:
		return o, 0, errorf("syntax error, XTRIM must be called with a trimming strategy")
	case limited && !o.approx:
		return o, 0, errorf("syntax error, LIMIT cannot be used without the special ~ option")
	case !limited && o.approx:
		if o.limit = 100 * int64(c.Limits.StreamNodeMaxEntries); o.limit <= 0 {
			o.limit = 10_000
		}
		o.limit = min(o.limit, 1_000_000)
	}
	return o, i, nil
}

// The options of Redis 8.2 that say what becomes of pending entries when entries of a stream are deleted.
const (
	keepRefs  = "KEEPREF" // they stay pending
	dropRefs  = "DELREF"  // they are no longer pending
	onlyAcked = "ACKED"   // only entries that every group has read and acknowledged are deleted
)

// isRefs returns the option that word i is, or "".
func (c *call) isRefs(i int) string {
	for _, option := range []string{keepRefs, dropRefs, onlyAcked} {
		if c.is(i, option) {
			return option
		}
	}
	return ""
}

// referenced says whether an entry is pending in a group, or not yet read by one.
func referenced(s *value.Stream, id value.ID) bool {
	return slices.ContainsFunc(s.Groups(), func(g *value.Group) bool { return g.LastID.Less(id) || g.Pending.Get(id) != nil })
}

// What XDELEX and XACKDEL reply for an entry.
const (
	entryMissing = -1
	entryDeleted = 1
	entryKept    = 2 // it is referenced
)

// deleteEntry deletes an entry as an option says.
func deleteEntry(s *value.Stream, id value.ID, refs string) int64 {
	if _, ok := s.Get(id); !ok {
		return entryMissing
	}
	if refs == onlyAcked && referenced(s, id) {
		return entryKept
	}
	s.Delete(id)
	if refs == dropRefs {
		for _, g := range s.Groups() {
			g.Ack(id)
		}
	}
	return entryDeleted
}

// parseEntryIDs reads KEEPREF, DELREF or ACKED, and IDS, the number of IDs and the IDs, which end the command.
func (c *call) parseEntryIDs(from int) (refs string, ids []value.ID, err error) {
	refs = keepRefs
	for i := from; i < len(c.args); i++ {
		switch option := c.isRefs(i); {
		case option != "":
			refs = option
		case c.is(i, "IDS") && i+1 < len(c.args):
			n, err := parseIntIn(c.args[i+1], 1, math.MaxInt32, errorf("Number of IDs must be a positive integer"))
			if err != nil {
				return "", nil, err
			}
			if words := c.args[i+2:]; int64(len(words)) == n {
				ids, err = parseStreamIDs(words)
				return refs, ids, err
			}
			return "", nil, errorf("The `numids` parameter must match the number of arguments")
		default:
			return "", nil, errSyntax
		}
	}
	return "", nil, errSyntax
}

func xdelex(c *call) error {
	key := c.args[1]
	s, err := edit[*value.Stream](c, key)
	if err != nil {
		return err
	}
	refs, ids, err := c.parseEntryIDs(2)
	if err != nil {
		return err
	}
	deleted := false
	c.addArray(len(ids))
	for _, id := range ids {
		result := int64(entryMissing)
		if s != nil {
			result = deleteEntry(s, id, refs)
		}
		deleted = deleted || result == entryDeleted
		c.addInt(result)
	}
	if deleted {
		c.changed(key, 't', "xdel")
	}
	return nil
}

// xackdel runs XACKDEL. An entry that is not pending in the group counts as missing.
func xackdel(c *call) error {
	key := c.args[1]
	s, err := edit[*value.Stream](c, key)
	if err != nil {
		return err
	}
	refs, ids, err := c.parseEntryIDs(3)
	if err != nil {
		return err
	}
	var g *value.Group
	if s != nil {
		g = s.Group(c.args[2])
	}
	acked, deleted := false, false
	c.addArray(len(ids))
	for _, id := range ids {
		result := int64(entryMissing)
		if g != nil && g.Ack(id) {
			acked = true
			if result = deleteEntry(s, id, refs); result == entryMissing {
				result = entryDeleted // it was deleted before
			} else if result == entryDeleted {
				deleted = true
			}
		}
		c.addInt(result)
	}
	switch {
	case deleted:
		c.changed(key, 't', "xdel")
	case acked:
		c.stats.Changes++
	}
	return nil
}

// trim removes entries, and returns how many it removed.
func (o trimOptions) trim(s *value.Stream) int {
	if o.looksAtEach(s) {
		return o.trimEach(s)
	}
	limit := int(o.limit)
	switch o.by {
	case 'L':
		return s.TrimLen(int(o.maxLen), o.approx, limit)
	case 'I':
		return s.TrimID(o.minID, o.approx, limit)
	}
	return 0
}

func (o trimOptions) looksAtEach(s *value.Stream) bool {
	return len(s.Groups()) > 0 && (o.refs == dropRefs || o.refs == onlyAcked)
}

// trimEach trims with DELREF or ACKED, for which each entry is looked at. With ~, which allows to leave more, it is as exact
// as with =.
func (o trimOptions) trimEach(s *value.Stream) (removed int) {
	var ids []value.ID
	for e := range s.Range(value.ID{}, value.MaxID) {
		if o.by == 'I' && !e.ID.Less(o.minID) || o.by == 'L' && int64(s.Len()-len(ids)) <= o.maxLen || o.limit > 0 && int64(len(ids)) == o.limit {
			break
		}
		if o.refs == dropRefs || !referenced(s, e.ID) {
			ids = append(ids, e.ID)
		}
	}
	for _, id := range ids {
		deleteEntry(s, id, o.refs)
	}
	return len(ids)
}

// maxEntry is the largest size of the fields and values of an entry together, in bytes.
const maxEntry = 1 << 30

func xadd(c *call) error {
	key := c.args[1]
	o, at, err := c.parseTrim(true)
	if err != nil {
		return err
	}
	if at+1 >= len(c.args) || (len(c.args)-at-1)%2 != 0 {
		return c.errArity()
	}
	if o.given && !o.autoSeq && o.id == (value.ID{}) {
		return errorf("The ID specified in XADD must be greater than 0-0")
	}
	s, err := edit[*value.Stream](c, key)
	if err != nil {
		return err
	}
	isNew := s == nil
	if isNew {
		if o.noMake {
			c.addNull()
			return nil
		}
		s = value.NewStream()
	}
	id, ok := o.id, true
	switch {
	case s.LastID == value.MaxID:
		return errorf("The stream has exhausted the last possible ID, unable to add more items")
	case !o.given:
		id, ok = s.NextID(uint64(c.now))
	case o.autoSeq:
		id, ok = s.NextSeq(id.Ms)
	}
	if !ok || !s.LastID.Less(id) {
		return errXaddID
	}
	fields, size := slices.Clone(c.args[at+1:]), 0
	for _, word := range fields {
		size += len(word)
	}
	if size > maxEntry {
		return errorf("Elements are too large to be stored")
	}
	s.Add(id, fields, c.Limits)
	if isNew {
		c.put(key, s)
	}
	c.addBulk(id.String())
	c.wrote(key, 't', "xadd")
	if o.trim(s) > 0 {
		c.notify(c.db, 't', "xtrim", key)
	}
	if o.approx && !o.looksAtEach(s) { // it depends on how entries are packed
		c.repeat(append([]string{c.args[0], key, "MAXLEN", "=", strconv.Itoa(s.Len()), id.String()}, c.args[at+1:]...)...)
	}
	return nil
}

// firstEntries returns the first count entries, or all if count is 0.
func firstEntries(entries iter.Seq[value.Entry], count int64) (taken []value.Entry) {
	for e := range entries {
		if taken = append(taken, e); int64(len(taken)) == count {
			break
		}
	}
	return taken
}

// addEntry adds an entry. One that was deleted has no fields.
func (c *call) addEntry(e value.Entry) {
	c.addArray(2)
	c.addBulk(e.ID.String())
	if e.Fields == nil {
		c.addNullArray()
	} else {
		c.addBulks(e.Fields)
	}
}

func (c *call) addEntries(entries []value.Entry) {
	c.addArray(len(entries))
	for _, e := range entries {
		c.addEntry(e)
	}
}

// parseStreamRange reads the ends of a range of IDs.
func parseStreamRange(low, high string) (from, to value.ID, err error) {
	if from, err = parseStreamStart(low); err != nil {
		return from, to, err
	}
	to, exclusive, err := parseStreamBound(high, math.MaxUint64)
	if err == nil && exclusive {
		ok := true
		if to, ok = to.Prev(); !ok {
			err = errEndBound
		}
	}
	return from, to, err
}

// parseStreamStart reads the ID with which a range begins.
func parseStreamStart(word string) (from value.ID, err error) {
	from, exclusive, err := parseStreamBound(word, 0)
	if err == nil && exclusive {
		ok := true
		if from, ok = from.Next(); !ok {
			err = errStartBound
		}
	}
	return from, err
}

// xrange runs XRANGE and XREVRANGE.
func xrange(c *call) error {
	down := c.command.Name == "XREVRANGE"
	low, high := c.args[2], c.args[3]
	if down {
		low, high = high, low
	}
	from, to, err := parseStreamRange(low, high)
	if err != nil {
		return err
	}
	count, counted := int64(0), false
	for i := 4; i < len(c.args); i += 2 {
		if !c.is(i, "COUNT") || i+1 == len(c.args) {
			return errSyntax
		}
		counted = true
		if count, err = parseInt(c.args[i+1]); err != nil {
			return err
		}
	}
	s, err := read[*value.Stream](c, c.args[1])
	switch {
	case err != nil:
		return err
	case s == nil:
		c.addArray(0)
	case counted && count <= 0:
		c.addNullArray()
	case down:
		c.addEntries(firstEntries(s.RangeDown(from, to), count))
	default:
		c.addEntries(firstEntries(s.Range(from, to), count))
	}
	return nil
}

// parseStreamIDs reads all of these words as IDs.
func parseStreamIDs(words []string) ([]value.ID, error) {
	ids := make([]value.ID, len(words))
	for i, word := range words {
		var err error
		if ids[i], err = parseStrictStreamID(word, 0); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func xdel(c *call) error {
	key := c.args[1]
	s, err := edit[*value.Stream](c, key)
	if err != nil {
		return err
	}
	if s == nil {
		c.addInt(0)
		return nil
	}
	ids, err := parseStreamIDs(c.args[2:])
	if err != nil {
		return err
	}
	n := 0
	for _, id := range ids {
		if s.Delete(id) {
			n++
		}
	}
	if n > 0 {
		c.changed(key, 't', "xdel")
	}
	c.addLen(n)
	return nil
}

func xtrim(c *call) error {
	key := c.args[1]
	o, _, err := c.parseTrim(false)
	if err != nil {
		return err
	}
	s, err := edit[*value.Stream](c, key)
	if err != nil {
		return err
	}
	n := 0
	if s != nil {
		n = o.trim(s)
	}
	if n > 0 {
		c.changed(key, 't', "xtrim")
		if o.approx && !o.looksAtEach(s) {
			c.repeat("XTRIM", key, "MAXLEN", "=", strconv.Itoa(s.Len()))
		}
	}
	c.addLen(n)
	return nil
}

func xsetid(c *call) error {
	key := c.args[1]
	id, err := parseStrictStreamID(c.args[2], 0)
	if err != nil {
		return err
	}
	added, deleted := int64(-1), value.ID{}
	for i := 3; i < len(c.args); i += 2 {
		more := i+1 < len(c.args)
		switch {
		case c.is(i, "ENTRIESADDED") && more:
			if added, err = parseInt(c.args[i+1]); err == nil && added < 0 {
				err = errorf("entries_added must be positive")
			}
		case c.is(i, "MAXDELETEDID") && more:
			if deleted, err = parseStrictStreamID(c.args[i+1], 0); err == nil && id.Less(deleted) {
				err = errorf("The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
			}
		default:
			err = errSyntax
		}
		if err != nil {
			return err
		}
	}
	s, err := edit[*value.Stream](c, key)
	if err != nil {
		return err
	}
	if s == nil {
		return errNoKey
	}
	if last, ok := s.Last(); ok {
		switch {
		case id.Less(last.ID):
			return errorf("The ID specified in XSETID is smaller than the target stream top item")
		case added >= 0 && int64(s.Len()) > added:
			return errorf("The entries_added specified in XSETID is smaller than the target stream length")
		}
	}
	s.LastID = id
	if added >= 0 {
		s.EntriesAdded = added
	}
	if deleted != (value.ID{}) {
		s.MaxDeletedID = deleted
	}
	c.noted(key, "xsetid")
	c.addOK()
	return nil
}

// readOptions are the options of XREAD and XREADGROUP.
type readOptions struct {
	inGroup         bool // XREADGROUP
	group, consumer string
	noAck           bool
	blocks          bool
	until           int64
	count           int64 // 0 is all
	keys, ids       []string
}

func (c *call) parseRead() (o readOptions, err error) {
	o.inGroup = c.command.Name == "XREADGROUP"
	grouped := false
words:
	for i := 1; i < len(c.args); i++ {
		left := len(c.args) - 1 - i
		switch {
		case c.is(i, "BLOCK") && left > 0:
			if c.session.Script {
				return o, errorf("%s command is not allowed with BLOCK option from scripts", ctext.String(c.args[0]))
			}
			i++
			o.blocks = true
			o.until, err = c.parseTimeoutMillis(c.args[i])
		case c.is(i, "COUNT") && left > 0:
			i++
			o.count, err = parseInt(c.args[i])
			o.count = max(o.count, 0)
		case c.is(i, "STREAMS") && left > 0:
			if left%2 != 0 {
				return o, errorf("Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.")
			}
			words := c.args[i+1:]
			o.keys, o.ids = words[:left/2], words[left/2:]
			break words
		case c.is(i, "GROUP") && left > 1:
			if !o.inGroup {
				return o, errorf("The GROUP option is only supported by XREADGROUP. You called XREAD instead.")
			}
			o.group, o.consumer, grouped = c.args[i+1], c.args[i+2], true
			i += 2
		case c.is(i, "NOACK"):
			if !o.inGroup {
				return o, errorf("The NOACK option is only supported by XREADGROUP. You called XREAD instead.")
			}
			o.noAck = true
		default:
			err = errSyntax
		}
		if err != nil {
			return o, err
		}
	}
	switch {
	case o.keys == nil:
		return o, errSyntax
	case o.inGroup && !grouped:
		return o, errorf("Missing GROUP option for XREADGROUP")
	}
	return o, nil
}

// stream returns the stream of a key, or nil. It may be changed if the command is XREADGROUP.
func (o *readOptions) stream(c *call, key string) (*value.Stream, error) {
	if o.inGroup {
		return editRead(c, key)
	}
	return read[*value.Stream](c, key)
}

// A readStream is what XREAD found in a stream.
type readStream struct {
	key     string
	entries []value.Entry
}

// xread runs XREAD and XREADGROUP.
func xread(c *call) error {
	o, err := c.parseRead()
	if err != nil {
		return err
	}
	if c.session.Retry {
		return c.readAgain(o)
	}
	after := make([]value.ID, len(o.keys)) // MaxID stands for >
	for i, key := range o.keys {
		if after[i], err = c.readAfter(o, key, o.ids[i]); err != nil {
			return err
		}
	}
	var found []readStream
	for i, key := range o.keys {
		s, err := o.stream(c, key)
		if err != nil {
			return err
		}
		if s == nil {
			continue
		}
		var g *value.Group
		last, ok := s.Last()
		switch {
		case !o.inGroup:
			ok = ok && after[i].Less(last.ID)
		case after[i] != value.MaxID:
			found = append(found, readStream{key, c.readHistory(o, key, s, after[i])})
			continue
		default:
			g = s.Group(o.group)
			after[i] = g.LastID
			ok = ok && after[i].Less(last.ID)
		}
		if ok {
			found = append(found, readStream{key, c.readNew(o, key, s, g, after[i])})
		}
	}
	switch {
	case len(found) > 0:
		c.addStreams(found)
		return nil
	case o.blocks:
		return c.blockRead(o, after)
	}
	c.addNullArray()
	return nil
}

// readAfter reads the ID after which XREAD reads a stream.
func (c *call) readAfter(o readOptions, key, word string) (value.ID, error) {
	s, err := o.stream(c, key)
	if err != nil {
		return value.ID{}, err
	}
	if o.inGroup && (s == nil || s.Group(o.group) == nil) {
		return value.ID{}, Error(errNoGroup(key, o.group).Error() + " in XREADGROUP with GROUP option")
	}
	switch word = ctext.String(word); {
	case word == "$" && o.inGroup:
		return value.ID{}, errorf("The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
	case word == "$" && s == nil:
		return value.ID{}, nil
	case word == "$":
		return s.LastID, nil
	case word == ">" && !o.inGroup:
		return value.ID{}, errorf("The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
	case word == ">":
		return value.MaxID, nil
	}
	return parseStrictStreamID(word, 0)
}

// consumer returns a consumer of a group, and makes it if needed.
func (c *call) consumer(key string, g *value.Group, name string) *value.Consumer {
	consumer := g.Consumer(name)
	if consumer == nil {
		consumer = g.CreateConsumer(name, c.now)
		c.noted(key, "xgroup-createconsumer")
	}
	consumer.Seen = c.now
	return consumer
}

// readNew returns the entries after an ID, and delivers them to the consumer if there is a group.
func (c *call) readNew(o readOptions, key string, s *value.Stream, g *value.Group, after value.ID) []value.Entry {
	from, _ := after.Next()
	if g == nil {
		return firstEntries(s.Range(from, value.MaxID), o.count)
	}
	var consumer *value.Consumer
	if !o.noAck || !c.Hosted { // the hosted service makes no consumer for NOACK
		consumer = c.consumer(key, g, o.consumer)
	}
	entries := firstEntries(s.Range(from, value.MaxID), o.count)
	for _, e := range entries {
		s.Deliver(g, e.ID)
		if !o.noAck {
			g.Assign(e.ID, consumer, c.now, 1)
		}
	}
	c.stats.Changes++
	return entries
}

// readHistory returns the entries after an ID that are pending for the consumer.
func (c *call) readHistory(o readOptions, key string, s *value.Stream, after value.ID) (entries []value.Entry) {
	from, _ := after.Next()
	consumer := c.consumer(key, s.Group(o.group), o.consumer)
	for p := range consumer.Pending.From(from) {
		e, ok := s.Get(p.ID)
		if ok {
			p.Delivered = c.now
			p.Count++
		} else {
			e = value.Entry{ID: p.ID}
		}
		if entries = append(entries, e); int64(len(entries)) == o.count {
			break
		}
	}
	c.stats.Changes++
	return entries
}

func (c *call) addStreams(found []readStream) {
	if c.session.RESP3 {
		c.addMap(len(found))
	} else {
		c.addArray(len(found))
	}
	for _, f := range found {
		if !c.session.RESP3 {
			c.addArray(2)
		}
		c.addBulk(f.key)
		c.addEntries(f.entries)
	}
}

// blockedCount is COUNT of a command that waits, if it has none.
const blockedCount = 1000

// blockRead waits for entries. The words that run later no longer have $. Of a key that is there twice the first
// ID counts, as in Redis.
func (c *call) blockRead(o readOptions, after []value.ID) error {
	ids := o.ids
	if !o.inGroup {
		ids = make([]string, len(after))
		for i, id := range after {
			ids[i] = id.String()
		}
	}
	if o.count == 0 {
		o.count = blockedCount
	}
	err := c.block(o.keys, o.until)
	if c.wait != nil {
		c.wait.Args = o.words(c.args[0], o.keys, ids)
	}
	return err
}

// words returns a command with these options that does not wait.
func (o readOptions) words(name string, keys, ids []string) []string {
	words := []string{name}
	if o.inGroup {
		words = append(words, "GROUP", o.group, o.consumer)
	}
	if o.noAck {
		words = append(words, "NOACK")
	}
	words = append(words, "COUNT", strconv.FormatInt(o.count, 10), "STREAMS")
	return append(append(words, keys...), ids...)
}

// readAgain runs a command that has waited. As in Redis, the stream that was written is enough: there
// is a reply even if the new entries are deleted by now.
func (c *call) readAgain(o readOptions) error {
	key := c.waiting.on
	s, _ := o.stream(c, key) // another type is no data
	var g *value.Group
	var after value.ID
	switch {
	case s == nil && o.inGroup:
		return Error("UNBLOCKED the stream key no longer exists")
	case s == nil:
		return c.block(o.keys, 0)
	case o.inGroup:
		if g = s.Group(o.group); g == nil {
			return Error("NOGROUP the consumer group this client was blocked on no longer exists")
		}
		after = g.LastID
	default:
		var err error
		if after, err = parseStrictStreamID(o.ids[slices.Index(o.keys, key)], 0); err != nil {
			return err
		}
	}
	if !after.Less(s.LastID) {
		return c.block(o.keys, 0)
	}
	if o.inGroup {
		c.repeat(o.words(c.args[0], []string{key}, []string{">"})...)
	}
	c.addStreams([]readStream{{key, c.readNew(o, key, s, g, after)}})
	return nil
}

func xack(c *call) error {
	s, err := editRead(c, c.args[1])
	if err != nil {
		return err
	}
	var g *value.Group
	if s != nil {
		g = s.Group(c.args[2])
	}
	if g == nil {
		c.addInt(0)
		return nil
	}
	ids, err := parseStreamIDs(c.args[3:])
	if err != nil {
		return err
	}
	n := 0
	for _, id := range ids {
		if g.Ack(id) {
			n++
		}
	}
	c.stats.Changes += int64(n)
	c.addLen(n)
	return nil
}

func xpending(c *call) error {
	key, group, words := c.args[1], c.args[2], c.args[3:]
	if n := len(words); n == 1 || n == 2 || n > 6 {
		return errSyntax
	}
	var from, to value.ID
	var idle, count int64
	named, name := false, ""
	if len(words) > 0 {
		var err error
		if equalFold(words[0], "IDLE") {
			if idle, err = parseInt(words[1]); err != nil {
				return err
			}
			if len(words) < 5 {
				return errSyntax
			}
			words = words[2:]
		}
		if count, err = parseInt(words[2]); err != nil {
			return err
		}
		if from, to, err = parseStreamRange(words[0], words[1]); err != nil {
			return err
		}
		if named = len(words) > 3; named {
			name = words[3]
		}
	}
	s, err := read[*value.Stream](c, key)
	if err != nil {
		return err
	}
	if s == nil || s.Group(group) == nil {
		return errNoGroup(key, group)
	}
	g := s.Group(group)
	if len(words) == 0 {
		c.addPendingSummary(g)
		return nil
	}
	list := &g.Pending
	if named {
		consumer := g.Consumer(name)
		if consumer == nil {
			c.addArray(0)
			return nil
		}
		list = &consumer.Pending
	}
	var found []*value.Pending
	if count > 0 {
		for p := range list.From(from) {
			if to.Less(p.ID) {
				break
			}
			if idle != 0 && c.now-p.Delivered < idle {
				continue
			}
			if found = append(found, p); int64(len(found)) == count {
				break
			}
		}
	}
	c.addArray(len(found))
	for _, p := range found {
		c.addArray(4)
		c.addBulk(p.ID.String())
		c.addBulk(p.Consumer.Name)
		c.addInt(max(c.now-p.Delivered, 0))
		c.addInt(p.Count)
	}
	return nil
}

// addPendingSummary adds the reply of XPENDING without a range.
func (c *call) addPendingSummary(g *value.Group) {
	c.addArray(4)
	c.addLen(g.Pending.Len())
	if g.Pending.Len() == 0 {
		c.addNull()
		c.addNull()
		c.addNullArray()
		return
	}
	for p := range g.Pending.From(value.ID{}) {
		c.addBulk(p.ID.String())
		break
	}
	c.addBulk(g.Pending.Last().ID.String())
	var busy []*value.Consumer
	for _, consumer := range g.Consumers() {
		if consumer.Pending.Len() > 0 {
			busy = append(busy, consumer)
		}
	}
	c.addArray(len(busy))
	for _, consumer := range busy {
		c.addArray(2)
		c.addBulk(consumer.Name)
		c.addBulk(strconv.Itoa(consumer.Pending.Len()))
	}
}

// claimOptions are the options of XCLAIM.
type claimOptions struct {
	force, justID bool
	delivered     int64 // the time of delivery
	retries       int64 // or -1
	lastID        value.ID
}

func (c *call) parseClaim(words []string) (o claimOptions, err error) {
	o.delivered, o.retries = c.now, -1
	for i := 0; i < len(words); i++ {
		more := i+1 < len(words)
		switch word := words[i]; {
		case equalFold(word, "FORCE"):
			o.force = true
		case equalFold(word, "JUSTID"):
			o.justID = true
		case equalFold(word, "IDLE") && more:
			i++
			var idle int64
			idle, err = parseIntOr(words[i], Error("ERR Invalid IDLE option argument for XCLAIM"))
			o.delivered = c.now - idle
		case equalFold(word, "TIME") && more:
			i++
			o.delivered, err = parseIntOr(words[i], Error("ERR Invalid TIME option argument for XCLAIM"))
		case equalFold(word, "RETRYCOUNT") && more:
			i++
			o.retries, err = parseIntOr(words[i], Error("ERR Invalid RETRYCOUNT option argument for XCLAIM"))
		case equalFold(word, "LASTID") && more:
			i++
			o.lastID, err = parseStrictStreamID(words[i], 0)
		default:
			err = errorf("Unrecognized XCLAIM option '%s'", ctext.String(word))
		}
		if err != nil {
			return o, err
		}
	}
	if o.delivered < 0 || o.delivered > c.now {
		o.delivered = c.now
	}
	return o, nil
}

// groupToEdit returns a stream and its group, which must be there.
func (c *call) groupToEdit(key, group string) (*value.Stream, *value.Group, error) {
	s, err := editRead(c, key)
	if err != nil {
		return nil, nil, err
	}
	if s == nil || s.Group(group) == nil {
		return nil, nil, errNoGroup(key, group)
	}
	return s, s.Group(group), nil
}

func xclaim(c *call) error {
	key := c.args[1]
	s, g, err := c.groupToEdit(key, c.args[2])
	if err != nil {
		return err
	}
	idle, err := parseIntOr(c.args[4], Error("ERR Invalid min-idle-time argument for XCLAIM"))
	if err != nil {
		return err
	}
	var ids []value.ID
	words := c.args[5:]
	for len(words) > 0 {
		id, err := parseStrictStreamID(words[0], 0)
		if err != nil {
			break
		}
		ids, words = append(ids, id), words[1:]
	}
	o, err := c.parseClaim(words)
	if err != nil {
		return err
	}
	if g.LastID.Less(o.lastID) {
		g.LastID = o.lastID
		c.stats.Changes++
	}
	var consumer *value.Consumer
	var claimed []value.Entry
	for _, id := range ids {
		p := g.Pending.Get(id)
		e, exists := s.Get(id)
		switch {
		case !exists:
			if g.Ack(id) {
				c.stats.Changes++
			}
			continue
		case p == nil && !o.force, p != nil && idle > 0 && c.now-p.Delivered < idle:
			continue
		}
		if consumer == nil {
			consumer = c.consumer(key, g, c.args[3])
		}
		count := int64(1)
		if p != nil {
			count = p.Count
		}
		switch {
		case o.retries >= 0:
			count = o.retries
		case !o.justID:
			count++
		}
		g.Assign(id, consumer, o.delivered, count)
		c.stats.Changes++
		claimed = append(claimed, e)
	}
	c.addClaimed(claimed, o.justID)
	return nil
}

func (c *call) addClaimed(claimed []value.Entry, justID bool) {
	if !justID {
		c.addEntries(claimed)
		return
	}
	c.addArray(len(claimed))
	for _, e := range claimed {
		c.addBulk(e.ID.String())
	}
}

const (
	maxClaims     = math.MaxInt64 / 16
	claimAttempts = 10      // how many pending entries XAUTOCLAIM looks at for each that it may claim
	manyClaims    = 1 << 43 // for which Redis finds no memory
)

func xautoclaim(c *call) error {
	key := c.args[1]
	if _, err := read[value.Value](c, key); err != nil {
		return err
	}
	idle, err := parseIntOr(c.args[4], Error("ERR Invalid min-idle-time argument for XAUTOCLAIM"))
	if err != nil {
		return err
	}
	from, err := parseStreamStart(c.args[5])
	if err != nil {
		return err
	}
	count, justID := int64(100), false
	for i := 6; i < len(c.args); i++ {
		switch {
		case c.is(i, "COUNT") && i+1 < len(c.args):
			i++
			if count, err = parseIntIn(c.args[i], 1, maxClaims, Error("ERR COUNT must be > 0")); err != nil {
				return err
			}
		case c.is(i, "JUSTID"):
			justID = true
		default:
			return errSyntax
		}
	}
	s, err := edit[*value.Stream](c, key)
	if err != nil {
		return err
	}
	if s == nil || s.Group(c.args[2]) == nil {
		return errNoGroup(key, c.args[2])
	}
	g := s.Group(c.args[2])
	if count >= manyClaims {
		return errorf("Insufficient memory, failed allocating transient memory, COUNT too high.")
	}
	attempts := count * claimAttempts
	var consumer *value.Consumer
	var claimed []value.Entry
	var deleted []string
	next := value.ID{}
	for p := range g.Pending.From(from) {
		if attempts == 0 || count == 0 {
			next = p.ID
			break
		}
		attempts--
		e, exists := s.Get(p.ID)
		switch {
		case !exists:
			g.Ack(p.ID)
			deleted = append(deleted, p.ID.String())
		case idle > 0 && c.now-p.Delivered < idle:
			continue
		default:
			if consumer == nil {
				consumer = c.consumer(key, g, c.args[3])
			}
			times := p.Count
			if !justID {
				times++
			}
			g.Assign(p.ID, consumer, c.now, times)
			claimed = append(claimed, e)
		}
		count--
		c.stats.Changes++
	}
	c.addArray(3)
	c.addBulk(next.String())
	c.addClaimed(claimed, justID)
	c.addBulks(deleted)
	return nil
}

// groupOptions are the options of XGROUP CREATE and SETID.
type groupOptions struct {
	make bool // MKSTREAM
	read int64
}

func (c *call) parseGroup(create bool) (o groupOptions, err error) {
	o.read = -1
	for i := 5; i < len(c.args); i++ {
		switch {
		case create && c.is(i, "MKSTREAM"):
			o.make = true
		case c.is(i, "ENTRIESREAD") && i+1 < len(c.args):
			i++
			if o.read, err = parseInt(c.args[i]); err != nil {
				return o, err
			}
			if o.read < -1 {
				return o, errorf("value for ENTRIESREAD must be positive or -1")
			}
		default:
			return o, c.errSubcommand()
		}
	}
	return o, nil
}

// groupStream returns the stream of XGROUP, which must be there.
func (c *call) groupStream() (*value.Stream, error) {
	s, err := edit[*value.Stream](c, c.args[2])
	if err == nil && s == nil {
		err = errorf("The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.")
	}
	return s, err
}

func xgroupCreate(c *call) error {
	key := c.args[2]
	o, err := c.parseGroup(true)
	if err != nil {
		return err
	}
	var s *value.Stream
	if o.make {
		s, err = edit[*value.Stream](c, key)
	} else {
		s, err = c.groupStream()
	}
	if err != nil {
		return err
	}
	if len(c.args) > 8 {
		return c.errSubcommand()
	}
	id := value.ID{}
	if ctext.String(c.args[4]) != "$" {
		if id, err = parseStrictStreamID(c.args[4], 0); err != nil {
			return err
		}
	} else if s != nil {
		id = s.LastID
	}
	if s == nil {
		s = value.NewStream()
		c.put(key, s)
		c.Server.written(c.db, key)
	}
	if s.CreateGroup(c.args[3], id, o.read) == nil {
		return errBusyGroup
	}
	c.noted(key, "xgroup-create")
	c.addOK()
	return nil
}

// groupOf returns the stream and the group of XGROUP, which must be there.
func (c *call) groupOf() (*value.Stream, *value.Group, error) {
	s, err := c.groupStream()
	if err != nil {
		return nil, nil, err
	}
	g := s.Group(c.args[3])
	if g == nil {
		return nil, nil, errNoGroupFor(c.args[2], c.args[3])
	}
	return s, g, nil
}

func xgroupSetID(c *call) error {
	o, err := c.parseGroup(false)
	if err != nil {
		return err
	}
	s, g, err := c.groupOf()
	if err != nil {
		return err
	}
	if len(c.args) > 7 {
		return c.errSubcommand()
	}
	id := s.LastID
	if ctext.String(c.args[4]) != "$" {
		if id, err = parseStreamID(c.args[4], 0); err != nil {
			return err
		}
	}
	g.LastID, g.EntriesRead = id, o.read
	c.noted(c.args[2], "xgroup-setid")
	c.addOK()
	return nil
}

func xgroupDestroy(c *call) error {
	key := c.args[2]
	s, err := c.groupStream()
	if err != nil {
		return err
	}
	destroyed := s.DestroyGroup(c.args[3])
	if destroyed {
		c.noted(key, "xgroup-destroy")
		c.waiting.wake(dbKey{c.db.id, key})
	}
	c.addBool(destroyed)
	return nil
}

// xgroupConsumer runs XGROUP CREATECONSUMER and DELCONSUMER.
func xgroupConsumer(c *call) error {
	key, name := c.args[2], c.args[4]
	_, g, err := c.groupOf()
	if err != nil {
		return err
	}
	if c.command.Name == "XGROUP|CREATECONSUMER" {
		created := g.CreateConsumer(name, c.now) != nil
		if created {
			c.noted(key, "xgroup-createconsumer")
		}
		c.addBool(created)
		return nil
	}
	pending := 0
	if g.Consumer(name) != nil {
		pending = g.DeleteConsumer(name)
		c.noted(key, "xgroup-delconsumer")
	}
	c.addLen(pending)
	return nil
}

func xgroupHelp(c *call) error {
	return c.addHelp(
		"CREATE <key> <groupname> <id|$> [option]",
		"    Create a new consumer group. Options are:",
		"    * MKSTREAM",
		"      Create the empty stream if it does not exist.",
		"    * ENTRIESREAD entries_read",
		"      Set the group's entries_read counter (internal use).",
		"CREATECONSUMER <key> <groupname> <consumer>",
		"    Create a new consumer in the specified group.",
		"DELCONSUMER <key> <groupname> <consumer>",
		"    Remove the specified consumer.",
		"DESTROY <key> <groupname>",
		"    Remove the specified group.",
		"SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
		"    Set the current group ID and entries_read counter.",
	)
}

// infoStream returns the stream of XINFO, which must be there.
func (c *call) infoStream() (*value.Stream, error) {
	s, err := read[*value.Stream](c, c.args[2])
	if err == nil && s == nil {
		err = errNoKey
	}
	return s, err
}

func xinfoStream(c *call) error {
	s, err := c.infoStream()
	if err != nil {
		return err
	}
	full, count := len(c.args) > 3, int64(10)
	if full {
		if n := len(c.args); n != 4 && n != 6 || !c.is(3, "FULL") || n == 6 && !c.is(4, "COUNT") {
			return c.errSubcommand()
		}
		if len(c.args) == 6 {
			n, err := parseInt(c.args[5])
			if err != nil {
				return err
			}
			if n >= 0 {
				count = n
			}
		}
	}
	if full {
		c.addMap(9)
	} else {
		c.addMap(10)
	}
	keys, nodes := s.RadixTree()
	c.addCount("length", s.Len())
	c.addCount("radix-tree-keys", keys)
	c.addCount("radix-tree-nodes", nodes)
	c.addNamed("last-generated-id", s.LastID.String())
	c.addNamed("max-deleted-entry-id", s.MaxDeletedID.String())
	c.addBulk("entries-added")
	c.addInt(s.EntriesAdded)
	c.addNamed("recorded-first-entry-id", s.FirstID().String())
	if full {
		c.addBulk("entries")
		c.addEntries(firstEntries(s.Range(value.ID{}, value.MaxID), count))
		c.addFullGroups(s, count)
		return nil
	}
	c.addCount("groups", len(s.Groups()))
	first, has := s.Get(s.FirstID())
	c.addBulk("first-entry")
	if has {
		c.addEntry(first)
	} else {
		c.addNull()
	}
	last, has := s.Last()
	c.addBulk("last-entry")
	if has {
		c.addEntry(last)
	} else {
		c.addNull()
	}
	return nil
}

// addCount adds a name and a number.
func (c *call) addCount(name string, n int) {
	c.addBulk(name)
	c.addLen(n)
}

// addNamed adds a name and a text.
func (c *call) addNamed(name, text string) {
	c.addBulk(name)
	c.addBulk(text)
}

// addGroupCounts adds what XINFO tells of the entries that a group has read.
func (c *call) addGroupCounts(s *value.Stream, g *value.Group) {
	c.addNamed("last-delivered-id", g.LastID.String())
	c.addBulk("entries-read")
	if g.EntriesRead >= 0 {
		c.addInt(g.EntriesRead)
	} else {
		c.addNull()
	}
	c.addBulk("lag")
	if lag, ok := s.Lag(g); ok {
		c.addInt(lag)
	} else {
		c.addNull()
	}
}

// addFullGroups adds what XINFO STREAM FULL tells of the groups, with up to count pending entries, or all if it
// is 0.
func (c *call) addFullGroups(s *value.Stream, count int64) {
	c.addBulk("groups")
	c.addArray(len(s.Groups()))
	for _, g := range s.Groups() {
		c.addMap(7)
		c.addNamed("name", g.Name)
		c.addGroupCounts(s, g)
		c.addCount("pel-count", g.Pending.Len())
		c.addPending(&g.Pending, count, true)
		c.addBulk("consumers")
		c.addArray(len(g.Consumers()))
		for _, consumer := range g.Consumers() {
			c.addMap(4)
			c.addNamed("name", consumer.Name)
			c.addBulk("seen-time")
			c.addInt(consumer.Seen)
			c.addCount("pel-count", consumer.Pending.Len())
			c.addPending(&consumer.Pending, count, false)
		}
	}
}

// addPending adds pending entries, with or without the names of their consumers.
func (c *call) addPending(list *value.PendingList, count int64, names bool) {
	n := list.Len()
	if count > 0 {
		n = int(min(count, int64(n)))
	}
	c.addBulk("pending")
	c.addArray(n)
	if n == 0 {
		return
	}
	for p := range list.From(value.ID{}) {
		if names {
			c.addArray(4)
		} else {
			c.addArray(3)
		}
		c.addBulk(p.ID.String())
		if names {
			c.addBulk(p.Consumer.Name)
		}
		c.addInt(p.Delivered)
		c.addInt(p.Count)
		if n--; n == 0 {
			break
		}
	}
}

func xinfoGroups(c *call) error {
	s, err := c.infoStream()
	if err != nil {
		return err
	}
	c.addArray(len(s.Groups()))
	for _, g := range s.Groups() {
		c.addMap(6)
		c.addNamed("name", g.Name)
		c.addCount("consumers", len(g.Consumers()))
		c.addCount("pending", g.Pending.Len())
		c.addGroupCounts(s, g)
	}
	return nil
}

func xinfoConsumers(c *call) error {
	s, err := c.infoStream()
	if err != nil {
		return err
	}
	g := s.Group(c.args[3])
	if g == nil {
		return errNoGroupFor(c.args[2], c.args[3])
	}
	c.addArray(len(g.Consumers()))
	for _, consumer := range g.Consumers() {
		c.addMap(3)
		c.addNamed("name", consumer.Name)
		c.addCount("pending", consumer.Pending.Len())
		c.addBulk("idle")
		c.addInt(max(c.now-consumer.Seen, 0))
	}
	return nil
}

func xinfoHelp(c *call) error {
	return c.addHelp(
		"CONSUMERS <key> <groupname>",
		"    Show consumers of <groupname>.",
		"GROUPS <key>",
		"    Show the stream consumer groups.",
		"STREAM <key> [FULL [COUNT <count>]",
		"    Show information about the stream.",
	)
}
