package value

import "hash/maphash"

// An index finds the position of a key in a slice that its user keeps: a hash table of positions
// with linear probing. A slot has the 32 bits of the hash and the position plus one; zero is empty.
// Up to few positions it has no table and tries all.
//
// A map[string]int32 would keep each key once more, and take three times the memory.
type index struct {
	slots []uint64
	n     int // positions
}

const few = 8

var seed = maphash.MakeSeed()

func hashOf(key string) uint32 { return uint32(maphash.String(seed, key)) }

func slotOf(hash uint32, pos int) uint64 { return uint64(hash)<<32 | uint64(pos+1) }

// find returns the position for which is returns true, or -1. is is called for positions whose key
// has that hash.
func (x *index) find(hash uint32, is func(pos int) bool) int {
	if x.slots == nil {
		for pos := range x.n {
			if is(pos) {
				return pos
			}
		}
		return -1
	}
	mask := uint32(len(x.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := x.slots[i]
		if slot == 0 {
			return -1
		}
		if uint32(slot>>32) == hash {
			if pos := int(uint32(slot)) - 1; is(pos) {
				return pos
			}
		}
	}
}

// push adds the position x.n. hash returns the hash of the key at a position.
func (x *index) push(hash func(pos int) uint32) {
	switch {
	case x.slots == nil && x.n < few:
		x.n++
		return
	case x.slots == nil:
		x.slots = make([]uint64, 4*few)
		for pos := range x.n {
			x.place(slotOf(hash(pos), pos))
		}
	case 4*(x.n+1) > 3*len(x.slots):
		x.resize(2 * len(x.slots))
	}
	x.place(slotOf(hash(x.n), x.n))
	x.n++
}

// remove takes out a position of a key with that hash.
func (x *index) remove(hash uint32, pos int) {
	x.n--
	if x.slots == nil {
		return
	}
	if x.n == 0 {
		x.slots = nil
		return
	}
	mask := uint32(len(x.slots) - 1)
	hole := x.slot(hash, pos)
	x.slots[hole] = 0
	// Move each later slot of the run into the hole, unless it would then lie before its start.
	for i := (hole + 1) & mask; x.slots[i] != 0; i = (i + 1) & mask {
		start := uint32(x.slots[i]>>32) & mask
		if (i-start)&mask >= (i-hole)&mask {
			x.slots[hole], x.slots[i] = x.slots[i], 0
			hole = i
		}
	}
	if len(x.slots) > 8*few && 8*x.n < len(x.slots) {
		x.resize(len(x.slots) / 2)
	}
}

// move gives the key with that hash another position.
func (x *index) move(hash uint32, from, to int) {
	if x.slots != nil {
		x.slots[x.slot(hash, from)] = slotOf(hash, to)
	}
}

// swap exchanges the positions of two keys.
func (x *index) swap(hash1 uint32, pos1 int, hash2 uint32, pos2 int) {
	if x.slots != nil {
		slot1, slot2 := x.slot(hash1, pos1), x.slot(hash2, pos2)
		x.slots[slot1], x.slots[slot2] = slotOf(hash1, pos2), slotOf(hash2, pos1)
	}
}

func (x *index) slot(hash uint32, pos int) uint32 {
	mask := uint32(len(x.slots) - 1)
	i := hash & mask
	for want := slotOf(hash, pos); x.slots[i] != want; i = (i + 1) & mask {
	}
	return i
}

func (x *index) place(slot uint64) {
	mask := uint32(len(x.slots) - 1)
	i := uint32(slot>>32) & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = slot
}

func (x *index) resize(size int) {
	old := x.slots
	x.slots = make([]uint64, size)
	for _, slot := range old {
		if slot != 0 {
			x.place(slot)
		}
	}
}

func (x *index) clone() index {
	return index{slots: append([]uint64(nil), x.slots...), n: x.n}
}
