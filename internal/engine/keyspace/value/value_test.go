package value

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each number is drawn equally often, and none twice, from few and from many.
func TestSample(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ n, count int }{{10, 2}, {10, 3}, {10, 10}, {40, 7}} {
		drawn := make([]int, c.n)
		first := make([]int, c.n)
		const rounds = 4000
		for range rounds {
			sample := Sample(random, c.n, c.count)
			require.Len(t, sample, c.count)
			first[sample[0]]++
			for _, i := range sample {
				drawn[i]++
			}
			slices.Sort(sample)
			require.Len(t, slices.Compact(sample), c.count)
		}
		checkUniform(t, drawn)
		checkUniform(t, first)
	}
	require.Empty(t, Sample(random, 0, 5))
	require.Len(t, Sample(random, 3, 5), 3)
	require.Len(t, Sample(random, 1<<30, 5), 5)
}

// checkUniform fails about once in a million runs if all numbers are equally likely: the sum of
// squares lies five standard deviations or more above its mean.
func checkUniform(t testing.TB, drawn []int) {
	t.Helper()
	sum := 0
	for _, n := range drawn {
		sum += n
	}
	mean := float64(sum) / float64(len(drawn))
	square := 0.0
	for _, n := range drawn {
		square += (float64(n) - mean) * (float64(n) - mean) / mean
	}
	degrees := float64(len(drawn) - 1)
	require.Less(t, square, degrees+7*math.Sqrt(2*degrees)+10, "%v", drawn)
}

func TestString(t *testing.T) {
	for text, encoding := range map[string]string{
		"0": "int", "-1": "int", "9223372036854775807": "int", "-9223372036854775808": "int",
		"": "embstr", "-0": "embstr", "+1": "embstr", "01": "embstr", " 1": "embstr", "1.0": "embstr", "9223372036854775808": "embstr",
		strings.Repeat("a", 44): "embstr", strings.Repeat("a", 45): "raw",
	} {
		s := NewString(text)
		require.Equal(t, encoding, s.Encoding(), "%q", text)
		b, copied := Edit(s)
		require.True(t, copied)
		for _, s := range []String{s, b} {
			require.Equal(t, "string", s.Type())
			require.Equal(t, text, s.String())
			require.Equal(t, len(text), s.Len())
			require.Equal(t, text[len(text)/2:], s.Slice(len(text)/2, len(text)))
		}
		require.Equal(t, "raw", b.Encoding())
	}
}

// Bytes are changed in place until they are shared.
func TestEdit(t *testing.T) {
	b, _ := Edit(Text("abc"))
	again, copied := Edit(b)
	require.False(t, copied)
	require.Same(t, b, again)
	again.Grow(5)
	require.Equal(t, "abc\x00\x00", b.String())
	again.Grow(2)
	require.Equal(t, 5, b.Len())
	b.Share()
	b.Share()
	other, copied := Edit(b)
	require.True(t, copied)
	other.B[0] = 'x'
	require.Equal(t, "abc\x00\x00", b.String())
	for _, s := range []String{Int(1), Text("t")} {
		s.Share()
		_, copied := Own(s)
		require.False(t, copied)
		require.Equal(t, s, s.Clone())
	}
}

// A database is copied by copying its dictionary and sharing the values. Then two goroutines may each
// use one copy: both read the same value, and each changes its own.
func TestCopyOfADatabase(t *testing.T) {
	var original Dict[Value]
	for i, v := range append(dumpable(), &Bytes{B: []byte("bytes")}) {
		original.Set(v.Type()+string(rune('a'+i)), v)
	}
	for _, v := range original.All() {
		(*v).Share()
	}
	dumps := func(d *Dict[Value]) (list []string) {
		for _, v := range d.All() {
			list = append(list, string(Dump(*v)))
		}
		return list
	}
	before := dumps(&original)
	var done sync.WaitGroup
	for range 2 {
		db := original.Clone()
		done.Go(func() {
			for _, v := range db.All() {
				(*v).Share() // copied again
				own, copied := Own(*v)
				*v = own
				switch v := own.(type) {
				case *Bytes:
					v.B[0] = 'x'
				case *List:
					v.Set(0, "changed")
				case *Hash:
					v.Set("1", "changed", smallLimits)
				case *Set:
					v.Remove(v.At(0))
				case *SortedSet:
					v.Set("1", 99, smallLimits)
				case *Stream:
					v.Delete(v.FirstID())
				default:
					if copied {
						t.Error("a string that does not change needs no copy")
					}
				}
			}
			for i, dump := range dumps(db) {
				if _, v := db.At(i); (dump == before[i]) != ((*v).Encoding() == "int" || (*v).Encoding() == "embstr") {
					t.Errorf("%q", dump)
				}
			}
		})
	}
	done.Wait()
	require.Equal(t, before, dumps(&original))
}
