package restserver

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.observe(w, r, s.serve) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if allowBrowsers(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// A body that never ends, or a reader that never reads, is not waited for.
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Now().Add(s.config.Timeout))
	control.SetWriteDeadline(time.Time{})
	if r.URL.Path == "/health" {
		io.WriteString(w, `{"result":"OK"}`)
		return
	}
	// A token that is new with every reply lets a test see that a client sends
	// back the last one it received. One Redis needs no more than that.
	w.Header().Set("Upstash-Sync-Token", strconv.FormatUint(s.requests.Add(1), 10))
	may := s.access(r)
	if may == nothing {
		refuse(w, http.StatusUnauthorized, "WRONGPASS invalid or missing auth token")
		return
	}
	if s.stream(w, r, may) {
		return
	}
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	default:
		tooMany(w)
		return
	}
	reply, err := s.answer(w, r, may)
	control.SetWriteDeadline(time.Now().Add(s.config.Timeout))
	if err != nil {
		status, message := failure(err)
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", "1") // says that nothing ran
		}
		refuse(w, status, message)
		return
	}
	if reply.resp2 {
		w.Header().Set("Content-Type", "application/octet-stream")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(reply.body))) // else net/http sends it in chunks
	if reply.failed {
		w.WriteHeader(http.StatusBadRequest)
	}
	w.Write(reply.body)
}

// An answer is the body of a request that reached Redis.
type answer struct {
	body   []byte
	failed bool // it is an error
	resp2  bool
}

// answer does what a request asks for.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, may access) (answer, error) {
	format := replyWriter{base64: r.Header.Get("Upstash-Encoding") == "base64"}
	switch r.Header.Get("Upstash-Response-Format") {
	case "", "json":
	case "resp2":
		format.resp2 = true
		if format.base64 {
			return answer{}, badRequest("ERR the response format resp2 has no base64")
		}
	default:
		return answer{}, badRequest("ERR the response format must be json or resp2")
	}
	switch path := r.URL.Path; {
	case path != "/" && path != "" && path != "/pipeline" && path != "/multi-exec":
		return s.byPath(w, r, may, format)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return answer{}, errMethod
	}
	body, err := s.body(w, r)
	if err != nil {
		return answer{}, err
	}
	switch r.URL.Path {
	case "/pipeline":
		return s.pipeline(r.Context(), body, may, format)
	case "/multi-exec":
		if format.resp2 {
			return answer{}, badRequest("ERR the response format resp2 is not available for transactions")
		}
		return s.transaction(r.Context(), body, may, format)
	}
	args, ok := wire.ReadCommand(body)
	if !ok || !utf8.Valid(body) {
		return answer{}, badRequest("ERR failed to parse command: the body must be a JSON array")
	}
	c, err := newCommand(args)
	if err != nil {
		return answer{}, err
	}
	return s.single(r.Context(), c, may, format)
}

func (s *Server) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body bytes.Buffer
	if r.ContentLength > 0 {
		const most = 64 << 10 // of what is announced and may not come
		body.Grow(int(min(r.ContentLength, most)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, s.config.MaxBodyBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); err != nil && !large {
		return nil, errBody // and what is left of it is not waited for either
	}
	if err == nil {
		http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
	return body.Bytes(), err
}

// byPath runs the command that the path is: its segments are the arguments, a body
// is one more, and query parameters come after it, name and value.
func (s *Server) byPath(w http.ResponseWriter, r *http.Request, may access, format replyWriter) (answer, error) {
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodHead:
	default:
		w.Header().Set("Allow", "GET, POST, PUT, HEAD")
		return answer{}, errMethod
	}
	var args []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/") {
		arg, err := url.PathUnescape(segment)
		if err != nil {
			return answer{}, badRequest("ERR the path is not percent-encoded")
		}
		args = append(args, arg)
	}
	body, err := s.body(w, r)
	if err != nil {
		return answer{}, err
	}
	if len(body) > 0 {
		args = append(args, string(body))
	}
	for parameter := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, value, valued := strings.Cut(parameter, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		switch {
		case err1 != nil || err2 != nil:
			return answer{}, badRequest("ERR the query is not percent-encoded")
		case parameter == "" || name == "_token":
		case valued:
			args = append(args, name, value)
		default:
			args = append(args, name)
		}
	}
	c, err := newCommand(args)
	if err != nil {
		return answer{}, err
	}
	return s.single(r.Context(), c, may, format)
}

// allowBrowsers lets pages of any origin call, as the hosted services do, and says
// whether the request was the question about that which a browser asks first. The
// token is all that opens anything here, and a browser sends no token by itself, so
// that a page can do no more than any other program.
func allowBrowsers(w http.ResponseWriter, r *http.Request) (preflight bool) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Retry-After, Upstash-Sync-Token")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT")
	h.Set("Access-Control-Allow-Headers", "Authorization, *") // the star leaves that one out
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// An access is what a token allows.
type access int

const (
	nothing access = iota
	reading
	everything
)

func (s *Server) access(r *http.Request) access {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		token = r.URL.Query().Get("_token")
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.config.Token)) == 1:
		return everything
	case s.config.ReadOnlyToken != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.config.ReadOnlyToken)) == 1:
		return reading
	}
	return nothing
}

// check says why a command may not be run.
func (may access) check(c *command) error {
	if may == everything || c.forReaders() {
		return nil
	}
	return badRequest(noPermission(c.name))
}

