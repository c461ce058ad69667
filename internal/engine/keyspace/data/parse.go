package data

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
	"github.com/redis-rest/redis-rest-go/internal/protocol/glob"
)

// This file reads the words of commands as redis-server does. A word that is wrong is an error, which the
// command returns.

// parseInt reads an integer (getLongLongFromObjectOrReply).
func parseInt(word string) (int64, error) { return parseIntOr(word, errNotInteger) }

// parseIntOr is parseInt with another error.
func parseIntOr(word string, otherwise error) (int64, error) {
	n, ok := ctext.ParseInt(word)
	if !ok {
		return 0, otherwise
	}
	return n, nil
}

// parseIntIn reads an integer from low to high (getRangeLongFromObjectOrReply). If
// otherwise is nil the errors are those of Redis.
func parseIntIn(word string, low, high int64, otherwise error) (int64, error) {
	n, ok := ctext.ParseInt(word)
	switch {
	case ok && low <= n && n <= high:
		return n, nil
	case otherwise != nil:
		return 0, otherwise
	case !ok:
		return 0, errNotInteger
	}
	return 0, errorf("value is out of range, value must between %d and %d", low, high)
}

// parseRandom reads how many random elements a command wants, for call.addRandom.
func parseRandom(word string) (int64, error) {
	return parseIntIn(word, -math.MaxInt64, math.MaxInt64, nil)
}

// parsePositive reads an integer that is not negative (getPositiveLongFromObjectOrReply).
func parsePositive(word string) (int64, error) {
	return parseIntIn(word, 0, math.MaxInt64, errNotPositive)
}

// parseInt32 reads an integer of 32 bits (getIntFromObjectOrReply).
func parseInt32(word string, otherwise error) (int, error) {
	n, err := parseIntIn(word, math.MinInt32, math.MaxInt32, otherwise)
	return int(n), err
}

// parseDB reads the number of a database.
func parseDB(word string) (int, error) {
	n, err := parseInt32(word, nil)
	if err == nil && (n < 0 || n >= Databases) {
		err = errDB
	}
	return n, err
}

// parseFloat reads a number (getDoubleFromObjectOrReply). It may be infinite, and is never NaN.
func parseFloat(word string) (float64, error) { return parseFloatOr(word, errNotFloat) }

// parseFloatOr is parseFloat with another error.
func parseFloatOr(word string, otherwise error) (float64, error) {
	f, rest, fits := ctext.ParseFloat(word)
	if word == "" || rest != "" || !fits || math.IsNaN(f) {
		return 0, otherwise
	}
	return f, nil
}

// longDouble is the precision of C's long double on amd64, which Redis uses for additions.
const longDouble = 64

// The exponents that a long double has.
const (
	maxLongDouble = 16384
	minLongDouble = -16445
)

// parseLongDouble reads a number as a long double (getLongDoubleFromObjectOrReply).
func parseLongDouble(word string, otherwise error) (*big.Float, error) {
	switch f, rest, fits := ctext.ParseFloat(word); {
	case word == "" || rest != "" || math.IsNaN(f) || len(word) >= 5*1024:
		return nil, otherwise
	case math.IsInf(f, 0) && fits:
		return big.NewFloat(f), nil
	}
	f, _, err := big.ParseFloat(word, 0, longDouble, big.ToNearestEven)
	if err != nil || f.MantExp(nil) > maxLongDouble || f.MantExp(nil) < minLongDouble {
		return nil, otherwise
	}
	return f, nil
}

// addLongDoubles adds two numbers, for INCRBYFLOAT and HINCRBYFLOAT, and returns the text of the sum.
func addLongDoubles(x, y *big.Float) (sum string, err error) {
	if x.IsInf() || y.IsInf() {
		return "", errNaN
	}
	f := new(big.Float).SetPrec(longDouble).Add(x, y)
	if f.MantExp(nil) > maxLongDouble {
		return "", errNaN
	}
	return formatLongDouble(f), nil
}

