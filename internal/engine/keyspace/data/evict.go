package data

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A policy says which keys are deleted when memory is full: maxmemory-policy.
type policy struct {
	name      string
	volatile  bool // only keys with an expiry
	frequency bool // LFU: entry.used is a time in minutes and a counter of 8 bits, as in Redis, and not a time in seconds
	// score is greater for a key that should go earlier. It is nil where any key may go.
	score func(s *Server, db *database, key string, e *entry) uint64
	none  bool
}

// policies are in the order in which CONFIG SET names them.
var policies = func() (all []policy) {
	idle := func(s *Server, _ *database, _ string, e *entry) uint64 { return uint64(s.idle(e)) }
	rare := func(s *Server, _ *database, _ string, e *entry) uint64 { return 255 - uint64(s.frequency(e)) }
	due := func(_ *Server, db *database, key string, _ *entry) uint64 {
		at, _ := db.expires.Get(key)
		return math.MaxUint64 - uint64(at)
	}
	return []policy{
		{name: "volatile-lru", volatile: true, score: idle},
		{name: "volatile-lfu", volatile: true, frequency: true, score: rare},
		{name: "volatile-random", volatile: true},
		{name: "volatile-ttl", volatile: true, score: due},
		{name: "allkeys-lru", score: idle},
		{name: "allkeys-lfu", frequency: true, score: rare},
		{name: "allkeys-random"},
		{name: "noeviction", none: true},
	}
}()

// An eviction has the settings with which keys are deleted when memory is full, and the best keys for it that were seen.
type eviction struct {
	policy    *policy
	samples   int64 // maxmemory-samples
	logFactor int64 // lfu-log-factor
	decayTime int64 // lfu-decay-time, in minutes

	pool []candidate // the best is the last
	next int         // the database from which a random key goes next
}

// A candidate is a key that may go.
type candidate struct {
	dbKey
	score uint64
}

const poolSize = 16

func newEviction() eviction {
	return eviction{policy: &policies[len(policies)-1], samples: 5, logFactor: 10, decayTime: 1}
}

// copy returns the settings.
func (e *eviction) copy() eviction {
	return eviction{policy: e.policy, samples: e.samples, logFactor: e.logFactor, decayTime: e.decayTime}
}

// setPolicy sets the policy. problem says why it cannot.
func (e *eviction) setPolicy(name string) (problem string) {
	names := make([]string, len(policies))
	for i := range policies {
		if strings.EqualFold(policies[i].name, name) {
			e.policy, e.pool = &policies[i], nil
			return ""
		}
		names[i] = policies[i].name
	}
	return "argument(s) must be one of the following: " + strings.Join(names, ", ")
}

// emptyMemory is what an empty server counts as, in bytes: about as much as redis-server.
const emptyMemory = 1 << 20

// Memory returns about how many bytes of memory all keys and values take. The time is constant.
func (s *Server) Memory() int64 {
	n := int64(emptyMemory)
	for _, db := range s.dbs {
		n += db.memory()
	}
	s.peak = max(s.peak, n)
	return n
}

// Evict deletes keys by the policy while memory is above MaxMemory. If ok is false, it is still above, and a command with the
// flag DenyOOM must not run. The caller calls it before a command, and once before a script or a transaction.
func (s *Server) Evict() (ok bool) {
	for s.MaxMemory > 0 && s.Memory() > s.MaxMemory {
		db, key := s.victim()
		if db == nil {
			return false
		}
		db.remove(key)
		s.stats.Evicted++
		s.tell(db.id, "DEL", key)
		s.notify(db, 'e', "evicted", key)
		s.written(db, key)
	}
	return true
}

// victim returns the key to delete next, or no database if there is none.
func (s *Server) victim() (*database, string) {
	switch {
	case s.policy.none:
		return nil, ""
	case s.policy.score == nil:
		for range s.dbs {
			db := s.dbs[s.next%Databases]
			s.next++
			if key, ok := s.draw(db); ok {
				return db, key
			}
		}
		return nil, ""
	}
	for found := true; found; {
		found = false
		for _, db := range s.dbs {
			for range s.samples {
				key, ok := s.draw(db)
				if !ok {
					break
				}
				found = true
				s.offer(db, key)
			}
		}
		for n := len(s.pool) - 1; n >= 0; n-- {
			best := s.pool[n]
			s.pool = s.pool[:n]
			db := s.dbs[best.db]
			if _, expires := db.expires.Get(best.key); db.keys.Find(best.key) >= 0 && (expires || !s.policy.volatile) {
				return db, best.key
			}
		}
	}
	return nil, ""
}

// draw returns a random key of those of a database that may go.
func (s *Server) draw(db *database) (key string, ok bool) {
	n := db.keys.Len()
	if s.policy.volatile {
		n = db.expires.Len()
	}
	switch {
	case n == 0:
		return "", false
	case s.policy.volatile:
		key, _ = db.expires.At(s.Random.IntN(n))
	default:
		key, _ = db.keys.At(s.Random.IntN(n))
	}
	return key, true
}

// offer puts a key into the pool, if it is better than the others there.
func (s *Server) offer(db *database, key string) {
	at := dbKey{db.id, key}
	if slices.ContainsFunc(s.pool, func(c candidate) bool { return c.dbKey == at }) {
		return
	}
	score := s.policy.score(s, db, key, db.keys.Ref(key))
	i, _ := slices.BinarySearchFunc(s.pool, score, func(c candidate, score uint64) int { return cmp.Compare(c.score, score) })
	if s.pool = slices.Insert(s.pool, i, candidate{at, score}); len(s.pool) > poolSize {
		s.pool = slices.Delete(s.pool, 0, 1)
	}
}

// firstUse returns entry.used of a new key.
func (s *Server) firstUse() uint32 {
	if s.policy.frequency {
		return s.minutes()<<8 | firstCount
	}
	return s.seconds()
}

// touch notes that a command wants a key.
func (s *Server) touch(e *entry) {
	if !s.policy.frequency {
		e.used = s.seconds()
		return
	}
	count := s.frequency(e)
	if count < math.MaxUint8 && s.Random.Float64() < 1/(float64(max(count, firstCount)-firstCount)*float64(s.logFactor)+1) {
		count++
	}
	e.used = s.minutes()<<8 | count
}

// firstCount is the counter of a new key (LFU_INIT_VAL).
const firstCount = 5

// minutes returns the time in minutes, of which 16 bits are kept.
func (s *Server) minutes() uint32 { return uint32(uint16(s.now / 60_000)) }

// idle returns for how many seconds no command has wanted a key.
func (s *Server) idle(e *entry) uint32 {
	now := s.seconds()
	return now - min(e.used, now)
}

// frequency returns the counter of a key: about the logarithm of how often commands want it. It sinks by one each
// lfu-decay-time.
func (s *Server) frequency(e *entry) uint32 {
	count := e.used & math.MaxUint8
	if s.decayTime > 0 {
		elapsed := int64(uint16(s.minutes() - e.used>>8))
		count -= min(count, uint32(elapsed/s.decayTime))
	}
	return count
}
