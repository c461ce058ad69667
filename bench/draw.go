package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/testkit/mdtable"
	"github.com/redis-rest/redis-rest-go/internal/testkit/svg"
)

const (
	results = "RESULTS.md"

	// The tables of the page that are read.
	targetsTable  = "targets"
	headlineTable = "headline"
	growthTable   = "growth"
)

// quotes are the targets that the README shows, with the names it uses.
var quotes = []struct{ work, measure, name string }{
	{oneCall, "client CPU against net/http by hand", "one call: CPU against net/http by hand"},
	{oneCall, "CPU against @upstash/redis on node", "one call: CPU against `@upstash/redis` on node"},
	{"64 goroutines, TLS", "commands/s against net/http tuned by hand", "64 goroutines over TLS: calls a second against net/http tuned by hand"},
	{"pipeline of 1,000 EVALSHA", "CPU a command against a single call", "pipeline of 1,000 EVALSHA: CPU of each against one alone"},
	{"cold start over http, exec to first reply", "time against node with @upstash/redis", "cold start, exec to first reply: time against node with `@upstash/redis`"},
	{"redis-rest serve on redis-server, 64 connections, single commands", "commands/s against webdis", "`redis-rest serve`: commands a second against webdis, in C"},
	{"the same, pipelines of 100", "commands/s against redis-benchmark -P 100", "the same in pipelines of 100 against redis-benchmark over TCP"},
}

// draw makes the pictures and the README's table from RESULTS.md.
func draw(dir string) error {
	pictures, err := pictures(dir)
	if err != nil {
		return err
	}
	for name, picture := range pictures {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	rows, err := quotedRows(dir)
	if err != nil {
		return err
	}
	return mdtable.Write(filepath.Join(dir, "..", "README.md"), "speed", rows)
}

// quotedRows returns the README's table.
func quotedRows(dir string) ([][]string, error) {
	targets, err := mdtable.Read(filepath.Join(dir, results), targetsTable)
	if err != nil {
		return nil, err
	}
	rows := [][]string{{"", "ratio", "95 % interval", "target"}}
	for _, q := range quotes {
		i := slices.IndexFunc(targets, func(row []string) bool { return row[0] == q.work && row[1] == q.measure })
		if i < 0 {
			return nil, fmt.Errorf("%s has no row %s, %s", results, q.work, q.measure)
		}
		target, reached, interval, met := targets[i][2], targets[i][3], targets[i][4], targets[i][5]
		if met == "**no**" {
			reached, target = "**"+reached+"**", target+", missed"
		}
		rows = append(rows, []string{q.name, reached, interval, target})
	}
	return rows, nil
}

// pictures returns the pictures by file name.
func pictures(dir string) (map[string]string, error) {
	page := filepath.Join(dir, results)
	headline, err := mdtable.Read(page, headlineTable)
	if err != nil {
		return nil, err
	}
	var bars []svg.Bar
	for _, row := range headline[1:] {
		value, err := parse(row[1])
		if err != nil {
			return nil, err
		}
		name := row[0]
		if name == "the same with a timeout" { // "the same" is the row above it in the table
			name = "net/http, with a timeout"
		}
		bars = append(bars, svg.Bar{Name: name, Value: value, Text: row[1], Ours: name == "this library"})
	}
	slices.SortStableFunc(bars, func(a, b svg.Bar) int { return cmp.Compare(a.Value, b.Value) })

	growth, err := mdtable.Read(page, growthTable)
	if err != nil {
		return nil, err
	}
	curves := []svg.Curve{
		{Name: "one reply: CPU, in µs, against its bytes"},
		{Name: "one reply: bytes allocated, against its bytes"},
		{Name: "one pipeline of EVALSHA: CPU, in µs, against its commands"},
	}
	for _, row := range growth[1:] {
		for i, cells := range [][2]string{{row[0], row[1]}, {row[0], row[2]}, {row[3], row[4]}} {
			if cells[0] == "" {
				continue // a curve may have fewer points
			}
			x, err := parse(cells[0])
			if err != nil {
				return nil, err
			}
			y, err := parse(cells[1])
			if err != nil {
				return nil, err
			}
			curves[i].X, curves[i].Y = append(curves[i].X, x), append(curves[i].Y, y)
		}
	}
	return map[string]string{
		"headline.svg": svg.Bars("One EVALSHA over HTTP: CPU of the client, in µs", bars),
		"growth.svg":   svg.Curves("Cost against size", "size: bytes of the reply, or commands of the pipeline", "cost: µs, or bytes", curves),
	}, nil
}

// parse reads a number that number has written.
func parse(text string) (float64, error) {
	return strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
}
