package svg

import (
	"regexp"
	"strconv"
	"strings"
)

// A Pane is a section of a window.
type Pane struct {
	Kind  Kind
	Title string
	Text  string
	First int // the number of the first line; 0 for no numbers
	Mark  int // the number of the line with the error; 0 for none
}

// Kind is the kind of a pane's content.
type Kind int

// The kinds of panes.
const (
	Code    Kind = iota // Lua or Go
	Output              // what a program prints
	Failure             // an error that a program prints
)

// Window draws panes, one below the other.
func Window(title string, panes ...Pane) string {
	var p picture
	y := 0.5
	for _, pane := range panes {
		p.rect("bar", 1, y, width-2, 28)
		p.text(margin, y+19, "dim", pane.Title)
		y += 28 + 8
		for i, text := range strings.Split(strings.TrimSuffix(pane.Text, "\n"), "\n") {
			number := pane.First + i
			if pane.Mark > 0 && number == pane.Mark {
				p.rect("marked", 1, y, width-2, line)
			}
			x := float64(margin)
			if pane.First > 0 {
				shown := strconv.Itoa(number)
				p.text(x+(2-float64(len(shown)))*advance, y+15, "dim", shown)
				x += 4 * advance
			}
			switch pane.Kind {
			case Code:
				p.code(x, y+15, text)
			case Output:
				p.text(x, y+15, "out", text)
			case Failure:
				p.text(x, y+15, "bad", text)
			}
			y += line
		}
		y += 8
	}
	return p.end(title, y+0.5)
}

// token matches the parts of Lua and Go that have their own colour.
var token = regexp.MustCompile(`(--.*|//.*)|('[^']*'|"[^"]*"|` + "`[^`]*`" + `)|\b(local|function|if|then|else|end|for|do|return|and|or|not|nil|func|range|var)\b|\b(\d+)\b`)

// code writes a line of Lua or Go.
func (p *picture) code(x, y float64, text string) {
	text = strings.ReplaceAll(text, "\t", "    ")
	done := 0
	for _, m := range token.FindAllStringSubmatchIndex(text, -1) {
		p.text(x+length(text[:done]), y, "", text[done:m[0]])
		for i, class := range []string{"dim", "string", "word", "number"} {
			if m[2+2*i] >= 0 {
				p.text(x+length(text[:m[0]]), y, class, text[m[0]:m[1]])
			}
		}
		done = m[1]
	}
	p.text(x+length(text[:done]), y, "", text[done:])
}
