package redistest_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/redistest"
)

func TestEachIsItsOwn(t *testing.T) {
	a, b := redistest.New(t), redistest.New(t)
	_, err := redis.Cmd[string]("SET", "k", "v").Do(t.Context(), a)
	require.NoError(t, err)
	n, err := redis.Cmd[int]("DBSIZE").Do(t.Context(), b)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestSetenv(t *testing.T) {
	s := redistest.NewServer(t)
	t.Run("inside", func(t *testing.T) {
		s.Setenv()
		rdb, err := redis.FromEnv()
		require.NoError(t, err)
		_, err = rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
	})
}

func TestEndsWithTheTest(t *testing.T) {
	var rdb *redis.Redis
	t.Run("inside", func(t *testing.T) {
		rdb = redistest.New(t)
		_, err := rdb.Do(t.Context(), "PING")
		require.NoError(t, err)
	})
	_, err := rdb.Do(t.Context(), "PING")
	require.Error(t, err)
}

// fatal is a testing.TB that notes how it failed.
type fatal struct {
	testing.TB
	log string
}

func (f *fatal) Fatalf(format string, args ...any) { f.log = format; panic(f) }
func (f *fatal) Helper()                           {}

func TestBackendByEnvironment(t *testing.T) {
	t.Setenv("REDISTEST_BACKEND", "memory")
	_, err := redistest.New(t).Do(t.Context(), "PING")
	require.NoError(t, err)

	t.Setenv("REDISTEST_BACKEND", "nonsense")
	f := &fatal{TB: t}
	require.Panics(t, func() { redistest.New(f) })
	require.NotEmpty(t, f.log)

	if _, err := exec.LookPath("redis-server"); err == nil {
		t.Setenv("REDISTEST_BACKEND", "redis-server")
		v, err := redis.Cmd[string]("INFO", "server").Do(t.Context(), redistest.New(t))
		require.NoError(t, err)
		require.Contains(t, v, "redis_version")
	} else if os.Getenv("CI") != "" {
		t.Fatal("redis-server is not on PATH, and CI must have it")
	}
}
