package restserver

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A slowDatabase answers each pipeline after a time.
type slowDatabase struct {
	database
	takes time.Duration
	sizes chan int // of the pipelines
}

func (s slowDatabase) pipeline(_ context.Context, cmds []*command) ([][]byte, error) {
	s.sizes <- len(cmds)
	time.Sleep(s.takes)
	return make([][]byte, len(cmds)), nil
}

// Requests wait for a pipeline that ends soon, and are sent together. While it does not end, they get other pipelines.
func TestGroupWaits(t *testing.T) {
	for name, c := range map[string]struct {
		takes time.Duration
		sizes []int
		last  time.Duration // from the start of the last requests to their replies
	}{
		"near":    {patience / 2, []int{1, 9}, patience},
		"distant": {100 * patience, []int{1, 9}, 101 * patience},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &group{db: slowDatabase{takes: c.takes, sizes: make(chan int, 20)}, timeout: time.Minute}
				ask := func() {
					replies, err := g.run(t.Context(), []*command{{attempt: new(attempt)}})
					assert.NoError(t, err)
					assert.Len(t, replies, 1)
				}
				done := make(chan struct{}, 10)
				begun := time.Now()
				go func() { ask(); done <- struct{}{} }()
				synctest.Wait()
				for range 9 {
					go func() { ask(); done <- struct{}{} }()
				}
				for range cap(done) {
					<-done
				}
				require.Equal(t, c.last, time.Since(begun))
				for _, want := range c.sizes {
					require.Equal(t, want, <-g.db.(slowDatabase).sizes)
				}
				require.Empty(t, g.db.(slowDatabase).sizes)
			})
		})
	}
	t.Run("too long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := &group{db: slowDatabase{takes: time.Hour, sizes: make(chan int, 20)}, timeout: time.Minute}
			done := make(chan error, 10)
			begun := time.Now()
			for range cap(done) {
				go func() {
					_, err := g.run(t.Context(), []*command{{attempt: new(attempt)}})
					done <- err
				}()
				synctest.Wait()
			}
			for range cap(done) {
				require.ErrorIs(t, <-done, errTimeout)
			}
			require.Equal(t, time.Minute, time.Since(begun))
			time.Sleep(time.Hour + time.Second)
		})
	})
}
