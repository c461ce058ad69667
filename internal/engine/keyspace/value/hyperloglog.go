package value

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// A HyperLogLog is a string in the format of Redis' hyperloglog.c: 16 bytes of header, and then
// 16,384 registers, each of six bits (dense) or run-length encoded (sparse). The commands convert the
// B of a *Bytes: (*HyperLogLog)(&b.B).
//
// Its bytes are those that redis-server 7.0 has after the same commands.
type HyperLogLog []byte

const (
	hllHeader    = 16
	hllRegisters = 1 << 14
	hllDenseSize = hllHeader + hllRegisters*6/8

	hllDense  = 0
	hllSparse = 1

	// Opcodes of the sparse form: 00xxxxxx is a run of zeros, 01xxxxxx yyyyyyyy a long one, and
	// 1vvvvvxx a run of a value. Runs and values are stored minus one.
	hllLongZeros = 0x40
	hllValue     = 0x80
	hllMaxZeros  = 64
	hllMaxValue  = 32
	hllMaxRun    = 4 // of a value
)

// ErrNotHyperLogLog says that a string is not a HyperLogLog. Redis replies WRONGTYPE.
var ErrNotHyperLogLog = errors.New("value: not a HyperLogLog")

// ErrCorruptHyperLogLog says that the registers of a sparse HyperLogLog are not 16,384. Redis replies
// INVALIDOBJ.
var ErrCorruptHyperLogLog = errors.New("value: corrupt HyperLogLog")

// NewHyperLogLog returns an empty HyperLogLog, which is sparse.
func NewHyperLogLog() HyperLogLog {
	h := make(HyperLogLog, hllHeader, hllHeader+2)
	copy(h, "HYLL")
	h[4] = hllSparse
	return appendZeros(h, hllRegisters)
}

// Check returns ErrNotHyperLogLog unless h has the header and the length of a HyperLogLog. All other
// methods need that.
func (h HyperLogLog) Check() error {
	if len(h) < hllHeader || string(h[:4]) != "HYLL" || h[4] > hllSparse || h[4] == hllDense && len(h) != hllDenseSize {
		return ErrNotHyperLogLog
	}
	return nil
}

// Sparse says whether h is in the sparse form.
func (h HyperLogLog) Sparse() bool { return h[4] == hllSparse }

// Add adds an element, and says whether a register changed.
func (h *HyperLogLog) Add(element string, limits *Limits) (changed bool, err error) {
	hash := murmurHash64A(element, 0xadc83b19)
	register := int(hash % hllRegisters)
	rank := 1 + bits.TrailingZeros64(hash>>14|1<<50)
	return h.raise(register, rank, limits)
}

// Touch marks the number that is stored in the header as out of date. PFADD and PFMERGE end with it
// when they have changed h.
func (h HyperLogLog) Touch() { h[15] |= 0x80 }

// Stored returns the number of elements that is stored in the header. ok is false if it is out of
// date.
func (h HyperLogLog) Stored() (n uint64, ok bool) {
	return binary.LittleEndian.Uint64(h[8:]), h[15]&0x80 == 0
}

// Store stores the number of elements in the header, as PFCOUNT of one key does.
func (h HyperLogLog) Store(n uint64) { binary.LittleEndian.PutUint64(h[8:], n) }

// Count estimates the number of elements from the registers.
func (h HyperLogLog) Count() (uint64, error) {
	var histogram [64]int
	if !h.Sparse() {
		for register := range hllRegisters {
			histogram[h.get(register)]++
		}
		return estimate(&histogram), nil
	}
	whole := h.runs(func(_, length, rank int) bool {
		histogram[rank] += length
		return true
	})
	if !whole {
		return 0, ErrCorruptHyperLogLog
	}
	return estimate(&histogram), nil
}

// Registers are the values of the registers. They join HyperLogLogs, for PFMERGE and for PFCOUNT of
// several keys.
type Registers [hllRegisters]uint8

// Join makes each register the larger of its value and that of h.
func (r *Registers) Join(h HyperLogLog) error {
	if !h.Sparse() {
		for i := range r {
			r[i] = max(r[i], h.get(i))
		}
		return nil
	}
	whole := h.runs(func(register, length, rank int) bool {
		if register+length > hllRegisters {
			return false
		}
		for i := register; i < register+length; i++ {
			r[i] = max(r[i], uint8(rank))
		}
		return true
	})
	if !whole {
		return ErrCorruptHyperLogLog
	}
	return nil
}

