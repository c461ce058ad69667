package data

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

func init() {
	add(table{
		"SADD":        sadd,
		"SREM":        removing('s', "srem", (*value.Set).Remove),
		"SCARD":       length[*value.Set],
		"SISMEMBER":   sismember,
		"SMISMEMBER":  smismember,
		"SMOVE":       smove,
		"SPOP":        spop,
		"SRANDMEMBER": srandmember,
		"SSCAN": scanning(func(s *value.Set, cursor uint64, count int, visit func(name string, more ...string)) uint64 {
			return s.Scan(cursor, count, func(member string) { visit(member) })
		}),
		"SMEMBERS":    smembers,
		"SINTER":      func(c *call) error { return c.addCombined(sinter) },
		"SUNION":      func(c *call) error { return c.addCombined(sunion) },
		"SDIFF":       func(c *call) error { return c.addCombined(sdiff) },
		"SINTERSTORE": func(c *call) error { return c.storeCombined(sinter) },
		"SUNIONSTORE": func(c *call) error { return c.storeCombined(sunion) },
		"SDIFFSTORE":  func(c *call) error { return c.storeCombined(sdiff) },
		"SINTERCARD":  sintercard,
	})
}

func sadd(c *call) error {
	key := c.args[1]
	s, err := create(c, key, value.NewSet)
	if err != nil {
		return err
	}
	n := 0
	for _, member := range c.args[2:] {
		if s.Add(member, c.Limits) {
			n++
		}
	}
	if n > 0 {
		c.wrote(key, 's', "sadd")
	}
	c.addLen(n)
	return nil
}

func sismember(c *call) error {
	s, err := read[*value.Set](c, c.args[1])
	if err == nil {
		c.addBool(s != nil && s.Has(c.args[2]))
	}
	return err
}

func smismember(c *call) error {
	s, err := read[*value.Set](c, c.args[1])
	if err != nil {
		return err
	}
	c.addArray(len(c.args) - 2)
	for _, member := range c.args[2:] {
		c.addBool(s != nil && s.Has(member))
	}
	return nil
}

func smove(c *call) error {
	source, target, member := c.args[1], c.args[2], c.args[3]
	c.find(c.db, target) // which deletes it if it is due, even without a source
	from, err := edit[*value.Set](c, source)
	if err != nil {
		return err
	}
	if from == nil {
		c.addInt(0)
		return nil
	}
	if _, err := edit[*value.Set](c, target); err != nil {
		return err
	}
	switch {
	case source == target:
		c.addBool(from.Has(member))
		return nil
	case !from.Remove(member):
		c.addInt(0)
		return nil
	}
	c.wrote(source, 's', "srem")
	c.deleteEmpty(source, from)
	to, err := create(c, target, value.NewSet)
	if err != nil {
		return err
	}
	if to.Add(member, c.Limits) {
		c.wrote(target, 's', "sadd")
	}
	c.addInt(1)
	return nil
}

func spop(c *call) error {
	if len(c.args) > 3 {
		return errSyntax
	}
	key := c.args[1]
	if len(c.args) == 3 {
		return c.popMembers(key)
	}
	s, err := edit[*value.Set](c, key)
	if err != nil {
		return err
	}
	if s == nil {
		c.addNull()
		return nil
	}
	member := s.Random(c.Random)
	s.Remove(member)
	c.repeat("SREM", key, member)
	c.addBulk(member)
	c.wrote(key, 's', "spop")
	c.deleteEmpty(key, s)
	return nil
}

// popMembers runs SPOP with a count.
func (c *call) popMembers(key string) error {
	n, err := parsePositive(c.args[2])
	if err != nil {
		return err
	}
	s, err := edit[*value.Set](c, key)
	if err != nil {
		return err
	}
	if s == nil || n == 0 {
		c.addSet(0)
		return nil
	}
	count := int(min(n, int64(s.Len())))
	left := s.Len() - count
	members := make([]string, 0, count)
	if 5*left > count {
		for _, at := range value.Sample(c.Random, s.Len(), count) {
			members = append(members, s.At(at))
		}
		for _, member := range members {
			s.Remove(member)
		}
	} else { // few are left: as in Redis they are a new set, which may have another encoding
		kept := value.NewSet()
		for _, at := range value.Sample(c.Random, s.Len(), left) {
			kept.Add(s.At(at), c.Limits)
		}
		for member := range s.All() {
			if !kept.Has(member) {
				members = append(members, member)
			}
		}
		c.put(key, kept)
		s = kept
	}
	c.repeat(append([]string{"SREM", key}, members...)...)
	c.addSet(count)
	for _, member := range members {
		c.addBulk(member)
	}
	c.wrote(key, 's', "spop")
	c.deleteEmpty(key, s)
	return nil
}

