package keyspace

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/alicebob/miniredis/v2"
)

const (
	maxString   = 512 << 20 // proto-max-bulk-len
	tooLong     = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	bitOffset   = "ERR bit offset is not an integer or out of range"
	bitArgument = "ERR The bit argument must be 1 or 0."
)

// text is the string at a key, "" where there is none.
func (db *DB) text(key string) (text string, refusal []byte) {
	text, err := db.mini.DB(db.selected).Get(key)
	if errors.Is(err, miniredis.ErrWrongType) {
		return "", errorReply(wrongType)
	}
	return text, nil
}

// increment is INCR, DECR, INCRBY and DECRBY.
func (db *DB) increment(args []string) []byte {
	delta := int64(1)
	if len(args) > 2 {
		var ok bool
		if delta, ok = parseInt(args[2]); !ok {
			return errorReply(notInteger)
		}
	}
	if strings.HasPrefix(strings.ToUpper(args[0]), "DECR") {
		if delta == math.MinInt64 {
			return errorReply("ERR decrement would overflow")
		}
		delta = -delta
	}
	text, refusal := db.text(args[1])
	if refusal != nil {
		return refusal
	}
	n, ok := int64(0), true
	if db.exists(args[1]) {
		n, ok = parseInt(text)
	}
	switch {
	case !ok:
		return errorReply(notInteger)
	case delta > 0 && n > math.MaxInt64-delta || delta < 0 && n < math.MinInt64-delta:
		return errorReply(overflow)
	}
	return db.call("INCRBY", args[1], strconv.FormatInt(delta, 10))
}

// incrementFloat is INCRBYFLOAT.
func (db *DB) incrementFloat(args []string) []byte {
	text, refusal := db.text(args[1])
	if refusal != nil {
		return refusal
	}
	if !db.exists(args[1]) {
		text = "0"
	}
	sum, ok := addLongDoubles(text, args[2])
	switch {
	case !ok:
		return errorReply(notFloat)
	case sum == "":
		return errorReply("ERR increment would produce NaN or Infinity")
	}
	db.call("SET", args[1], sum, "KEEPTTL")
	return bulk(sum)
}

// addLongDoubles adds two numbers. The sum is "" where it is infinite.
func addLongDoubles(a, b string) (sum string, ok bool) {
	x, ok1 := parseLongDouble(a)
	y, ok2 := parseLongDouble(b)
	switch {
	case !ok1 || !ok2:
		return "", false
	case x.IsInf() || y.IsInf():
		return "", true
	}
	if x.Add(x, y); x.MantExp(nil) > 16384 {
		return "", true
	}
	return formatLongDouble(x), true
}

// setRange is SETRANGE.
func (db *DB) setRange(args []string) []byte {
	at, ok := parseInt(args[2])
	switch {
	case !ok:
		return errorReply(notInteger)
	case at < 0:
		return errorReply("ERR offset is out of range")
	}
	text, refusal := db.text(args[1])
	switch {
	case refusal != nil:
		return refusal
	case args[3] == "":
		return integer(int64(len(text)))
	case at > maxString-int64(len(args[3])):
		return errorReply(tooLong)
	}
	return db.call(args...)
}

// appendText is APPEND.
func (db *DB) appendText(args []string) []byte {
	text, refusal := db.text(args[1])
	switch {
	case refusal != nil:
		return refusal
	case len(text)+len(args[2]) > maxString:
		return errorReply(tooLong)
	}
	return db.call(args...)
}

// bit is GETBIT and SETBIT.
func (db *DB) bit(args []string) []byte {
	if at, ok := parseInt(args[2]); !ok || at < 0 || at >= maxString*8 {
		return errorReply(bitOffset)
	}
	return db.call(args...)
}

// A bitRange is the part of a string that BITCOUNT and BITPOS look at.
type bitRange struct{ from, to int64 } // in bits; to is included

// parseBitRange reads [start end [BYTE|BIT]] for a string of this length.
func parseBitRange(words []string, length int) (r bitRange, refusal []byte) {
	start, end, unit := int64(0), int64(-1), int64(8)
	var ok bool
	if start, ok = parseInt(words[0]); !ok {
		return r, errorReply(notInteger)
	}
	if len(words) > 1 {
		if end, ok = parseInt(words[1]); !ok {
			return r, errorReply(notInteger)
		}
	}
	if len(words) > 2 {
		switch {
		case strings.EqualFold(words[2], "BIT"):
			unit = 1
		case !strings.EqualFold(words[2], "BYTE"):
			return r, errorReply(syntaxError)
		}
	}
	total := int64(length) * 8 / unit
	if start < 0 {
		start = max(start+total, 0)
	}
	if end < 0 {
		end = max(end+total, 0)
	}
	start, end = min(start, total), min(end, total-1)
	return bitRange{start * unit, end*unit + unit - 1}, nil
}

// bitCount is BITCOUNT.
func (db *DB) bitCount(args []string) []byte {
	text, refusal := db.text(args[1])
	switch n := len(args); {
	case refusal != nil:
		return refusal
	case !db.exists(args[1]):
		return integer(0)
	case n == 3 || n > 5:
		return errorReply(syntaxError)
	}
	r := bitRange{0, int64(len(text))*8 - 1}
	if len(args) > 2 {
		if r, refusal = parseBitRange(args[2:], len(text)); refusal != nil {
			return refusal
		}
		start, _ := parseInt(args[2])
		end, _ := parseInt(args[3])
		if start < 0 && end < 0 && start > end {
			return integer(0)
		}
	}
	count := int64(0)
	for at := r.from; at <= r.to; {
		if at%8 == 0 && at+7 <= r.to {
			count += int64(bits.OnesCount8(text[at/8]))
			at += 8
			continue
		}
		count += bitAt(text, at)
		at++
	}
	return integer(count)
}

func bitAt(text string, at int64) int64 { return int64(text[at/8]>>(7-at%8)) & 1 }

// bitPosition is BITPOS.
func (db *DB) bitPosition(args []string) []byte {
	want, ok := parseInt(args[2])
	switch {
	case !ok:
		return errorReply(notInteger)
	case want != 0 && want != 1:
		return errorReply(bitArgument)
	}
	text, refusal := db.text(args[1])
	switch {
	case refusal != nil:
		return refusal
	case !db.exists(args[1]):
		return integer(-want) // nothing but zeros
	case len(args) > 6:
		return errorReply(syntaxError)
	}
	r := bitRange{0, int64(len(text))*8 - 1}
	if len(args) > 3 {
		if r, refusal = parseBitRange(args[3:], len(text)); refusal != nil {
			return refusal
		}
	}
	for at := r.from; at <= r.to; at++ {
		if bitAt(text, at) == want {
			return integer(at)
		}
	}
	if want == 0 && len(args) < 5 && r.from <= r.to {
		return integer(r.to + 1) // zeros follow a string whose end was not given
	}
	return integer(-1)
}
