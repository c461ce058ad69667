package redis

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// digits reads the next number or string as the text of a number.
func (d *decoder) digits(t reflect.Type) ([]byte, error) {
	switch d.Kind() {
	case '"':
		text, _ := d.text()
		if string(text) == "null" { // as other clients store null
			return nil, notNumberError(t, text)
		}
		return text, nil
	case 'n', 't', 'f', '[', '{':
		return nil, d.typeMismatchOf(t)
	default:
		return d.Skip(), nil
	}
}

// notNumberError is the error that text is not a number, or that it is null.
func notNumberError(t reflect.Type, text []byte) error {
	if string(text) == "null" {
		return &DecodeError{Want: t.String(), Got: "null", null: true}
	}
	return &DecodeError{Want: t.String(), Got: notNumber}
}

func (d *decoder) int64() (int64, error) {
	t := reflect.TypeFor[int64]()
	text, err := d.digits(t)
	if err != nil {
		return 0, err
	}
	x, problem := signed(text)
	if problem != "" {
		return 0, &DecodeError{Want: t.String(), Got: problem}
	}
	return x, nil
}

func (d *decoder) setInt(v reflect.Value) error {
	text, err := d.digits(v.Type())
	if err != nil {
		return err
	}
	x, problem := signed(text)
	switch {
	case problem != "":
	case v.OverflowInt(x):
		problem = outOfRange
	default:
		v.SetInt(x)
		return nil
	}
	return &DecodeError{Want: v.Type().String(), Got: problem}
}

// signed is integer for a signed type: 64 bits hold the sign as well.
func signed(text []byte) (x int64, problem string) {
	n, negative, problem := integer(text)
	// The smallest integer has no positive counterpart: -n wraps to it.
	if x = int64(n); negative {
		x = -x
	}
	if problem == "" && (x < 0) != (negative && n != 0) {
		problem = outOfRange
	}
	return x, problem
}

func (d *decoder) setUint(v reflect.Value) error {
	text, err := d.digits(v.Type())
	if err != nil {
		return err
	}
	n, negative, problem := integer(text)
	switch {
	case problem != "":
	case negative && n != 0, v.OverflowUint(n):
		problem = outOfRange
	default:
		v.SetUint(n)
		return nil
	}
	return &DecodeError{Want: v.Type().String(), Got: problem}
}

const (
	outOfRange = "integer out of range"
	notNumber  = "string that is not a number"
	fraction   = "number with a fraction"
)

// integer reads text as a whole number and returns its sign separately. If 64 bits cannot
// hold it, problem says why. 3.0 and 1e3 are whole numbers too: some servers write
// integers like this.
func integer(text []byte) (n uint64, negative bool, problem string) {
	if !wire.IsNumber(text) {
		return 0, false, notNumber
	}
	if negative = text[0] == '-'; negative {
		text = text[1:]
	}
	for i, c := range text {
		if c < '0' || c > '9' {
			n, problem = wholeNumber(string(text))
			return n, negative, problem
		}
		if i >= 19 {
			break // more digits could overflow: wholeNumber reads them
		}
		n = n*10 + uint64(c-'0')
	}
	if len(text) > 19 {
		n, problem = wholeNumber(string(text))
	}
	return n, negative, problem
}

// wholeNumber is integer for unsigned text that is long or has a fraction or an exponent.
func wholeNumber(text string) (n uint64, problem string) {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, part, _ := strings.Cut(mantissa, ".")
	all := strings.TrimLeft(whole+part, "0")
	digits := strings.TrimRight(all, "0")
	if digits == "" {
		return 0, ""
	}
	shift, err := strconv.Atoi(exponent)
	if exponent != "" && err != nil { // beyond any int
		shift = math.MaxInt32
		if exponent[0] == '-' {
			shift = math.MinInt32
		}
	}
	zeros := shift - len(part) + len(all) - len(digits)
	switch {
	case zeros < 0:
		return 0, fraction
	case zeros > 20:
		return 0, outOfRange
	}
	n, err = strconv.ParseUint(digits+strings.Repeat("0", zeros), 10, 64)
	if err != nil {
		return 0, outOfRange
	}
	return n, ""
}

func (d *decoder) float(p any, bits int) (float64, error) {
	text, err := d.digits(reflect.TypeOf(p).Elem())
	if err != nil {
		return 0, err
	}
	// strconv also reads Go's hexadecimal floats, which Redis does not write.
	x, err := strconv.ParseFloat(string(text), bits)
	switch {
	case err == nil && !bytes.ContainsAny(text, "xX_"):
		return x, nil
	case errors.Is(err, strconv.ErrRange):
		return 0, &DecodeError{Want: typeName(p), Got: "number out of range"}
	default:
		return 0, &DecodeError{Want: typeName(p), Got: notNumber}
	}
}
