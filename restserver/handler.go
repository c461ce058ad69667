package restserver

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"
)

// ServeHTTP answers /, /pipeline and /multi-exec, and the streams /subscribe/CHANNEL,
// /psubscribe/PATTERN and /monitor.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	// A token that is new with every reply lets a test see that a client sends
	// back the last one it received. One Redis needs no more than that.
	w.Header().Set("Upstash-Sync-Token", strconv.FormatUint(s.requests.Add(1), 10))
	if !s.authorized(r) {
		refuse(w, http.StatusUnauthorized, "WRONGPASS invalid or missing auth token")
		return
	}
	if s.stream(w, r) {
		return
	}
	var answer func(context.Context, []byte, replyWriter) ([]byte, error)
	switch r.URL.Path {
	case "/", "":
		answer = s.single
	case "/pipeline":
		answer = s.pipeline
	case "/multi-exec":
		answer = s.transaction
	default:
		refuse(w, http.StatusNotFound, "ERR no such endpoint; there are /, /pipeline, /multi-exec, /subscribe/CHANNEL, /psubscribe/PATTERN and /monitor")
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "ERR method not allowed")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.max))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("ERR max request size exceeded. Limit: %d bytes", s.max))
		}
		return // else the client is gone
	}
	reply, err := answer(r.Context(), body, replyWriter{base64: r.Header.Get("Upstash-Encoding") == "base64"})
	if err != nil {
		status, message := failure(err)
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1") // says that nothing ran
		}
		refuse(w, status, message)
		return
	}
	if bytes.HasPrefix(reply, []byte(`{"error":`)) {
		w.WriteHeader(http.StatusBadRequest)
	}
	w.Write(reply)
}

func (s *Server) authorized(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		token = r.URL.Query().Get("_token")
	}
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	w.Write(appendError(nil, message))
}

// badRequest is a request that is answered with 400 and this message.
type badRequest string

func (e badRequest) Error() string { return string(e) }