func noPermission(command string) string {
	return "NOPERM this user has no permissions to run the '" + strings.ToLower(command) + "' command or its subcommand"
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	w.Write(appendError(nil, message))
}

func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	refuse(w, http.StatusServiceUnavailable, "ERR max concurrent requests exceeded; the command did not run")
}

// badRequest is a request that is answered with 400 and this message.
type badRequest string

func (e badRequest) Error() string { return string(e) }

var (
	errMethod = errors.New("ERR method not allowed")
	errBody   = errors.New("ERR the body did not arrive in time; the command did not run")
)

// failure is how a request that brought no reply of Redis is answered.
func failure(err error) (status int, message string) {
	if bad, ok := errors.AsType[badRequest](err); ok {
		return http.StatusBadRequest, string(bad)
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("ERR max request size exceeded. Limit: %d bytes", large.Limit)
	}
	if unkillable, ok := errors.AsType[errUnkillable](err); ok {
		return http.StatusGatewayTimeout, string(unkillable)
	}
	switch {
	case err == errMethod:
		return http.StatusMethodNotAllowed, err.Error()
	case err == errBody:
		return http.StatusRequestTimeout, err.Error()
	case isDial(err), errors.Is(err, redis.ErrPoolTimeout), errors.As(err, new(notRun)):
		return http.StatusServiceUnavailable, "ERR Redis cannot be reached; the command did not run"
	case err == errTimeout, errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return http.StatusGatewayTimeout, "ERR Redis did not answer in time; the command may have run"
	default:
		return http.StatusBadGateway, "ERR the connection to Redis was lost; the command may have run"
	}
}

func isDial(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (s *Server) single(ctx context.Context, c *command, may access, format replyWriter) (answer, error) {
	observedIn(ctx).note("command", c)
	if err := may.check(c); err != nil {
		return answer{}, err
	}
	s.scripts.rewrite(c)
	replies, err := s.run(ctx, []*command{c})
	if err != nil {
		return answer{}, err
	}
	reply := c.restore(replies[0])
	return answer{body: format.appendItem(nil, reply), failed: reply[0] == '-', resp2: format.resp2}, nil
}

// run runs commands in order, with those of other requests where that is possible.
func (s *Server) run(ctx context.Context, cmds []*command) ([][]byte, error) {
	if s.group != nil && s.group.takes(cmds) {
		return s.group.run(ctx, cmds)
	}
	return within(ctx, s, cmds, func(ctx context.Context) ([][]byte, error) {
		if len(cmds) > 1 {
			return s.db.pipeline(ctx, cmds)
		}
		reply, err := s.db.run(ctx, cmds[0])
		return [][]byte{reply}, err
	})
}

// pipeline runs many commands in order. One that is refused is an error in its
// place; the others run.
func (s *Server) pipeline(ctx context.Context, body []byte, may access, format replyWriter) (answer, error) {
	all, err := parseCommands(body)
	if err != nil {
		return answer{}, err
	}
	observed := observedIn(ctx)
	observed.note("pipeline")
	replies := make([][]byte, len(all))
	cmds := make([]*command, 0, len(all))
	where := make([]int, 0, len(all))
	made := make([]command, len(all))
	for i, args := range all {
		c := &made[i]
		err := c.set(args)
		if err == nil {
			observed.note("pipeline", c)
			err = may.check(c)
		}
		if err != nil {
			replies[i] = []byte("-" + err.Error() + "\r\n")
			continue
		}
		s.scripts.rewrite(c)
		cmds, where = append(cmds, c), append(where, i)
	}
	if len(cmds) > 0 {
		got, err := s.run(ctx, cmds)
		if err != nil {
			return answer{}, err
		}
		for k, reply := range got {
			replies[where[k]] = cmds[k].restore(reply)
		}
	}
	return answer{body: format.appendItems(nil, replies), resp2: format.resp2}, nil
}

// transaction runs many commands in MULTI and EXEC. One that is refused keeps all
// from running.
func (s *Server) transaction(ctx context.Context, body []byte, may access, format replyWriter) (answer, error) {
	all, err := parseCommands(body)
	if err != nil {
		return answer{}, err
	}
	if len(all) == 0 {
		return answer{body: []byte("[]")}, nil
	}
	cmds := make([]*command, len(all))
	for i, args := range all {
		if cmds[i], err = newCommand(args); err == nil {
			observedIn(ctx).note("transaction", cmds[i])
			err = may.check(cmds[i])
		}
		if err != nil {
			return answer{}, discarded(err.Error())
		}
		s.scripts.rewrite(cmds[i])
	}
	var refusal []byte
	replies, err := within(ctx, s, cmds, func(ctx context.Context) (replies [][]byte, err error) {
		replies, refusal, err = s.db.transaction(ctx, cmds)
		return replies, err
	})
	if err != nil {
		return answer{}, err
	}
	if refusal != nil {
		line, _ := cutLine(refusal[1:])
		return answer{}, discarded(string(line))
	}
	for i, c := range cmds {
		replies[i] = c.restore(replies[i])
	}
	return answer{body: format.appendItems(nil, replies)}, nil
}

func discarded(why string) error {
	return badRequest("EXECABORT Transaction discarded because of previous errors: " + why)
}

func parseCommands(body []byte) ([][]string, error) {
	all, ok := wire.ReadCommands(body)
	if !ok || !utf8.Valid(body) {
		return nil, badRequest("ERR failed to parse commands: the body must be a JSON array of arrays")
	}
	return all, nil
}