// Count estimates the number of elements.
func (r *Registers) Count() uint64 {
	var histogram [64]int
	for _, rank := range r {
		histogram[rank]++
	}
	return estimate(&histogram)
}

// Merge raises the registers of h to those of r. PFMERGE has joined h itself to r before, and has
// made h dense if one of the sources is.
func (h *HyperLogLog) Merge(r *Registers, limits *Limits) error {
	for i, rank := range r {
		if rank > 0 {
			if _, err := h.raise(i, int(rank), limits); err != nil {
				return err
			}
		}
	}
	return nil
}

// MakeDense changes h to the dense form.
func (h *HyperLogLog) MakeDense() error {
	if !h.Sparse() {
		return nil
	}
	var r Registers
	if err := r.Join(*h); err != nil {
		return err
	}
	dense := make(HyperLogLog, hllDenseSize)
	copy(dense, (*h)[:hllHeader])
	dense[4] = hllDense
	for i, rank := range r {
		dense.put(i, rank)
	}
	*h = dense
	return nil
}

// Decode returns the opcodes of the sparse form as text: the reply of PFDEBUG DECODE.
func (h HyperLogLog) Decode() string {
	var b strings.Builder
	for i := hllHeader; i < len(h); {
		op := h.op(i)
		switch {
		case op.rank > 0:
			fmt.Fprintf(&b, "v:%d,%d ", op.rank, op.length)
		case op.size == 2:
			fmt.Fprintf(&b, "Z:%d ", op.length)
		default:
			fmt.Fprintf(&b, "z:%d ", op.length)
		}
		i += op.size
	}
	return strings.TrimSuffix(b.String(), " ")
}

// An hllOp is an opcode of the sparse form: a run of registers with the same value.
type hllOp struct {
	size   int // bytes
	length int // registers
	rank   int
}

func (h HyperLogLog) op(i int) hllOp {
	switch b := int(h[i]); {
	case b&hllValue != 0:
		return hllOp{1, b&3 + 1, b>>2&31 + 1}
	case b&hllLongZeros != 0:
		low := 0 // Redis reads the zero that ends each of its strings
		if i+1 < len(h) {
			low = int(h[i+1])
		}
		return hllOp{2, b&0x3f<<8 + low + 1, 0}
	default:
		return hllOp{1, b + 1, 0}
	}
}

// runs calls visit for each opcode of the sparse form until it returns false. whole says whether
// they are of 16,384 registers.
func (h HyperLogLog) runs(visit func(register, length, rank int) bool) (whole bool) {
	register := 0
	for i := hllHeader; i < len(h); {
		op := h.op(i)
		if !visit(register, op.length, op.rank) {
			return false
		}
		register += op.length
		i += op.size
	}
	return register == hllRegisters
}

func (h HyperLogLog) get(register int) uint8 {
	i, shift := hllHeader+register*6/8, register*6%8
	v := uint(h[i]) >> shift
	if shift > 2 {
		v |= uint(h[i+1]) << (8 - shift)
	}
	return uint8(v & 63)
}

func (h HyperLogLog) put(register int, rank uint8) {
	i, shift := hllHeader+register*6/8, register*6%8
	h[i] = h[i]&^(63<<shift) | rank<<shift
	if shift > 2 {
		h[i+1] = h[i+1]&^(63>>(8-shift)) | rank>>(8-shift)
	}
}

