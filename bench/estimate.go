package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// An estimate is a median with its 95 % confidence interval.
type estimate struct{ median, low, high float64 }

// estimateOf computes the interval from 2,000 random samples of the values with
// replacement (bootstrap).
func estimateOf(values []float64) estimate {
	const draws = 2000
	medians := make([]float64, draws)
	drawn := make([]float64, len(values))
	for i := range medians {
		for k := range drawn {
			drawn[k] = values[rand.IntN(len(values))]
		}
		medians[i] = median(drawn)
	}
	slices.Sort(medians)
	return estimate{median(values), medians[draws*25/1000], medians[draws*975/1000]}
}

// exactly is an estimate of a counted value.
func exactly(value float64) estimate { return estimate{value, value, value} }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func (e estimate) String() string { return number(e.median) }

func (e estimate) interval() string {
	if e.low == e.high {
		return "exact"
	}
	return number(e.low) + " to " + number(e.high)
}

// number formats three significant digits, or all digits before the decimal point if there are more.
func number(x float64) string {
	switch abs := math.Abs(x); {
	case x == math.Trunc(x) && abs < 1000, abs >= 100:
		return thousands(int64(math.Round(x)))
	case abs >= 10:
		return fmt.Sprintf("%.1f", x)
	case abs >= 0.1:
		return fmt.Sprintf("%.2f", x)
	default:
		return fmt.Sprintf("%.3g", x)
	}
}

func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
