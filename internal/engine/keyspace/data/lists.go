package data

import (
	"math"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

func init() {
	add(table{
		"LPUSH":      push,
		"RPUSH":      push,
		"LPUSHX":     push,
		"RPUSHX":     push,
		"LPOP":       pop,
		"RPOP":       pop,
		"LLEN":       length[*value.List],
		"LINDEX":     lindex,
		"LSET":       lset,
		"LRANGE":     lrange,
		"LTRIM":      ltrim,
		"LINSERT":    linsert,
		"LREM":       lrem,
		"LPOS":       lpos,
		"LMOVE":      lmove,
		"BLMOVE":     lmove,
		"RPOPLPUSH":  rpoplpush,
		"BRPOPLPUSH": rpoplpush,
		"LMPOP":      lmpop,
		"BLMPOP":     lmpop,
		"BLPOP":      bpop,
		"BRPOP":      bpop,
	})
}

// An end of a list is left or right. Its text begins the names of events.
type end string

const (
	leftEnd  end = "l"
	rightEnd end = "r"
)

func parseEnd(word string) (end, error) {
	switch {
	case equalFold(word, "LEFT"):
		return leftEnd, nil
	case equalFold(word, "RIGHT"):
		return rightEnd, nil
	}
	return "", errSyntax
}

// nameEnd is the end that the name of a command is for.
func (c *call) nameEnd() end {
	if strings.HasPrefix(strings.TrimPrefix(c.command.Name, "B"), "L") {
		return leftEnd
	}
	return rightEnd
}

func pushTo(l *value.List, e end, s string) {
	if e == leftEnd {
		l.PushLeft(s)
	} else {
		l.PushRight(s)
	}
}

func popFrom(l *value.List, e end) (s string) {
	if e == leftEnd {
		s, _ = l.PopLeft()
	} else {
		s, _ = l.PopRight()
	}
	return s
}

// popped says that elements of a list were removed from an end.
func (c *call) popped(key string, l *value.List, e end) {
	c.wrote(key, 'l', string(e)+"pop")
	c.deleteEmpty(key, l)
}

// push runs LPUSH, RPUSH, LPUSHX and RPUSHX.
func push(c *call) error {
	key, e := c.args[1], c.nameEnd()
	if strings.HasSuffix(c.command.Name, "X") && !c.exists(key) {
		c.addInt(0)
		return nil
	}
	l, err := create(c, key, value.NewList)
	if err != nil {
		return err
	}
	for _, s := range c.args[2:] {
		pushTo(l, e, s)
	}
	c.addLen(l.Len())
	c.wrote(key, 'l', string(e)+"push")
	return nil
}

// pop runs LPOP and RPOP.
func pop(c *call) error {
	key, e := c.args[1], c.nameEnd()
	if len(c.args) > 3 {
		return c.errArity()
	}
	counted := len(c.args) == 3
	count := int64(1)
	if counted {
		var err error
		if count, err = parsePositive(c.args[2]); err != nil {
			return err
		}
	}
	l, err := edit[*value.List](c, key)
	switch {
	case err != nil:
		return err
	case l == nil && counted:
		c.addNullArray()
	case l == nil:
		c.addNull()
	case count == 0:
		c.addArray(0)
	case counted:
		c.popMany(key, l, e, count)
	default:
		c.addBulk(popFrom(l, e))
		c.popped(key, l, e)
	}
	return nil
}

// popMany removes up to count elements and adds them.
func (c *call) popMany(key string, l *value.List, e end, count int64) {
	n := int(min(count, int64(l.Len())))
	c.addArray(n)
	for range n {
		c.addBulk(popFrom(l, e))
	}
	c.popped(key, l, e)
}

// parseIndex reads the index of an element, which counts from the end if it is negative.
func parseIndex(word string, l *value.List) (i int, ok bool, err error) {
	n, err := parseInt(word)
	if n < 0 {
		n += int64(l.Len())
	}
	return int(n), 0 <= n && n < int64(l.Len()), err
}

func lindex(c *call) error {
	l, err := read[*value.List](c, c.args[1])
	if err != nil {
		return err
	}
	if l == nil {
		c.addNull()
		return nil
	}
	i, ok, err := parseIndex(c.args[2], l)
	switch {
	case err != nil:
		return err
	case ok:
		c.addBulk(l.At(i))
	default:
		c.addNull()
	}
	return nil
}

func lset(c *call) error {
	key := c.args[1]
	l, err := edit[*value.List](c, key)
	if err != nil {
		return err
	}
	if l == nil {
		return errNoKey
	}
	i, ok, err := parseIndex(c.args[2], l)
	if err != nil {
		return err
	}
	if !ok {
		return errIndex
	}
	l.Set(i, c.args[3])
	c.addOK()
	c.wrote(key, 'l', "lset")
	return nil
}

// parseRange reads the first and the last index of LRANGE and LTRIM.
func (c *call) parseRange() (first, last int64, err error) {
	if first, err = parseInt(c.args[2]); err == nil {
		last, err = parseInt(c.args[3])
	}
	return first, last, err
}

func lrange(c *call) error {
	first, last, err := c.parseRange()
	if err != nil {
		return err
	}
	l, err := read[*value.List](c, c.args[1])
	if err != nil {
		return err
	}
	if l == nil {
		c.addArray(0)
		return nil
	}
	from, to := clampRange(first, last, l.Len())
	c.addArray(to - from)
	for s := range l.Range(from, to) {
		c.addBulk(s)
	}
	return nil
}

func ltrim(c *call) error {
	key := c.args[1]
	first, last, err := c.parseRange()
	if err != nil {
		return err
	}
	l, err := edit[*value.List](c, key)
	if err != nil {
		return err
	}
	if l != nil {
		l.Trim(clampRange(first, last, l.Len()))
		c.wrote(key, 'l', "ltrim")
		c.deleteEmpty(key, l)
	}
	c.addOK()
	return nil
}

func linsert(c *call) error {
	key, pivot := c.args[1], c.args[3]
	after := c.is(2, "AFTER")
	if !after && !c.is(2, "BEFORE") {
		return errSyntax
	}
	l, err := edit[*value.List](c, key)
	if err != nil {
		return err
	}
	if l == nil {
		c.addInt(0)
		return nil
	}
	for i := range l.Len() {
		if l.At(i) != pivot {
			continue
		}
		if after {
			i++
		}
		l.Insert(i, c.args[4])
		c.wrote(key, 'l', "linsert")
		c.addLen(l.Len())
		return nil
	}
	c.addInt(-1)
	return nil
}

func lrem(c *call) error {
	key := c.args[1]
	count, err := parseInt(c.args[2])
	if err != nil {
		return err
	}
	l, err := edit[*value.List](c, key)
	if err != nil {
		return err
	}
	if l == nil {
		c.addInt(0)
		return nil
	}
	removed := l.Remove(int(max(count, -math.MaxInt64)), c.args[3])
	if removed > 0 {
		c.wrote(key, 'l', "lrem")
		c.deleteEmpty(key, l)
	}
	c.addLen(removed)
	return nil
}

func lpos(c *call) error {
	rank, count, most := int64(1), int64(-1), int64(0)
	for i := 3; i < len(c.args); i += 2 {
		if i+1 == len(c.args) {
			return errSyntax
		}
		var err error
		switch word := c.args[i+1]; {
		case c.is(i, "RANK"):
			if rank, err = parseInt(word); err == nil && rank == 0 {
				err = errorf("RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
			}
		case c.is(i, "COUNT"):
			count, err = parseIntIn(word, 0, math.MaxInt64, errorf("COUNT can't be negative"))
		case c.is(i, "MAXLEN"):
			most, err = parseIntIn(word, 0, math.MaxInt64, errorf("MAXLEN can't be negative"))
		default:
			err = errSyntax
		}
		if err != nil {
			return err
		}
	}
	l, err := read[*value.List](c, c.args[1])
	if err != nil {
		return err
	}
	one := count < 0
	if one {
		count = 1
	}
	var found []int
	if l != nil {
		found = positions(l, c.args[2], rank, count, most)
	}
	switch {
	case !one:
		c.addArray(len(found))
		for _, i := range found {
			c.addLen(i)
		}
	case len(found) > 0:
		c.addLen(found[0])
	default:
		c.addNull()
	}
	return nil
}

// positions returns where elements are that are equal to s: up to count, or all if it is 0,
// from the match of a rank on, which counts from the end if it is negative. It looks at no more
// than most elements, or at all if that is 0.
func positions(l *value.List, s string, rank, count, most int64) (found []int) {
	size := l.Len()
	if 0 < most && most < int64(size) {
		size = int(most)
	}
	fromEnd := rank < 0
	if fromEnd {
		rank = -rank // the smallest number stays negative, which is every match, as in Redis
	}
	matches := int64(0)
	for i := range size {
		if fromEnd {
			i = l.Len() - 1 - i
		}
		if l.At(i) != s {
			continue
		}
		if matches++; matches < rank {
			continue
		}
		found = append(found, i)
		if int64(len(found)) == count {
			break
		}
	}
	return found
}

// lmove runs LMOVE and BLMOVE.
func lmove(c *call) error {
	from, err := parseEnd(c.args[3])
	if err != nil {
		return err
	}
	to, err := parseEnd(c.args[4])
	if err != nil {
		return err
	}
	return c.move(from, to)
}

// rpoplpush runs RPOPLPUSH and BRPOPLPUSH.
func rpoplpush(c *call) error { return c.move(rightEnd, leftEnd) }

// move moves an element from one list to another or to the same. A blocking command's last word is its timeout.
func (c *call) move(from, to end) error {
	source, target := c.args[1], c.args[2]
	waits, until := c.command.Name[0] == 'B', int64(0)
	if waits {
		var err error
		if until, err = c.parseTimeout(c.args[len(c.args)-1]); err != nil {
			return err
		}
	}
	l, err := edit[*value.List](c, source)
	if err != nil {
		return err
	}
	if l == nil {
		if waits && !c.session.NoWait {
			return c.block([]string{source}, until)
		}
		c.addNull()
		return nil
	}
	onto, err := create(c, target, value.NewList)
	if err != nil {
		return err
	}
	s := popFrom(l, from)
	pushTo(onto, to, s)
	c.addBulk(s)
	c.wrote(target, 'l', string(to)+"push")
	c.popped(source, l, from)
	return nil
}

// lmpop runs LMPOP and BLMPOP.
func lmpop(c *call) error {
	words := c.args[1:]
	if c.command.Name[0] == 'B' {
		words = words[1:]
	}
	n, err := parseIntIn(words[0], 1, math.MaxInt64, errorf("numkeys should be greater than 0"))
	if err != nil {
		return err
	}
	words = words[1:]
	if n >= int64(len(words)) {
		return errSyntax
	}
	keys, words := words[:n], words[n:]
	e, err := parseEnd(words[0])
	if err != nil {
		return err
	}
	count := int64(1)
	switch words = words[1:]; {
	case len(words) == 0:
	case len(words) < 2 || !equalFold(words[0], "COUNT"):
		return errSyntax
	default:
		if count, err = parseIntIn(words[1], 1, math.MaxInt64, errorf("count should be greater than 0")); err != nil {
			return err
		}
		if len(words) > 2 {
			return errSyntax
		}
	}
	return c.popFirst(keys, c.args[1], func(key string, l *value.List) {
		c.addArray(2)
		c.addBulk(key)
		c.popMany(key, l, e, count)
	})
}

// bpop runs BLPOP and BRPOP.
func bpop(c *call) error {
	last := len(c.args) - 1
	e := c.nameEnd()
	return c.popFirst(c.args[1:last], c.args[last], func(key string, l *value.List) {
		c.addArray(2)
		c.addBulk(key)
		c.addBulk(popFrom(l, e))
		c.popped(key, l, e)
	})
}

// popFirst calls pop with the first of the keys that has a list. If none has, a blocking command waits.
func (c *call) popFirst(keys []string, timeout string, pop func(key string, l *value.List)) error {
	waits, until := c.command.Name[0] == 'B', int64(0)
	if waits {
		var err error
		if until, err = c.parseTimeout(timeout); err != nil {
			return err
		}
	}
	for _, key := range keys {
		l, err := edit[*value.List](c, key)
		if err != nil {
			return err
		}
		if l != nil {
			pop(key, l)
			return nil
		}
	}
	if waits {
		return c.block(keys, until)
	}
	c.addNullArray()
	return nil
}