// raise sets a register unless its value is higher, and says whether it was lower.
func (h *HyperLogLog) raise(register, rank int, limits *Limits) (bool, error) {
	if !h.Sparse() {
		if int(h.get(register)) >= rank {
			return false, nil
		}
		h.put(register, uint8(rank))
		return true, nil
	}
	if rank > hllMaxValue {
		return h.raiseDense(register, rank, limits)
	}
	// Find the opcode of the register.
	first, at, before := 0, hllHeader, -1
	var op hllOp
	for ; at < len(*h); at += op.size {
		if op = h.op(at); register < first+op.length {
			break
		}
		before = at
		first += op.length
	}
	if at >= len(*h) {
		return false, ErrCorruptHyperLogLog
	}
	if op.rank >= rank {
		return false, nil
	}
	// Split it: what is before the register, the register, and what is after it.
	var split HyperLogLog = make([]byte, 0, 5)
	left, right := register-first, first+op.length-1-register
	if op.rank > 0 {
		if left > 0 {
			split = appendValue(split, op.rank, left)
		}
		split = appendValue(split, rank, 1)
		if right > 0 {
			split = appendValue(split, op.rank, right)
		}
	} else {
		if left > 0 {
			split = appendZeros(split, left)
		}
		split = appendValue(split, rank, 1)
		if right > 0 {
			split = appendZeros(split, right)
		}
	}
	end := min(at+op.size, len(*h))
	if grows := len(split) - op.size; grows > 0 && len(*h)+grows > limits.HLLSparseMaxBytes {
		return h.raiseDense(register, rank, limits)
	}
	*h = replace(*h, at, end, split)
	*h = (*h)[:len(*h)-(at+op.size-end)] // what Redis counts as removed beyond the end
	h.join(before)
	h.Touch()
	return true, nil
}

func (h *HyperLogLog) raiseDense(register, rank int, limits *Limits) (bool, error) {
	if err := h.MakeDense(); err != nil {
		return false, err
	}
	return h.raise(register, rank, limits)
}

// join makes neighbouring runs of one value one run, among five opcodes from the one before the
// changed one (-1 is the first).
func (h *HyperLogLog) join(before int) {
	i := max(before, hllHeader)
	for range 5 {
		if i >= len(*h) {
			return
		}
		op := h.op(i)
		if op.rank > 0 && i+1 < len(*h) {
			if next := h.op(i + 1); next.rank == op.rank && op.length+next.length <= hllMaxRun {
				*h = replace(*h, i, i+2, appendValue(nil, op.rank, op.length+next.length))
				continue
			}
		}
		i += op.size
	}
}

func replace(h HyperLogLog, from, to int, with HyperLogLog) HyperLogLog {
	if len(with) == to-from {
		copy(h[from:], with)
		return h
	}
	tail := len(h) - to
	if grows := len(with) - (to - from); grows > 0 {
		h = append(h, with[:grows]...)
	}
	copy(h[from+len(with):], h[to:to+tail])
	copy(h[from:], with)
	return h[:from+len(with)+tail]
}

func appendZeros(h HyperLogLog, length int) HyperLogLog {
	if length > hllMaxZeros {
		return append(h, hllLongZeros|byte((length-1)>>8), byte(length-1))
	}
	return append(h, byte(length-1))
}

func appendValue(h HyperLogLog, rank, length int) HyperLogLog {
	return append(h, hllValue|byte((rank-1)<<2|(length-1)))
}

// estimate is the estimator of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
// sketches", arXiv:1702.01284. It takes the number of registers of each value.
func estimate(histogram *[64]int) uint64 {
	const m = float64(hllRegisters)
	const alphaInf = 0.721347520444481703680 // 0.5 / ln 2
	z := m * tau((m-float64(histogram[51]))/m)
	for j := 50; j >= 1; j-- {
		z += float64(histogram[j])
		z *= 0.5
	}
	z += float64(m * sigma(float64(histogram[0])/m))
	return uint64(math.Round(alphaInf * m * m / z))
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += float64(x * y) // on no processor one operation with the addition
		y += y
		if z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		z -= float64(float64((1-x)*(1-x)) * y)
		if z == before {
			return z / 3
		}
	}
}

// murmurHash64A is the 64-bit version of MurmurHash2 for 64-bit machines, by Austin Appleby.
func murmurHash64A(s string, seed uint64) uint64 {
	const m = 0xc6a4a7935bd1e995
	const r = 47
	h := seed ^ uint64(len(s))*m
	for ; len(s) >= 8; s = s[8:] {
		k := uint64(0)
		for i := range 8 {
			k |= uint64(s[i]) << (8 * i)
		}
		k *= m
		k ^= k >> r
		k *= m
		h ^= k
		h *= m
	}
	if len(s) > 0 {
		for i := range len(s) {
			h ^= uint64(s[i]) << (8 * i)
		}
		h *= m
	}
	h ^= h >> r
	h *= m
	h ^= h >> r
	return h
}
