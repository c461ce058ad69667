package restserver

import (
	"bytes"
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// Scripts of the hosted service may begin with #!lua flags=allow-key-locking, which
// Redis does not know. Such a script is sent without the flag, and with Lua in
// front that has its effect; its digest stays that of the source as it came.

//go:embed locking.lua
var lockingCode string

// lockingPrefix is the code in one line, so that lines keep their numbers.
var lockingPrefix = sync.OnceValue(func() string {
	var line strings.Builder
	line.WriteString("local redis = ")
	for l := range strings.Lines(lockingCode) {
		if l = strings.TrimSpace(l); !strings.HasPrefix(l, "--") {
			line.WriteString(l + " ")
		}
	}
	return line.String()
})

// A rewriter knows which scripts were sent in another form.
type rewriter struct {
	mu    sync.Mutex
	forms map[string]string // digest as it came, digest as sent
}

// maxForms is how many are remembered. One that is forgotten is asked for again by
// NOSCRIPT.
const maxForms = 10000

// rewrite puts the form that is sent in the place of a script.
func (r *rewriter) rewrite(c *command) {
	switch {
	case c.name == "EVAL", c.name == "EVAL_RO":
		r.source(c, 1)
	case c.is("SCRIPT", "LOAD"):
		r.source(c, 2)
	case c.name == "EVALSHA", c.name == "EVALSHA_RO":
		r.digest(c, 1)
	case c.is("SCRIPT", "EXISTS"):
		for i := 2; i < len(c.args); i++ {
			r.digest(c, i)
		}
	}
}

func (r *rewriter) source(c *command, at int) {
	source := c.arg(at)
	form, ok := lockingForm(source)
	if !ok {
		return
	}
	c.digest, c.sent = digest.Of(source), digest.Of(form)
	c.args[at] = form
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forms == nil || len(r.forms) >= maxForms {
		r.forms = map[string]string{}
	}
	r.forms[c.digest] = c.sent
}

func (r *rewriter) digest(c *command, at int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sent, ok := r.forms[strings.ToLower(c.arg(at))]; ok {
		c.digest, c.sent = strings.ToLower(c.arg(at)), sent
		c.args[at] = sent
	}
}

// lockingForm is how a script is sent, where that is not as it came.
func lockingForm(source string) (form string, ok bool) {
	if !strings.HasPrefix(source, "#!lua") {
		return "", false
	}
	first, rest, _ := strings.Cut(source, "\n")
	words := strings.Fields(first)
	locks := false
	for i, word := range words {
		list, ok := strings.CutPrefix(word, "flags=")
		if !ok {
			continue
		}
		var flags []string
		for flag := range strings.SplitSeq(list, ",") {
			if flag == "allow-key-locking" {
				locks = true
			} else {
				flags = append(flags, flag)
			}
		}
		words[i] = "flags=" + strings.Join(flags, ",")
		if len(flags) == 0 {
			words[i] = ""
		}
	}
	if !locks {
		return "", false
	}
	return strings.TrimSpace(strings.Join(words, " ")) + "\n" + lockingPrefix() + rest, true
}

// ownLine is the place of an error that was raised by a call of redis: the Lua in
// front makes that call, and where it was made from is not known.
var ownLine = regexp.MustCompile(`, on @user_script:2\.`)

// restore has a reply show the digest of the script as it came.
func (c *command) restore(reply []byte) []byte {
	if c.sent == "" {
		return reply
	}
	switch {
	case reply[0] == '-':
		reply = ownLine.ReplaceAll(reply, []byte("."))
	case c.name != "SCRIPT" || reply[0] != '$':
		return reply
	}
	return bytes.ReplaceAll(reply, []byte(c.sent), []byte(c.digest))
}
