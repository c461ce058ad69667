package ctext_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func TestString(t *testing.T) {
	assert.Equal(t, "a", ctext.String("a\x00b\x00"))
	assert.Equal(t, "ab", ctext.String("ab"))
	assert.Equal(t, "", ctext.String("\x00"))
}

func TestClasses(t *testing.T) {
	letters := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for name, class := range map[string]struct {
		is      func(byte) bool
		members string
	}{
		"space":  {ctext.IsSpace, ctext.Space},
		"digit":  {ctext.IsDigit, "0123456789"},
		"hex":    {ctext.IsHex, "0123456789abcdefABCDEF"},
		"letter": {ctext.IsLetter, letters},
		"name":   {ctext.IsName, letters + "0123456789_"},
	} {
		for c := range 256 {
			assert.Equal(t, strings.IndexByte(class.members, byte(c)) >= 0, class.is(byte(c)), "%s %q", name, byte(c))
		}
	}
}

func TestIntegers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		f      float64
		int64  int64
		int32  int32
		uint64 uint64
	}{
		{1.9, 1, 1, 1},
		{-1.9, -1, -1, math.MaxUint64},
		{1 << 31, 1 << 31, math.MinInt32, 1 << 31},
		{1<<31 - 0.5, 1<<31 - 1, 1<<31 - 1, 1<<31 - 1},
		{-1<<31 - 0.5, -1 << 31, -1 << 31, 1<<64 - 1<<31},
		{-1 << 63, math.MinInt64, math.MinInt32, 1 << 63},
		{1 << 63, math.MinInt64, math.MinInt32, 1 << 63},
		{1<<63 + 1<<62, math.MinInt64, math.MinInt32, 1<<63 + 1<<62},
		{1 << 64, math.MinInt64, math.MinInt32, 0},
		{nan, math.MinInt64, math.MinInt32, 1 << 63},
		{inf, math.MinInt64, math.MinInt32, 0},
		{-inf, math.MinInt64, math.MinInt32, 1 << 63},
	} {
		assert.Equal(t, c.int64, ctext.Int64(c.f), "%v", c.f)
		assert.Equal(t, c.int32, ctext.Int32(c.f), "%v", c.f)
		assert.Equal(t, c.uint64, ctext.Uint64(c.f), "%v", c.f)
	}
}

func TestParseInt(t *testing.T) {
	for _, s := range []string{"0", "1", "-1", "10", "9223372036854775807", "-9223372036854775808"} {
		n, ok := ctext.ParseInt(s)
		require.True(t, ok, s)
		assert.Equal(t, s, strconv.FormatInt(n, 10))
	}
	for _, s := range []string{"", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1.0", "1e3", "0x1", "1_0", "9223372036854775808", "--1", "1\x00", "١"} {
		_, ok := ctext.ParseInt(s)
		assert.False(t, ok, "%q", s)
	}
}

func TestParseFloat(t *testing.T) {
	inf := math.Inf(1)
	for s, want := range map[string]struct {
		f    float64
		rest string
	}{
		"1": {1, ""}, "-1.5e2x": {-150, "x"}, "+.5": {.5, ""}, "5.": {5, ""}, "1e": {1, "e"}, "1e+": {1, "e+"}, "1e+2": {100, ""}, "1_0": {1, "_0"},
		"0x10": {16, ""}, "0x": {0, "x"}, "0x.8p1": {1, ""}, "0x1p": {1, "p"}, "0XAg": {10, "g"}, "-0x1.8": {-1.5, ""}, "0x1e3": {0x1e3, ""}, "1p3": {1, "p3"},
		"inf": {inf, ""}, "-INFINITY": {-inf, ""}, "infinit": {inf, "init"}, "": {0, ""}, ".": {0, "."}, "+": {0, "+"}, "x": {0, "x"}, " 1": {0, " 1"}, "1\x00": {1, "\x00"},
		"0e999": {0, ""}, "0x0p-9999": {0, ""},
	} {
		f, rest, fits := ctext.ParseFloat(s)
		assert.Equal(t, want.f, f, "%q", s)
		assert.Equal(t, want.rest, rest, "%q", s)
		assert.True(t, fits, "%q", s)
	}
	for s, rest := range map[string]string{"nan": "", "NaN(x_1)y": "y", "-nan(": "(", "nan(-)": "(-)"} {
		f, left, fits := ctext.ParseFloat(s)
		assert.True(t, math.IsNaN(f) && fits, "%q", s)
		assert.Equal(t, rest, left, "%q", s)
		assert.Equal(t, s[0] == '-', math.Signbit(f), "%q", s)
	}
	for s, want := range map[string]float64{"1e400": inf, "-1e400": -inf, "1e-400": 0, "0x1p-9999": 0, "0x1p9999": inf} {
		f, rest, fits := ctext.ParseFloat(s)
		assert.Equal(t, want, f, s)
		assert.Equal(t, "", rest, s)
		assert.False(t, fits, s)
	}
}

func TestFormatFloat(t *testing.T) {
	for want, f := range map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1), "0.10000000000000001": 0.1, "1e+20": 1e20, "-0": math.Copysign(0, -1)} {
		assert.Equal(t, want, ctext.FormatFloat(f, 'g', 17))
	}
	assert.Equal(t, "-nan", ctext.FormatFloat(math.Copysign(math.NaN(), -1), 'g', 17))
}

// Text that strconv also reads has the same value, except for underscores, which only Go accepts.
func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1", "-1.5e2x", "0x.8p1", "inf", "nan(x)", "1e400", "1e-400", "+", "0x1e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, rest, fits := ctext.ParseFloat(s)
		require.True(t, strings.HasSuffix(s, rest))
		want, err := strconv.ParseFloat(s, 64)
		if err != nil || strings.Contains(s, "_") {
			return
		}
		require.Equal(t, "", rest, "%q", s)
		if !math.IsNaN(want) {
			require.Equal(t, math.Float64bits(want), math.Float64bits(got), "%q", s)
			require.True(t, fits || want == 0, "%q", s)
		}
	})
}