// formatLongDouble writes a number with up to 17 digits after the decimal point.
func formatLongDouble(f *big.Float) string {
	text := strings.TrimRight(strings.TrimRight(f.Text('f', 17), "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// parseTimeout reads how long a command waits, in seconds, and returns until when it does: a time in
// milliseconds, or 0 for ever.
func (c *call) parseTimeout(word string) (until int64, err error) {
	f, err := parseLongDouble(word, errTimeout)
	if err != nil {
		return 0, err
	}
	f.SetPrec(longDouble)
	if f.Mul(f, big.NewFloat(1000)); f.IsInf() {
		return 0, errTimeoutBelow // as Redis' conversion to an integer makes it
	}
	n, accuracy := f.Int(nil)
	if accuracy == big.Below {
		n.Add(n, big.NewInt(1))
	}
	if !n.IsInt64() {
		return 0, errTimeoutBelow
	}
	return c.until(n.Int64())
}

// parseTimeoutMillis is parseTimeout of a whole number of milliseconds, as XREAD has it.
func (c *call) parseTimeoutMillis(word string) (until int64, err error) {
	n, err := parseIntOr(word, errTimeoutInt)
	if err != nil {
		return 0, err
	}
	return c.until(n)
}

func (c *call) until(n int64) (int64, error) {
	switch {
	case n < 0:
		return 0, errTimeoutBelow
	case n == 0:
		return 0, nil
	}
	return n + c.now, nil // if that overflows it is past, in Redis too
}

// parseExpiry reads when a key expires, and returns it in milliseconds since 1970. EXPIRE
// and its like take any time, and past says so; SET and its like only one after 0.
func (c *call) parseExpiry(word string, seconds, absolute, past bool) (at int64, err error) {
	n, err := parseInt(word)
	switch {
	case err != nil:
		return 0, err
	case !past && n <= 0, seconds && (n > math.MaxInt64/1000 || n < math.MinInt64/1000):
		return 0, c.errExpire()
	}
	if seconds {
		n *= 1000
	}
	if absolute {
		return n, nil
	}
	if n > math.MaxInt64-c.now {
		return 0, c.errExpire()
	}
	return n + c.now, nil
}

// clampRange turns the first and last index of a range, which count from the end if they are negative,
// into positions [from, to) of n elements.
func clampRange(first, last int64, n int) (from, to int) {
	size := int64(n)
	if first < 0 {
		first = max(first+size, 0)
	}
	if last < 0 {
		last += size
	}
	last = min(last, size-1)
	if first > last {
		return 0, 0
	}
	return int(first), int(last) + 1
}

// cutFloat reads a number as C does with strtod, after white space and up to the first zero
// byte. Nothing is 0.
func cutFloat(word string) (f float64, fits, ok bool) {
	if word = ctext.String(word); word == "" {
		return 0, true, true
	}
	trimmed := strings.TrimLeft(word, ctext.Space)
	f, rest, fits := ctext.ParseFloat(trimmed)
	return f, fits, trimmed != "" && rest == "" && !math.IsNaN(f)
}

// parseScoreRange reads the ends of a range of scores.
func parseScoreRange(low, high string) (from, to value.ScoreBound, err error) {
	for _, end := range []struct {
		bound *value.ScoreBound
		word  string
	}{{&from, low}, {&to, high}} {
		after, exclusive := strings.CutPrefix(end.word, "(")
		f, _, ok := cutFloat(after)
		if !ok {
			return from, to, errScoreBound
		}
		*end.bound = value.ScoreBound{Score: f, Exclusive: exclusive}
	}
	return from, to, nil
}

// parseLexRange reads the ends of a range of members.
func parseLexRange(low, high string) (from, to value.LexBound, err error) {
	if from, err = parseLexBound(low); err == nil {
		to, err = parseLexBound(high)
	}
	return from, to, err
}

func parseLexBound(word string) (value.LexBound, error) {
	switch {
	case word == "":
	case word[0] == '[' || word[0] == '(':
		return value.LexBound{Member: word[1:], Exclusive: word[0] == '('}, nil
	case ctext.String(word) == "-":
		return value.LexBound{Infinite: -1}, nil
	case ctext.String(word) == "+":
		return value.LexBound{Infinite: 1}, nil
	}
	return value.LexBound{}, errLexBound
}

// parseStreamID reads the ID of a stream's entry, with seq as its second part if there is only the
// first. - and + are the least and the greatest ID.
func parseStreamID(word string, seq uint64) (value.ID, error) {
	switch ctext.String(word) {
	case "-":
		return value.ID{}, nil
	case "+":
		return value.MaxID, nil
	}
	return parseStrictStreamID(word, seq)
}

// parseStrictStreamID is parseStreamID without - and +.
func parseStrictStreamID(word string, seq uint64) (value.ID, error) {
	first, second, both := strings.Cut(ctext.String(word), "-")
	id := value.ID{Seq: seq}
	var ok bool
	if id.Ms, ok = parseUint(first); !ok || len(word) > 127 {
		return value.ID{}, errStreamID
	}
	if both {
		if id.Seq, ok = parseUint(second); !ok {
			return value.ID{}, errStreamID
		}
	}
	return id, nil
}

// parseNewStreamID reads the ID for a new entry. auto says that the sequence is *, and to be chosen.
func parseNewStreamID(word string) (id value.ID, auto bool, err error) {
	text := ctext.String(word)
	if ms, ok := strings.CutSuffix(text, "-*"); ok && !strings.Contains(ms, "-") {
		auto, text = true, ms
	}
	if len(word) > 127 {
		return value.ID{}, false, errStreamID
	}
	id, err = parseStrictStreamID(text, 0)
	return id, auto, err
}

// parseStreamBound reads an end of a range of IDs; ( before it leaves the ID itself out.
func parseStreamBound(word string, seq uint64) (id value.ID, exclusive bool, err error) {
	if len(word) > 1 && word[0] == '(' {
		id, err = parseStrictStreamID(word[1:], seq)
		return id, true, err
	}
	id, err = parseStreamID(word, seq)
	return id, false, err
}

// parseUint reads an integer as string2ull does: in the form that Redis writes, or as strtoull.
func parseUint(word string) (uint64, bool) {
	if n, ok := ctext.ParseInt(word); ok {
		return uint64(n), n >= 0
	}
	return cutUint(word)
}

// cutUint reads an integer as C does with strtoull, to the end of the word.
func cutUint(word string) (uint64, bool) {
	word = strings.TrimLeft(word, ctext.Space)
	digits, minus := strings.CutPrefix(word, "-")
	if !minus {
		digits = strings.TrimPrefix(word, "+")
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if minus {
		n = -n
	}
	return n, err == nil && ctext.IsDigit(digits[0])
}

// scanOptions are the words of SCAN and its like.
type scanOptions struct {
	count   int
	pattern string
	kind    string // of TYPE, for SCAN only
	kinds   bool   // WITHTYPE of the hosted service: the kind follows each key
}

// parseCursor reads the cursor of SCAN and its like, which comes before all other checks.
func parseCursor(word string) (uint64, error) {
	word = ctext.String(word)
	if word == "" {
		return 0, nil
	}
	n, ok := cutUint(word)
	if !ok || ctext.IsSpace(word[0]) {
		return 0, errCursor
	}
	return n, nil
}

// parseScan reads the options that follow the cursor. kinds says whether TYPE is one.
func parseScan(words []string, kinds bool) (o scanOptions, err error) {
	o = scanOptions{count: 10, pattern: "*"}
	for len(words) > 0 {
		if kinds && equalFold(words[0], "WITHTYPE") {
			o.kinds, words = true, words[1:]
			continue
		}
		switch {
		case len(words) < 2:
			return o, errSyntax
		case equalFold(words[0], "COUNT"):
			n, err := parseInt(words[1])
			if err != nil {
				return o, err
			}
			if n < 1 {
				return o, errSyntax
			}
			o.count = int(n)
		case equalFold(words[0], "MATCH"):
			o.pattern = words[1]
		case kinds && equalFold(words[0], "TYPE"):
			o.kind = words[1]
		default:
			return o, errSyntax
		}
		words = words[2:]
	}
	return o, nil
}

// matches says whether a name matches the pattern of KEYS, SCAN and their like. * is every name, the empty
// one too.
func matches(pattern, name string) bool { return pattern == "*" || glob.Match(pattern, name) }
