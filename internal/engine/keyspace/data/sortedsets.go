package data

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

func init() {
	add(table{
		"ZADD":             zadd,
		"ZINCRBY":          zadd,
		"ZREM":             removing('z', "zrem", (*value.SortedSet).Remove),
		"ZREMRANGEBYRANK":  zremrange,
		"ZREMRANGEBYSCORE": zremrange,
		"ZREMRANGEBYLEX":   zremrange,
		"ZRANGE":           zrange,
		"ZREVRANGE":        zrange,
		"ZRANGEBYSCORE":    zrange,
		"ZREVRANGEBYSCORE": zrange,
		"ZRANGEBYLEX":      zrange,
		"ZREVRANGEBYLEX":   zrange,
		"ZRANGESTORE":      zrange,
		"ZCARD":            length[*value.SortedSet],
		"ZCOUNT":           zcount,
		"ZLEXCOUNT":        zlexcount,
		"ZSCORE":           zscore,
		"ZMSCORE":          zmscore,
		"ZRANK":            zrank,
		"ZREVRANK":         zrank,
		"ZPOPMIN":          zpop,
		"ZPOPMAX":          zpop,
		"BZPOPMIN":         bzpop,
		"BZPOPMAX":         bzpop,
		"ZMPOP":            zmpop,
		"BZMPOP":           zmpop,
		"ZUNION":           zcombine,
		"ZUNIONSTORE":      zcombine,
		"ZINTER":           zcombine,
		"ZINTERSTORE":      zcombine,
		"ZINTERCARD":       zcombine,
		"ZDIFF":            zcombine,
		"ZDIFFSTORE":       zcombine,
		"ZRANDMEMBER":      zrandmember,
		"ZSCAN": scanning(func(z *value.SortedSet, cursor uint64, count int, visit func(name string, more ...string)) uint64 {
			return z.Scan(cursor, count, func(member string, score float64) { visit(member, z.ScoreText(score)) })
		}),
	})
}

// A scored is a member of a sorted set.
type scored struct {
	member string
	score  float64
}

// addScored adds members, with or without their scores.
func (c *call) addScored(n int, members iter.Seq2[string, float64], scores bool) {
	if scores {
		c.addPairs(n)
	} else {
		c.addArray(n)
	}
	for member, score := range members {
		if scores {
			c.addPair()
		}
		c.addBulk(member)
		if scores {
			c.addDouble(score)
		}
	}
}

// zaddOptions are the options of ZADD.
type zaddOptions struct{ nx, xx, gt, lt, ch, incr bool }

// parseZadd reads the options and returns the position of what follows.
func (c *call) parseZadd() (o zaddOptions, at int) {
	for at = 2; at < len(c.args); at++ {
		switch {
		case c.is(at, "NX"):
			o.nx = true
		case c.is(at, "XX"):
			o.xx = true
		case c.is(at, "GT"):
			o.gt = true
		case c.is(at, "LT"):
			o.lt = true
		case c.is(at, "CH"):
			o.ch = true
		case c.is(at, "INCR"):
			o.incr = true
		default:
			return o, at
		}
	}
	return o, at
}

// zadd runs ZADD and ZINCRBY, which has all options too.
func zadd(c *call) error {
	o, at := c.parseZadd()
	o.incr = o.incr || c.command.Name == "ZINCRBY"
	words := c.args[at:]
	switch {
	case len(words) == 0 || len(words)%2 != 0:
		return errSyntax
	case o.nx && o.xx:
		return errorf("XX and NX options at the same time are not compatible")
	case o.gt && o.nx || o.lt && o.nx || o.gt && o.lt:
		return errorf("GT, LT, and/or NX options at the same time are not compatible")
	case o.incr && len(words) > 2:
		return errorf("INCR option supports a single increment-element pair")
	}
	pairs := make([]scored, len(words)/2)
	for i := range pairs {
		score, err := parseFloat(words[2*i])
		if err != nil {
			return err
		}
		pairs[i] = scored{words[2*i+1], score}
	}
	return c.zadd(o, pairs)
}

