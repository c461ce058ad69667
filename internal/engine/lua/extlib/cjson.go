package extlib

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

// null is cjson.null, the value of JSON's null: C's null pointer.
var null = new(lua.Userdata)

// A cjson holds the settings that the functions of one cjson table share.
type cjson struct {
	sparseConvert, sparseRatio, sparseSafe int
	encodeDepth, decodeDepth               int
	encodeInvalid, decodeInvalid           int
	precision                              int
	keepBuffer                             int

	kept []byte // the buffer of the last encode
}

// maxKept is the maximum size of a buffer that is kept, in bytes.
const maxKept = 64 << 10

// newCJSON makes a cjson table with its own settings.
func newCJSON() *lua.Table {
	c := &cjson{
		sparseRatio: 2, sparseSafe: 10,
		encodeDepth: 1000, decodeDepth: 1000,
		decodeInvalid: on,
		precision:     14,
		keepBuffer:    on,
	}
	t := library(0, []function{
		{"encode", c.encode},
		{"decode", c.decode},
		{"encode_sparse_array", func(s *lua.State, args []lua.Value) []lua.Value {
			checkCount(s, args, 3)
			return []lua.Value{
				enumOption(s, args, 1, &c.sparseConvert, offOn),
				integerOption(s, args, 2, &c.sparseRatio, 0, math.MaxInt32),
				integerOption(s, args, 3, &c.sparseSafe, 0, math.MaxInt32),
			}
		}},
		{"encode_max_depth", integerSetting(&c.encodeDepth, 1, math.MaxInt32)},
		{"decode_max_depth", integerSetting(&c.decodeDepth, 1, math.MaxInt32)},
		{"encode_number_precision", integerSetting(&c.precision, 1, 14)},
		{"encode_keep_buffer", enumSetting(&c.keepBuffer, offOn)},
		{"encode_invalid_numbers", enumSetting(&c.encodeInvalid, offOnNull)},
		{"decode_invalid_numbers", enumSetting(&c.decodeInvalid, offOn)},
		{"new", func(s *lua.State, _ []lua.Value) []lua.Value {
			s.Alloc(1 << 10)
			return s.Return(newCJSON())
		}},
	})
	t.SetString("null", null)
	t.SetString("_NAME", "cjson")
	t.SetString("_VERSION", "2.1.0")
	return t
}

// Values of a setting that is not a number, and their names. false and true stand for
// the first two.
const (
	off = iota
	on
	asNull
)

var (
	offOn     = []string{"off", "on"}
	offOnNull = []string{"off", "on", "null"}
)

func checkCount(s *lua.State, args []lua.Value, most int) {
	if len(args) > most {
		s.ArgError(most+1, "found too many arguments")
	}
}

func integerSetting(setting *int, least, most int) lua.GoFunc {
	return func(s *lua.State, args []lua.Value) []lua.Value {
		checkCount(s, args, 1)
		return s.Return(integerOption(s, args, 1, setting, least, most))
	}
}

// integerOption sets a setting to an argument, if there is one, and returns the setting.
func integerOption(s *lua.State, args []lua.Value, n int, setting *int, least, most int) lua.Value {
	if lua.Arg(args, n) != nil {
		value := int(int32(s.CheckInt(args, n)))
		if value < least || value > most {
			// The error names the first argument in any case, as in C.
			s.ArgError(1, fmt.Sprintf("expected integer between %d and %d", least, most))
		}
		*setting = value
	}
	return lua.Number(float64(*setting))
}

func enumSetting(setting *int, names []string) lua.GoFunc {
	return func(s *lua.State, args []lua.Value) []lua.Value {
		checkCount(s, args, 1)
		return s.Return(enumOption(s, args, 1, setting, names))
	}
}