// failure is how a request that brought no reply of Redis is answered.
func failure(err error) (status int, message string) {
	var dial *net.OpError
	switch bad, ok := errors.AsType[badRequest](err); {
	case ok:
		return http.StatusBadRequest, string(bad)
	case errors.As(err, &dial) && dial.Op == "dial", errors.Is(err, redis.ErrPoolTimeout), errors.As(err, new(notRun)):
		return http.StatusServiceUnavailable, "ERR Redis cannot be reached; the command did not run"
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return http.StatusGatewayTimeout, "ERR Redis did not answer in time; the command may have run"
	default:
		return http.StatusBadGateway, "ERR the connection to Redis was lost; the command may have run"
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (s *Server) single(ctx context.Context, body []byte, w replyWriter) ([]byte, error) {
	var raw []json.RawMessage
	if !utf8.Valid(body) || json.Unmarshal(body, &raw) != nil || raw == nil {
		return nil, badRequest("ERR failed to parse command: the body must be a JSON array")
	}
	args, err := arguments(raw)
	if err != nil {
		return nil, err
	}
	cmd := redis.NewRawCmd(ctx, args...)
	if err := s.redis.Process(ctx, cmd); err != nil {
		return nil, err
	}
	reply, _ := w.appendItem(nil, cmd.Val())
	return reply, nil
}

// pipeline runs many commands in order. One that is refused is an error in its
// place; the others run.
func (s *Server) pipeline(ctx context.Context, body []byte, w replyWriter) ([]byte, error) {
	raw, err := commands(body)
	if err != nil {
		return nil, err
	}
	pipe := s.redis.Pipeline()
	sent := make([]*redis.RawCmd, len(raw)) // nil where one is refused
	refused := make([]error, len(raw))
	for i, r := range raw {
		var args []any
		if args, refused[i] = arguments(r); refused[i] == nil {
			sent[i] = redis.NewRawCmd(ctx, args...)
			pipe.Process(ctx, sent[i])
		}
	}
	if pipe.Len() > 0 {
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, err
		}
	}
	out := []byte{'['}
	for i, cmd := range sent {
		if i > 0 {
			out = append(out, ',')
		}
		if cmd == nil {
			out = appendError(out, refused[i].Error())
		} else {
			out, _ = w.appendItem(out, cmd.Val())
		}
	}
	return append(out, ']'), nil
}

// transaction runs many commands in MULTI and EXEC. One that is refused keeps all
// from running: EXEC is sent only where all are queued, since not every Redis
// discards the rest by itself.
func (s *Server) transaction(ctx context.Context, body []byte, w replyWriter) ([]byte, error) {
	raw, err := commands(body)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 {
		return []byte("[]"), nil
	}
	// A connection that has begun a transaction must see its end.
	ctx = context.WithoutCancel(ctx)
	conn := s.redis.Conn()
	defer conn.Close()
	begin := conn.Pipeline()
	queued := []*redis.RawCmd{redis.NewRawCmd(ctx, "MULTI")}
	for _, r := range raw {
		args, err := arguments(r)
		if err != nil {
			return nil, discarded(err.Error())
		}
		queued = append(queued, redis.NewRawCmd(ctx, args...))
	}
	for _, cmd := range queued {
		begin.Process(ctx, cmd)
	}
	if _, err := begin.Exec(ctx); err != nil {
		return nil, notRun{err}
	}
	for _, cmd := range queued {
		if reply := cmd.Val(); reply[0] == '-' {
			if err := conn.Process(ctx, redis.NewRawCmd(ctx, "DISCARD")); err != nil {
				return nil, notRun{err}
			}
			line, _ := cutLine(reply[1:])
			return nil, discarded(string(line))
		}
	}
	exec := redis.NewRawCmd(ctx, "EXEC")
	if err := conn.Process(ctx, exec); err != nil {
		return nil, err
	}
	count, rest := cutLine(exec.Val())
	if string(count) != "*"+strconv.Itoa(len(raw)) {
		return nil, discarded(string(count))
	}
	out := []byte{'['}
	for i := range raw {
		if i > 0 {
			out = append(out, ',')
		}
		out, rest = w.appendItem(out, rest)
	}
	return append(out, ']'), nil
}

func discarded(why string) error {
	return badRequest("EXECABORT Transaction discarded because of previous errors: " + why)
}

// notRun is an error that came before anything could run.
type notRun struct{ error }

func (e notRun) Unwrap() error { return e.error }

func commands(body []byte) ([][]json.RawMessage, error) {
	var raw [][]json.RawMessage
	if !utf8.Valid(body) || json.Unmarshal(body, &raw) != nil || raw == nil {
		return nil, badRequest("ERR failed to parse commands: the body must be a JSON array of arrays")
	}
	return raw, nil
}

// arguments makes a command of its JSON: a string is sent as it is, anything else
// as its JSON text, so that 1000000 stays 1000000 and no digit is lost.
func arguments(raw []json.RawMessage) ([]any, error) {
	args := make([]any, len(raw))
	for i, r := range raw {
		if r[0] == '"' {
			var text string
			if err := json.Unmarshal(r, &text); err != nil {
				return nil, badRequest("ERR failed to parse command: " + err.Error())
			}
			args[i] = text
			continue
		}
		var text bytes.Buffer
		if err := json.Compact(&text, r); err != nil {
			return nil, badRequest("ERR failed to parse command: " + err.Error())
		}
		args[i] = text.String()
	}
	if len(args) == 0 || args[0] == "" {
		return nil, badRequest("ERR empty command")
	}
	if name := strings.ToUpper(args[0].(string)); unavailable(name, args[1:]) {
		return nil, badRequest("ERR Command is not available over REST: '" + name + "'")
	}
	return args, nil
}

// unavailable says whether a command cannot be run on a connection that others
// use too: it waits, or changes what the connection is for.
func unavailable(name string, args []any) bool {
	switch name {
	case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "WAIT", "WAITAOF",
		"MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH",
		"AUTH", "CLIENT", "HELLO", "QUIT", "RESET", "SELECT", "ASKING", "READONLY", "READWRITE",
		"SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",
		"SYNC", "PSYNC", "SHUTDOWN":
		return true
	case "XREAD", "XREADGROUP":
		for _, arg := range args {
			switch strings.ToUpper(arg.(string)) {
			case "BLOCK":
				return true
			case "STREAMS":
				return false // keys follow, which may be called anything
			}
		}
	}
	return false
}
