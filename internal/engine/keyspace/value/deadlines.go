package value

import "slices"

// Deadlines has keys with a point in time, and finds the earliest: a heap with an index. The zero
// Deadlines is empty and ready to use. Next and Get take constant time, and changes take time in
// proportion to the logarithm of the size. It serves the keys of a database and the fields of a hash.
type Deadlines struct {
	heap  []deadline
	index index
}

type deadline struct {
	at  int64
	key string
}

// Len returns the number of keys that have a time.
func (d *Deadlines) Len() int { return len(d.heap) }

// Memory is about how many bytes of memory it takes, without the keys.
func (d *Deadlines) Memory() int { return cap(d.heap)*24 + len(d.index.slots)*8 }

// Next returns the earliest time and a key that has it. ok is false if there is none.
func (d *Deadlines) Next() (key string, at int64, ok bool) {
	if len(d.heap) == 0 {
		return "", 0, false
	}
	return d.heap[0].key, d.heap[0].at, true
}

// At returns the key and time at a position below Len. The order is that of a heap.
func (d *Deadlines) At(i int) (key string, at int64) { return d.heap[i].key, d.heap[i].at }

// Get returns the time of a key.
func (d *Deadlines) Get(key string) (at int64, ok bool) {
	if i := d.find(key); i >= 0 {
		return d.heap[i].at, true
	}
	return 0, false
}

// Set sets the time of a key.
func (d *Deadlines) Set(key string, at int64) {
	i := d.find(key)
	if i < 0 {
		i = len(d.heap)
		d.heap = append(d.heap, deadline{key: key})
		d.index.push(func(i int) uint32 { return hashOf(d.heap[i].key) })
	}
	d.heap[i].at = at
	d.settle(i)
}

// Delete deletes the time of a key, and says whether it had one.
func (d *Deadlines) Delete(key string) bool {
	i := d.find(key)
	if i < 0 {
		return false
	}
	last := len(d.heap) - 1
	if i != last {
		d.swap(i, last)
	}
	d.index.remove(d.hash(last), last)
	d.heap[last] = deadline{}
	d.heap = shrink(d.heap[:last])
	if i != last {
		d.settle(i)
	}
	return true
}

// Clone returns a copy.
func (d *Deadlines) Clone() *Deadlines {
	return &Deadlines{heap: slices.Clone(d.heap), index: d.index.clone()}
}

func (d *Deadlines) find(key string) int {
	hash := uint32(0)
	if d.index.slots != nil {
		hash = hashOf(key)
	}
	return d.index.find(hash, func(i int) bool { return d.heap[i].key == key })
}

func (d *Deadlines) hash(i int) uint32 {
	if d.index.slots == nil {
		return 0
	}
	return hashOf(d.heap[i].key)
}

// settle moves the entry at i up or down to its place.
func (d *Deadlines) settle(i int) {
	for i > 0 && d.heap[i].at < d.heap[(i-1)/2].at {
		d.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(d.heap); child++ {
			if d.heap[child].at < d.heap[least].at {
				least = child
			}
		}
		if least == i {
			return
		}
		d.swap(i, least)
		i = least
	}
}

func (d *Deadlines) swap(i, j int) {
	d.index.swap(d.hash(i), i, d.hash(j), j)
	d.heap[i], d.heap[j] = d.heap[j], d.heap[i]
}