// enumOption is integerOption for a setting whose values have names.
func enumOption(s *lua.State, args []lua.Value, n int, setting *int, names []string) lua.Value {
	switch v := lua.Arg(args, n).(type) {
	case nil:
	case bool:
		*setting = off
		if v {
			*setting = on
		}
	default:
		*setting = checkOption(s, args, n, names)
	}
	if *setting <= on {
		return *setting == on
	}
	return names[*setting]
}

// checkOption is luaL_checkoption: it returns the index of an argument in names.
func checkOption(s *lua.State, args []lua.Value, n int, names []string) int {
	text := ctext.String(s.CheckString(args, n))
	for i, name := range names {
		if text == name {
			return i
		}
	}
	s.ArgError(n, "invalid option '"+text+"'")
	return 0
}

func (c *cjson) encode(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) != 1 {
		s.ArgError(1, "expected 1 argument")
	}
	e := encoder{cjson: c, buffer: buffer{s: s}}
	if c.keepBuffer == on {
		e.text = c.kept[:0]
	}
	e.value(args[0], 0, 1)
	if c.keepBuffer == on && cap(e.text) <= maxKept {
		c.kept = e.text
	}
	return e.result()
}

type encoder struct {
	*cjson
	buffer
}

// value writes a value that is inside depth tables. stack is the number of values on C Lua's
// stack.
func (e *encoder) value(v lua.Value, depth, stack int) {
	e.s.Step(1)
	switch v := v.(type) {
	case nil:
		e.writeString("null")
	case bool:
		if v {
			e.writeString("true")
		} else {
			e.writeString("false")
		}
	case float64:
		e.number(v)
	case string:
		e.string(v)
	case *lua.Table:
		depth++
		if depth > e.encodeDepth || stack+3 > maxStack {
			e.s.Errorf("Cannot serialise, excessive nesting (%d)", depth)
		}
		if n := e.arrayLength(v); n > 0 {
			e.array(v, n, depth, stack)
		} else {
			e.object(v, depth, stack)
		}
	default:
		if v != null {
			e.fail(v, "type not supported")
		}
		e.writeString("null")
	}
}

func (e *encoder) fail(v lua.Value, reason string) {
	e.s.Errorf("Cannot serialise %s: %s", lua.TypeName(v), reason)
}

// arrayLength returns the number of elements of an array. It returns 0 or less for any other
// table: an empty one, or one with keys other than integers from 1 on. It counts
// in 32 bits and overflows as in C.
func (e *encoder) arrayLength(t *lua.Table) int {
	var highest, items int32
	for k, _, _ := e.s.Next(t, nil); k != nil; k, _, _ = e.s.Next(t, k) {
		e.s.Step(1)
		n, ok := k.(float64)
		if !ok || n < 1 || n != math.Floor(n) {
			return -1
		}
		if n > float64(highest) {
			highest = math.MinInt32
			if n <= math.MaxInt32 {
				highest = int32(n)
			}
		}
		items++
	}
	if e.sparseRatio > 0 && highest > items*int32(e.sparseRatio) && highest > int32(e.sparseSafe) {
		if e.sparseConvert == off {
			e.fail(t, "excessively sparse array")
		}
		return -1
	}
	return int(highest)
}

func (e *encoder) array(t *lua.Table, n, depth, stack int) {
	e.grow(2 * n) // at least; a sparse array may have a huge n
	e.writeByte('[')
	for i := range n {
		if i > 0 {
			e.writeByte(',')
		}
		e.value(t.GetInt(i+1), depth, stack+1)
	}
	e.writeByte(']')
}

func (e *encoder) object(t *lua.Table, depth, stack int) {
	e.writeByte('{')
	comma := false
	for k, v, _ := e.s.Next(t, nil); k != nil; k, v, _ = e.s.Next(t, k) {
		if comma {
			e.writeByte(',')
		}
		comma = true
		switch k := k.(type) {
		case float64:
			e.writeByte('"')
			e.number(k)
			e.writeString(`":`)
		case string:
			e.string(k)
			e.writeByte(':')
		default:
			e.fail(k, "table key must be a number or string")
		}
		e.value(v, depth, stack+2) // the table and the key are on the stack
	}
	e.writeByte('}')
}

