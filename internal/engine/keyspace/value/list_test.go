package value

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func runList(t testing.TB, p *program) {
	l := NewList()
	var model []string
	for !p.ended() {
		name, i := p.name(4), p.below(1+len(model))
		switch p.below(10) {
		case 0, 1:
			l.PushLeft(name)
			model = slices.Insert(model, 0, name)
		case 2, 3:
			l.PushRight(name)
			model = append(model, name)
		case 4:
			l.Insert(i, name)
			model = slices.Insert(model, i, name)
		case 5:
			s, ok := l.PopLeft()
			require.Equal(t, len(model) > 0, ok)
			if ok {
				require.Equal(t, model[0], s)
				model = model[1:]
			}
		case 6:
			s, ok := l.PopRight()
			require.Equal(t, len(model) > 0, ok)
			if ok {
				require.Equal(t, model[len(model)-1], s)
				model = model[:len(model)-1]
			}
		case 7:
			if i < len(model) {
				l.Set(i, name)
				model[i] = name
			}
		case 8:
			count := p.below(8) - 3
			removed := 0
			keep := func(s string) bool {
				if s != name || count != 0 && removed == max(count, -count) {
					return false
				}
				removed++
				return true
			}
			if count < 0 {
				slices.Reverse(model)
			}
			model = slices.DeleteFunc(model, keep)
			if count < 0 {
				slices.Reverse(model)
			}
			require.Equal(t, removed, l.Remove(count, name))
		case 9:
			if p.below(4) == 0 {
				to := i + p.below(1+len(model)-i)
				l.Trim(i, to)
				model = slices.Clone(model[i:to])
			}
		}
		checkList(t, l, model)
	}
	_, copied := Own(l)
	require.False(t, copied)
	l.Share()
	c, copied := Own(l)
	require.True(t, copied)
	c.PushLeft("new")
	c.Set(0, "other")
	checkList(t, l, model)
}

func checkList(t testing.TB, l *List, model []string) {
	require.Equal(t, len(model), l.Len())
	got := slices.Collect(l.Range(0, l.Len()))
	require.True(t, slices.Equal(model, got), "%q: %q", model, got)
	// Slots that are not in use hold no string.
	used := 0
	for _, s := range l.ring {
		if s != "" {
			used++
		}
	}
	require.Equal(t, len(model), used)
}

// The memory of removed elements is given back.
func TestListShrinks(t *testing.T) {
	l := NewList()
	for i := range 10_000 {
		l.PushRight(fmt.Sprint(i))
	}
	l.Trim(5_000, 5_010)
	require.Less(t, len(l.ring), 100)
	require.Equal(t, "5003", l.At(3))
}
