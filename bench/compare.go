package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

// A subject is one of the things that are compared.
type subject struct {
	name string
	step int // operations come in multiples of it; 0 means 1

	// start starts a program and sets slice, which makes it do the work. It is nil if
	// slice is set from the beginning.
	start func() (*process, error)
	slice func(n int) (slice.Sample, error)

	// servers are processes whose CPU is measured instead of the subject's.
	servers []int

	// warm and done are called before and after the subject is measured. They may be
	// nil.
	warm, done func() error

	ops     int // in a slice
	samples []slice.Sample
}

// generations is how often a comparison restarts the programs. A process may be faster
// or slower by chance, depending on its memory and core.
const generations = 4

// compare lets all subjects do a slice of their work in each round, in a new random order.
// Other work of the machine therefore affects all subjects equally.
func (b *bench) compare(rounds int, subjects ...*subject) error {
	for range generations {
		if err := b.generation(max(2, b.rounds(rounds)/generations), subjects); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) generation(rounds int, subjects []*subject) (err error) {
	for _, s := range subjects {
		if s.start != nil {
			p, err := s.start()
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			defer p.stop()
			s.slice = p.slice
		}
		if err := s.calibrate(b.length, b.warmUp); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if s.warm != nil {
			if err := s.warm(); err != nil {
				return err
			}
		}
	}
	for range rounds {
		for _, i := range rand.Perm(len(subjects)) {
			s := subjects[i]
			before := cpuOfAll(s.servers)
			sample, err := s.slice(s.ops)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if s.servers != nil {
				sample.CPU = cpuOfAll(s.servers) - before
			}
			s.samples = append(s.samples, sample)
		}
	}
	for _, s := range subjects {
		if s.done != nil {
			if err := s.done(); err != nil {
				return err
			}
		}
	}
	return nil
}

func cpuOfAll(pids []int) (sum time.Duration) {
	for _, pid := range pids {
		sum += cpuOf(pid)
	}
	return sum
}

// calibrate works until the subject is warm, and finds the number of operations that fill a
// slice.
func (s *subject) calibrate(length, warmUp time.Duration) error {
	step := max(1, s.step)
	s.ops = step
	for spent := time.Duration(0); spent < warmUp; {
		sample, err := s.slice(s.ops)
		if err != nil {
			return err
		}
		spent += sample.Wall
		fit := float64(s.ops) * float64(length) / float64(sample.Wall)
		s.ops = max(step, int(min(fit, 4*float64(s.ops)))/step*step)
	}
	return nil
}

// The measures of a slice.
func cpu(s slice.Sample) float64    { return float64(s.CPU.Nanoseconds()) / float64(s.Ops) }
func wall(s slice.Sample) float64   { return float64(s.Wall.Nanoseconds()) / float64(s.Ops) }
func rate(s slice.Sample) float64   { return float64(s.Ops) / s.Wall.Seconds() }
func allocs(s slice.Sample) float64 { return float64(s.Allocs) / float64(s.Ops) }

// of estimates a measure of the subject's slices.
func (s *subject) of(measure func(slice.Sample) float64) estimate {
	values := make([]float64, len(s.samples))
	for i, sample := range s.samples {
		values[i] = measure(sample)
	}
	return estimateOf(values)
}

// against estimates the ratio of two subjects' measures, round by round.
func (s *subject) against(other *subject, measure func(slice.Sample) float64) estimate {
	ratios := make([]float64, len(s.samples))
	for i := range ratios {
		ratios[i] = measure(s.samples[i]) / measure(other.samples[i])
	}
	return estimateOf(ratios)
}
