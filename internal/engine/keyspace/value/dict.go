package value

import (
	"iter"
	"slices"
)

// A Dict has keys with values. The zero Dict is empty and ready to use. Finding, setting and
// deleting a key take constant time, and so does a random key: the entries are in one slice without
// holes. Deleting moves the last entry into the place of the deleted one.
type Dict[V any] struct {
	entries []dictEntry[V]
	index   index
	text    int // bytes of the keys
}

type dictEntry[V any] struct {
	value V // first, because a last field of size zero takes space
	key   string
}

// Len returns the number of keys.
func (d *Dict[V]) Len() int { return len(d.entries) }

// Get returns the value of a key.
func (d *Dict[V]) Get(key string) (v V, ok bool) {
	if p := d.Ref(key); p != nil {
		return *p, true
	}
	return v, false
}

// Ref returns a pointer to the value of a key, or nil. It is valid until a key is added or deleted.
func (d *Dict[V]) Ref(key string) *V {
	if i := d.Find(key); i >= 0 {
		return &d.entries[i].value
	}
	return nil
}

// Find returns the position of a key, or -1.
func (d *Dict[V]) Find(key string) int {
	return d.index.find(d.hash(key), func(i int) bool { return d.entries[i].key == key })
}

// hash returns 0 while the index does not use it.
func (d *Dict[V]) hash(key string) uint32 {
	if d.index.slots == nil {
		return 0
	}
	return hashOf(key)
}

// Set sets the value of a key. added says whether the key is new.
func (d *Dict[V]) Set(key string, v V) (added bool) {
	if p := d.Ref(key); p != nil {
		*p = v
		return false
	}
	d.entries = append(d.entries, dictEntry[V]{v, key})
	d.text += len(key)
	d.index.push(func(i int) uint32 { return hashOf(d.entries[i].key) })
	return true
}

// Delete deletes a key, and says whether it was there.
func (d *Dict[V]) Delete(key string) bool {
	_, ok := d.Take(key)
	return ok
}

// Take deletes a key and returns its value, if it was there.
func (d *Dict[V]) Take(key string) (v V, ok bool) {
	i := d.Find(key)
	if i < 0 {
		return v, false
	}
	v = d.entries[i].value
	d.text -= len(key)
	d.index.remove(d.hash(key), i)
	last := len(d.entries) - 1
	if i != last {
		d.index.move(d.hash(d.entries[last].key), last, i)
		d.entries[i] = d.entries[last]
	}
	d.entries[last] = dictEntry[V]{}
	d.entries = shrink(d.entries[:last])
	return v, true
}

// takeInOrder is Take, but keeps the order of the others. The time is in proportion to the
// number of keys after it.
func (d *Dict[V]) takeInOrder(key string) (v V, ok bool) {
	i := d.Find(key)
	if i < 0 {
		return v, false
	}
	v = d.entries[i].value
	d.text -= len(key)
	d.index.remove(d.hash(key), i)
	for j := i + 1; j < len(d.entries); j++ {
		d.index.move(d.hash(d.entries[j].key), j, j-1)
	}
	d.entries = shrink(slices.Delete(d.entries, i, i+1))
	return v, true
}

// shrink gives back memory if less than a quarter of s is in use.
func shrink[E any](s []E) []E {
	if cap(s) > 8*few && 4*len(s) < cap(s) {
		return append(make([]E, 0, 2*len(s)), s...)
	}
	return s
}

// At returns the key at a position below Len. The value is valid like that of Ref.
func (d *Dict[V]) At(i int) (key string, v *V) { return d.entries[i].key, &d.entries[i].value }

// All returns all keys with their values, in order of their positions. The Dict must not change
// meanwhile.
func (d *Dict[V]) All() iter.Seq2[string, *V] {
	return func(yield func(string, *V) bool) {
		for i := range d.entries {
			if !yield(d.At(i)) {
				return
			}
		}
	}
}

// Scan visits the next count keys, and returns the cursor for the call after that. A scan begins
// with cursor 0, and has ended when 0 is returned. A key that is in d during the whole scan is
// visited at least once, whatever is added and deleted between the calls: the scan goes from the
// last position to the first, and a key moves only to lower positions. visit must not change d.
func (d *Dict[V]) Scan(cursor uint64, count int, visit func(key string, v *V)) (next uint64) {
	end := len(d.entries)
	if cursor > 0 && cursor < uint64(end) {
		end = int(cursor)
	}
	begin := max(0, end-max(1, count))
	for i := end - 1; i >= begin; i-- {
		visit(d.At(i))
	}
	return uint64(begin)
}

// Clone returns a copy. Values that are pointers are copied as pointers.
func (d *Dict[V]) Clone() *Dict[V] {
	return &Dict[V]{entries: slices.Clone(d.entries), index: d.index.clone(), text: d.text}
}
