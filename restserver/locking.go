package restserver

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/digest"
)

// Some scripts are sent in another form, with Lua code before them. On the hosted service scripts may
// begin with #!lua flags=allow-key-locking, a flag that Redis does not have; and the scripts of a read-only or
// confined token must not do what its commands may not do. The digest that clients see stays that of the original source.

//go:embed guard.lua
var guardCode string

// oneLine joins the lines of Lua code, so that line numbers of the script do not change.
func oneLine(code string) string {
	var line strings.Builder
	for l := range strings.Lines(code) {
		if l = strings.TrimSpace(l); !strings.HasPrefix(l, "--") {
			line.WriteString(l + " ")
		}
	}
	return line.String()
}

// undeclaredCode returns the refusal of a call with an undeclared key.
const undeclaredCode = `
local declared = {}
for _, key in ipairs(KEYS) do declared[key] = true end
local raw = redis.pcall
local function undeclared(...)
  local keys = raw('COMMAND', 'GETKEYS', ...)
  if type(keys) ~= 'table' or keys.err then return nil end
  for _, key in ipairs(keys) do
    if not declared[key] then
      return {err = "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: " .. key}
    end
  end
end`

// forbiddenCode returns the refusal of a call that the read-only token may not make. It
// needs the allowed commands.
const forbiddenCode = `
local find, upper, lower, tostring = string.find, string.upper, string.lower, tostring
local allowed = '%s'
local function forbidden(name, sub)
  local word = upper(tostring(name))
  if find(allowed, ' ' .. word .. ' ', 1, true) or find(allowed, ' ' .. word .. '|' .. upper(tostring(sub)) .. ' ', 1, true) then return nil end
  return {err = "NOPERM this user has no permissions to run the '" .. lower(tostring(name)) .. "' command or its subcommand"}
end`

// readerCommands are the commands that a script of the read-only token may call, between spaces.
var readerCommands = sync.OnceValue(func() string {
	names := " "
	for c := range commandtable.All {
		words := strings.Split(c.Name, "|")
		cmd := &command{args: words, name: words[0]}
		if cmd.forReaders() && !c.Flags.Has(commandtable.Container) {
			names += c.Name + " "
		}
	}
	return names
})

// A bounds says which commands a script may call.
type bounds int

const (
	unbounded  bounds = iota
	ofReaders         // those of the read-only token
	ofDatabase        // those that stay within a numbered database
	ofUser            // those that stay within what Redis lets a user reach
)

func (b bounds) commands() string {
	switch b {
	case ofReaders:
		return readerCommands()
	case ofDatabase:
		return (&tenant{confined: true}).confinedCommands()
	}
	return (&tenant{confined: true, user: true}).confinedCommands()
}

// guard returns the code before a script.
func guard(kind guardKind) string {
	code := oneLine(guardCode)
	code = strings.Replace(code, "PLAIN", fmt.Sprint(kind.plain), 1)
	before, check := "", ""
	if kind.locks {
		before, check = undeclaredCode, "undeclared"
	}
	if kind.bounds != unbounded {
		before += fmt.Sprintf(forbiddenCode, kind.bounds.commands())
		check = "forbidden"
		if kind.locks {
			check = "function(...) return forbidden(...) or undeclared(...) end"
		}
	}
	code = "local redis = (function(redis) " + before + " return " + code + "(redis, " + check + ") end)(redis)"
	code += " local server = redis" // Valkey's other name of the same table
	if kind.bounds != unbounded {
		// No other way leads to the globals. Settings of cjson outlive a script, so it gets its own.
		code += " local cjson, _G, loadstring, load, getfenv, setfenv, require, debug = cjson.new()"
	}
	return oneLine(code)
}

// guards holds the code for each combination.
var guards sync.Map

type guardKind struct {
	locks  bool // undeclared keys are refused
	bounds bounds
	plain  bool // redis.call must be an ordinary function
}

func guardOf(k guardKind) string {
	code, ok := guards.Load(k)
	if !ok {
		code, _ = guards.LoadOrStore(k, guard(k))
	}
	return code.(string)
}

// A rewriter remembers the scripts that were sent in another form.
type rewriter struct {
	mu        sync.Mutex
	forms     map[scriptKey]form
	originals map[string]string // the digest of the original by the digest as sent
}

// A scriptKey is an original script. Tokens with different bounds have scripts of their own.
type scriptKey struct {
	digest string
	bounds bounds
}

// A form is a script as it is sent.
type form struct {
	digest string
	plain  bool // errors have no line
}

// maxForms is the maximum number of remembered scripts. For a forgotten one the client
// gets NOSCRIPT and sends the source again.
const maxForms = 10000