func srandmember(c *call) error {
	if len(c.args) > 3 {
		return errSyntax
	}
	count := int64(1)
	if len(c.args) == 3 {
		var err error
		if count, err = parseRandom(c.args[2]); err != nil {
			return err
		}
	}
	s, err := read[*value.Set](c, c.args[1])
	switch {
	case err != nil:
		return err
	case s == nil && len(c.args) == 3:
		c.addArray(0)
		return nil
	case s == nil:
		c.addNull()
		return nil
	case len(c.args) == 2:
		c.addBulk(s.Random(c.Random))
		return nil
	}
	return c.addRandom(s.Len(), count, c.addArray, func(i int) { c.addBulk(s.At(i)) })
}

func smembers(c *call) error {
	s, err := read[*value.Set](c, c.args[1])
	if err != nil {
		return err
	}
	if s == nil {
		c.addSet(0)
	} else {
		c.addMembers(s)
	}
	return nil
}

func (c *call) addMembers(s *value.Set) {
	c.addSet(s.Len())
	for member := range s.All() {
		c.addBulk(member)
	}
}

// readSets returns the sets of keys, with nil for a key that is not there.
func (c *call) readSets(keys []string) ([]*value.Set, error) {
	sets := make([]*value.Set, len(keys))
	for i, key := range keys {
		var err error
		if sets[i], err = read[*value.Set](c, key); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// addCombined runs SINTER, SUNION and SDIFF.
func (c *call) addCombined(combine combination) error {
	sets, err := c.readSets(c.args[1:])
	if err == nil {
		c.addMembers(combine(sets, c.Limits))
	}
	return err
}

// storeCombined runs SINTERSTORE, SUNIONSTORE and SDIFFSTORE.
func (c *call) storeCombined(combine combination) error {
	target := c.args[1]
	sets, err := c.readSets(c.args[2:])
	if err != nil {
		return err
	}
	s := combine(sets, c.Limits)
	if s.Len() > 0 {
		c.find(c.db, target) // which deletes it if it is due
		c.set(target, s)
		c.wrote(target, 's', strings.ToLower(c.command.Name))
	} else {
		c.delete(target)
	}
	c.addLen(s.Len())
	return nil
}

// A combination combines sets into a new one. It may change the order of the sets.
type combination func(sets []*value.Set, limits *value.Limits) *value.Set

func sinter(sets []*value.Set, limits *value.Limits) *value.Set {
	s := value.NewSet()
	for member := range intersect(sets) {
		s.Add(member, limits)
	}
	return s
}

// intersect finds the members that all sets have.
func intersect(sets []*value.Set) iter.Seq[string] {
	return func(yield func(string) bool) {
		if slices.Contains(sets, nil) {
			return
		}
		slices.SortFunc(sets, func(a, b *value.Set) int { return cmp.Compare(a.Len(), b.Len()) })
		for member := range sets[0].All() {
			if !hasAny(sets[1:], member, false) && !yield(member) {
				return
			}
		}
	}
}

// hasAny says whether there is one of the sets that has the member, or does not have it.
func hasAny(sets []*value.Set, member string, has bool) bool {
	return slices.ContainsFunc(sets, func(s *value.Set) bool { return s.Has(member) == has })
}

func sunion(sets []*value.Set, limits *value.Limits) *value.Set {
	union := value.NewSet()
	for _, s := range sets {
		if s == nil {
			continue
		}
		for member := range s.All() {
			union.Add(member, limits)
		}
	}
	return union
}

func sdiff(sets []*value.Set, limits *value.Limits) *value.Set {
	diff, first := value.NewSet(), sets[0]
	if first == nil || slices.Contains(sets[1:], first) {
		return diff
	}
	others := slices.DeleteFunc(sets[1:], func(s *value.Set) bool { return s == nil })
	slices.SortFunc(others, func(a, b *value.Set) int { return cmp.Compare(b.Len(), a.Len()) })
	sum := first.Len()
	for _, s := range others {
		sum += s.Len()
	}
	// Of the two ways Redis takes this one. They may differ in the encoding.
	if first.Len()*(1+len(others))/2 <= sum {
		for member := range first.All() {
			if !hasAny(others, member, true) {
				diff.Add(member, limits)
			}
		}
		return diff
	}
	diff = sunion([]*value.Set{first}, limits)
	for _, s := range others {
		for member := range s.All() {
			diff.Remove(member)
		}
	}
	return diff
}

func sintercard(c *call) error {
	n, err := parseIntIn(c.args[1], 1, math.MaxInt64, errorf("numkeys should be greater than 0"))
	if err != nil {
		return err
	}
	words := c.args[2:]
	if n > int64(len(words)) {
		return errorf("Number of keys can't be greater than number of args")
	}
	keys, words := words[:n], words[n:]
	limit := int64(0)
	for ; len(words) > 0; words = words[2:] {
		if len(words) < 2 || !equalFold(words[0], "LIMIT") {
			return errSyntax
		}
		if limit, err = parseIntIn(words[1], 0, math.MaxInt64, errorf("LIMIT can't be negative")); err != nil {
			return err
		}
	}
	sets, err := c.readSets(keys)
	if err != nil {
		return err
	}
	count := int64(0)
	for range intersect(sets) {
		if count++; count == limit {
			break
		}
	}
	c.addInt(count)
	return nil
}
