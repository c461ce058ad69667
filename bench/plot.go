package main

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

var (
	blue = color.RGBA{R: 0x1f, G: 0x6f, B: 0xb4, A: 0xff}
	grey = color.RGBA{R: 0xb0, G: 0xb0, B: 0xb0, A: 0xff}
)

// plotHeadline draws what a call costs each client.
func plotHeadline(file string, subjects []*subject) error {
	p := plot.New()
	p.Title.Text = "One EVALSHA over HTTP: CPU of the client, µs"
	subjects = slices.Clone(subjects)
	slices.SortFunc(subjects, func(a, b *subject) int { return int(b.of(cpu).median - a.of(cpu).median) })
	names := make([]string, len(subjects))
	for i, s := range subjects {
		names[i] = "  " + s.name // or the first letter of the longest is cut off
		e := s.of(cpu)
		bar, err := plotter.NewBarChart(plotter.Values{e.median / 1000}, vg.Points(18))
		if err != nil {
			return err
		}
		bar.Horizontal = true
		bar.XMin = float64(i)
		bar.LineStyle.Width = 0
		bar.Color = grey
		if s.name == "this library" {
			bar.Color = blue
		}
		label, err := plotter.NewLabels(plotter.XYLabels{
			XYs:    plotter.XYs{{X: e.median / 1000, Y: float64(i)}},
			Labels: []string{" " + number(e.median/1000)},
		})
		if err != nil {
			return err
		}
		label.Offset.Y = vg.Points(-4)
		p.Add(bar, label)
	}
	p.NominalY(names...)
	p.X.Min = 0
	p.X.Max *= 1.15
	p.Y.Min -= 0.6
	p.Y.Max += 0.6
	return p.Save(7*vg.Inch, 3*vg.Inch, file)
}

// plotGrowth draws costs against sizes, both logarithmic: what grows as the size
// does is a straight line of slope 1.
func plotGrowth(file string, curves []*curve) error {
	p := plot.New()
	p.Title.Text = "Cost against size"
	p.X.Label.Text = "bytes of the reply, or commands of the pipeline"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: 0}, plot.LogTicks{Prec: 0}
	p.Legend.Top, p.Legend.Left = true, true
	var lines []any
	for _, c := range curves {
		points := make(plotter.XYs, len(c.sizes))
		for i := range points {
			points[i].X, points[i].Y = c.sizes[i], c.costs[i]
		}
		lines = append(lines, c.label(), points)
	}
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return err
	}
	return p.Save(7*vg.Inch, 4.5*vg.Inch, file)
}
