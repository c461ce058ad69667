package resp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// readAll reads the commands in text, which arrives in parts of a size.
func readAll(r *resp.Requests, text string, part int) (commands [][]string, err error) {
	for len(text) > 0 {
		n := copy(r.Room(), text[:min(part, len(text))])
		r.Read(n)
		text = text[n:]
		for {
			args, ok, err := r.Next()
			if err != nil {
				return commands, err
			}
			if !ok {
				break
			}
			commands = append(commands, append([]string{}, args...))
		}
	}
	return commands, nil
}

func TestRequests(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for text, want := range map[string][][]string{
		"":                                nil,
		"PING\r\n":                        {{"PING"}},
		"PING\n\r\n \nGET \"a b\"\r\nGET": {{"PING"}, {"GET", "a b"}},
		"*1\r\n$4\r\nPING\r\nPING\r\n":    {{"PING"}, {"PING"}},
		"*0\r\n*-1\r\n*2\r\n$0\r\n\r\n$1\r\n\n\r\n":                            {{"", "\n"}},
		string(resp.AppendBulks(nil, []string{"SET", "k", long})) + "PING\r\n": {{"SET", "k", long}, {"PING"}},
	} {
		for _, part := range []int{1, 2, 3, 7, 1000, 1 << 20} {
			r := &resp.Requests{MaxBulk: 1 << 20}
			got, err := readAll(r, text, part)
			require.NoError(t, err, "%.50q", text)
			require.Equal(t, want, got, "%.50q in parts of %d", text, part)
		}
	}
}

func TestRequestsRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"*x\r\n": "invalid multibulk length", "*2147483648\r\n": "invalid multibulk length", "*\r\n": "invalid multibulk length", "*01\r\n": "invalid multibulk length",
		"*1\r\n$x\r\n": "invalid bulk length", "*1\r\n$-1\r\n": "invalid bulk length", "*1\r\n$1025\r\n": "invalid bulk length",
		"*1\r\nPING\r\n": "expected '$', got 'P'", "GET 'a\r\n": "unbalanced quotes in request",
		"*11\r\n": "unauthenticated multibulk length", "*1\r\n$16385\r\n": "unauthenticated bulk length",
		strings.Repeat("x", 65_537): "too big inline request", "*" + strings.Repeat("1", 65_537): "too big mbulk count string", "*1\r\n$" + strings.Repeat("1", 65_537): "too big bulk count string",
		"GET \x00\r\n" + strings.Repeat("x", 65_537): "too big inline request",
	} {
		for _, part := range []int{1, 1 << 20} {
			r := &resp.Requests{MaxBulk: 1024, Limited: strings.HasPrefix(want, "unauth")}
			if r.Limited {
				r.MaxBulk = 1 << 20
			}
			got, err := readAll(r, text, part)
			assert.EqualError(t, err, want, "%.50q", text)
			assert.Empty(t, got)
		}
	}
}

// A client that only says that much will follow takes no memory.
func TestRequestsTakeWhatArrives(t *testing.T) {
	r := &resp.Requests{MaxBulk: 512 << 20}
	_, err := readAll(r, "*1000000\r\n$536870912\r\nabc", 1<<20)
	require.NoError(t, err)
	assert.Less(t, len(r.Room()), 1<<17)
	assert.Equal(t, 3, r.Waiting())
}

// The parts in which bytes arrive make no difference.
func FuzzRequests(f *testing.F) {
	f.Add("*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n*1\r\n$4\r\nPI", 3)
	f.Add("GET \"a\r\n", 1)
	f.Add("*1\r$1\r\n", 2)
	f.Fuzz(func(t *testing.T, text string, part int) {
		if part < 1 || len(text) > 10_000 {
			return
		}
		want, refused := readAll(&resp.Requests{MaxBulk: 1 << 20}, text, len(text)+1)
		got, err := readAll(&resp.Requests{MaxBulk: 1 << 20}, text, part)
		require.Equal(t, refused, err)
		require.Equal(t, want, got)
	})
}

func BenchmarkRequests(b *testing.B) {
	text := strings.Repeat(string(resp.AppendBulks(nil, []string{"SET", "key:000000000001", "xxx"})), 16)
	r := &resp.Requests{MaxBulk: 1 << 20}
	b.ReportAllocs()
	for b.Loop() {
		r.Read(copy(r.Room(), text))
		for n := range 17 {
			if _, ok, err := r.Next(); ok != (n < 16) || err != nil {
				b.Fatal(n, err)
			}
		}
	}
}
