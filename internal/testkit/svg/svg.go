// Package svg draws the pictures of the pages: code with its output, bars,
// curves, and timelines.
//
// Each text has a fixed length (textLength), so texts do not overlap with any font.
// The colours follow the reader's colour scheme. The background is part of the
// picture.
package svg

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

const (
	advance = 8.4 // width of a character
	line    = 21  // height of a line
	margin  = 16
	width   = 840
)

const style = `<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre }
.page { fill: #ffffff; stroke: #d0d7de }
.bar { fill: #eaeef2 }
.rule { stroke: #d0d7de; fill: none }
.dim { fill: #59636e }
.word { fill: #a40e26 }
.string { fill: #0a3069 }
.number { fill: #0550ae }
.out { fill: #116329 }
.bad { fill: #a40e26 }
.marked { fill: #ffebe9 }
.c0 { fill: #0969da; stroke: #0969da } .c1 { fill: #9a6700; stroke: #9a6700 } .c2 { fill: #1a7f37; stroke: #1a7f37 }
.other { fill: #8c959f }
.curve { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.page { fill: #0d1117; stroke: #3d444d }
.bar { fill: #21262d }
.rule { stroke: #3d444d }
.dim { fill: #9198a1 }
.word { fill: #ff7b72 }
.string { fill: #a5d6ff }
.number { fill: #79c0ff }
.out { fill: #7ee787 }
.bad { fill: #ffa198 }
.marked { fill: #4a1d22 }
.c0 { fill: #58a6ff; stroke: #58a6ff } .c1 { fill: #d29922; stroke: #d29922 } .c2 { fill: #3fb950; stroke: #3fb950 }
.other { fill: #6e7681 }
.curve { fill: none }
}
</style>
`

// A picture collects what has been drawn.
type picture struct{ strings.Builder }

// end returns the whole picture, with a description for screen readers.
func (p *picture) end(title string, height float64) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %g" width="%d" height="%g" role="img">
<title>%s</title>
%s<rect class="page" x="0.5" y="0.5" width="%d" height="%g" rx="8"/>
%s</svg>
`, width, height, width, height, html.EscapeString(title), style, width-1, height-1, p)
}

// length returns the width of a text.
func length(s string) float64 { return float64(utf8.RuneCountInString(s)) * advance }

// text writes s at x. y is the baseline.
func (p *picture) text(x, y float64, class, s string) {
	trimmed := strings.TrimLeft(s, " ")
	x += length(s) - length(trimmed)
	s = strings.TrimRight(trimmed, " ")
	if s == "" {
		return
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(p, `<text x="%.4g" y="%.4g" textLength="%.4g" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n", x, y, length(s), class, html.EscapeString(s))
}

func (p *picture) rect(class string, x, y, w, h float64) {
	fmt.Fprintf(p, `<rect class="%s" x="%.4g" y="%.4g" width="%.4g" height="%.4g"/>`+"\n", class, x, y, w, h)
}

func (p *picture) rule(x1, y1, x2, y2 float64) {
	fmt.Fprintf(p, `<path class="rule" d="M%.4g %.4gL%.4g %.4g"/>`+"\n", x1, y1, x2, y2)
}
