package value

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The registers are those of a plain array, in both forms.
func runHyperLogLog(t testing.TB, p *program) {
	h := NewHyperLogLog()
	var model Registers
	for !p.ended() {
		register, rank := p.below(16)*p.below(1025), 1+p.below(51)%(1+p.below(51))
		register %= hllRegisters
		changed, err := h.raise(register, rank, smallLimits)
		require.NoError(t, err)
		require.Equal(t, rank > int(model[register]), changed)
		model[register] = max(model[register], uint8(rank))
	}
	check := func(h HyperLogLog) {
		require.NoError(t, h.Check())
		var r Registers
		require.NoError(t, r.Join(h))
		require.True(t, r == model)
		n, err := h.Count()
		require.NoError(t, err)
		require.Equal(t, r.Count(), n)
	}
	check(h)
	other := NewHyperLogLog()
	require.NoError(t, other.Merge(&model, smallLimits))
	check(other)
	require.NoError(t, h.MakeDense())
	check(h)
}

// Any bytes are refused, or work.
func runAnyHyperLogLog(t testing.TB, p *program) {
	h := append(HyperLogLog("HYLL\x01\x00\x00\x00"), p.bytes...)
	if h.Check() != nil {
		return
	}
	_, err := h.Count()
	require.Equal(t, err, new(Registers).Join(h))
	h.Decode()
	for i := range 20 {
		changed, addErr := h.Add(fmt.Sprint(i), smallLimits)
		if _, ok := h.Stored(); changed && h.Sparse() {
			require.False(t, ok)
		}
		if err == nil {
			require.NoError(t, addErr)
		}
	}
	h.Store(7)
	n, ok := h.Stored()
	require.True(t, ok)
	require.Equal(t, uint64(7), n)
	require.Equal(t, err, h.MakeDense())
}

// The sparse form has values up to 32.
func TestHyperLogLogBecomesDense(t *testing.T) {
	h := NewHyperLogLog()
	for _, rank := range []int{1, 32, 33} {
		changed, err := h.raise(5, rank, DefaultLimits())
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, rank <= 32, h.Sparse())
	}
	require.Equal(t, uint8(33), h.get(5))
}
