package keyspace

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// The replies of miniredis are RESP2. What they become where a script asked for
// RESP3, and how Redis 7.0 writes the floats in them, follows from their shape.
// A shape takes one value from the reply and writes what it becomes.
type shape func(c *conversion)

type conversion struct {
	in    []byte
	out   []byte
	resp3 bool
}

// convert makes the reply to a command what Redis 7.0 would send.
func convert(name string, args []string, reply []byte, resp3 bool) []byte {
	if reply[0] == '-' {
		return reply
	}
	s, formats := shapeOf(name, args)
	if !resp3 && !formats {
		return reply
	}
	c := conversion{in: reply, resp3: resp3}
	s(&c)
	return c.out
}

// shapeOf is the shape of a command's reply, and whether it says more than RESP3's
// types.
func shapeOf(name string, args []string) (s shape, formats bool) {
	switch name {
	case "HGETALL", "CONFIG|GET", "XINFO|STREAM", "LCS": // LCS with IDX; else it is no array
		return mapping, false
	case "SMEMBERS", "SINTER", "SUNION", "SDIFF":
		return set, false
	case "SPOP":
		if len(args) > 2 {
			return set, false
		}
	case "HRANDFIELD":
		if len(args) > 3 {
			return pairs(plain), false
		}
	case "ZSCORE", "ZINCRBY":
		return double, true
	case "ZADD":
		return double, true // with INCR; else it is an integer
	case "ZMSCORE":
		return array(double), true
	case "ZPOPMIN", "ZPOPMAX":
		if len(args) > 2 {
			return pairs(double), true
		}
		return tuple(plain, double), true
	case "BZPOPMIN", "BZPOPMAX":
		return tuple(plain, plain, double), true
	case "ZMPOP", "BZMPOP":
		return tuple(plain, array(tuple(plain, double))), true
	case "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZUNION", "ZINTER", "ZDIFF", "ZRANDMEMBER":
		if hasWord(args, "WITHSCORES") {
			return pairs(double), true
		}
	case "GEOPOS":
		return array(tuple(humanDouble, humanDouble)), false
	case "GEORADIUS", "GEORADIUS_RO", "GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO", "GEOSEARCH":
		if hasWord(args, "WITHCOORD") {
			return array(last(tuple(humanDouble, humanDouble))), false
		}
	case "XREAD", "XREADGROUP":
		return keyed, false
	case "XINFO|GROUPS", "XINFO|CONSUMERS":
		return array(mapping), false
	case "INFO", "LOLWUT":
		return verbatim, false
	}
	return plain, false
}

func hasWord(args []string, word string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, word) })
}

// line takes the first line of a value: its type, and what follows that.
func (c *conversion) line() (kind byte, text []byte) {
	line, rest, _ := bytes.Cut(c.in, []byte("\r\n"))
	c.in = rest
	return line[0], line[1:]
}

func (c *conversion) write(kind byte, text []byte) {
	c.out = append(c.out, kind)
	c.out = append(c.out, text...)
	c.out = append(c.out, "\r\n"...)
}

func (c *conversion) writeInt(kind byte, n int) { c.write(kind, strconv.AppendInt(nil, int64(n), 10)) }

// bulk takes a string; where the value is none, it is converted as it stands.
func (c *conversion) bulk() (text []byte, ok bool) {
	if c.in[0] != '$' || c.in[1] == '-' {
		plain(c)
		return nil, false
	}
	_, size := c.line()
	n, _ := strconv.Atoi(string(size))
	text, c.in = c.in[:n], c.in[n+2:]
	return text, true
}

// elements takes the head of an array; where the value is none, it is converted as
// it stands.
func (c *conversion) elements() (n int, ok bool) {
	if c.in[0] != '*' || c.in[1] == '-' {
		plain(c)
		return 0, false
	}
	_, size := c.line()
	n, _ = strconv.Atoi(string(size))
	return n, true
}

// plain is what RESP3 writes as RESP2 does, but for null.
func plain(c *conversion) {
	kind, text := c.line()
	if c.resp3 && (kind == '$' || kind == '*') && text[0] == '-' {
		c.write('_', nil)
		return
	}
	c.write(kind, text)
	n, _ := strconv.Atoi(string(text))
	switch {
	case kind == '$' && n >= 0:
		c.out = append(c.out, c.in[:n+2]...)
		c.in = c.in[n+2:]
	case kind == '*':
		for range n {
			plain(c)
		}
	}
}