// noDigest is the digest of no script.
var noDigest = strings.Repeat("0", digest.Len)

// rewrite replaces a script by the form that is sent.
func (r *rewriter) rewrite(c *command, b bounds) {
	switch {
	case c.name == "EVAL", c.name == "EVAL_RO":
		r.source(c, 1, b)
	case c.is("SCRIPT", "LOAD"):
		r.source(c, 2, b)
	case c.name == "EVALSHA", c.name == "EVALSHA_RO":
		r.digest(c, 1, b)
	case c.is("SCRIPT", "EXISTS"):
		for i := 2; i < len(c.args); i++ {
			r.digest(c, i, b)
		}
	}
}

func (r *rewriter) source(c *command, at int, b bounds) {
	source := c.arg(at)
	text, plain, ok := guardedForm(source, b)
	if !ok {
		return
	}
	c.digest, c.sent = digest.Of(source), form{digest.Of(text), plain}
	c.args[at] = text
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forms == nil || len(r.forms) >= maxForms {
		r.forms, r.originals = map[scriptKey]form{}, map[string]string{}
	}
	r.forms[scriptKey{c.digest, b}] = c.sent
	r.originals[c.sent.digest] = c.digest
}

func (r *rewriter) digest(c *command, at int, b bounds) {
	r.mu.Lock()
	defer r.mu.Unlock()
	original := strings.ToLower(c.arg(at))
	if sent, ok := r.forms[scriptKey{original, b}]; ok {
		c.digest, c.sent = original, sent
		c.args[at] = sent.digest
	} else if b != unbounded && len(original) == digest.Len {
		c.args[at] = noDigest // another token may have sent it, without the guard
	}
}

// original returns the digest that clients know for one that was sent.
func (r *rewriter) original(sent string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if original, ok := r.originals[sent]; ok {
		return original
	}
	return sent
}

// guardedForm returns the form in which a script is sent, if it is not sent unchanged.
func guardedForm(source string, b bounds) (text string, plain, ok bool) {
	first, rest, locks := "", source, false
	if strings.HasPrefix(source, "#!") {
		first, rest, _ = strings.Cut(source, "\n")
		if strings.HasPrefix(first, "#!lua") {
			first, locks = cutLocking(first)
		}
		if !strings.Contains(source, "\n") {
			return "", false, false // Redis refuses it
		}
		first += "\n"
	}
	if !locks && b == unbounded {
		return "", false, false
	}
	plain = keepsCall(rest) && catches.MatchString(rest)
	return first + guardOf(guardKind{locks, b, plain}) + rest, plain, true
}

// cutLocking removes the flag allow-key-locking from the first line of a script.
func cutLocking(first string) (line string, locks bool) {
	words := strings.Fields(first)
	for i, word := range words {
		list, ok := strings.CutPrefix(word, "flags=")
		if !ok {
			continue
		}
		flags := strings.Split(list, ",")
		if !slices.Contains(flags, "allow-key-locking") {
			continue
		}
		locks = true
		flags = slices.DeleteFunc(flags, func(flag string) bool { return flag == "allow-key-locking" })
		words[i] = "flags=" + strings.Join(flags, ",")
		if len(flags) == 0 {
			words[i] = ""
		}
	}
	if !locks {
		return first, false
	}
	return strings.TrimSpace(strings.Join(words, " ")), true
}

// A script that keeps redis.call in a variable, and goes on after an error, would call a coroutine that
// has ended. It gets an ordinary function, and its errors have no line.
var (
	usesOfCall = regexp.MustCompile(`(pcall\s*\(\s*)?\b(?:redis|server)\s*\.\s*call\b\s*([("'\[{]?)`)
	otherUses  = regexp.MustCompile(`["'\[]call["'\]]`)
	catches    = regexp.MustCompile(`pcall|coroutine|loadstring|_G|getfenv`)
)

func keepsCall(source string) bool {
	for _, use := range usesOfCall.FindAllStringSubmatch(source, -1) {
		if use[1] == "" && use[2] == "" {
			return true
		}
	}
	return otherUses.MatchString(source)
}

// place is what Redis adds to an error of a script.
var place = regexp.MustCompile(` script: [0-9a-f]{40}, on @user_script:2\.`)

// restore replaces the digest in a reply by that of the original script.
func (c *command) restore(reply []byte) []byte {
	if c.sent.digest == "" || isLost(reply) {
		return reply
	}
	switch {
	case reply[0] == '-':
		if c.sent.plain {
			reply = place.ReplaceAll(reply, nil)
		}
	case c.name != "SCRIPT" || reply[0] != '$':
		return reply
	}
	return bytes.ReplaceAll(reply, []byte(c.sent.digest), []byte(c.digest))
}