func (e *encoder) number(f float64) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		switch {
		case e.encodeInvalid == off:
			e.fail(f, "must not be NaN or Inf")
		case e.encodeInvalid == asNull:
			e.writeString("null")
			return
		case math.IsNaN(f):
			e.writeString("nan")
			return
		}
	}
	if f == math.Trunc(f) && math.Abs(f) < math.Pow10(e.precision) && (f != 0 || !math.Signbit(f)) {
		e.grow(20)
		e.text = strconv.AppendInt(e.text, int64(f), 10)
		return
	}
	e.writeString(ctext.FormatFloat(f, 'g', e.precision))
}

// escapes holds the escape sequence of each byte that a string must not contain.
var escapes = func() (table [256]string) {
	for c := range 0x20 {
		table[c] = fmt.Sprintf(`\u%04x`, c)
	}
	table['\b'], table['\t'], table['\n'], table['\f'], table['\r'] = `\b`, `\t`, `\n`, `\f`, `\r`
	table['"'], table['\\'], table['/'], table[0x7f] = `\"`, `\\`, `\/`, `\u007f`
	return table
}()

func (e *encoder) string(text string) {
	e.grow(len(text) + 2)
	e.writeByte('"')
	start := 0
	for i := range len(text) {
		if escape := escapes[text[i]]; escape != "" {
			e.writeString(text[start:i])
			e.writeString(escape)
			start = i + 1
		}
	}
	e.writeString(text[start:])
	e.writeByte('"')
}

func (c *cjson) decode(s *lua.State, args []lua.Value) []lua.Value {
	if len(args) != 1 {
		s.ArgError(1, "expected 1 argument")
	}
	d := decoder{cjson: c, s: s, text: s.CheckString(args, 1)}
	if len(d.text) >= 2 && (d.text[0] == 0 || d.text[1] == 0) {
		s.Errorf("JSON parser does not support UTF-16 or UTF-32")
	}
	d.next()
	v := d.value(0, 1)
	d.next()
	if d.token != tokenEnd {
		d.fail("the end")
	}
	return s.Return(v)
}

// A decoder reads JSON. A zero byte ends the text, as in C.
type decoder struct {
	*cjson
	s    *lua.State
	text string
	at   int // the byte after the token

	token  token
	start  int       // of the token, or of the error
	scalar lua.Value // of tokenScalar and tokenString
	wrong  string    // of tokenError
}

type token byte

const (
	tokenError       token = iota
	tokenScalar            // a number, true, false or null
	tokenString      token = '"'
	tokenObjectBegin token = '{'
	tokenObjectEnd   token = '}'
	tokenArrayBegin  token = '['
	tokenArrayEnd    token = ']'
	tokenColon       token = ':'
	tokenComma       token = ','
	tokenEnd         token = '$'
)

// name returns C's name of the token, as messages show it.
func (d *decoder) name() string {
	switch d.token {
	case tokenError:
		return d.wrong
	case tokenObjectBegin:
		return "T_OBJ_BEGIN"
	case tokenObjectEnd:
		return "T_OBJ_END"
	case tokenArrayBegin:
		return "T_ARR_BEGIN"
	case tokenArrayEnd:
		return "T_ARR_END"
	case tokenColon:
		return "T_COLON"
	case tokenComma:
		return "T_COMMA"
	case tokenEnd:
		return "T_END"
	case tokenString:
		return "T_STRING"
	}
	switch d.scalar.(type) {
	case float64:
		return "T_NUMBER"
	case bool:
		return "T_BOOLEAN"
	default:
		return "T_NULL"
	}
}

func (d *decoder) fail(expected string) {
	d.s.Errorf("Expected %s but found %s at character %d", expected, d.name(), d.start+1)
}

