package svg

import (
	"fmt"
	"math"
	"strings"
)

// A Bar is a value with its name. Text is how the value is shown. Ours marks
// the subject of the chart.
type Bar struct {
	Name, Text string
	Value      float64
	Ours       bool
}

// Bars draws values from the top down. Their names are in a separate column.
func Bars(title string, bars []Bar) string {
	var p picture
	p.text(margin, 28, "", title)
	column, largest := 0.0, 0.0
	for _, b := range bars {
		column, largest = max(column, length(b.Name)), max(largest, b.Value)
	}
	left := margin + column + 12
	room := width - left - margin - 9*advance // for the text after the longest bar
	y := 46.0
	for _, b := range bars {
		class := "other"
		if b.Ours {
			class = "c0"
		}
		w := max(1, room*b.Value/largest)
		p.text(margin+column-length(b.Name), y+15, "", b.Name)
		p.rect(class, left, y, w, 20)
		p.text(left+w+8, y+15, "", b.Text)
		y += 28
	}
	return p.end(title, y+8)
}

// A Curve shows values at growing sizes.
type Curve struct {
	Name string
	X, Y []float64
}

// Curves draws at most three curves below their names. Both axes are logarithmic.
func Curves(title, below, beside string, curves []Curve) string {
	var p picture
	p.text(margin, 28, "", title)
	y := 52.0
	lowX, highX, lowY, highY := math.Inf(1), 0.0, math.Inf(1), 0.0
	for i, c := range curves {
		p.point(i, margin+8, y-5)
		p.text(margin+24, y, "", c.Name)
		y += line
		for j := range c.X {
			lowX, highX = min(lowX, c.X[j]), max(highX, c.X[j])
			lowY, highY = min(lowY, c.Y[j]), max(highY, c.Y[j])
		}
	}
	p.text(margin, y+6, "dim", beside)
	top, height, left := y+22, 280.0, margin+5*advance+8
	right := float64(width - margin - 24)
	lowX, lowY = math.Floor(math.Log10(lowX)), math.Floor(math.Log10(lowY))
	highX, highY = math.Ceil(math.Log10(highX)), math.Ceil(math.Log10(highY))
	atX := func(v float64) float64 { return left + (v-lowX)/(highX-lowX)*(right-left) }
	atY := func(v float64) float64 { return top + height - (v-lowY)/(highY-lowY)*height }
	for v := lowX; v <= highX; v++ {
		p.rule(atX(v), top, atX(v), top+height)
		p.text(atX(v)-length(power(v))/2, top+height+20, "dim", power(v))
	}
	for v := lowY; v <= highY; v++ {
		p.rule(left, atY(v), right, atY(v))
		p.text(left-8-length(power(v)), atY(v)+5, "dim", power(v))
	}
	for i, c := range curves {
		var path strings.Builder
		for j := range c.X {
			fmt.Fprintf(&path, " %.4g,%.4g", atX(math.Log10(c.X[j])), atY(math.Log10(c.Y[j])))
		}
		fmt.Fprintf(&p, `<polyline class="c%d curve" points="%s"/>`+"\n", i, path.String()[1:])
		for j := range c.X {
			p.point(i, atX(math.Log10(c.X[j])), atY(math.Log10(c.Y[j])))
		}
	}
	p.text(left, top+height+44, "dim", below)
	return p.end(title, top+height+60)
}

// point draws a point of curve i. Each curve has a different marker.
func (p *picture) point(i int, x, y float64) {
	switch i {
	case 0:
		fmt.Fprintf(p, `<circle class="c0" cx="%.4g" cy="%.4g" r="4"/>`+"\n", x, y)
	case 1:
		p.rect("c1", x-4, y-4, 8, 8)
	default:
		fmt.Fprintf(p, `<path class="c2" d="M%.4g %.4gl5 9h-10z"/>`+"\n", x, y-5)
	}
}

// power returns a short text for 10^v: 1, 100, 1k, 10M, 1G.
func power(v float64) string {
	prefix := []string{"", "k", "M", "G", "T"}
	n := int(v)
	return fmt.Sprintf("%.0f%s", math.Pow10(n%3), prefix[n/3])
}
