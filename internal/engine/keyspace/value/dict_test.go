package value

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func runDict(t testing.TB, p *program) {
	var d Dict[int]
	model := map[string]int{}
	names := 1 + p.below(300)
	for !p.ended() {
		name, v := p.name(names), p.below(256)
		_, had := model[name]
		switch p.below(8) {
		case 0, 1, 2:
			require.Equal(t, !had, d.Set(name, v))
			model[name] = v
		case 3:
			got, ok := d.Get(name)
			require.Equal(t, had, ok)
			require.Equal(t, model[name], got)
		case 4, 5:
			require.Equal(t, had, d.Delete(name))
			delete(model, name)
		case 6:
			var order []string
			for key := range d.All() {
				if key != name {
					order = append(order, key)
				}
			}
			_, ok := d.takeInOrder(name)
			require.Equal(t, had, ok)
			delete(model, name)
			var left []string
			for key := range d.All() {
				left = append(left, key)
			}
			require.Equal(t, order, left)
		case 7:
			runScan(t, p, &d, model, names)
		}
	}
	checkDict(t, &d, model)
	c := d.Clone()
	d.Set("new", 1)
	d.Delete("n1")
	checkDict(t, c, model)
}

func checkDict(t testing.TB, d *Dict[int], model map[string]int) {
	require.Equal(t, len(model), d.Len())
	require.Equal(t, d.Len(), d.index.n)
	for i := range d.Len() {
		key, v := d.At(i)
		require.Equal(t, i, d.Find(key))
		require.Equal(t, model[key], *v)
	}
	used := 0
	for _, slot := range d.index.slots {
		if slot != 0 {
			used++
		}
	}
	require.True(t, d.index.slots == nil || used == d.Len())
}

// runScan scans d, and between the pages adds and deletes keys. Keys that are there all the time
// are visited, and each page has the number of keys asked for.
func runScan(t testing.TB, p *program, d *Dict[int], model map[string]int, names int) {
	missing := map[string]bool{}
	for key := range model {
		missing[key] = true
	}
	for cursor, pages := uint64(0), 0; ; pages++ {
		require.Less(t, pages, 1000)
		count, visited := 1+p.below(10), 0
		cursor = d.Scan(cursor, count, func(key string, v *int) {
			require.Equal(t, model[key], *v)
			delete(missing, key)
			visited++
		})
		if cursor == 0 {
			require.LessOrEqual(t, visited, count)
			break
		}
		require.Equal(t, count, visited)
		for range p.below(6) {
			name := p.name(names)
			if p.below(2) == 0 {
				d.Set(name, 1)
				model[name] = 1
			} else {
				d.Delete(name)
				delete(model, name)
				delete(missing, name)
			}
		}
	}
	require.Empty(t, missing)
}

// A scan whose keys are nearly all deleted meanwhile ends, and so does one with a cursor that no
// scan gave.
func TestScanOfOtherCursors(t *testing.T) {
	var d Dict[int]
	for i := range 100 {
		d.Set(fmt.Sprint(i), i)
	}
	cursor := d.Scan(0, 10, func(string, *int) {})
	require.Equal(t, uint64(90), cursor)
	for i := range 99 {
		d.Delete(fmt.Sprint(i))
	}
	visited := 0
	require.Zero(t, d.Scan(cursor, 10, func(string, *int) { visited++ }))
	require.Equal(t, 1, visited)
	require.Zero(t, d.Scan(1<<63, 0, func(string, *int) { visited++ }))
	require.Equal(t, 2, visited)
	require.Zero(t, new(Dict[int]).Scan(0, 10, func(string, *int) { t.Fatal("no keys") }))
}

// The memory of deleted keys is given back.
func TestDictShrinks(t *testing.T) {
	var d Dict[int]
	for i := range 10_000 {
		d.Set(fmt.Sprint(i), i)
	}
	for i := range 9_990 {
		d.Delete(fmt.Sprint(i))
	}
	require.Less(t, cap(d.entries), 100)
	require.LessOrEqual(t, len(d.index.slots), 128)
}

// Keys with equal hashes, and keys whose slots lie at both ends of the table, are kept apart.
func TestIndexWithCollisions(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var x index
		var hashes []uint32 // by position
		for range 200 {
			if len(hashes) > 0 && random.IntN(5) < 2 {
				pos, last := random.IntN(len(hashes)), len(hashes)-1
				x.remove(hashes[pos], pos)
				if pos != last {
					x.move(hashes[last], last, pos)
					hashes[pos] = hashes[last]
				}
				hashes = hashes[:last]
			} else {
				hashes = append(hashes, uint32(random.IntN(8)-4))
				x.push(func(pos int) uint32 { return hashes[pos] })
			}
			if n := len(hashes); n > 1 {
				i, j := random.IntN(n), random.IntN(n)
				if i != j {
					x.swap(hashes[i], i, hashes[j], j)
					hashes[i], hashes[j] = hashes[j], hashes[i]
				}
			}
			for pos, hash := range hashes {
				if found := x.find(hash, func(p int) bool { return p == pos }); found != pos {
					t.Fatalf("%d instead of %d", found, pos)
				}
			}
			require.Equal(t, -1, x.find(9, func(int) bool { return x.slots != nil }))
		}
	}
}

// A million small keys with a small value and an expiry take less than 170 bytes of heap each.
func BenchmarkMillionKeys(b *testing.B) {
	const n = 1_000_000
	type entry struct {
		value Value
	}
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		var keys Dict[entry]
		var times Deadlines
		empty := heap()
		for i := range n {
			keys.Set(fmt.Sprintf("key:%d", i), entry{NewString(fmt.Sprintf("value:%d", i))})
		}
		without := heap()
		for i := range n {
			key, _ := keys.At(i)
			times.Set(key, int64(i))
		}
		with := heap()
		b.ReportMetric((without-empty)/n, "B/key")
		b.ReportMetric((with-empty)/n, "B/expiring-key")
		runtime.KeepAlive(&keys)
		runtime.KeepAlive(&times)
	}
}