// invalid makes the token an error at the current position.
func (d *decoder) invalid(wrong string) {
	d.token, d.wrong, d.start = tokenError, wrong, d.at
}

// peek returns the byte that many positions ahead, or 0 after the end.
func (d *decoder) peek(ahead int) byte {
	if at := d.at + ahead; at < len(d.text) {
		return d.text[at]
	}
	return 0
}

// next reads the next token.
func (d *decoder) next() {
	before := d.at
	for isSpace(d.peek(0)) {
		d.at++
	}
	d.s.Step(1 + d.at - before)
	d.start = d.at
	switch c := d.peek(0); c {
	case 0:
		d.token = tokenEnd
	case '{', '}', '[', ']', ',', ':':
		d.token = token(c)
		d.at++
	case '"':
		d.string()
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if d.decodeInvalid == off && notJSON(d.text[d.at:]) {
			d.invalid("invalid number")
			return
		}
		d.number()
	case 't', 'f', 'n', 'i', 'I', 'N', '+':
		switch rest := d.text[d.at:]; {
		case strings.HasPrefix(rest, "true"):
			d.literal("true", true)
		case strings.HasPrefix(rest, "false"):
			d.literal("false", false)
		case strings.HasPrefix(rest, "null"):
			d.literal("null", null)
		case d.decodeInvalid == on && notJSON(rest):
			d.number()
		default:
			d.invalid("invalid token")
		}
	default:
		d.invalid("invalid token")
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (d *decoder) literal(text string, v lua.Value) {
	d.token, d.scalar = tokenScalar, v
	d.at += len(text)
}

// string reads a string.
func (d *decoder) string() {
	d.at++
	rest := d.text[d.at:]
	// Most strings contain no escapes.
	if end := strings.IndexAny(rest, "\"\\\x00"); end >= 0 && rest[end] == '"' {
		d.token, d.scalar = tokenString, copyOf(d.s, rest[:end])
		d.at += end + 1
		return
	}
	b := buffer{s: d.s}
	for {
		switch c := d.peek(0); c {
		case '"':
			d.s.Alloc(len(b.text))
			d.token, d.scalar = tokenString, string(b.text)
			d.at++
			return
		case 0:
			d.invalid("unexpected end of string")
			return
		case '\\':
			escaped := d.peek(1)
			if escaped == 'u' {
				r, length := d.unicode()
				if length == 0 {
					d.invalid("invalid unicode escape code")
					return
				}
				b.grow(4)
				b.text = utf8.AppendRune(b.text, r)
				d.at += length
				continue
			}
			at := strings.IndexByte(`"\/bfnrt`, escaped)
			if at < 0 {
				d.invalid("invalid escape code")
				return
			}
			b.writeByte("\"\\/\b\f\n\r\t"[at])
			d.at += 2
		default:
			b.writeByte(c)
			d.at++
		}
	}
}

// unicode reads \uXXXX, or two of them that form a surrogate pair. It returns the length
// of the text, or 0 if it is invalid.
func (d *decoder) unicode() (r rune, length int) {
	high, ok := d.hex4(2)
	if !ok {
		return 0, 0
	}
	if high&0xf800 != 0xd800 {
		return high, 6
	}
	if high&0x400 != 0 || d.peek(6) != '\\' || d.peek(7) != 'u' {
		return 0, 0
	}
	low, ok := d.hex4(8)
	if !ok || low&0xfc00 != 0xdc00 {
		return 0, 0
	}
	return 0x10000 + (high&0x3ff)<<10 + low&0x3ff, 12
}

// hex4 reads four hexadecimal digits.
func (d *decoder) hex4(ahead int) (r rune, ok bool) {
	for i := range 4 {
		c := d.peek(ahead + i)
		switch {
		case ctext.IsDigit(c):
			r = r<<4 + rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 + rune(c|0x20-'a') + 10
		default:
			return 0, false
		}
	}
	return r, true
}

// notJSON says whether text begins with a number that strtod accepts but JSON does
// not, or with one that strtod rejects too.
func notJSON(text string) bool {
	if strings.HasPrefix(text, "+") {
		return true
	}
	text = strings.TrimPrefix(text, "-")
	if strings.HasPrefix(text, "0") {
		return len(text) > 1 && (text[1]|0x20 == 'x' || ctext.IsDigit(text[1]))
	}
	return len(text) >= 3 && (strings.EqualFold(text[:3], "inf") || strings.EqualFold(text[:3], "nan"))
}

func (d *decoder) number() {
	rest := d.text[d.at:]
	var digits string
	if notJSON(rest) {
		digits = strange.FindString(rest)
	} else {
		digits = rest[:decimalLength(rest)]
	}
	f, ok := lua.ParseNumber(digits)
	if !ok {
		d.invalid("invalid number")
		return
	}
	d.token, d.scalar = tokenScalar, lua.Number(f)
	d.at += len(digits)
}

// strange matches the numbers that strtod accepts.
var strange = regexp.MustCompile(`^(?i)[-+]?(0x([\da-f]+\.?[\da-f]*|\.[\da-f]+)(p[-+]?\d+)?|(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|infinity|inf|nan(\(\w*\))?)`)

// decimalLength returns the length of the decimal number that strtod would read, if text starts with one.
func decimalLength(text string) int {
	at := 0
	digits := func() {
		for at < len(text) && ctext.IsDigit(text[at]) {
			at++
		}
	}
	if text[0] == '-' {
		at++
	}
	digits()
	if at < len(text) && text[at] == '.' {
		at++
		digits()
	}
	end := at
	if at < len(text) && text[at]|0x20 == 'e' {
		at++
		if at < len(text) && (text[at] == '-' || text[at] == '+') {
			at++
		}
		if first := at; first < len(text) && ctext.IsDigit(text[first]) {
			digits()
			end = at
		}
	}
	return end
}

// value makes the value that begins with the token and is inside depth tables. stack is the
// number of values on C Lua's stack.
func (d *decoder) value(depth, stack int) lua.Value {
	switch d.token {
	case tokenScalar, tokenString:
		return d.scalar
	case tokenObjectBegin:
		return d.object(depth+1, stack)
	case tokenArrayBegin:
		return d.array(depth+1, stack)
	}
	d.fail("value")
	return nil
}

// descend starts a table that needs places more slots on the stack.
func (d *decoder) descend(depth, stack, places int) *lua.Table {
	if depth > d.decodeDepth || stack+places > maxStack {
		d.s.Errorf("Found too many nested data structures (%d) at character %d", depth, d.at)
	}
	d.next()
	return newTable(d.s)
}

func (d *decoder) object(depth, stack int) *lua.Table {
	t := d.descend(depth, stack, 3)
	if d.token == tokenObjectEnd {
		return t
	}
	for {
		if d.token != tokenString {
			d.fail("object key string")
		}
		key := d.scalar
		d.next()
		if d.token != tokenColon {
			d.fail("colon")
		}
		d.next()
		d.s.SetIndex(t, key, d.value(depth, stack+2))
		d.next()
		if d.token == tokenObjectEnd {
			return t
		}
		if d.token != tokenComma {
			d.fail("comma or object end")
		}
		d.next()
	}
}

func (d *decoder) array(depth, stack int) *lua.Table {
	t := d.descend(depth, stack, 2)
	if d.token == tokenArrayEnd {
		return t
	}
	for i := 1; ; i++ {
		d.s.Alloc(bytesOfElement)
		t.SetInt(i, d.value(depth, stack+1))
		d.next()
		if d.token == tokenArrayEnd {
			return t
		}
		if d.token != tokenComma {
			d.fail("comma or array end")
		}
		d.next()
	}
}
