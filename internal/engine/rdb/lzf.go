package rdb

// LZF, as LibLZF packs it. A byte below 32 is followed by that many bytes plus one,
// which are copied as they are. Any other byte gives the length and the distance of a copy.
const (
	lzfHashBits  = 16
	lzfMaxOffset = 1 << 13
	lzfMaxCopy   = 1<<8 + 1<<3
	lzfMaxRun    = 1 << 5
	lzfMinLength = 21 // Redis does not compress shorter strings
)

// compress packs a string. It returns nil if that saves less than four
// bytes. It finds the same copies as LibLZF, so Redis produces the same bytes.
func compress(s string) []byte {
	if len(s) < lzfMinLength {
		return nil
	}
	limit := len(s) - 4
	var table [1 << lzfHashBits]int32 // the position of the same three bytes, plus one
	out := make([]byte, 1, limit)
	run, runAt := 0, 0 // the length of the current literal run, and the position of its count
	flush := func() {
		if run > 0 {
			out[runAt] = byte(run - 1)
		} else {
			out = out[:len(out)-1]
		}
	}
	literal := func(c byte) bool {
		if len(out) >= limit {
			return false
		}
		out = append(out, c)
		if run++; run == lzfMaxRun {
			out[runAt] = byte(run - 1)
			run, runAt = 0, len(out)
			out = append(out, 0)
		}
		return true
	}
	at := 0
	hash := uint32(s[0])<<8 | uint32(s[1])
	slot := func(h uint32) *int32 { return &table[(h>>(24-lzfHashBits)-h*5)&(1<<lzfHashBits-1)] }
	for at < len(s)-2 {
		hash = hash<<8 | uint32(s[at+2])
		entry := slot(hash)
		ref := int(*entry) - 1
		*entry = int32(at + 1)
		offset := at - ref - 1
		if ref < 0 || offset >= lzfMaxOffset || ref == 0 || s[ref:ref+3] != s[at:at+3] {
			if !literal(s[at]) {
				return nil
			}
			at++
			continue
		}
		length := 2
		longest := min(len(s)-at-length, lzfMaxCopy)
		flush()
		if len(out)+4 >= limit {
			return nil
		}
		for {
			length++
			if length >= longest || s[ref+length] != s[at+length] {
				break
			}
		}
		length -= 2
		at++
		if length < 7 {
			out = append(out, byte(offset>>8)+byte(length)<<5)
		} else {
			out = append(out, byte(offset>>8)+7<<5, byte(length-7))
		}
		out = append(out, byte(offset))
		run, runAt = 0, len(out)
		out = append(out, 0)
		at += length + 1
		if at >= len(s)-2 {
			break
		}
		at -= 2
		for range 2 {
			hash = uint32(s[at])<<16 | uint32(s[at+1])<<8 | uint32(s[at+2])
			*slot(hash) = int32(at + 1)
			at++
		}
		hash = uint32(s[at])<<8 | uint32(s[at+1])
	}
	if len(out)+3 > limit {
		return nil
	}
	for ; at < len(s); at++ {
		if !literal(s[at]) {
			return nil
		}
	}
	flush()
	return out
}

// decompress unpacks a string of a known size.
func decompress(packed string, size int) (string, error) {
	if size > maxString || size > len(packed)*lzfMaxCopy {
		return "", ErrFormat
	}
	out := make([]byte, 0, size)
	for i := 0; i < len(packed); {
		c := int(packed[i])
		i++
		if c < lzfMaxRun {
			if i+c+1 > len(packed) || len(out)+c+1 > size {
				return "", ErrFormat
			}
			out = append(out, packed[i:i+c+1]...)
			i += c + 1
			continue
		}
		length := c >> 5
		if length == 7 {
			if i >= len(packed) {
				return "", ErrFormat
			}
			length += int(packed[i])
			i++
		}
		if i >= len(packed) {
			return "", ErrFormat
		}
		from := len(out) - (c&0x1f)<<8 - int(packed[i]) - 1
		i++
		if from < 0 || len(out)+length+2 > size {
			return "", ErrFormat
		}
		for range length + 2 {
			out = append(out, out[from])
			from++
		}
	}
	if len(out) != size {
		return "", ErrFormat
	}
	return string(out), nil
}
