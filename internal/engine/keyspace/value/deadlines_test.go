package value

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func runDeadlines(t testing.TB, p *program) {
	var d Deadlines
	model := map[string]int64{}
	names := 1 + p.below(100)
	for !p.ended() {
		name := p.name(names)
		at, had := model[name]
		switch p.below(4) {
		case 0, 1:
			at := int64(p.below(50))
			d.Set(name, at)
			model[name] = at
		case 2:
			require.Equal(t, had, d.Delete(name))
			delete(model, name)
		case 3:
			got, ok := d.Get(name)
			require.Equal(t, had, ok)
			require.Equal(t, at, got)
		}
		if d.Len() < 8 || p.below(8) == 0 {
			checkDeadlines(t, &d, model)
		}
	}
	checkDeadlines(t, &d, model)
	c := d.Clone()
	d.Set("n0", -1)
	d.Delete("n1")
	checkDeadlines(t, c, model)
}

func checkDeadlines(t testing.TB, d *Deadlines, model map[string]int64) {
	require.Equal(t, len(model), d.Len())
	key, at, ok := d.Next()
	require.Equal(t, len(model) > 0, ok)
	if ok {
		require.Equal(t, model[key], at)
	}
	for i := range d.Len() {
		key, own := d.At(i)
		if model[key] != own || own < at || d.find(key) != i {
			t.Fatalf("%q: %d at %d, and %d is next: %v", key, own, i, at, model)
		}
	}
}
