package restserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// An entry is one token of the file of tokens.
type entry struct {
	Token             string  `json:"token"`
	Redis             string  `json:"redis"`
	ReadOnly          bool    `json:"readOnly"`
	RequestsPerSecond float64 `json:"requestsPerSecond"`
}

// A token is what a request may do.
type token struct {
	*tenant
	may     access
	limiter *rate.Limiter // nil if there is no limit
	removed context.Context
	remove  context.CancelFunc
	entry   entry
}

// A tokenHash is the key of a token, so that a search takes the same time for each wrong token.
type tokenHash [sha256.Size]byte

// tokens are the tokens of the configuration, and those of the file.
type tokens struct {
	mu      sync.RWMutex
	own     map[tokenHash]*token
	file    map[tokenHash]*token
	tenants map[string]*tenant // of the file, by the address
	leaving map[*tenant]bool   // not in the file any more, but still running requests
}

func (ts *tokens) find(text string) *token {
	hash := tokenHash(sha256.Sum256([]byte(text)))
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	if t := ts.own[hash]; t != nil {
		return t
	}
	return ts.file[hash]
}

func newToken(t *tenant, may access) *token {
	removed, remove := context.WithCancel(context.Background())
	return &token{tenant: t, may: may, removed: removed, remove: remove}
}

// parseTokens reads a file of tokens. An error never shows a token or an address, which may contain
// a password.
func parseTokens(text []byte) ([]entry, error) {
	var file struct {
		Tokens []entry `json:"tokens"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("line %d: it is not JSON", 1+bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n")))
		}
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("line %d: %s must be a %v", 1+bytes.Count(text[:min(int(wrong.Offset), len(text))], []byte("\n")), wrong.Field, wrong.Type)
		}
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return nil, fmt.Errorf("unknown field %s; the fields are token, redis, readOnly and requestsPerSecond", name)
		}
		return nil, errors.New("it is not JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("there is text after the JSON object")
	}
	seen := map[string]bool{}
	for i, e := range file.Tokens {
		wrong := ""
		switch {
		case len(e.Token) < 16:
			wrong = "its token has less than 16 characters"
		case strings.ContainsFunc(e.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
			wrong = "its token has characters that a header cannot carry"
		case seen[e.Token]:
			wrong = "its token is there twice"
		case e.RequestsPerSecond < 0 || math.IsInf(e.RequestsPerSecond, 0) || math.IsNaN(e.RequestsPerSecond):
			wrong = "requestsPerSecond must not be negative"
		case e.Redis == "":
			wrong = "redis is missing"
		}
		if wrong != "" {
			return nil, fmt.Errorf("tokens[%d]: %s", i, wrong)
		}
		seen[e.Token] = true
	}
	return file.Tokens, nil
}

// tenantOf makes the database of an entry.
func tenantOf(e entry, c Config) (*tenant, error) {
	if name, ok := strings.CutPrefix(e.Redis, "memory:"); ok && name != "" {
		b := startMemory(c)
		t := newTenant(b.db, c.Timeout)
		t.stop = b.stop
		return t, nil
	}
	u, err := url.Parse(strings.Split(e.Redis, ",")[0])
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix" {
		return nil, errors.New(`redis must be memory:NAME, or an address that starts with redis://, rediss:// or unix://`)
	}
	b, err := connect(e.Redis)
	if err != nil {
		return nil, err
	}
	t := newTenant(b.db, c.Timeout)
	t.stop = b.stop
	t.confined = true
	t.user = b.user != "" && b.user != "default"
	return t, nil
}

