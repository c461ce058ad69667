package lua

import (
	"unsafe"

	"github.com/redis-rest/redis-rest-go/internal/engine/lua/ast"
)

// Memory of values in bytes, approximately, besides that of the values that they hold.
const (
	bytesOfCall     = 256 // of what a Go function may make, if it is small
	bytesOfText     = 16
	bytesOfNumber   = 8
	bytesOfTable    = 112
	bytesOfNode     = 40
	bytesOfFunction = 112
	bytesOfCell     = 24
	bytesOfSource   = 128 // read and compiled, for each byte
)

// Strings from this size on are counted once, however often they are held.
const sharedText = 128

// bigText is the size from which work on a string counts as steps.
const bigText = 4 << 10

// Alloc counts memory before a script takes it. If the script may then hold more than MaxMemory, what it holds is
// measured. So only its own memory counts, and not that of the process.
func (s *State) Alloc(bytes int) {
	if bytes < 0 || bytes > s.MaxMemory {
		s.noMemory()
	}
	s.Step(bytes / bytesPerStep)
	if s.allocated += bytes; s.allocated <= s.MaxMemory {
		return
	}
	s.allocated = s.held()
	if s.allocated+bytes > s.MaxMemory-s.MaxMemory/16 { // with less left, it would be measured too often
		s.noMemory()
	}
	s.allocated += bytes
	s.stale = true
}

// Hold is Alloc for memory that a Go function keeps while it calls other functions, or until the script ends. A negative number gives it
// back. An error gives back what was taken since the call that catches it.
func (s *State) Hold(bytes int) {
	if bytes > 0 {
		s.Alloc(bytes)
	}
	s.th.held += bytes
}

func (s *State) noMemory() { s.Raise("not enough memory") }

// charge counts the work on a string of a script, such as hashing it.
func (s *State) charge(text string) {
	if len(text) >= bigText {
		s.Step(len(text) >> 6)
	}
}

// chargeValue is charge for a value that may be a string.
func (s *State) chargeValue(v Value) {
	if text, ok := v.(string); ok {
		s.charge(text)
	}
}

// chargeArgs counts the work on the arguments of a Go function.
func (s *State) chargeArgs(args []Value) {
	for _, arg := range args {
		if text, ok := arg.(string); ok && len(text) >= bigText {
			s.Step(len(text) >> 6)
		}
	}
	if len(args) > 64 {
		s.Step(len(args) >> 3)
	}
}

// isLarge says whether a value may hold much memory.
func isLarge(v Value) bool {
	switch v := v.(type) {
	case string:
		return len(v) >= sharedText
	case nil, bool, float64:
		return false
	}
	return true
}

// A census counts the memory of the values that a script can reach.
type census struct {
	s     *State
	bytes int
	queue []any                  // found, and not yet looked into
	texts map[*byte]struct{}     // large strings that are counted
	units map[*ast.Unit]struct{} // sources whose functions are counted
}

// held returns the memory that the running script holds, or a number above MaxMemory if it is more than that.
func (s *State) held() int {
	s.epoch++
	c := &census{s: s, texts: map[*byte]struct{}{}, units: map[*ast.Unit]struct{}{}}
	c.addThread(s.main)
	for co := range s.threads {
		c.add(co)
	}
	for _, name := range []string{"KEYS", "ARGV"} { // what else is global does not change
		c.add(s.Globals.GetString(name))
	}
	c.addAll(s.one[:])
	c.addAll(s.two[:])
	for n := 0; len(c.queue) > 0 && c.bytes <= s.MaxMemory; n++ {
		if n%checkSteps == 0 {
			s.Look()
		}
		last := len(c.queue) - 1
		v := c.queue[last]
		c.queue = c.queue[:last]
		c.lookInto(v)
	}
	return c.bytes
}

func (c *census) addAll(values []Value) {
	for _, v := range values {
		c.add(v)
	}
}

func (c *census) add(v Value) {
	switch v := v.(type) {
	case float64:
		c.bytes += bytesOfNumber
	case string:
		c.bytes += bytesOfText
		if len(v) >= sharedText {
			if _, ok := c.texts[unsafe.StringData(v)]; ok {
				return
			}
			c.texts[unsafe.StringData(v)] = struct{}{}
		}
		c.bytes += len(v)
	case *Table:
		if v != nil && v.epoch != c.s.epoch {
			v.epoch = c.s.epoch
			c.queue = append(c.queue, v)
		}
	case *Function:
		if v != nil && v.epoch != c.s.epoch {
			v.epoch = c.s.epoch
			c.queue = append(c.queue, v)
		}
	case *Coroutine:
		if v.epoch != c.s.epoch {
			v.epoch = c.s.epoch
			c.queue = append(c.queue, v)
		}
	case *cell:
		c.bytes += bytesOfCell
		c.add(v.v)
	}
}

func (c *census) lookInto(v any) {
	switch v := v.(type) {
	case *Table:
		c.bytes += bytesOfTable + len(v.array)*bytesOfValue + len(v.nodes)*bytesOfNode
		c.add(v.Meta)
		c.addAll(v.array)
		for i := range v.nodes {
			c.add(v.nodes[i].key)
			c.add(v.nodes[i].val)
		}
	case *Function:
		c.bytes += bytesOfFunction
		for _, cell := range v.cells {
			c.add(cell)
		}
		c.addAll(v.keeps)
		if v.proto == nil {
			return
		}
		if _, ok := c.units[v.proto.Unit]; !ok {
			c.units[v.proto.Unit] = struct{}{}
			c.bytes += v.proto.Unit.Size * bytesOfSource
		}
	case *Coroutine:
		c.bytes += bytesOfCoroutine
		c.add(v.fn)
		c.addAll(v.in)
		c.addAll(v.out)
		if v.th != nil {
			c.addThread(v.th)
		}
	}
}

func (c *census) addThread(th *thread) {
	c.bytes += th.held + len(th.frames)*bytesOfFrame
	for i, chunk := range th.chunks {
		c.bytes += len(chunk) * bytesOfValue
		switch {
		case i < th.chunk:
			c.addAll(chunk)
		case i == th.chunk:
			c.addAll(chunk[:th.top])
		}
	}
	for _, f := range th.frames[:th.depth] {
		c.add(f.fn)
		c.add(f.tail)
		c.add(f.self)
		c.addAll(f.varargs)
		c.addAll(f.ret)
	}
}

// sweep drops the values that calls have left in the stacks. No results of a call may be in use.
func (s *State) sweep() {
	s.stale = false
	s.main.sweep()
	for co := range s.threads {
		co.th.sweep()
	}
}

func (th *thread) sweep() {
	clear(th.chunks[th.chunk][th.top:])
	for _, chunk := range th.chunks[th.chunk+1:] {
		clear(chunk)
	}
	for _, f := range th.frames[th.depth:] {
		*f = frame{s: f.s}
	}
}