// double is a float as Redis 7.0 writes it, with 17 digits.
func double(c *conversion) {
	text, ok := c.bulk()
	if !ok {
		return
	}
	if f, err := strconv.ParseFloat(string(text), 64); err == nil {
		text = appendDouble(nil, f)
	}
	c.number(text)
}

// humanDouble is a float that RESP2 has in the form in which it is wanted.
func humanDouble(c *conversion) {
	if text, ok := c.bulk(); ok {
		c.number(text)
	}
}

func (c *conversion) number(text []byte) {
	if c.resp3 {
		c.write(',', text)
		return
	}
	c.string(text)
}

func (c *conversion) string(text []byte) {
	c.writeInt('$', len(text))
	c.out = append(c.out, text...)
	c.out = append(c.out, "\r\n"...)
}

// verbatim is text for people.
func verbatim(c *conversion) {
	text, ok := c.bulk()
	switch {
	case !ok:
	case c.resp3:
		c.writeInt('=', len(text)+4)
		c.out = append(c.out, "txt:"...)
		c.out = append(c.out, text...)
		c.out = append(c.out, "\r\n"...)
	default:
		c.string(text)
	}
}

func set(c *conversion) {
	n, ok := c.elements()
	if !ok {
		return
	}
	if c.resp3 {
		c.writeInt('~', n)
	} else {
		c.writeInt('*', n)
	}
	for range n {
		plain(c)
	}
}

func array(of shape) shape {
	return func(c *conversion) {
		n, ok := c.elements()
		if !ok {
			return
		}
		c.writeInt('*', n)
		for range n {
			of(c)
		}
	}
}

// tuple is an array with a shape for each element.
func tuple(shapes ...shape) shape {
	return func(c *conversion) {
		n, ok := c.elements()
		if !ok {
			return
		}
		c.writeInt('*', n)
		for i := range n {
			if i < len(shapes) {
				shapes[i](c)
			} else {
				plain(c)
			}
		}
	}
}

// last is an array whose last element has a shape; or something else, as it is.
func last(of shape) shape {
	return func(c *conversion) {
		n, ok := c.elements()
		if !ok {
			return
		}
		c.writeInt('*', n)
		for range n - 1 {
			plain(c)
		}
		of(c)
	}
}

// mapping is an array of keys and values in turn, a map in RESP3.
func mapping(c *conversion) {
	n, ok := c.elements()
	if !ok {
		return
	}
	if c.resp3 {
		c.writeInt('%', n/2)
	} else {
		c.writeInt('*', n)
	}
	for range n {
		plain(c)
	}
}

// pairs is an array of members and values in turn, an array of arrays of two in
// RESP3.
func pairs(value shape) shape {
	return func(c *conversion) {
		n, ok := c.elements()
		if !ok {
			return
		}
		if c.resp3 {
			c.writeInt('*', n/2)
		} else {
			c.writeInt('*', n)
		}
		for range n / 2 {
			if c.resp3 {
				c.writeInt('*', 2)
			}
			plain(c)
			value(c)
		}
	}
}

// keyed is an array of arrays of a key and its value, a map in RESP3.
func keyed(c *conversion) {
	n, ok := c.elements()
	if !ok {
		return
	}
	if !c.resp3 {
		c.writeInt('*', n)
		for range n {
			plain(c)
		}
		return
	}
	c.writeInt('%', n)
	for range n {
		c.line() // *2
		plain(c)
		plain(c)
	}
}

// appendDouble writes a float as C does by %.17g.
func appendDouble(dst []byte, f float64) []byte {
	text := strconv.FormatFloat(f, 'g', 17, 64)
	switch text {
	case "+Inf":
		text = "inf"
	case "-Inf":
		text = "-inf"
	case "NaN":
		text = "nan"
	}
	mantissa, exponent, ok := strings.Cut(text, "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	dst = append(dst, mantissa...)
	if ok {
		dst = append(dst, 'e')
		dst = append(dst, exponent...)
	}
	return dst
}
