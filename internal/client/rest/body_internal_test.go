//go:build !race

// The race detector empties pools.

package rest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// A gzip reader is used again for the next answer. A new one would take more allocations.
func TestUnpackersAreKept(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	io.WriteString(w, `{"result":1}`)
	require.NoError(t, w.Close())
	header := http.Header{"Content-Encoding": {"gzip"}}
	var body bytes.Reader
	allocations := testing.AllocsPerRun(100, func() {
		body.Reset(packed.Bytes())
		data, _, err := read(&http.Response{Header: header, Body: io.NopCloser(&body), ContentLength: -1}, 1000, 0)
		require.NoError(t, err)
		require.Equal(t, `{"result":1}`, string(data))
	})
	require.LessOrEqual(t, allocations, 6.0)
}