// loadTokens replaces the tokens of the file. If there is an error, the old ones stay.
func (s *Server) loadTokens() error {
	text, err := os.ReadFile(s.config.TokensFile)
	if err != nil {
		return err
	}
	entries, err := parseTokens(text)
	if err != nil {
		return fmt.Errorf("%s: %w", s.config.TokensFile, err)
	}
	s.tokens.mu.Lock()
	defer s.tokens.mu.Unlock()
	if s.closing.Err() != nil {
		return nil
	}
	file, tenants := map[tokenHash]*token{}, map[string]*tenant{}
	for i, e := range entries {
		hash := tokenHash(sha256.Sum256([]byte(e.Token)))
		if s.tokens.own[hash] != nil {
			err = errors.New("its token is that of the whole server")
		}
		t := tenants[e.Redis]
		if t == nil {
			t = s.tokens.tenants[e.Redis]
		}
		if t == nil && err == nil {
			t, err = tenantOf(e, s.config)
		}
		if err != nil {
			for address, t := range tenants {
				if s.tokens.tenants[address] == nil {
					t.close()
				}
			}
			return fmt.Errorf("%s: tokens[%d]: %w", s.config.TokensFile, i, err)
		}
		tenants[e.Redis] = t
		if old := s.tokens.file[hash]; old != nil && old.entry == e {
			file[hash] = old
			continue
		}
		may := everything
		if e.ReadOnly {
			may = reading
		}
		made := newToken(t, may)
		made.entry = e
		if e.RequestsPerSecond > 0 {
			made.limiter = rate.NewLimiter(rate.Limit(e.RequestsPerSecond), max(1, int(e.RequestsPerSecond)))
		}
		file[hash] = made
	}
	for hash, old := range s.tokens.file {
		if file[hash] != old {
			old.remove() // its streams end
		}
	}
	for address, old := range s.tokens.tenants {
		if tenants[address] != old {
			s.leave(old)
		}
	}
	s.tokens.file, s.tokens.tenants = file, tenants
	return nil
}

// leave closes a database when its running requests have had time to end. The mutex of the tokens is locked.
func (s *Server) leave(t *tenant) {
	if s.tokens.leaving == nil {
		s.tokens.leaving = map[*tenant]bool{}
	}
	s.tokens.leaving[t] = true
	time.AfterFunc(s.config.Timeout+2*grace, func() {
		s.tokens.mu.Lock()
		defer s.tokens.mu.Unlock()
		if s.tokens.leaving[t] { // else Close has closed it
			delete(s.tokens.leaving, t)
			t.close()
		}
	})
}

// lookAtTokens is the time after which a change of the file is noticed.
const lookAtTokens = 500 * time.Millisecond

// watchTokens reads the file of tokens again when it changes.
func (s *Server) watchTokens(last []byte) {
	ticker := time.NewTicker(lookAtTokens)
	defer ticker.Stop()
	var failed string
	for {
		select {
		case <-s.closing.Done():
			return
		case <-ticker.C:
		}
		// Times of files are too coarse to see each change, and the file is small.
		text, err := os.ReadFile(s.config.TokensFile)
		if err == nil && bytes.Equal(text, last) && failed == "" {
			continue
		}
		if err == nil {
			last = text
			err = s.loadTokens()
		}
		switch {
		case err == nil && s.config.Log != nil:
			s.config.Log.Warn("the tokens were read again", "file", s.config.TokensFile)
			failed = ""
		case err != nil && s.config.Log != nil && failed != err.Error():
			s.config.Log.Warn("the tokens cannot be read, and the old ones stay", "reason", err.Error())
			failed = err.Error()
		}
	}
}

// allowed says whether a command stays within the tenant's own database. A confined tenant shares its Redis
// with others: another number of a database, or another user of Redis.
func (t *tenant) allowed(c *command) bool {
	if !t.confined {
		return true
	}
	known, ok := commandtable.Find(c.args)
	switch {
	case !ok:
		return false
	case strings.HasPrefix(c.name, "EVAL"), c.is("SCRIPT", "LOAD", "EXISTS"):
		return true
	case c.name == "COPY":
		for _, arg := range c.args[min(3, len(c.args)):] {
			if strings.EqualFold(arg, "DB") {
				return false
			}
		}
	}
	return t.stays(known)
}

// stays says whether all calls of a command stay within the tenant's database.
func (t *tenant) stays(c commandtable.Command) bool {
	switch c.Name {
	case "PING", "ECHO", "TIME":
		return true
	case "PUBLISH":
		return t.user // Redis knows the channels of a user
	case "FLUSHDB", "KEYS", "SCAN", "RANDOMKEY", "DBSIZE":
		return !t.user // they do not look at the keys of a user
	case "FLUSHALL", "SWAPDB", "MOVE", "SELECT", "MIGRATE", "FCALL", "FCALL_RO", "PFDEBUG", "RESTORE-ASKING":
		return false
	}
	if strings.HasPrefix(c.Name, "FUNCTION") || c.Flags.Has(commandtable.Admin) {
		return false
	}
	return c.Flags.Has(commandtable.Write) || c.Flags.Has(commandtable.ReadOnly)
}

// confinedCommands returns the commands that a script of the tenant may call, between spaces.
func (t *tenant) confinedCommands() string {
	names := " "
	for c := range commandtable.All {
		if t.stays(c) && c.Name != "COPY" && !c.Flags.Has(commandtable.Container) && !c.Flags.Has(commandtable.NoScript) {
			names += c.Name + " "
		}
	}
	return names
}
