package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
)

// A subject is something that is compared with others.
type subject struct {
	name    string
	slice   func(n int) (slice.Sample, error)
	step    int          // operations come in multiples of it; 0 is 1
	ops     int          // in a slice
	ready   func() error // called when it is warm; nil for nothing
	samples []slice.Sample
}

// compare has all subjects do a slice of their work in each round, in an order
// drawn anew for each: what else the machine does meanwhile meets all alike.
func (b *bench) compare(rounds int, subjects ...*subject) error {
	for _, s := range subjects {
		if err := s.calibrate(b.length, b.warmUp); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if s.ready != nil {
			if err := s.ready(); err != nil {
				return err
			}
		}
	}
	for range b.rounds(rounds) {
		for _, i := range rand.Perm(len(subjects)) {
			s := subjects[i]
			sample, err := s.slice(s.ops)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			s.samples = append(s.samples, sample)
		}
	}
	return nil
}

// calibrate works until the subject is warm, and finds how many operations fill a
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

// What is measured of a slice.
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
