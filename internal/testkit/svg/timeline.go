package svg

import "fmt"

// A Span is a row of a timeline: what ran, and when. Depth is the number of spans above it. Kind is the number of its colour, from
// 0 to 2; -1 is grey.
type Span struct {
	Name       string
	Depth      int
	Kind       int
	Begin, End float64
}

// Timeline draws spans from the top down. text says how a duration is shown.
func Timeline(title string, spans []Span, text func(duration float64) string) string {
	var p picture
	p.text(margin, 28, "", title)
	column, last := 0.0, 0.0
	for _, s := range spans {
		column, last = max(column, length(s.Name)+2*advance*float64(s.Depth)), max(last, s.End)
	}
	left := margin + column + 12
	room := width - left - margin - 9*advance // for the text after the longest bar
	y := 46.0
	for _, s := range spans {
		class := "other"
		if s.Kind >= 0 {
			class = fmt.Sprintf("c%d", s.Kind)
		}
		x, w := left+room*s.Begin/last, max(1, room*(s.End-s.Begin)/last)
		p.text(margin+2*advance*float64(s.Depth), y+15, "", s.Name)
		p.rect(class, x, y+3, w, 14)
		p.text(x+w+8, y+15, "dim", text(s.End-s.Begin))
		y += 25
	}
	return p.end(title, y+8)
}
