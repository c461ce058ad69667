package value

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// A program is a list of operations, which a test runs on a value and on a model of it. It is made
// of random bytes, or of those of a fuzzer.
type program struct{ bytes []byte }

func (p *program) ended() bool { return len(p.bytes) == 0 }

// below returns a number from 0 to n-1, and 0 when the program has ended.
func (p *program) below(n int) int {
	v := 0
	for size := 1; size < n; size <<= 8 {
		if p.ended() {
			break
		}
		v = v<<8 | int(p.bytes[0])
		p.bytes = p.bytes[1:]
	}
	return v % n
}

// name returns one of n names.
func (p *program) name(n int) string { return fmt.Sprintf("n%d", p.below(n)) }

// models has for each type the function that runs a program on it.
var models = []struct {
	name string
	run  func(t testing.TB, p *program)
}{
	{"Dict", runDict},
	{"Deadlines", runDeadlines},
	{"List", runList},
	{"Hash", runHash},
	{"Set", runSet},
	{"SortedSet", runSortedSet},
	{"Stream", runStream},
	{"Group", runGroup},
	{"HyperLogLog", runHyperLogLog},
	{"any bytes as HyperLogLog", runAnyHyperLogLog},
}

// Random programs leave each value as its model is.
func TestModels(t *testing.T) {
	programs := 40
	if testing.Short() {
		programs = 10
	}
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			for i := range programs {
				random := rand.New(rand.NewPCG(uint64(i), 1))
				p := &program{bytes: make([]byte, 1<<random.IntN(13))}
				for i := range p.bytes {
					p.bytes[i] = byte(random.Uint32())
				}
				m.run(t, p)
				if t.Failed() {
					t.Fatalf("program %d", i)
				}
			}
		})
	}
}

func FuzzModels(f *testing.F) {
	for i := range models {
		f.Add(uint8(i), []byte("a program of thirty-one letters"))
	}
	f.Fuzz(func(t *testing.T, model uint8, bytes []byte) {
		models[int(model)%len(models)].run(t, &program{bytes: bytes})
	})
}
