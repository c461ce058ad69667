package value

import (
	"iter"
	"math/rand/v2"
)

// A Hash is a value of type hash. As long as Redis would hold it in a listpack, its fields are in
// the order in which they were added. A field may have an expiry. Reading a field takes constant
// time; the fields that are due are the caller's to delete, with DeleteDue.
type Hash struct {
	mark
	fields Dict[string]
	text   int  // bytes of the values
	large  bool // Redis holds it in a hash table
	times  Deadlines
}

// NewHash returns an empty hash.
func NewHash() *Hash { return &Hash{} }

func (*Hash) Type() string { return "hash" }

func (h *Hash) Encoding() string {
	if h.large {
		return "hashtable"
	}
	return "listpack"
}

// Len returns the number of fields.
func (h *Hash) Len() int { return h.fields.Len() }

// Get returns the value of a field.
func (h *Hash) Get(field string) (v string, ok bool) { return h.fields.Get(field) }

// Set sets the value of a field, and removes its expiry. added says whether the field is new.
func (h *Hash) Set(field, v string, limits *Limits) (added bool) {
	h.times.Delete(field)
	return h.Update(field, v, limits)
}

// Update is Set, but keeps the expiry.
func (h *Hash) Update(field, v string, limits *Limits) (added bool) {
	if p := h.fields.Ref(field); p != nil {
		h.text -= len(*p)
		*p = v
	} else {
		added = h.fields.Set(field, v)
	}
	h.text += len(v)
	if max(len(field), len(v)) > limits.HashMaxListpackValue || h.Len() > limits.HashMaxListpackEntries {
		h.large = true
	}
	return added
}

// Delete deletes a field, and says whether it was there.
func (h *Hash) Delete(field string) bool {
	h.times.Delete(field)
	take := h.fields.takeInOrder
	if h.large {
		take = h.fields.Take
	}
	v, ok := take(field)
	h.text -= len(v)
	return ok
}

// At returns the field and value at a position below Len.
func (h *Hash) At(i int) (field, v string) {
	field, p := h.fields.At(i)
	return field, *p
}

// Random returns one of the fields, each equally likely. The hash must not be empty.
func (h *Hash) Random(r *rand.Rand) (field, v string) { return h.At(r.IntN(h.Len())) }

// All returns the fields and values in the order of HGETALL. The hash must not change meanwhile.
func (h *Hash) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := range h.Len() {
			if !yield(h.At(i)) {
				return
			}
		}
	}
}

// Scan is [Dict.Scan]. As in Redis, a hash in a listpack is visited at once.
func (h *Hash) Scan(cursor uint64, count int, visit func(field, v string)) (next uint64) {
	if !h.large {
		for field, v := range h.All() {
			visit(field, v)
		}
		return 0
	}
	return h.fields.Scan(cursor, count, func(field string, v *string) { visit(field, *v) })
}

// SetExpiry gives a field a time at which it is due, and says whether the field is there.
func (h *Hash) SetExpiry(field string, at int64) bool {
	if h.fields.Ref(field) == nil {
		return false
	}
	h.times.Set(field, at)
	return true
}

// Expiry returns the time at which a field is due. ok is false if it has none.
func (h *Hash) Expiry(field string) (at int64, ok bool) { return h.times.Get(field) }

// Persist removes the expiry of a field, and says whether it had one.
func (h *Hash) Persist(field string) bool { return h.times.Delete(field) }

// NextExpiry returns the earliest time at which a field is due. ok is false if none has an expiry.
func (h *Hash) NextExpiry() (at int64, ok bool) {
	_, at, ok = h.times.Next()
	return at, ok
}

// Expiring returns how many fields have an expiry.
func (h *Hash) Expiring() int { return h.times.Len() }

// DeleteDue deletes the fields whose time is now or earlier, the earliest first, and calls deleted
// for each.
func (h *Hash) DeleteDue(now int64, deleted func(field string)) {
	for {
		field, at, ok := h.times.Next()
		if !ok || at > now {
			return
		}
		h.Delete(field)
		deleted(field)
	}
}

func (h *Hash) Clone() Value {
	return &Hash{fields: *h.fields.Clone(), text: h.text, large: h.large, times: *h.times.Clone()}
}
