package transport

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What writeRequest writes is what net/http writes, in another order.
func TestWriteRequest(t *testing.T) {
	headers := http.Header{"User-Agent": {"test"}, "Authorization": {"Bearer x"}, "X_y": {"\x80 , ;"}}
	for name, c := range map[string]struct {
		change func(*http.Request)
		plain  bool
	}{
		"as it is":                {func(*http.Request) {}, true},
		"a query":                 {func(r *http.Request) { r.URL.RawQuery = "a=b%20c" }, true},
		"an escaped path":         {func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/a b/c", "/a%20b%2Fc" }, true},
		"no path":                 {func(r *http.Request) { r.URL.Path = "" }, true},
		"IPv6":                    {func(r *http.Request) { r.URL.Host = "[::1]:80" }, true},
		"another host":            {func(r *http.Request) { r.Host = "other" }, true},
		"a zone":                  {func(r *http.Request) { r.URL.Host = "[fe80::1%25en0]:80" }, false},
		"a host of other letters": {func(r *http.Request) { r.URL.Host = "é.example" }, false},
		"a host with a space":     {func(r *http.Request) { r.URL.Host = "a b" }, false},
		"a line's end":            {func(r *http.Request) { r.Header["X"] = []string{"a\r\nInjected: b"} }, false},
		"a line's end in a name":  {func(r *http.Request) { r.Header["X\r\nInjected"] = []string{"a"} }, false},
		"a colon in a name":       {func(r *http.Request) { r.Header["X:"] = []string{"a"} }, false},
		"an empty name":           {func(r *http.Request) { r.Header[""] = []string{"a"} }, false},
		"spaces around":           {func(r *http.Request) { r.Header["X"] = []string{" a "} }, false},
		"an empty value":          {func(r *http.Request) { r.Header["X"] = []string{""} }, false},
		"two values":              {func(r *http.Request) { r.Header["X"] = []string{"a", "b"} }, false},
		"no value":                {func(r *http.Request) { r.Header["X"] = nil }, false},
		"a length of its own":     {func(r *http.Request) { r.Header["Content-Length"] = []string{"3"} }, false},
		"an encoding of its own":  {func(r *http.Request) { r.Header["Transfer-Encoding"] = []string{"gzip"} }, false},
		"a trailer of its own":    {func(r *http.Request) { r.Header["Trailer"] = []string{"X"} }, false},
		"a host of its own":       {func(r *http.Request) { r.Header["Host"] = []string{"other"} }, false},
		"no user agent":           {func(r *http.Request) { delete(r.Header, "User-Agent") }, false},
		"two user agents":         {func(r *http.Request) { r.Header["User-Agent"] = []string{"a", "b"} }, false},
		"an unknown length":       {func(r *http.Request) { r.ContentLength = -1 }, false},
		"no length":               {func(r *http.Request) { r.ContentLength = 0 }, false},
		"no body":                 {func(r *http.Request) { r.Body, r.ContentLength = nil, 0 }, false},
		"chunks":                  {func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }, false},
		"a trailer":               {func(r *http.Request) { r.Trailer, r.ContentLength = http.Header{"X": {"y"}}, -1 }, false},
		"closes":                  {func(r *http.Request) { r.Close = true }, false},
		"a query with a space":    {func(r *http.Request) { r.URL.RawQuery = "a b" }, false},
		"an odd method":           {func(r *http.Request) { r.Method = "A B" }, false},
		"opaque":                  {func(r *http.Request) { r.URL.Opaque = "//other/x" }, true},
		"too short a body":        {func(r *http.Request) { r.ContentLength++ }, true},
		"too long a body":         {func(r *http.Request) { r.ContentLength-- }, true},
		"a large body": {func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", 100000))), 100000
		}, true},
		"a body that fails": {func(r *http.Request) { r.Body = io.NopCloser(io.MultiReader(strings.NewReader("w"), errReader{})) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			request := func() *http.Request {
				r := &http.Request{Method: "POST", URL: &url.URL{Scheme: "http", Host: "redis.example:80", Path: "/pipeline"}, Header: maps.Clone(headers),
					Body: io.NopCloser(strings.NewReader("word")), ContentLength: 4}
				c.change(r)
				return r
			}
			r := request()
			var ours, theirs bytes.Buffer
			require.Equal(t, c.plain, isPlain(r, cmp.Or(r.Host, r.URL.Host), r.URL.RequestURI()))
			w := bufio.NewWriter(&ours)
			err := writeRequest(w, r, nil)
			require.NoError(t, w.Flush())
			want := request().Write(&theirs)
			require.Equal(t, want == nil, err == nil, "%v, %v", err, want)
			if err != nil {
				return
			}
			head, body, _ := strings.Cut(ours.String(), "\r\n\r\n")
			wantHead, wantBody, _ := strings.Cut(theirs.String(), "\r\n\r\n")
			require.Equal(t, wantBody, body)
			lines, wantLines := strings.Split(head, "\r\n"), strings.Split(wantHead, "\r\n")
			require.Equal(t, wantLines[:2], lines[:2], "the request line, and Host")
			require.Equal(t, slices.Sorted(slices.Values(wantLines)), slices.Sorted(slices.Values(lines)))
		})
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
