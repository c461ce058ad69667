package data

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHyperLogLogSelfTest(t *testing.T) {
	s := newTestServer(t)
	require.Equal(t, "+OK\r\n", s.do("PFSELFTEST"))
	s.Limits.HLLSparseMaxBytes = 40
	require.Equal(t, "-ERR TESTFAILED sparse encoding not used\r\n", s.do("PFSELFTEST"), "ten elements need more")
}

// Reading a number that is out of date changes the key, though no notification says so.
func TestCountingWrites(t *testing.T) {
	s := newTestServer(t)
	s.do("PFADD h a b c")
	s.told()
	before := s.Stats().Changes
	require.Equal(t, ":3\r\n", s.do("PFCOUNT h"))
	require.Equal(t, []string{"written 0 h"}, s.told())
	require.Equal(t, before+1, s.Stats().Changes)
	require.Equal(t, ":3\r\n", s.do("PFCOUNT h"))
	require.Equal(t, ":3\r\n", s.do("PFCOUNT h none"))
	require.Equal(t, []string{"keymiss none"}, s.told())
	require.Equal(t, before+1, s.Stats().Changes)
}

// A copy of the server keeps its elements when the other changes.
func TestHyperLogLogsAreShared(t *testing.T) {
	for _, line := range []string{"PFADD h d", "PFMERGE h other", "PFCOUNT h", "PFDEBUG TODENSE h", "PFDEBUG GETREG h"} {
		s := newTestServer(t)
		s.do("PFADD h a b c")
		s.do("PFADD other e f")
		before := s.do("GET h")
		c := &testServer{t: t, Server: s.Copy()}
		s.do(line)
		require.NotEqual(t, before, s.do("GET h"), line)
		require.Equal(t, before, c.do("GET h"), line)
	}
}

// An estimate is within three times the standard error, which is 0.81 percent.
func TestHyperLogLogsEstimate(t *testing.T) {
	s := newTestServer(t)
	for i := range 20_000 {
		s.do(fmt.Sprint("PFADD h element", i))
	}
	var n int
	_, err := fmt.Sscanf(s.do("PFCOUNT h"), ":%d", &n)
	require.NoError(t, err)
	require.InEpsilon(t, 20_000, n, 0.025)
	require.Equal(t, "+dense\r\n", s.do("PFDEBUG ENCODING h"))
}
