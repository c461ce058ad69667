package trace

import (
	"fmt"
	"io"
	"strings"
	"time"

	"encoding/json"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua"
	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// A Profile has the functions that ran in each span of time.
type Profile struct {
	frames  []profileFrame
	index   map[profileFrame]int
	samples [][]int
	weights []int64
	stack   []int
	since   time.Time
	begun   bool
}

// maxSamples limits a profile. What comes afterwards counts for the last sample.
const maxSamples = 200_000

type profileFrame struct {
	Name string `json:"name"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// NewProfile makes an empty profile.
func NewProfile() *Profile { return &Profile{index: map[profileFrame]int{}} }

// at says that the functions of the stack run from now on.
func (p *Profile) at(s *lua.State, now time.Time) {
	p.add(now.Sub(p.since))
	p.since, p.begun = now, true
	if len(p.samples) >= maxSamples {
		return
	}
	p.stack = nil
	stack := s.Stack(s.Running())
	for i := len(stack) - 1; i >= 0; i-- {
		f := stack[i]
		if !f.IsGo() {
			p.stack = append(p.stack, p.frame(profileFrame{Name: functionName(f), File: "script", Line: f.Line()}))
		}
	}
}

func functionName(f lua.Frame) string {
	switch {
	case f.Defined() == 0:
		return "(script)"
	case f.Name() == "":
		return fmt.Sprintf("(function of line %d)", f.Defined())
	}
	return f.Name()
}

func (p *Profile) frame(f profileFrame) int {
	i, ok := p.index[f]
	if !ok {
		i = len(p.frames)
		p.index[f] = i
		p.frames = append(p.frames, f)
	}
	return i
}

func (p *Profile) add(d time.Duration) {
	if !p.begun || d <= 0 {
		return
	}
	if len(p.samples) >= maxSamples {
		p.weights[len(p.weights)-1] += d.Nanoseconds()
		return
	}
	p.samples, p.weights = append(p.samples, p.stack), append(p.weights, d.Nanoseconds())
}

// called adds the time of a call of Redis, which has just ended.
func (p *Profile) called(_ *lua.State, c script.Call) {
	now := time.Now()
	whole := now.Sub(p.since)
	inside := min(c.Time, whole)
	p.add(whole - inside)
	if len(p.samples) < maxSamples {
		outer := p.stack
		p.stack = append(outer[:len(outer):len(outer)], p.frame(profileFrame{Name: "redis.call " + strings.ToUpper(c.Words[0])}))
		p.add(inside)
		p.stack = outer
	} else {
		p.add(inside)
	}
	p.since = now
}

func (p *Profile) end(now time.Time) {
	p.add(now.Sub(p.since))
	p.begun = false
}

// Write writes the profile for speedscope.app.
func (p *Profile) Write(w io.Writer, name string) error {
	for i := range p.frames {
		if p.frames[i].File != "" {
			p.frames[i].File = name
		}
	}
	var total int64
	for _, n := range p.weights {
		total += n
	}
	samples, weights := p.samples, p.weights
	if samples == nil {
		samples, weights = [][]int{}, []int64{}
	}
	return json.NewEncoder(w).Encode(map[string]any{
		"$schema": "https://www.speedscope.app/file-format-schema.json",
		"name":    name, "exporter": "redis-rest trace", "activeProfileIndex": 0,
		"shared":   map[string]any{"frames": append([]profileFrame{}, p.frames...)},
		"profiles": []any{map[string]any{"type": "sampled", "name": name, "unit": "nanoseconds", "startValue": 0, "endValue": total, "samples": samples, "weights": weights}},
	})
}