// zadd adds members, or changes their scores.
func (c *call) zadd(o zaddOptions, pairs []scored) error {
	key := c.args[1]
	find := func() (*value.SortedSet, error) { return create(c, key, value.NewSortedSet) }
	if o.xx {
		find = func() (*value.SortedSet, error) { return edit[*value.SortedSet](c, key) }
	}
	z, err := find()
	if err != nil {
		return err
	}
	if z == nil {
		pairs = nil
	}
	added, changed, done := 0, 0, false
	var score float64
	for _, p := range pairs {
		old, had := z.Score(p.member)
		if had && o.nx || !had && o.xx {
			continue
		}
		score = p.score
		if had && o.incr {
			score += old
		}
		if math.IsNaN(score) {
			return errorf("resulting score is not a number (NaN)")
		}
		if had && (o.gt && score <= old || o.lt && score >= old) {
			continue
		}
		done = true
		switch isNew, isOther := z.Set(p.member, score, c.Limits); {
		case isNew:
			added++
		case isOther:
			changed++
		}
	}
	if added+changed > 0 {
		event := "zadd"
		if o.incr {
			event = "zincr"
		}
		c.wrote(key, 'z', event)
	}
	switch {
	case o.incr && done:
		c.addDouble(score)
	case o.incr:
		c.addNull()
	case o.ch:
		c.addLen(added + changed)
	default:
		c.addLen(added)
	}
	return nil
}

// A zselection is a range of a sorted set.
type zselection struct {
	by          byte // r for ranks, s for scores, l for members
	down        bool
	first, last int64
	low, high   value.ScoreBound
	from, to    value.LexBound
	offset      int64
	count       int64 // below 0 is all
}

// parse reads the ends of the range.
func (s *zselection) parse(low, high string) (err error) {
	if s.down && s.by != 'r' {
		low, high = high, low
	}
	switch s.by {
	case 's':
		s.low, s.high, err = parseScoreRange(low, high)
	case 'l':
		s.from, s.to, err = parseLexRange(low, high)
	default:
		if s.first, err = parseInt(low); err == nil {
			s.last, err = parseInt(high)
		}
	}
	return err
}

// ranks returns the ranks [from, to) of the range.
func (s *zselection) ranks(z *value.SortedSet) (from, to int) {
	switch s.by {
	case 's':
		from, to = z.RangeByScore(s.low, s.high)
	case 'l':
		from, to = z.RangeByLex(s.from, s.to, s.down)
	default:
		from, to = clampRange(s.first, s.last, z.Len())
		if s.down {
			from, to = z.Len()-to, z.Len()-from
		}
		return from, to
	}
	if from == to || s.offset < 0 || s.offset >= int64(z.Len()) {
		return 0, 0
	}
	if s.down {
		if to -= int(s.offset); to <= from {
			from = s.beyond(z, to)
		}
		if s.count >= 0 {
			from = max(from, to-int(min(s.count, int64(z.Len()))))
		}
		return min(from, to), to
	}
	if from += int(s.offset); from >= to {
		to = s.beyond(z, from)
	}
	if s.count >= 0 {
		to = min(to, from+int(min(s.count, int64(z.Len()))))
	}
	return from, to
}

// beyond returns where the range ends if LIMIT skips all of it. As in Redis, it goes on where members are in bounds again, which
// they may be if their scores differ.
func (s *zselection) beyond(z *value.SortedSet, at int) int {
	switch {
	case s.by == 's':
	case s.down:
		for member := range z.RangeDown(0, max(at, 0)) {
			if !s.from.AsLow(member) {
				break
			}
			at--
		}
	case at < z.Len():
		for member := range z.Range(at, z.Len()) {
			if !s.to.AsHigh(member) {
				break
			}
			at++
		}
	}
	return at
}

func zremrange(c *call) error {
	key := c.args[1]
	s := zselection{by: 'r', count: -1}
	switch c.command.Name {
	case "ZREMRANGEBYSCORE":
		s.by = 's'
	case "ZREMRANGEBYLEX":
		s.by = 'l'
	}
	if err := s.parse(c.args[2], c.args[3]); err != nil {
		return err
	}
	z, err := edit[*value.SortedSet](c, key)
	if err != nil {
		return err
	}
	from, to := 0, 0
	if z != nil {
		from, to = s.ranks(z)
		z.RemoveRange(from, to)
	}
	if s.by == 'l' && to > from { // if scores differ, the range depends on the levels of the skip list
		c.repeat("ZREMRANGEBYRANK", key, strconv.Itoa(from), strconv.Itoa(to-1))
	}
	c.removed(key, z, to-from, 'z', strings.ToLower(c.command.Name))
	return nil
}

