package lock_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/lock"
)

// A network loses requests and answers, and delivers requests twice, at once or later.
type network struct {
	*local
	r     *rand.Rand
	later []*http.Request
}

var errLost = errors.New("lost on the way")

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	again := func() *http.Request {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return again
	}
	deliver := func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		n.ServeHTTP(w, r)
		return w.Result()
	}
	if len(n.later) > 0 && n.r.IntN(10) == 0 {
		deliver(n.later[0])
		n.later = n.later[1:]
	}
	switch n.r.IntN(20) {
	case 0:
		return nil, errLost
	case 1:
		n.later = append(n.later, again())
		return nil, errLost
	case 2:
		n.later = append(n.later, again())
	case 3:
		deliver(again())
	}
	resp := deliver(again())
	if n.r.IntN(20) == 0 {
		return nil, errLost
	}
	return resp, nil
}

// A store is what a lock protects: a number to which holders add one, in two steps. A fenced store checks tokens.
type store struct {
	fenced  bool
	highest int64
	value   int
	added   int // as those believe who have written
}

func (s *store) accepts(token int64) bool {
	if s.fenced && token < s.highest {
		return false
	}
	s.highest = max(s.highest, token)
	return true
}

// A writer is a process that is frozen between any two steps, for a while or for ever.
type writer struct {
	lock   *lock.Lock
	read   bool
	values [2]int  // that each store had
	reads  [2]bool // which of them accepted its token
}

// In each step one process takes a step, and the others are frozen. Clocks jump, forward and back, data is lost, and
// so are requests and answers. No two holders write one after another what both have read before: with fencing the
// store counts each write. Without fencing, the same steps lose some.
func TestNoTwoWriters(t *testing.T) {
	t.Parallel()
	steps := 10_000
	if testing.Short() {
		steps = 2000
	}
	if text := os.Getenv("LOCK_STEPS"); text != "" {
		var err error
		steps, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	const ttl = time.Minute
	r := rand.New(rand.NewPCG(5, 6))
	n := &network{local: newLocal(t), r: r}
	locks := locker(t, clientOf(t, n), lock.WithTTL(ttl))
	stores := [2]*store{{fenced: true}, {}}
	writers := make([]writer, 4)
	held, refused := 0, 0
	var last int64
	ahead, furthest := time.Duration(0), time.Duration(0) // Redis' clock
	lost := false                                         // all data, since the lock was last taken
	for range steps {
		switch r.IntN(60) {
		case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9:
			jump := time.Duration(r.Int64N(int64(ttl)))
			ahead += jump
			require.NoError(t, n.Advance(jump))
		case 10:
			if !lost { // with both, tokens may fall
				jump := -time.Duration(r.Int64N(int64(5 * ttl)))
				ahead += jump
				require.NoError(t, n.Advance(jump))
			}
		case 11:
			if ahead < furthest {
				jump := furthest - ahead + time.Minute
				ahead += jump
				require.NoError(t, n.Advance(jump))
			}
		}
		if ahead > furthest && r.IntN(50) == 0 {
			_, err := clientOf(t, n.local).Do(t.Context(), "FLUSHALL")
			require.NoError(t, err)
			lost = true
		}
		furthest = max(furthest, ahead)

		w := &writers[r.IntN(len(writers))]
		switch {
		case w.lock == nil:
			got, err := locks.Try(t.Context(), "a")
			if err == nil {
				require.Greater(t, got.Token, last, "tokens rise")
				last = got.Token
				held++
				lost = false
				*w = writer{lock: got}
			}
		case r.IntN(5) == 0:
			w.lock.Extend(t.Context()) // it goes on whatever comes out, as if it were frozen
		case r.IntN(10) == 0:
			*w = writer{} // it crashes
		case !w.read:
			w.read = true
			for i, s := range stores {
				w.values[i], w.reads[i] = s.value, s.accepts(w.lock.Token)
			}
		default:
			for i, s := range stores {
				if !w.reads[i] || !s.accepts(w.lock.Token) {
					refused++
					continue
				}
				s.value = w.values[i] + 1
				s.added++
			}
			w.lock.Release(t.Context())
			*w = writer{}
		}
	}
	t.Logf("%d times the lock was held, and %d writes were refused; %d of %d writes are lost without fencing", held, refused, stores[1].added-stores[1].value, stores[1].added)
	require.Equal(t, stores[0].added, stores[0].value, "no write was lost")
	require.Greater(t, stores[0].added, steps/50)
	require.Positive(t, refused)
	require.Greater(t, stores[1].added, stores[1].value, "the steps are hard enough: without fencing they lose writes")
}
