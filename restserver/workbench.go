package restserver

import (
	"encoding/json"
	"net/http"

	"github.com/redis-rest/redis-rest-go/internal/workbench/lint"
	"github.com/redis-rest/redis-rest-go/restserver/console"
)

// consoleFile answers what the console needs before it has a token. It says whether the request was for it.
func (s *Server) consoleFile(w http.ResponseWriter, r *http.Request) bool {
	if !s.config.Console {
		return false
	}
	if console.Wants(r) {
		console.ServePage(w, r)
		return true
	}
	return console.ServeFile(w, r)
}

// maxLint is the largest script that is checked.
const maxLint = 1 << 20

// workbench answers what the console asks for beyond the protocol. It says whether the request was for it.
func (c *call) workbench(w http.ResponseWriter, r *http.Request) bool {
	if !c.config.Console {
		return false
	}
	_, embedded := c.db.(inMemory)
	var result any
	switch r.URL.Path {
	case console.Path + "about":
		result = map[string]any{"backend": c.backend.name, "embedded": embedded, "readOnly": c.may == reading}
	case console.Path + "lint":
		source, err := c.body(w, r, maxLint)
		if err != nil {
			c.refuseWith(w, r, err)
			return true
		}
		target := lint.Redis7
		if c.config.LikeHosted {
			target, _ = lint.ParseTarget("hosted")
		}
		result = append([]lint.Finding{}, lint.Run(string(source), target)...)
	default:
		return false
	}
	text, _ := json.Marshal(map[string]any{"result": result})
	w.Write(text)
	return true
}
