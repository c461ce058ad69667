package restserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/engine/script"
)

// A Request is an answered request.
type Request struct {
	ID       string // also the header X-Request-Id of the answer; the client may choose it with that header
	Peer     string // the address of the client
	Method   string
	Kind     string     // command, pipeline, transaction or subscription (MONITOR too); "" for /health, /ready and the console
	Commands [][]string // names and arguments, as received
	Errors   []string   // the code of each error that it was answered with, for instance WRONGTYPE
	Status   int        // 499 if the client did not wait for the answer
	Duration time.Duration
	BytesIn  int64
	BytesOut int64
}

// An observed request is being answered. It is a nil pointer if nobody observes
// requests.
type observed struct {
	http.ResponseWriter
	Request
	keep    bool // the arguments, and the texts of errors
	texts   []string
	names   counts
	scripts int
	keys    []string
	reason  string // why there is no reply
}

func (o *observed) WriteHeader(status int) {
	if o.Status == 0 {
		o.Status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(p []byte) (int, error) {
	if o.Status == 0 {
		o.Status = http.StatusOK
	}
	n, err := o.ResponseWriter.Write(p)
	o.BytesOut += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

type observedKey struct{}

// observe calls answer and reports the request to the observer, the log, the metrics and the trace.
func (s *Server) observe(w http.ResponseWriter, r *http.Request, answer func(http.ResponseWriter, *http.Request)) {
	id := s.requestID(r)
	w.Header().Set("X-Request-Id", id)
	metrics := s.metrics.Load()
	watched := s.traffic.watched.Load()
	if s.config.Observe == nil && !s.logsRequests && metrics == nil && s.tracer == nil && !watched {
		answer(w, r)
		return
	}
	begun := time.Now()
	o := &observed{ResponseWriter: w, keep: s.config.Observe != nil || watched, Request: Request{ID: id, Peer: r.RemoteAddr, Method: r.Method, Kind: kindOf(r.URL.Path)}}
	ctx, end := s.traceRequest(r, o)
	defer func() {
		o.Duration = time.Since(begun)
		end()
		if metrics != nil {
			metrics.count(o)
		}
		if s.logsRequests {
			s.logRequest(o)
		}
		if watched && o.Kind != "" {
			s.traffic.tell(o)
		}
		if s.config.Observe != nil {
			s.config.Observe(o.Request)
		}
	}()
	answer(o, r.WithContext(context.WithValue(ctx, observedKey{}, o)))
}

// requestID returns the ID that the client has chosen, or a new one.
func (s *Server) requestID(r *http.Request) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= 100 && strings.Trim(id, letters) == "" {
		return id
	}
	return s.idPrefix + strconv.FormatUint(s.ids.Add(1), 10)
}

// kindOf returns the kind of a request by its path.
func kindOf(path string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch strings.ToLower(kind) {
	case "health", "ready", "-":
		return ""
	case "pipeline":
		return "pipeline"
	case "multi-exec":
		return "transaction"
	case "subscribe", "psubscribe", "monitor":
		return "subscription"
	}
	return "command"
}

// observedIn returns the request of a context, or nil if nobody observes it.
func observedIn(ctx context.Context) *observed {
	o, _ := ctx.Value(observedKey{}).(*observed)
	return o
}

// note records the commands of a request.
func (o *observed) note(commands ...*command) {
	if o == nil {
		return
	}
	for _, c := range commands {
		o.names.add(c.shownName())
		if c.runsScript() {
			o.scripts++
		}
		if o.keep {
			o.Commands = append(o.Commands, c.copyArgs())
		}
	}
}

// noteKeys records the keys of commands, for the log.
func (s *Server) noteKeys(o *observed, commands ...*command) {
	const most = 20
	if o == nil || !s.config.LogKeys {
		return
	}
	for _, c := range commands {
		for _, key := range c.keys() {
			if len(o.keys) < most {
				o.keys = append(o.keys, strings.Clone(key))
			}
		}
	}
}

// noteReplies records the codes of the errors among replies.
func (o *observed) noteReplies(replies ...[]byte) {
	if o == nil {
		return
	}
	for _, reply := range replies {
		if len(reply) > 0 && reply[0] == '-' {
			text := strings.TrimRight(string(reply[1:]), "\r\n")
			o.Errors = append(o.Errors, errorCode(text))
			o.noteText(text)
		}
	}
}

// noteText records the text of an error, for who watches the traffic.
func (o *observed) noteText(text string) {
	if o.keep && len(o.texts) < shownErrors && !slices.Contains(o.texts, text) {
		o.texts = append(o.texts, text)
	}
}

// noteFailure records why there is no reply.
func (o *observed) noteFailure(err error, message string) {
	if o == nil {
		return
	}
	o.Errors = append(o.Errors, errorCode(message))
	o.noteText(message)
	if o.reason = reason(err); o.reason == "" {
		// What a user has sent stands only after these.
		o.reason, _, _ = strings.Cut(message, "'")
		o.reason, _, _ = strings.Cut(o.reason, ": ")
		_, o.reason, _ = strings.Cut(o.reason, " ")
	}
}

// errorCode returns the code of an error, or ERR if its first word is not a code. A script can return any
// text as an error, so the word may be data.
func errorCode(message string) string {
	code, _, _ := strings.Cut(message, " ")
	code = strings.TrimRight(code, "\r\n")
	if code == "" || len(code) > 30 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "ERR"
	}
	return code
}

// reason returns the cause of a failure to use Redis, without anything that a user has sent
// or stored. It is "" if the failure has another cause.
func reason(err error) string {
	var redisError redis.Error
	var op *net.OpError
	switch {
	case errors.As(err, new(ownError)):
		return ""
	case errors.Is(err, context.Canceled):
		return "the client went away"
	case errors.Is(err, errTimeout), isTimeout(err):
		return "it did not answer in time"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		certificate, _ := errors.AsType[*tls.CertificateVerificationError](err)
		return certificate.Error()
	case errors.As(err, new(tls.RecordHeaderError)):
		return "it does not speak TLS"
	case errors.As(err, new(refusedError)):
		refused, _ := errors.AsType[refusedError](err)
		return withoutArguments(refused.Error())
	case errors.As(err, &redisError):
		return "it answered " + withoutArguments(redisError.Error())
	case errors.As(err, &op):
		return op.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it closed the connection"
	case strings.Contains(err.Error(), "can't parse"):
		return "it does not speak the protocol of Redis"
	case errors.Is(err, redis.ErrPoolTimeout):
		return "all connections are in use"
	case strings.Contains(err.Error(), "sentinel"):
		return "no sentinel answers"
	}
	return ""
}

// withoutArguments returns an error of Redis without the arguments that an error about an unknown command
// repeats: if Redis does not know AUTH, they are the password.
func withoutArguments(text string) string {
	text, _, _ = strings.Cut(text, ", with args")
	return text
}

// logRequest writes a line about a request.
func (s *Server) logRequest(o *observed) {
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs, slog.String("id", o.ID), slog.String("peer", o.Peer), slog.String("method", o.Method),
		slog.String("kind", o.Kind), slog.String("commands", o.names.String()))
	if s.config.LogKeys {
		attrs = append(attrs, slog.Any("keys", o.keys))
	}
	attrs = append(attrs, slog.Int("status", o.Status))
	if len(o.Errors) > 0 {
		var codes counts
		for _, code := range o.Errors {
			codes.add(code)
		}
		attrs = append(attrs, slog.String("errors", codes.String()))
	}
	if o.reason != "" {
		attrs = append(attrs, slog.String("reason", o.reason))
	}
	attrs = append(attrs, slog.Float64("ms", float64(o.Duration.Round(time.Microsecond))/1e6), slog.Int64("received", o.BytesIn), slog.Int64("sent", o.BytesOut))
	s.config.Log.LogAttrs(context.Background(), slog.LevelInfo, "request", attrs...)
}

// counts are words and how often each occurs, in the order in which they came first.
type counts struct {
	words []string
	times map[string]int
	total int
}

func (c *counts) add(word string) {
	if c.times == nil {
		c.times = map[string]int{}
	}
	c.total++
	if c.times[word]++; c.times[word] == 1 {
		c.words = append(c.words, word)
	}
}

// String is for instance "SET×1000 GET".
func (c *counts) String() string {
	const most = 20
	var b strings.Builder
	for i, word := range c.words {
		if i > 0 {
			b.WriteByte(' ')
		}
		if i == most {
			fmt.Fprintf(&b, "and %d more", len(c.words)-most)
			break
		}
		b.WriteString(word)
		if n := c.times[word]; n > 1 {
			fmt.Fprintf(&b, "×%d", n)
		}
	}
	return b.String()
}

// logScript writes a line of redis.log.
func (s *Server) logScript(line script.LogLine) {
	levels := [...]slog.Level{slog.LevelDebug, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn}
	s.config.Log.LogAttrs(context.Background(), levels[line.Level], "redis.log",
		slog.String("script", s.main.scripts.original(line.Script)), slog.Int("line", line.Line), slog.String("text", line.Message))
}
