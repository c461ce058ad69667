package svg_test

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/testkit/svg"
)

type drawing struct {
	Title string `xml:"title"`
	Texts []text `xml:"text"`
	Rects []struct {
		Class string  `xml:"class,attr"`
		Y     float64 `xml:"y,attr"`
		Width float64 `xml:"width,attr"`
	} `xml:"rect"`
	Polylines []struct {
		Points string `xml:"points,attr"`
	} `xml:"polyline"`
}

type text struct {
	X      float64 `xml:"x,attr"`
	Y      float64 `xml:"y,attr"`
	Length float64 `xml:"textLength,attr"`
	Class  string  `xml:"class,attr"`
	Text   string  `xml:",chardata"`
}

func parse(t *testing.T, picture string) (d drawing) {
	t.Helper()
	require.NoError(t, xml.Unmarshal([]byte(picture), &d))
	return d
}

func (d drawing) find(t *testing.T, s string) text {
	t.Helper()
	i := slices.IndexFunc(d.Texts, func(x text) bool { return x.Text == s })
	require.GreaterOrEqual(t, i, 0, "%q is not drawn in %v", s, d.Texts)
	return d.Texts[i]
}

func TestWindow(t *testing.T) {
	d := parse(t, svg.Window("a < b",
		svg.Pane{Title: "x.lua", Text: "-- why\nif a < 'b' then\n\treturn 10\nend\n", First: 7, Mark: 8},
		svg.Pane{Kind: svg.Output, Title: "output", Text: "1"},
		svg.Pane{Kind: svg.Failure, Title: "output", Text: "an error & more"}))
	assert.Equal(t, "a < b", d.Title)
	for s, class := range map[string]string{"-- why": "dim", "if": "word", "a <": "", "'b'": "string", "then": "word", "return": "word", "10": "number", "1": "out", "an error & more": "bad"} {
		assert.Equal(t, class, d.find(t, s).Class, s)
	}
	assert.InDelta(t, 4*8.4, d.find(t, "return").X-d.find(t, "if").X, 0.1, "a tab is four wide")
	assert.InDelta(t, d.find(t, "if").Y, d.find(t, "8").Y, 0.1)
	marks := 0
	for _, r := range d.Rects {
		if r.Class == "marked" {
			marks++
			assert.Less(t, r.Y, d.find(t, "if").Y)
			assert.Greater(t, r.Y, d.find(t, "-- why").Y)
		}
	}
	assert.Equal(t, 1, marks)
	// On each line a text ends before the next one begins.
	byLine := map[float64][]text{}
	for _, x := range d.Texts {
		byLine[x.Y] = append(byLine[x.Y], x)
	}
	for _, texts := range byLine {
		slices.SortFunc(texts, func(a, b text) int { return int(a.X - b.X) })
		for i := 1; i < len(texts); i++ {
			assert.LessOrEqual(t, texts[i-1].X+texts[i-1].Length, texts[i].X+0.1, "%v", texts)
		}
	}
}

func TestBars(t *testing.T) {
	d := parse(t, svg.Bars("cost", []svg.Bar{{Name: "one", Text: "10", Value: 10}, {Name: "this one has a long name", Text: "40", Value: 40, Ours: true}}))
	bars := d.Rects[1:] // without the page
	require.Len(t, bars, 2)
	assert.InDelta(t, 4, bars[1].Width/bars[0].Width, 0.01)
	assert.Equal(t, []string{"other", "c0"}, []string{bars[0].Class, bars[1].Class})
	name, value := d.find(t, "this one has a long name"), d.find(t, "40")
	assert.Less(t, name.X+name.Length, value.X-bars[1].Width, "the name is left of its bar")
	assert.Less(t, value.X+value.Length, 840.0)
}

func TestCurves(t *testing.T) {
	d := parse(t, svg.Curves("growth", "size", "cost", []svg.Curve{
		{Name: "straight", X: []float64{1, 10, 100_000}, Y: []float64{1, 10, 100_000}},
		{Name: "flat", X: []float64{1, 1000}, Y: []float64{50, 50}},
		{Name: "short", X: []float64{10, 100}, Y: []float64{1000, 10}},
	}))
	require.Len(t, d.Polylines, 3)
	top := d.find(t, "cost").Y
	for _, name := range []string{"straight", "flat", "short"} {
		assert.Less(t, d.find(t, name).Y, top, "names are above the curves")
	}
	flat := strings.Fields(d.Polylines[1].Points)
	_, first, _ := strings.Cut(flat[0], ",")
	_, last, _ := strings.Cut(flat[1], ",")
	assert.Equal(t, first, last)
	d.find(t, "1")
	d.find(t, "100k")
}

func TestTimeline(t *testing.T) {
	d := parse(t, svg.Timeline("a trace", []svg.Span{
		{Name: "caller", Kind: -1, End: 40},
		{Name: "a call with a long name", Depth: 1, Begin: 10, End: 30},
	}, func(duration float64) string { return strings.Repeat("x", int(duration/10)) }))
	rows := d.Rects[1:] // without the page
	require.Len(t, rows, 2)
	assert.Equal(t, []string{"other", "c0"}, []string{rows[0].Class, rows[1].Class})
	assert.InDelta(t, 2, rows[0].Width/rows[1].Width, 0.01)
	caller, call := d.find(t, "caller"), d.find(t, "a call with a long name")
	assert.InDelta(t, 2*8.4, call.X-caller.X, 0.1)
	long, short := d.find(t, "xxxx"), d.find(t, "xx")
	assert.Less(t, short.X+short.Length, long.X)
	assert.Less(t, long.X+long.Length, 840.0)
}
