package data

import (
	"cmp"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func init() {
	add(table{
		"SORT":    sort,
		"SORT_RO": sort,
	})
}

// sortOptions are the options of SORT.
type sortOptions struct {
	by           string // a pattern, or ""
	unsorted     bool   // BY without a pattern: do not sort
	get          []string
	start, count int64
	alpha, desc  bool
	store        string
	stores       bool
}

func (c *call) parseSort() (o sortOptions, err error) {
	o.count = -1
	for i := 2; i < len(c.args); i++ {
		left := len(c.args) - 1 - i
		switch {
		case c.is(i, "ASC"):
			o.desc = false
		case c.is(i, "DESC"):
			o.desc = true
		case c.is(i, "ALPHA"):
			o.alpha = true
		case c.is(i, "LIMIT") && left > 1:
			if o.start, err = parseInt(c.args[i+1]); err != nil {
				return o, err
			}
			if o.count, err = parseInt(c.args[i+2]); err != nil {
				return o, err
			}
			i += 2
		case c.is(i, "STORE") && left > 0 && c.command.Name == "SORT":
			i++
			o.store, o.stores = c.args[i], true
		case c.is(i, "BY") && left > 0:
			i++
			o.by = c.args[i]
			o.unsorted = o.unsorted || !strings.Contains(ctext.String(o.by), "*")
		case c.is(i, "GET") && left > 0:
			i++
			o.get = append(o.get, c.args[i])
		default:
			return o, errSyntax
		}
	}
	return o, nil
}

// A sortable is an element and what it is sorted by.
type sortable struct {
	element string
	score   float64
	text    string
	missing bool // there is no text
}

// sort runs SORT and SORT_RO.
func sort(c *call) error {
	o, err := c.parseSort()
	if err != nil {
		return err
	}
	elements, err := c.sortElements(&o)
	if err != nil {
		return err
	}
	if o.unsorted {
		return c.addSorted(elements, o)
	}
	all := make([]sortable, len(elements))
	for i, element := range elements {
		all[i] = sortable{element: element, text: element}
		if o.by != "" {
			text, ok := c.substitute(o.by, element)
			all[i].text, all[i].missing = text, !ok
		}
	}
	if !o.alpha && !score(all) {
		return errorf("One or more scores can't be converted into double")
	}
	compareTexts := strings.Compare
	if !o.stores { // by strcoll
		compareTexts = func(a, b string) int { return strings.Compare(ctext.String(a), ctext.String(b)) }
	}
	slices.SortStableFunc(all, func(a, b sortable) int {
		var order int
		switch {
		case !o.alpha:
			order = cmp.Or(cmp.Compare(a.score, b.score), strings.Compare(a.element, b.element))
		case a.missing || b.missing:
			if a.missing != b.missing {
				order = 1
			}
			if a.missing {
				order = -order
			}
		default:
			order = compareTexts(a.text, b.text)
		}
		if o.desc {
			return -order
		}
		return order
	})
	for i := range all {
		elements[i] = all[i].element
	}
	from, to := o.limit(len(elements))
	return c.addSorted(elements[from:to], o)
}

// limit returns the range of LIMIT in n elements.
func (o *sortOptions) limit(n int) (from, to int) {
	from, to = int(min(max(o.start, 0), int64(n))), n
	if o.count >= 0 && o.count < int64(to-from) {
		to = from + int(o.count)
	}
	return from, to
}

// sortElements returns the elements to sort, in the order in which they are stored. If they are not to be sorted
// it returns only the range of LIMIT.
func (c *call) sortElements(o *sortOptions) (elements []string, err error) {
	v, err := read[value.Value](c, c.args[1])
	if err != nil || v == nil {
		return nil, err
	}
	n := v.Len()
	from, to := 0, n
	if o.unsorted {
		from, to = o.limit(n)
	}
	elements = make([]string, 0, to-from)
	switch v := v.(type) {
	case *value.List:
		if o.unsorted && o.desc {
			elements = slices.AppendSeq(elements, v.Range(n-to, n-from))
			slices.Reverse(elements)
		} else {
			elements = slices.AppendSeq(elements, v.Range(from, to))
		}
	case *value.Set:
		if o.unsorted && (o.stores || c.session.Script) { // the result must not depend on the order in the set
			o.unsorted, o.alpha, o.by = false, true, ""
			from, to = 0, n
		}
		for i := from; i < to; i++ {
			elements = append(elements, v.At(i))
		}
	case *value.SortedSet:
		if v, err = edit[*value.SortedSet](c, c.args[1]); err != nil {
			return nil, err
		}
		v.Compact(&value.Limits{}) // Redis changes it to a skip list for good
		all := v.Range(from, to)
		if o.unsorted && o.desc {
			all = v.RangeDown(n-to, n-from)
		}
		for member := range all {
			elements = append(elements, member)
		}
	default:
		return nil, errWrongType
	}
	return elements, nil
}

// score reads the numbers to sort by. A missing one is zero.
func score(all []sortable) (ok bool) {
	for i := range all {
		if all[i].missing {
			continue
		}
		f, fits, ok := cutFloat(all[i].text)
		if !ok || !fits {
			return false
		}
		all[i].score = f
	}
	return true
}

// substitute returns the string, or with -> the field of a hash, that a pattern names for an element.
func (c *call) substitute(pattern, element string) (text string, ok bool) {
	if ctext.String(pattern) == "#" {
		return element, true
	}
	star := strings.IndexByte(ctext.String(pattern), '*')
	if star < 0 {
		return "", false
	}
	before, after := pattern[:star], pattern[star+1:]
	if arrow := strings.Index(ctext.String(after), "->"); arrow >= 0 && len(ctext.String(after)) > arrow+2 {
		h, err := read[*value.Hash](c, before+element+after[:arrow])
		if err != nil || h == nil {
			return "", false
		}
		return h.Get(after[arrow+2:])
	}
	s, err := read[value.String](c, before+element+after)
	if err != nil || s == nil {
		return "", false
	}
	return s.String(), true
}

// addSorted adds the reply of SORT, or stores the result.
func (c *call) addSorted(elements []string, o sortOptions) error {
	get := o.get
	if len(get) == 0 {
		get = []string{"#"}
	}
	n := len(elements) * len(get)
	var list *value.List
	if o.stores {
		list = value.NewList()
	} else {
		c.addArray(n)
	}
	for _, element := range elements {
		for _, pattern := range get {
			text, ok := c.substitute(pattern, element)
			switch {
			case o.stores:
				list.PushRight(text)
			case ok:
				c.addBulk(text)
			default:
				c.addNull()
			}
		}
	}
	if !o.stores {
		return nil
	}
	if n > 0 {
		c.exists(o.store) // which deletes it if it is due
		c.set(o.store, list)
		c.wrote(o.store, 'l', "sortstore")
	} else {
		c.delete(o.store)
	}
	c.addLen(n)
	return nil
}
