package main

import (
	"bytes"
	"context"
	"math"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/bench/internal/script"
	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

// A curve is a cost at growing sizes.
type curve struct {
	name, unit string // of the cost
	sizes      []float64
	costs      []float64
}

func (c *curve) add(size int, cost float64) {
	c.sizes, c.costs = append(c.sizes, float64(size)), append(c.costs, cost)
}

// growth checks that costs grow no faster than the size.
func (b *bench) growth() error {
	ctx := context.Background()
	time := &curve{name: "reply, 1 KB to 64 MB: CPU", unit: "ns"}
	memory := &curve{name: "reply, 1 KB to 64 MB: bytes allocated", unit: "B"}
	for size := 1 << 10; size <= 64<<20; size *= 4 {
		body := []byte(`{"result":` + quoted(strings.Repeat("x", size/4*3)) + `}`)
		rdb := answered(body)
		s, err := b.cost(func() error {
			_, err := redis.Cmd[string]("GET", "k").Do(ctx, rdb)
			return err
		})
		if err != nil {
			return err
		}
		time.add(size, s.of(cpu).median)
		memory.add(size, s.of(allocated).median)
	}
	limited := redis.NewScript[int64](script.Source)
	batch := &curve{name: "pipeline, 1 to 100,000 EVALSHA: CPU", unit: "ns"}
	for n := 1; n <= 100_000; n *= 10 {
		answer := bytes.Repeat([]byte(`,{"result":101}`), n)
		answer[0] = '['
		rdb := answered(append(answer, ']'))
		s, err := b.cost(func() error {
			b := rdb.Pipeline()
			for range n {
				limited.Cmd([]string{"counter"}, 10, 60).Queue(b)
			}
			return b.Exec(ctx)
		})
		if err != nil {
			return err
		}
		batch.add(n, s.of(cpu).median)
	}
	curves := []*curve{time, memory, batch}
	t := table{{"cost", "at the smallest", "at the largest", "slope of the log-log line from the middle on"}}
	for _, c := range curves {
		last := len(c.sizes) - 1
		slope := c.slope()
		t.add(c.name, number(c.costs[0])+" "+c.unit, number(c.costs[last])+" "+c.unit, number(slope))
		b.report.atMost("growth: "+c.name, "slope of the log-log line (1 is straight)", exactly(slope), 1.1, "1.1")
	}
	points := table{{"size", "CPU, µs", "bytes allocated", "commands", "CPU, µs"}}
	for i := range time.sizes {
		row := []string{number(time.sizes[i]), number(time.costs[i] / 1000), number(memory.costs[i]), "", ""}
		if i < len(batch.sizes) {
			row[3], row[4] = number(batch.sizes[i]), number(batch.costs[i]/1000)
		}
		points.add(row...)
	}
	b.report.section("Growth", paragraph("![cost against size](growth.svg)\n\nThe cost of a reply and of a batch in the client, without a network. A slope of 1 means that the cost is proportional to the size. At small sizes the fixed cost of a call hides it."), t, marked{growthTable, points})
	return nil
}

func allocated(s slice.Sample) float64 { return float64(s.Bytes) / float64(s.Ops) }

// cost measures something alone.
func (b *bench) cost(do func() error) (*subject, error) {
	s := loop("", do)
	return s, b.compare(20, s)
}

// slope is the slope of the line through the larger half of the curve. Both axes are
// logarithmic (least squares).
func (c *curve) slope() float64 {
	var n, sumX, sumY, sumXX, sumXY float64
	for i := len(c.sizes) / 2; i < len(c.sizes); i++ {
		x, y := math.Log(c.sizes[i]), math.Log(c.costs[i])
		n, sumX, sumY, sumXX, sumXY = n+1, sumX+x, sumY+y, sumXX+x*x, sumXY+x*y
	}
	return (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX)
}
