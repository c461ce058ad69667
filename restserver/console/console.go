// Package console has the page of the local server on which people write and run scripts and look at data.
//
// The page is files that a browser reads as they are, without a build. Only codemirror.js, the editor, is made: test/javascript bundles it of
// packages of npm, and a test there makes it again.
package console

import (
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed page
var files embed.FS

// Path is where the files of the page are, and what the page asks for beyond the protocol.
const Path = "/-/"

// types of files by the ends of their names.
var types = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".txt": "text/plain; charset=utf-8"}

// Wants says whether a request is of a browser that opens the address of the server.
func Wants(r *http.Request) bool {
	return r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// ServePage answers with the page. Its scripts and styles, and those that they load, need the nonce of this answer, and it cannot be framed.
// Nothing is loaded from elsewhere.
func ServePage(w http.ResponseWriter, r *http.Request) {
	page, _ := files.ReadFile("page/index.html")
	nonce := rand.Text()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+"'; connect-src 'self'; img-src data:; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	secure(h)
	w.Write([]byte(strings.ReplaceAll(string(page), "NONCE", nonce)))
}

// ServeFile answers with a file of the page. It says whether there is such a file.
func ServeFile(w http.ResponseWriter, r *http.Request) bool {
	name, ours := strings.CutPrefix(r.URL.Path, Path)
	text, err := fs.ReadFile(files, "page/"+name)
	if !ours || err != nil || name == "index.html" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	h := w.Header()
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", types[path.Ext(name)])
	secure(h)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	w.Write(text)
	return true
}

func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}
