package data

import (
	"iter"
	"math"
	"strconv"
	"unsafe"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

// A database has keys.
type database struct {
	id      int
	values  int64 // memory of the values, in bytes
	keys    value.Dict[entry]
	expires value.Deadlines // of keys
	fields  value.Deadlines // hashes by the earliest time at which a field of them is due
}

// An entry is what a key has.
type entry struct {
	value value.Value
	used  uint32 // when a command last wanted the key, see evict.go
	size  uint32 // how much of database.values is its value's, in units
}

// unit is the unit of entry.size, in bytes.
const unit = 16

func (s *Server) seconds() uint32 { return uint32(s.now / 1000) }

// find returns the entry of a key, or nil. It deletes the key if it is due. The entry is valid until a
// key is added or deleted.
func (s *Server) find(db *database, key string) *entry {
	if _, first, ok := db.expires.Next(); ok && first < s.now && !s.replaying {
		if at, ok := db.expires.Get(key); ok && at < s.now {
			s.expire(db, key)
			return nil
		}
	}
	e := db.keys.Ref(key)
	if e == nil || db.fields.Len() == 0 || s.replaying {
		return e
	}
	if h, ok := e.value.(*value.Hash); ok && s.expireFields(db, key, e, h) {
		return nil
	}
	return e
}

// put sets the value of a key and keeps its expiry.
func (s *Server) put(db *database, key string, v value.Value) {
	s.edits(db, key)
	if e := db.keys.Ref(key); e != nil {
		e.value = v
		if !s.policy.frequency {
			s.touch(e)
		}
		return
	}
	db.keys.Set(key, entry{value: v, used: s.firstUse()})
	s.notify(db, 'n', "new", key)
}

// remove deletes a key without telling anybody.
func (db *database) remove(key string) {
	if e, ok := db.keys.Take(key); ok {
		db.values -= int64(e.size) * unit
	}
	db.expires.Delete(key)
	db.fields.Delete(key)
}

// written tells of a key that was written or deleted, and wakes clients that wait for it.
func (s *Server) written(db *database, key string) {
	s.changed(db, key)
	if s.waiting.count > 0 {
		s.waiting.wake(dbKey{db.id, key})
	}
}

// changed tells of a key that was written or deleted, and notes when its fields are due.
func (s *Server) changed(db *database, key string) {
	if e := db.keys.Ref(key); e != nil {
		db.noteFields(key, e.value)
		db.weigh(e)
	}
	if len(s.watched) > 0 {
		s.failWatches(dbKey{db.id, key})
	}
	if s.Hooks.Written != nil {
		s.Hooks.Written(db.id, key)
	}
}

// weigh corrects the memory of the values after one was changed.
func (db *database) weigh(e *entry) {
	size := uint32(min(e.value.Memory()/unit, math.MaxUint32))
	db.values += (int64(size) - int64(e.size)) * unit
	e.size = size
}

// edits notes that the running command may change a value, perhaps without telling of it.
func (s *Server) edits(db *database, key string) {
	if at := (dbKey{db.id, key}); len(s.edited) == 0 || s.edited[len(s.edited)-1] != at {
		s.edited = append(s.edited, at)
	}
}

// weighEdited corrects the memory of the values that a command may have changed.
func (s *Server) weighEdited() {
	for _, at := range s.edited {
		db := s.dbs[at.db]
		if e := db.keys.Ref(at.key); e != nil {
			db.weigh(e)
		}
	}
	clear(s.edited)
	s.edited = s.edited[:0]
}

// memory returns about how many bytes the keys and values take.
func (db *database) memory() int64 {
	return db.values + int64(db.keys.Memory(int(unsafe.Sizeof(entry{})))) + int64(db.expires.Memory()+db.fields.Memory())
}

func (db *database) noteFields(key string, v value.Value) {
	if h, ok := v.(*value.Hash); ok {
		if at, ok := h.NextExpiry(); ok {
			db.fields.Set(key, at)
			return
		}
	}
	db.fields.Delete(key)
}

// empty deletes all keys.
func (db *database) empty() { *db = database{id: db.id} }

// swap exchanges the keys of two databases.
func (db *database) swap(other *database) {
	*db, *other = *other, *db
	db.id, other.id = other.id, db.id
}

func (db *database) copy() *database {
	for _, e := range db.keys.All() {
		e.value.Share()
	}
	return &database{id: db.id, values: db.values, keys: *db.keys.Clone(), expires: *db.expires.Clone(), fields: *db.fields.Clone()}
}

// expire deletes a key that is due.
func (s *Server) expire(db *database, key string) {
	db.remove(key)
	s.stats.Expired++
	s.tell(db.id, "DEL", key)
	s.notify(db, 'x', "expired", key)
	s.written(db, key)
}

// expireFields deletes the fields of a hash that are due, and says whether that deleted the key.
func (s *Server) expireFields(db *database, key string, e *entry, h *value.Hash) (gone bool) {
	at, ok := h.NextExpiry()
	if !ok || at > s.now {
		return false
	}
	h, _ = value.Own(h)
	e.value = h
	words := []string{"HDEL", key}
	h.DeleteDue(s.now, func(field string) { words = append(words, field) })
	s.stats.ExpiredFields += int64(len(words) - 2)
	s.tell(db.id, words...)
	s.notify(db, 'h', "hexpired", key)
	if gone = h.Len() == 0; gone {
		db.remove(key)
		s.notify(db, 'g', "del", key)
	}
	s.written(db, key)
	return gone
}

// expireDue deletes up to max keys that are due, in each database.
func (s *Server) expireDue(most int) {
	if s.KeepDue {
		return
	}
	for _, db := range s.dbs {
		for range most {
			key, at, ok := db.expires.Next()
			if !ok || at >= s.now {
				break
			}
			s.expire(db, key)
		}
		for range most {
			key, at, ok := db.fields.Next()
			if !ok || at > s.now {
				break
			}
			if e := db.keys.Ref(key); e != nil {
				s.expireFields(db, key, e, e.value.(*value.Hash))
			}
		}
	}
}

// ExpireDue takes the time, deletes up to most keys in each database that are due, and returns when it should
// be called again, in milliseconds since 1970: at once if that is past. ok is false if nothing
// expires. The caller calls Serve afterwards. Nobody needs to call it for right replies, but for notifications, for blocked clients and for
// memory.
func (s *Server) ExpireDue(most int) (next int64, ok bool) {
	s.now = s.clock().UnixMilli()
	s.expireDue(most)
	if s.KeepDue {
		return 0, false
	}
	for _, db := range s.dbs {
		if _, at, has := db.expires.Next(); has && (!ok || at+1 < next) {
			next, ok = at+1, true
		}
		if _, at, has := db.fields.Next(); has && (!ok || at < next) {
			next, ok = at, true
		}
	}
	return next, ok
}

// A Key is a key with its value.
type Key struct {
	DB    int
	Name  string
	Value value.Value
	At    int64 // when it expires, in milliseconds since 1970; 0 is never
}

// All returns all keys that are not due. The server must not change meanwhile.
func (s *Server) All() iter.Seq[Key] {
	return func(yield func(Key) bool) {
		for _, db := range s.dbs {
			for name, e := range db.keys.All() {
				at, expires := db.expires.Get(name)
				if expires && at < s.now {
					continue
				}
				if !yield(Key{db.id, name, e.value, at}) {
					return
				}
			}
		}
	}
}

// Load adds a key that is not there, and tells nobody. It returns false, and adds nothing, if the key has expired.
func (s *Server) Load(k Key) bool {
	if k.At != 0 && k.At < s.now {
		return false
	}
	db := s.dbs[k.DB]
	e := entry{value: k.Value, used: s.firstUse()}
	db.weigh(&e)
	db.keys.Set(k.Name, e)
	if k.At != 0 {
		db.expires.Set(k.Name, k.At)
	}
	db.noteFields(k.Name, k.Value)
	return true
}

// Repetition returns the commands that set a key which is not there. Their words do not depend on the time.
func (k Key) Repetition() (commands [][]string) {
	commands = [][]string{{"RESTORE", k.Name, strconv.FormatInt(k.At, 10), string(value.Dump(k.Value)), "ABSTTL"}}
	h, ok := k.Value.(*value.Hash)
	if !ok {
		return commands
	}
	for field := range h.All() {
		if at, expires := h.Expiry(field); expires {
			commands = append(commands, []string{"HPEXPIREAT", k.Name, strconv.FormatInt(at, 10), "FIELDS", "1", field})
		}
	}
	return commands
}

// An eventClass is a set of classes of keyspace notifications.
type eventClass uint32

const (
	eventLetters = "g$lshzxetdnmKE" // K and E are the two channels
	allEvents    = "g$lshzxetd"     // what A stands for
)

func eventBit(letter byte) eventClass {
	for i := range len(eventLetters) {
		if eventLetters[i] == letter {
			return 1 << i
		}
	}
	return 0
}

// parseEvents reads the value of notify-keyspace-events.
func parseEvents(text string) (classes eventClass, ok bool) {
	for i := range len(text) {
		bit := eventBit(text[i])
		if text[i] == 'A' {
			bit, _ = parseEvents(allEvents)
		}
		if bit == 0 {
			return 0, false
		}
		classes |= bit
	}
	return classes, true
}

// notify publishes a keyspace notification, if it is configured.
func (s *Server) notify(db *database, class byte, event, key string) {
	if s.events == 0 || s.events&eventBit(class) == 0 || s.Hooks.Publish == nil {
		return
	}
	at := strconv.Itoa(db.id) + "__:"
	if s.events&eventBit('K') != 0 {
		s.Hooks.Publish("__keyspace@"+at+key, event)
	}
	if s.events&eventBit('E') != 0 {
		s.Hooks.Publish("__keyevent@"+at+event, key)
	}
}
