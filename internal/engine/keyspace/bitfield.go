package keyspace

import (
	"math"
	"strings"
)

// A fieldOp is one part of BITFIELD.
type fieldOp struct {
	name     string // GET, SET or INCRBY
	signed   bool
	bits     int64
	at       int64 // in bits
	value    int64
	overflow string // WRAP, SAT or FAIL
}

const badFieldType = "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."

// bitField is BITFIELD and BITFIELD_RO.
func (db *DB) bitField(args []string) []byte {
	ops, refusal := parseFieldOps(args[2:])
	if refusal != nil {
		return refusal
	}
	end := int64(-1) // of what is written
	for _, op := range ops {
		if op.name != "GET" {
			end = max(end, op.at+op.bits-1)
		}
	}
	if end >= 0 && strings.EqualFold(args[0], "BITFIELD_RO") {
		return errorReply("ERR BITFIELD_RO only supports the GET subcommand")
	}
	text, refusal := db.text(args[1])
	if refusal != nil {
		return refusal
	}
	bytes := []byte(text)
	if size := int(end/8) + 1; end >= 0 && size > len(bytes) {
		bytes = append(bytes, make([]byte, size-len(bytes))...)
	}
	reply := appendArray(nil, len(ops))
	for _, op := range ops {
		if result, ok := op.apply(bytes); ok {
			reply = appendInteger(reply, result)
		} else {
			reply = append(reply, nullReply...)
		}
	}
	if end >= 0 {
		db.call("SET", args[1], string(bytes), "KEEPTTL")
	}
	return reply
}

func parseFieldOps(words []string) (ops []fieldOp, refusal []byte) {
	overflow := "WRAP"
	takes := map[string]int{"GET": 2, "SET": 3, "INCRBY": 3, "OVERFLOW": 1}
	for len(words) > 0 {
		op := fieldOp{name: strings.ToUpper(words[0]), overflow: overflow}
		n, ok := takes[op.name]
		if !ok || len(words) <= n {
			return nil, errorReply(syntaxError)
		}
		operands := words[1 : n+1]
		words = words[n+1:]
		if op.name == "OVERFLOW" {
			overflow = strings.ToUpper(operands[0])
			if overflow != "WRAP" && overflow != "SAT" && overflow != "FAIL" {
				return nil, errorReply("ERR Invalid OVERFLOW type specified")
			}
			continue
		}
		if op.signed, op.bits, ok = parseFieldType(operands[0]); !ok {
			return nil, errorReply(badFieldType)
		}
		text, times := operands[1], int64(1)
		if after, ok := strings.CutPrefix(text, "#"); ok {
			text, times = after, op.bits
		}
		if op.at, ok = parseInt(text); !ok || op.at < 0 || op.at >= maxString*8/times {
			return nil, errorReply(bitOffset)
		}
		op.at *= times
		if op.name != "GET" {
			if op.value, ok = parseInt(operands[2]); !ok {
				return nil, errorReply(notInteger)
			}
		}
		ops = append(ops, op)
	}
	return ops, nil
}

func parseFieldType(word string) (signed bool, bits int64, ok bool) {
	if word == "" || word[0] != 'i' && word[0] != 'u' {
		return false, 0, false
	}
	signed = word[0] == 'i'
	bits, ok = parseInt(word[1:])
	return signed, bits, ok && bits >= 1 && (bits <= 63 || signed && bits == 64)
}

// apply reads or changes a field. ok is false where it would overflow and must not.
func (op fieldOp) apply(bytes []byte) (result int64, ok bool) {
	old := op.read(bytes)
	value, sum := old, op.value
	switch op.name {
	case "GET":
		return old, true
	case "SET":
		value, sum = op.value, 0
	}
	changed, over := op.add(value, sum)
	if over && op.overflow == "FAIL" {
		return 0, false
	}
	for i := range op.bits {
		at := op.at + i
		mask := byte(1) << (7 - at%8)
		if changed>>(op.bits-1-i)&1 == 1 {
			bytes[at/8] |= mask
		} else {
			bytes[at/8] &^= mask
		}
	}
	if op.name == "SET" {
		return old, true
	}
	return changed, true
}

func (op fieldOp) read(bytes []byte) int64 {
	var n uint64
	for at := op.at; at < op.at+op.bits; at++ {
		n <<= 1
		if at/8 < int64(len(bytes)) {
			n |= uint64(bytes[at/8]>>(7-at%8)) & 1
		}
	}
	return op.wrap(n)
}

// wrap keeps the bits that the field has.
func (op fieldOp) wrap(n uint64) int64 {
	n <<= 64 - op.bits
	if op.signed {
		return int64(n) >> (64 - op.bits)
	}
	return int64(n >> (64 - op.bits))
}

// add adds as the field's OVERFLOW says, and says whether it would overflow.
func (op fieldOp) add(value, by int64) (sum int64, over bool) {
	low, high := int64(0), int64(math.MaxInt64)>>(63-op.bits)
	if op.signed {
		high = math.MaxInt64 >> (64 - op.bits)
		low = -high - 1
	}
	limit := high
	switch {
	case !op.signed && value < 0: // SET to a number that is taken for a large one
		over = true
	case value > high, by > 0 && value > high-by:
		over = true
	case value < low, by < 0 && value < low-by:
		over, limit = true, low
	}
	if over && op.overflow == "SAT" {
		return limit, true
	}
	return op.wrap(uint64(value) + uint64(by)), over
}
