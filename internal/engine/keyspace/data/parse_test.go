package data

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

// outcome is what a function of parse.go returns, in text.
func outcome[T any](v T, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(v)
}

// Words that no command here reads yet. What redis-server says of them is in the comments of parse.go's
// functions; the tests of commands compare with it.
func TestParse(t *testing.T) {
	for word, want := range map[string]string{
		"0": "0", "9223372036854775807": "9223372036854775807",
		"-1": errNotPositive.Error(), "x": errNotPositive.Error(), "01": errNotPositive.Error(), "9223372036854775808": errNotPositive.Error(),
	} {
		require.Equal(t, want, outcome(parsePositive(word)), "%q", word)
	}
	for word, want := range map[string]string{
		"1": "1", "+1": "1", "-1": "-1", "01": "1", "1e3": "1000", "0x10": "16", ".5": "0.5", "inf": "+Inf", "-Infinity": "-Inf", "5e-324": "5e-324",
		"": errNotFloat.Error(), " 1": errNotFloat.Error(), "1 ": errNotFloat.Error(), "nan": errNotFloat.Error(), "1e400": errNotFloat.Error(), "1e-400": errNotFloat.Error(),
		"1\x00": errNotFloat.Error(), ".": errNotFloat.Error(),
	} {
		require.Equal(t, want, outcome(parseFloat(word)), "%q", word)
	}
	for word, want := range map[string]string{
		"1-2": "1-2", "1": "1-7", "0": "0-7", "-": "0-0", "+": value.MaxID.String(), "18446744073709551615-0": "18446744073709551615-0",
		"01-02": "1-2", " 1-+2": "1-2", "1--05": "1-18446744073709551611",
		"": errStreamID.Error(), "1-": errStreamID.Error(), "1-2-3": errStreamID.Error(), "-1": errStreamID.Error(), "1--5": errStreamID.Error(), "1-*": errStreamID.Error(),
		"18446744073709551616": errStreamID.Error(), "x": errStreamID.Error(), "+1": "1-7",
	} {
		require.Equal(t, want, outcome(parseStreamID(word, 7)), "%q", word)
	}
	for word, want := range map[string]string{
		"5-1": "5-1 false", "5": "5-0 false", "5-*": "5-0 true",
		"*": errStreamID.Error(), "-": errStreamID.Error(), "+": errStreamID.Error(), "5-1-*": errStreamID.Error(), "5-**": errStreamID.Error(),
	} {
		id, auto, err := parseNewStreamID(word)
		require.Equal(t, want, outcome(fmt.Sprint(id, auto), err), "%q", word)
	}
	for word, want := range map[string]string{
		"(5-1": "5-1 true", "5": "5-7 false", "-": "0-0 false", "(5": "5-7 true",
		"(": errStreamID.Error(), "(-": errStreamID.Error(), "(+": errStreamID.Error(), "((5": errStreamID.Error(),
	} {
		id, exclusive, err := parseStreamBound(word, 7)
		require.Equal(t, want, outcome(fmt.Sprint(id, exclusive), err), "%q", word)
	}
	for word, want := range map[string]string{
		"1": "{1 false}", "(1": "{1 true}", "-inf": "{-Inf false}", " 1": "{1 false}", "( 1": "{1 true}", "0x10": "{16 false}", "": "{0 false}", "(": "{0 true}", "1\x00x": "{1 false}", "1e400": "{+Inf false}",
		"((1": errScoreBound.Error(), "1 ": errScoreBound.Error(), " ": errScoreBound.Error(), "nan": errScoreBound.Error(), "[1": errScoreBound.Error(), "x": errScoreBound.Error(),
	} {
		low, _, err := parseScoreRange(word, "5")
		require.Equal(t, want, outcome(low, err), "%q", word)
		_, high, err := parseScoreRange("5", word)
		require.Equal(t, want, outcome(high, err), "%q", word)
	}
	for word, want := range map[string]string{
		"[a": "{a false 0}", "(a": "{a true 0}", "[": "{ false 0}", "-": "{ false -1}", "+": "{ false 1}", "+\x00a": "{ false 1}",
		"a": errLexBound.Error(), "": errLexBound.Error(), "-a": errLexBound.Error(),
	} {
		low, _, err := parseLexRange(word, "+")
		require.Equal(t, want, outcome(low, err), "%q", word)
		_, high, err := parseLexRange("-", word)
		require.Equal(t, want, outcome(high, err), "%q", word)
	}
}

func TestParseTimeout(t *testing.T) {
	s := newTestServer(t)
	c := &call{Server: s.Server}
	in := func(ms int64) string { return fmt.Sprint(s.time.UnixMilli() + ms) }
	for word, want := range map[string]string{
		"0": "0", "1": in(1000), "0.5": in(500), "0.0001": in(1), "1e3": in(1_000_000), "0x10": in(16000), "-0": "0", "-0.0001": "0", "9223372036854775": fmt.Sprint(int64(math.MinInt64) + s.time.UnixMilli() + 9223372036854775000 - math.MaxInt64 - 1),
		"-1": errTimeoutBelow.Error(), "inf": errTimeoutBelow.Error(), "1e300": errTimeoutBelow.Error(),
		"": errTimeout.Error(), "x": errTimeout.Error(), " 1": errTimeout.Error(), "nan": errTimeout.Error(),
	} {
		require.Equal(t, want, outcome(c.parseTimeout(word)), "%q", word)
	}
	for word, want := range map[string]string{
		"0": "0", "100": in(100), "-1": errTimeoutBelow.Error(), "1.5": errTimeoutInt.Error(), "": errTimeoutInt.Error(),
	} {
		require.Equal(t, want, outcome(c.parseTimeoutMillis(word)), "%q", word)
	}
}

func TestClampRange(t *testing.T) {
	for _, c := range []struct {
		first, last int64
		n           int
		want        string
	}{
		{0, -1, 5, "0 5"}, {1, 2, 5, "1 3"}, {-2, -1, 5, "3 5"}, {-100, 100, 5, "0 5"}, {3, 2, 5, "0 0"}, {5, 9, 5, "0 0"}, {-1, -2, 5, "0 0"}, {0, -6, 5, "0 0"}, {0, 0, 0, "0 0"},
		{math.MinInt64, math.MaxInt64, 5, "0 5"}, {math.MaxInt64, math.MinInt64, 5, "0 0"},
	} {
		from, to := clampRange(c.first, c.last, c.n)
		require.Equal(t, c.want, fmt.Sprint(from, to), "%v", c)
	}
}
