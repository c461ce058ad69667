package console_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/restserver/console"
)

func get(path string, header ...string) *http.Request {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestWants(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	require.True(t, console.Wants(get("/", "Accept", browser)))
	require.False(t, console.Wants(get("/", "Accept", "*/*")))
	require.False(t, console.Wants(get("/")))
	require.False(t, console.Wants(get("/get/k", "Accept", browser)))
	require.False(t, console.Wants(httptest.NewRequest("POST", "/", nil)))
}

// Each answer has a nonce of its own, and nothing runs or is loaded without it.
func TestServePage(t *testing.T) {
	nonces := map[string]bool{}
	for range 3 {
		w := httptest.NewRecorder()
		console.ServePage(w, get("/"))
		policy := w.Header().Get("Content-Security-Policy")
		m := regexp.MustCompile(`script-src 'nonce-(\w{20,})'; style-src 'nonce-(\w+)'`).FindStringSubmatch(policy)
		require.NotNil(t, m, policy)
		require.Equal(t, m[1], m[2])
		nonces[m[1]] = true
		require.Contains(t, policy, "default-src 'none'")
		require.Contains(t, policy, "frame-ancestors 'none'")
		require.NotContains(t, policy, "unsafe")
		require.Equal(t, "DENY", w.Header().Get("X-Frame-Options"))
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		page := w.Body.String()
		require.Equal(t, 2, strings.Count(page, `nonce="`+m[1]+`"`))
		require.NotContains(t, page, "NONCE")
		require.NotRegexp(t, `(src|href)="(http|//)`, page, "nothing is loaded from elsewhere")
		require.NotRegexp(t, ` (on\w+|style)="`, page)
	}
	require.Len(t, nonces, 3)
}

func TestServeFile(t *testing.T) {
	for path, kind := range map[string]string{
		"/-/main.js": "text/javascript", "/-/style.css": "text/css", "/-/quickstart/ratelimit.lua.txt": "text/plain",
		"/-/none.js": "", "/-/index.html": "", "/-/": "", "/-/../console.go": "", "/-/quickstart": "", "/get/main.js": "",
	} {
		w := httptest.NewRecorder()
		require.Equal(t, kind != "", console.ServeFile(w, get(path)), path)
		require.True(t, strings.HasPrefix(w.Header().Get("Content-Type"), kind), path)
		if kind == "" {
			continue
		}
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		again := httptest.NewRecorder()
		require.True(t, console.ServeFile(again, get(path, "If-None-Match", w.Header().Get("ETag"))))
		require.Equal(t, http.StatusNotModified, again.Code)
		require.Zero(t, again.Body.Len())
	}
	require.False(t, console.ServeFile(httptest.NewRecorder(), httptest.NewRequest("POST", "/-/main.js", nil)))
}

// All that a browser loads is 250 KB at most, compressed.
func TestSize(t *testing.T) {
	total := 0
	require.NoError(t, filepath.WalkDir("page", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		w.Write(text)
		w.Close()
		total += packed.Len()
		return err
	}))
	t.Logf("%d bytes", total)
	require.Less(t, total, 250_000)
	require.Greater(t, total, 50_000)
}

// The scripts that are one click away are those of the quickstart. Their names end with .txt, since they are not to be generated
// from, checked or run here.
func TestQuickstart(t *testing.T) {
	want, err := filepath.Glob("../../examples/quickstart/*.lua")
	require.NoError(t, err)
	have, err := filepath.Glob("page/quickstart/*.lua.txt")
	require.NoError(t, err)
	require.Len(t, have, len(want))
	listed, err := os.ReadFile("page/scripts.js")
	require.NoError(t, err)
	for i := range want {
		a, err := os.ReadFile(want[i])
		require.NoError(t, err)
		b, err := os.ReadFile(have[i])
		require.NoError(t, err)
		assert.Equal(t, string(a), string(b), have[i])
		assert.Contains(t, string(listed), "'"+filepath.Base(want[i])+"'")
	}
}