// zrange runs ZRANGE, ZRANGESTORE and the older commands that each do a part of it.
func zrange(c *call) error {
	name := c.command.Name
	at, stores := 1, name == "ZRANGESTORE"
	if stores {
		at = 2
	}
	s := zselection{down: strings.HasPrefix(name, "ZREV"), count: -1}
	switch {
	case strings.HasSuffix(name, "BYSCORE"):
		s.by = 's'
	case strings.HasSuffix(name, "BYLEX"):
		s.by = 'l'
	case s.down:
		s.by = 'r'
	}
	free := name == "ZRANGE" || stores // to choose the direction
	scores := false
	for i := at + 3; i < len(c.args); i++ {
		switch {
		case !stores && c.is(i, "WITHSCORES"):
			scores = true
		case c.is(i, "LIMIT") && i+2 < len(c.args):
			var err error
			if s.offset, err = parseInt(c.args[i+1]); err != nil {
				return err
			}
			if s.count, err = parseInt(c.args[i+2]); err != nil {
				return err
			}
			i += 2
		case free && !s.down && c.is(i, "REV"):
			s.down = true
		case s.by == 0 && c.is(i, "BYLEX"):
			s.by = 'l'
		case s.by == 0 && c.is(i, "BYSCORE"):
			s.by = 's'
		default:
			return errSyntax
		}
	}
	if s.by == 0 {
		s.by = 'r'
	}
	switch {
	case s.count != -1 && s.by == 'r':
		return errorf("syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
	case scores && s.by == 'l':
		return errorf("syntax error, WITHSCORES not supported in combination with BYLEX")
	}
	if err := s.parse(c.args[at+1], c.args[at+2]); err != nil {
		return err
	}
	z, err := read[*value.SortedSet](c, c.args[at])
	if err != nil {
		return err
	}
	if z == nil {
		z = value.NewSortedSet()
	}
	from, to := s.ranks(z)
	members := z.Range(from, to)
	if s.down {
		members = z.RangeDown(from, to)
	}
	if !stores {
		c.addScored(to-from, members, scores)
		return nil
	}
	limits := c.Limits
	if s.by == 'r' && to-from > limits.ZsetMaxListpackEntries { // Redis knows it before the first member
		limits = &value.Limits{}
	}
	stored := value.NewSortedSet()
	for member, score := range members {
		stored.Set(member, score, limits)
	}
	switch target := c.args[1]; { // as for ZREMRANGEBYLEX
	case s.by != 'l':
	case to > from:
		c.repeat(c.args[0], target, c.args[2], strconv.Itoa(from), strconv.Itoa(to-1))
	case c.exists(target):
		c.repeat("DEL", target)
	}
	c.store(c.args[1], stored, "zrangestore")
	return nil
}

// store sets a key to a sorted set, or deletes it if that is empty, and replies the number of members.
func (c *call) store(key string, z *value.SortedSet, event string) {
	if z.Len() > 0 {
		c.exists(key) // which deletes it if it is due
		c.set(key, z)
		c.wrote(key, 'z', event)
	} else {
		c.delete(key)
	}
	c.addLen(z.Len())
}

func zcount(c *call) error    { return c.count('s') }
func zlexcount(c *call) error { return c.count('l') }

func (c *call) count(by byte) error {
	s := zselection{by: by, count: -1}
	if err := s.parse(c.args[2], c.args[3]); err != nil {
		return err
	}
	z, err := read[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	from, to := 0, 0
	if z != nil {
		from, to = s.ranks(z)
	}
	c.addLen(to - from)
	return nil
}

// addScore adds the score of a member, or null.
func (c *call) addScore(z *value.SortedSet, member string) {
	if z != nil {
		if score, ok := z.Score(member); ok {
			c.addDouble(score)
			return
		}
	}
	c.addNull()
}

func zscore(c *call) error {
	z, err := read[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	c.addScore(z, c.args[2])
	return nil
}

func zmscore(c *call) error {
	z, err := read[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	c.addArray(len(c.args) - 2)
	for _, member := range c.args[2:] {
		c.addScore(z, member)
	}
	return nil
}

// zrank runs ZRANK and ZREVRANK.
func zrank(c *call) error {
	z, err := read[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	if z != nil {
		if rank, ok := z.Rank(c.args[2]); ok {
			if c.command.Name == "ZREVRANK" {
				rank = z.Len() - 1 - rank
			}
			c.addLen(rank)
			return nil
		}
	}
	c.addNull()
	return nil
}

// pop removes the first members, or the last ones, and returns them.
func (c *call) pop(key string, z *value.SortedSet, highest bool, count int64) []scored {
	n := int(min(count, int64(z.Len())))
	from, members, event := 0, z.Range, "zpopmin"
	if highest {
		from, members, event = z.Len()-n, z.RangeDown, "zpopmax"
	}
	popped := make([]scored, 0, n)
	for member, score := range members(from, from+n) {
		popped = append(popped, scored{member, score})
	}
	z.RemoveRange(from, from+n)
	c.wrote(key, 'z', event)
	c.deleteEmpty(key, z)
	return popped
}

// zpop runs ZPOPMIN and ZPOPMAX.
func zpop(c *call) error {
	if len(c.args) > 3 {
		return errSyntax
	}
	count, single := int64(1), len(c.args) == 2
	if !single {
		var err error
		if count, err = parsePositive(c.args[2]); err != nil {
			return err
		}
	}
	z, err := edit[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	if z == nil || count == 0 {
		c.addArray(0)
		return nil
	}
	popped := c.pop(c.args[1], z, c.command.Name == "ZPOPMAX", count)
	if single {
		c.addArray(2)
	} else {
		c.addPairs(len(popped))
	}
	for _, p := range popped {
		if !single {
			c.addPair()
		}
		c.addBulk(p.member)
		c.addDouble(p.score)
	}
	return nil
}

// firstSortedSet returns the first of the keys that is there.
func (c *call) firstSortedSet(keys []string) (key string, z *value.SortedSet, err error) {
	for _, key := range keys {
		if z, err := edit[*value.SortedSet](c, key); err != nil || z != nil {
			return key, z, err
		}
	}
	return "", nil, nil
}

// bzpop runs BZPOPMIN and BZPOPMAX.
func bzpop(c *call) error {
	last := len(c.args) - 1
	keys := c.args[1:last]
	until, err := c.parseTimeout(c.args[last])
	if err != nil {
		return err
	}
	key, z, err := c.firstSortedSet(keys)
	if err != nil {
		return err
	}
	if z == nil {
		return c.block(keys, until)
	}
	p := c.pop(key, z, c.command.Name == "BZPOPMAX", 1)[0]
	c.addArray(3)
	c.addBulk(key)
	c.addBulk(p.member)
	c.addDouble(p.score)
	return nil
}

// zmpop runs ZMPOP and BZMPOP.
func zmpop(c *call) error {
	at, blocks := 1, c.command.Name == "BZMPOP"
	if blocks {
		at = 2
	}
	n, err := parseIntIn(c.args[at], 1, math.MaxInt64, errorf("numkeys should be greater than 0"))
	if err != nil {
		return err
	}
	at++
	if n >= int64(len(c.args)-at) {
		return errSyntax
	}
	keys := c.args[at : at+int(n)]
	at += int(n)
	highest := c.is(at, "MAX")
	if !highest && !c.is(at, "MIN") {
		return errSyntax
	}
	count := int64(-1)
	for at++; at < len(c.args); at += 2 {
		if count != -1 || !c.is(at, "COUNT") || at+1 == len(c.args) {
			return errSyntax
		}
		if count, err = parseIntIn(c.args[at+1], 1, math.MaxInt64, errorf("count should be greater than 0")); err != nil {
			return err
		}
	}
	until := int64(0)
	if blocks {
		if until, err = c.parseTimeout(c.args[1]); err != nil {
			return err
		}
	}
	key, z, err := c.firstSortedSet(keys)
	switch {
	case err != nil:
		return err
	case z == nil && blocks:
		return c.block(keys, until)
	case z == nil:
		c.addNullArray()
		return nil
	}
	popped := c.pop(key, z, highest, max(count, 1))
	c.addArray(2)
	c.addBulk(key)
	c.addArray(len(popped))
	for _, p := range popped {
		c.addArray(2)
		c.addBulk(p.member)
		c.addDouble(p.score)
	}
	return nil
}

// A zsource is a sorted set, a set whose members have the score 1, or nothing, as a source of ZUNION and its like.
type zsource struct {
	sorted *value.SortedSet
	set    *value.Set
	weight float64
}

func (s *zsource) len() int {
	switch {
	case s.sorted != nil:
		return s.sorted.Len()
	case s.set != nil:
		return s.set.Len()
	}
	return 0
}

func (s *zsource) score(member string) (float64, bool) {
	switch {
	case s.sorted != nil:
		return s.sorted.Score(member)
	case s.set != nil:
		return 1, s.set.Has(member)
	}
	return 0, false
}

func (s *zsource) all(yield func(string, float64) bool) {
	for i := range s.len() {
		var member string
		score := 1.0
		if s.sorted != nil {
			member, score = s.sorted.At(i)
		} else {
			member = s.set.At(i)
		}
		if !yield(member, score) {
			return
		}
	}
}

// weighted is the score of a member for the result.
func (s *zsource) weighted(score float64) float64 {
	if score *= s.weight; math.IsNaN(score) {
		return 0
	}
	return score
}

// An aggregate joins two scores of a member.
type aggregate func(a, b float64) float64

func sum(a, b float64) float64 {
	if a += b; math.IsNaN(a) { // of inf and -inf
		return 0
	}
	return a
}

func lower(a, b float64) float64 {
	if b < a {
		return b
	}
	return a
}

func higher(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

// zcombination are the words of ZUNION and its like.
type zcombination struct {
	sources []zsource
	join    aggregate
	scores  bool
	limit   int64 // of ZINTERCARD; 0 is none
}

// parseCombination reads the words from the number of keys on.
func (c *call) parseCombination(at int, diff, card, stores bool) (o zcombination, err error) {
	n, err := parseInt(c.args[at])
	at++
	switch {
	case err != nil:
		return o, err
	case n < 1:
		return o, errorf("at least 1 input key is needed for '%s' command", strings.ToLower(c.command.Name))
	case n > int64(len(c.args)-at):
		return o, errSyntax
	}
	o.sources, o.join = make([]zsource, n), sum
	for i := range o.sources {
		v, err := read[value.Value](c, c.args[at+i])
		if err != nil {
			return o, err
		}
		s := zsource{weight: 1}
		switch v := v.(type) {
		case nil:
		case *value.SortedSet:
			s.sorted = v
		case *value.Set:
			s.set = v
		default:
			return o, errWrongType
		}
		o.sources[i] = s
	}
	for i := at + int(n); i < len(c.args); i++ {
		left := len(c.args) - 1 - i
		switch {
		case !diff && !card && int64(left) >= n && c.is(i, "WEIGHTS"):
			for j := range o.sources {
				i++
				if o.sources[j].weight, err = parseFloatOr(c.args[i], errorf("weight value is not a float")); err != nil {
					return o, err
				}
			}
		case !diff && !card && left > 0 && c.is(i, "AGGREGATE"):
			i++
			switch {
			case c.is(i, "SUM"):
				o.join = sum
			case c.is(i, "MIN"):
				o.join = lower
			case c.is(i, "MAX"):
				o.join = higher
			default:
				return o, errSyntax
			}
		case !stores && !card && c.is(i, "WITHSCORES"):
			o.scores = true
		case card && left > 0 && c.is(i, "LIMIT"):
			i++
			if o.limit, err = parseIntIn(c.args[i], 0, math.MaxInt64, errorf("LIMIT can't be negative")); err != nil {
				return o, err
			}
		default:
			return o, errSyntax
		}
	}
	return o, nil
}

// zcombine runs ZUNION, ZINTER, ZDIFF, the commands that store their results, and ZINTERCARD.
func zcombine(c *call) error {
	name := c.command.Name
	at, stores := 1, strings.HasSuffix(name, "STORE")
	if stores {
		at = 2
	}
	union, diff, card := strings.HasPrefix(name, "ZUNION"), strings.HasPrefix(name, "ZDIFF"), name == "ZINTERCARD"
	o, err := c.parseCombination(at, diff, card, stores)
	if err != nil {
		return err
	}
	if !diff {
		// The order also decides how sums are rounded.
		slices.SortStableFunc(o.sources, func(a, b zsource) int { return cmp.Compare(a.len(), b.len()) })
	}
	if card {
		n := int64(0)
		for range o.inter {
			if n++; n == o.limit {
				break
			}
		}
		c.addInt(n)
		return nil
	}
	members := o.inter
	switch {
	case union:
		members = o.union
	case diff:
		members = o.diff
	}
	z := value.NewSortedSet()
	for member, score := range members {
		z.Set(member, score, &value.Limits{})
	}
	if !stores {
		c.addScored(z.Len(), z.Range(0, z.Len()), o.scores)
		return nil
	}
	z.Compact(c.Limits)
	c.store(c.args[1], z, strings.ToLower(name))
	return nil
}

// inter yields what is in all sources, of which the first is the smallest.
func (o *zcombination) inter(yield func(string, float64) bool) {
	first := &o.sources[0]
members:
	for member, score := range first.all {
		total := first.weighted(score)
		for i := range o.sources[1:] {
			s := &o.sources[1+i]
			score, ok := s.score(member)
			if !ok {
				continue members
			}
			total = o.join(total, score*s.weight)
		}
		if !yield(member, total) {
			return
		}
	}
}

// union yields what is in any source.
func (o *zcombination) union(yield func(string, float64) bool) {
	var all value.Dict[float64]
	for i := range o.sources {
		s := &o.sources[i]
		for member, score := range s.all {
			if total := all.Ref(member); total != nil {
				*total = o.join(*total, s.weighted(score))
			} else {
				all.Set(member, s.weighted(score))
			}
		}
	}
	for member, score := range all.All() {
		if !yield(member, *score) {
			return
		}
	}
}

// diff yields what is only in the first source. Of each other source and what is left it goes through the smaller one.
func (o *zcombination) diff(yield func(string, float64) bool) {
	var left value.Dict[float64]
	for member, score := range o.sources[0].all {
		left.Set(member, score)
	}
	for i := range o.sources[1:] {
		s := &o.sources[1+i]
		if s.len() < left.Len() {
			for member := range s.all {
				left.Delete(member)
			}
			continue
		}
		for j := left.Len() - 1; j >= 0; j-- { // deleting moves the last one into the gap
			member, _ := left.At(j)
			if _, ok := s.score(member); ok {
				left.Delete(member)
			}
		}
	}
	for member, score := range left.All() {
		if !yield(member, *score) {
			return
		}
	}
}

func zrandmember(c *call) error {
	if len(c.args) == 2 {
		z, err := read[*value.SortedSet](c, c.args[1])
		if err != nil {
			return err
		}
		if z == nil {
			c.addNull()
			return nil
		}
		member, _ := z.Random(c.Random)
		c.addBulk(member)
		return nil
	}
	count, err := parseIntIn(c.args[2], -math.MaxInt64, math.MaxInt64, nil)
	if err != nil {
		return err
	}
	scores := len(c.args) == 4
	if len(c.args) > 4 || scores && !c.is(3, "WITHSCORES") {
		return errSyntax
	}
	if scores && (count < -math.MaxInt64/2 || count > math.MaxInt64/2) {
		return errOutOfRange
	}
	z, err := read[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	if z == nil || count == 0 {
		c.addArray(0)
		return nil
	}
	switch {
	case count < 0:
		c.addScored(int(-count), func(yield func(string, float64) bool) {
			for range -count {
				if c.full() != nil || !yield(z.Random(c.Random)) {
					return
				}
			}
		}, scores)
		return c.full()
	case count >= int64(z.Len()):
		c.addScored(z.Len(), z.RangeDown(0, z.Len()), scores)
	default:
		c.addScored(int(count), func(yield func(string, float64) bool) {
			for _, i := range value.Sample(c.Random, z.Len(), int(count)) {
				if !yield(z.At(i)) {
					return
				}
			}
		}, scores)
	}
	return nil
}
