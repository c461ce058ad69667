package restserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.observe(w, r, s.serve) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.consoleFile(w, r) || allowBrowsers(w, r) {
		return
	}
	w.Header()["Content-Type"] = jsonType
	// Do not wait forever for a body that never ends or a client that never reads.
	control := http.NewResponseController(w)
	if r.ContentLength != 0 {
		control.SetReadDeadline(time.Now().Add(s.config.Timeout))
	}
	control.SetWriteDeadline(time.Time{})
	switch r.URL.Path {
	case "/health":
		io.WriteString(w, `{"result":"OK"}`)
		return
	case "/ready":
		s.answerReady(w, r)
		return
	}
	// A new token for every reply lets a test check that a client sends
	// the last one back. A single Redis needs nothing more.
	w.Header().Set("Upstash-Sync-Token", strconv.FormatUint(s.requests.Add(1), 10))
	t := s.tokens.find(tokenOf(r))
	if t == nil {
		s.refuseWith(w, r, errToken)
		return
	}
	if t.limiter != nil && !t.limiter.Allow() {
		s.refuseWith(w, r, errRate)
		return
	}
	fails, err := s.applyConditions(r)
	if err != nil {
		s.refuseWith(w, r, err)
		return
	}
	c := &call{Server: s, token: t, failure: fails, share: share{budget: &s.budget}, o: observedIn(r.Context())}
	defer c.share.end()
	if c.stream(w, r) {
		return
	}
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	default:
		s.refuseWith(w, r, errTooMany)
		return
	}
	if c.workbench(w, r) {
		return
	}
	reply, err := c.answer(w, r)
	if failAfter(w, fails) {
		return
	}
	if s.config.Record != nil {
		status, answer := http.StatusOK, reply.body
		if err != nil {
			var message string
			status, message = failure(err)
			answer = appendError(nil, message)
		} else if reply.failed {
			status = http.StatusBadRequest
		}
		c.id = w.Header().Get("X-Request-Id")
		c.record(r, status, answer)
	}
	control.SetWriteDeadline(time.Now().Add(s.config.Timeout))
	if err != nil {
		if status, _ := failure(err); status == http.StatusRequestEntityTooLarge {
			w.Header().Set("Connection", "close") // do not read the rest
		}
		s.refuseWith(w, r, err)
		return
	}
	if reply.resp2 {
		w.Header().Set("Content-Type", "application/octet-stream")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(reply.body))) // without it net/http uses chunked encoding
	if reply.failed {
		w.WriteHeader(http.StatusBadRequest)
	}
	w.Write(reply.body)
}

// A call is a request that has a token.
type call struct {
	*Server
	*token
	failure Failure // after it has run

	id       string // of the request
	received []byte // the body, if requests are recorded
	format   replyWriter
	share    share
	o        *observed
}

// A tenant is a database with what belongs to it.
type tenant struct {
	db      database
	group   *group // for requests to one Redis; nil if requests are not combined
	scripts rewriter
	stop    func() error // ends the database

	version atomic.Pointer[string] // of its Redis, with the name; nil if it was not asked for

	confined bool // it shares its Redis with others
	user     bool // which separates them by users
}

func (t *tenant) close() error { return errors.Join(t.db.Close(), t.stop()) }

// An answer is the body for a request that reached Redis.
type answer struct {
	body   []byte
	failed bool // the reply is an error
	resp2  bool
}

// answer runs what a request asks for.
func (c *call) answer(w http.ResponseWriter, r *http.Request) (answer, error) {
	c.format = replyWriter{base64: r.Header.Get("Upstash-Encoding") == "base64"}
	switch r.Header.Get("Upstash-Response-Format") {
	case "", "json":
	case "resp2":
		c.format.resp2 = true
		if c.format.base64 {
			return answer{}, badRequest("ERR the response format resp2 has no base64")
		}
	default:
		return answer{}, badRequest("ERR the response format must be json or resp2")
	}
	switch path := r.URL.Path; {
	case path != "/" && path != "" && path != "/pipeline" && path != "/multi-exec":
		return c.byPath(w, r)
	case r.Method != http.MethodPost && r.Method != http.MethodPut:
		w.Header().Set("Allow", "POST, PUT")
		return answer{}, errMethod
	}
	limit := c.config.MaxBodyBytes
	if r.URL.Path == "/pipeline" || r.URL.Path == "/multi-exec" {
		limit *= manyBodies
	}
	body, err := c.body(w, r, limit)
	if err != nil {
		return answer{}, err
	}
	switch r.URL.Path {
	case "/pipeline":
		return c.pipeline(r.Context(), body)
	case "/multi-exec":
		if c.format.resp2 {
			return answer{}, badRequest("ERR the response format resp2 is not available for transactions")
		}
		return c.transaction(r.Context(), body)
	}
	args, ok := readCommand(body)
	if !ok || !utf8.Valid(body) {
		return answer{}, badRequest("ERR failed to parse command: the body must be a JSON array")
	}
	if !c.share.takeCommands([][]string{args}) {
		return answer{}, errMemory
	}
	cmd, err := newCommand(args)
	if err != nil {
		return answer{}, err
	}
	return c.single(r.Context(), cmd)
}

// manyBodies is how many times larger the body of many commands may be than that of one.
const manyBodies = 10

// body reads a request's body of at most limit bytes.
func (c *call) body(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	body, err := c.share.readAll(r.Body, r.ContentLength, limit)
	if c.o != nil {
		c.o.BytesIn = int64(len(body))
	}
	if c.config.Record != nil {
		c.received = body
	}
	if err == nil {
		http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
	return body, err
}

// byPath runs the command in the path: its segments are the arguments. A body
// is one more argument, and query parameters follow, name and value.
func (c *call) byPath(w http.ResponseWriter, r *http.Request) (answer, error) {
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
	body, err := c.body(w, r, c.config.MaxBodyBytes)
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
	if !c.share.takeCommands([][]string{args}) {
		return answer{}, errMemory
	}
	cmd, err := newCommand(args)
	if err != nil {
		return answer{}, err
	}
	return c.single(r.Context(), cmd)
}

// The values of headers that all answers have. Nobody changes them.
var (
	jsonType  = []string{"application/json"}
	anyOrigin = []string{"*"}
	exposed   = []string{"Retry-After, Upstash-Sync-Token, X-Request-Id"}
)

// allowBrowsers lets pages of any origin call, as the hosted services do. It says
// whether the request was a browser's preflight request. Only the
// token gives access, and a browser does not send it by itself. So
// a page can do no more than any other program.
func allowBrowsers(w http.ResponseWriter, r *http.Request) (preflight bool) {
	h := w.Header()
	h["Access-Control-Allow-Origin"], h["Access-Control-Expose-Headers"] = anyOrigin, exposed
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT")
	h.Set("Access-Control-Allow-Headers", "Authorization, *") // * does not include Authorization
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// An access says what a token allows.
type access int

const (
	everything access = iota
	reading
)

// tokenOf returns the text of a request's token.
func tokenOf(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") { // schemes have no case (RFC 9110, section 11.1)
		token = r.URL.Query().Get("_token")
	}
	return token
}

// check returns the error for a command that may not run.
func (c *call) check(cmd *command) error {
	if c.config.LikeHosted && !cmd.isHosted() {
		return badRequest("ERR Command is not available over REST: '" + cmd.name + "'")
	}
	return c.token.check(cmd)
}

func (t *token) check(c *command) error {
	if t.may == reading && !c.forReaders() || !t.allowed(c) {
		return badRequest(noPermission(c.name))
	}
	return nil
}

// bounds returns which commands the token's scripts may call.
func (t *token) bounds() bounds {
	switch {
	case t.may == reading:
		return ofReaders
	case t.confined && t.user:
		return ofUser
	case t.confined:
		return ofDatabase
	}
	return unbounded
}

func noPermission(command string) string {
	return "NOPERM this user has no permissions to run the '" + strings.ToLower(command) + "' command or its subcommand"
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	w.Write(appendError(nil, message))
}

// refuseWith answers a request without a reply from Redis.
func (s *Server) refuseWith(w http.ResponseWriter, r *http.Request, err error) {
	status, message := failure(err)
	observedIn(r.Context()).noteFailure(err, message)
	if status == http.StatusServiceUnavailable || status == http.StatusBadGateway || status == http.StatusGatewayTimeout {
		s.suspect(err)
	}
	if (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests) && err != errQuota {
		w.Header().Set("Retry-After", "1") // says that nothing ran
	}
	refuse(w, status, message)
}

// An ownError is the answer to a request that fails in the server and not in Redis.
type ownError struct {
	status  int
	message string
}

func (e ownError) Error() string { return e.message }

func badRequest(message string) error { return ownError{http.StatusBadRequest, message} }

// tooLarge says that a request is larger than limit bytes.
func tooLarge(limit int64) error {
	return ownError{http.StatusRequestEntityTooLarge, fmt.Sprintf("ERR max request size exceeded. Limit: %d bytes", limit)}
}

var (
	errMethod  = ownError{http.StatusMethodNotAllowed, "ERR method not allowed"}
	errToken   = ownError{http.StatusUnauthorized, "WRONGPASS invalid or missing auth token"}
	errBody    = ownError{http.StatusRequestTimeout, "ERR the body did not arrive in time; the command did not run"}
	errRate    = notRun{ownError{http.StatusTooManyRequests, "ERR max requests per second exceeded; the command did not run"}}
	errTooMany = notRun{ownError{http.StatusServiceUnavailable, "ERR max concurrent requests exceeded; the command did not run"}}
)

// failure returns the answer to a request without a reply from Redis.
func failure(err error) (status int, message string) {
	if own, ok := errors.AsType[ownError](err); ok {
		return own.status, own.message
	}
	switch {
	case errors.Is(err, context.Canceled):
		return statusGone, "ERR the client went away"
	case isNotRun(err) && (errors.Is(err, errTimeout) || isTimeout(err)):
		return http.StatusServiceUnavailable, "ERR Redis did not answer in time; the command did not run"
	case isNotRun(err) && errors.As(err, new(refusedError)):
		return http.StatusServiceUnavailable, "ERR Redis refused the connection; the command did not run"
	case isNotRun(err):
		return http.StatusServiceUnavailable, "ERR Redis cannot be reached; the command did not run"
	case errors.Is(err, errTimeout), isTimeout(err):
		return http.StatusGatewayTimeout, "ERR Redis did not answer in time; the command may have run"
	default:
		return http.StatusBadGateway, "ERR the connection to Redis was lost; the command may have run"
	}
}

// statusGone is for the log only: the client does not wait for an answer any more.
const statusGone = 499

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

func (c *call) single(ctx context.Context, cmd *command) (answer, error) {
	c.o.note(cmd)
	c.noteKeys(c.o, cmd)
	if err := c.check(cmd); err != nil {
		return answer{}, err
	}
	c.scripts.rewrite(cmd, c.bounds())
	cmd.attempt = &attempt{share: &c.share}
	replies, err := c.run(ctx, []*command{cmd})
	if err != nil {
		return answer{}, err
	}
	replies[0] = c.explain(ctx, cmd, cmd.restore(replies[0]))
	c.o.noteReplies(replies...)
	body, err := c.write(replies, func() []byte { return c.format.appendItem(nil, replies[0]) })
	return answer{body: body, failed: replies[0][0] == '-', resp2: c.format.resp2}, err
}

// write makes the body of an answer from replies, whose memory is taken. It takes memory for the body.
func (c *call) write(replies [][]byte, body func() []byte) ([]byte, error) {
	if slices.ContainsFunc(replies, isLost) {
		return nil, errReplyMemory
	}
	size := 0
	for _, reply := range replies {
		size += len(reply)
	}
	// JSON is at most six times as long, but nearly always about as long.
	if !c.share.take(int64(size) * 3 / 2) {
		return nil, errReplyMemory
	}
	text := body()
	c.share.give(int64(size) * 3 / 2)
	if !c.share.take(int64(len(text))) {
		return nil, errReplyMemory
	}
	return text, nil
}

// run runs commands in order, combined with those of other requests if possible.
func (c *call) run(ctx context.Context, cmds []*command) (replies [][]byte, err error) {
	ctx, end := c.traceCommands(ctx, "PIPELINE", cmds)
	defer func() { end(replies, err) }()
	if slices.ContainsFunc(cmds, (*command).blocks) {
		leave, err := c.hold(cmds[0].attempt)
		if err != nil {
			return nil, err
		}
		defer leave()
	} else if c.group != nil && c.group.takes(cmds) {
		return c.group.run(ctx, cmds)
	}
	return within(ctx, c, cmds, func(ctx context.Context) ([][]byte, error) {
		if len(cmds) > 1 {
			return c.db.pipeline(ctx, cmds)
		}
		reply, err := c.db.run(ctx, cmds[0])
		return [][]byte{reply}, err
	})
}

// pipeline runs many commands in order. A refused command gets an error as its
// reply; the others run.
func (c *call) pipeline(ctx context.Context, body []byte) (answer, error) {
	all, err := c.parseCommands(body)
	if err != nil {
		return answer{}, err
	}
	replies := make([][]byte, len(all))
	cmds := make([]*command, 0, len(all))
	where := make([]int, 0, len(all))
	made := make([]command, len(all))
	request := &attempt{share: &c.share}
	for i, args := range all {
		cmd := &made[i]
		cmd.attempt = request
		err := cmd.set(args)
		if err == nil {
			c.o.note(cmd)
			c.noteKeys(c.o, cmd)
			err = c.check(cmd)
		}
		if err != nil {
			replies[i] = resp.Error(err.Error())
			continue
		}
		c.scripts.rewrite(cmd, c.bounds())
		cmds, where = append(cmds, cmd), append(where, i)
	}
	if len(cmds) > 0 {
		got, err := c.run(ctx, cmds)
		if err != nil {
			return answer{}, err
		}
		for k, reply := range got {
			replies[where[k]] = c.explain(ctx, cmds[k], cmds[k].restore(reply))
		}
	}
	c.o.noteReplies(replies...)
	text, err := c.write(replies, func() []byte { return c.format.appendItems(nil, replies) })
	return answer{body: text, resp2: c.format.resp2}, err
}

// transaction runs many commands in MULTI and EXEC. If one is refused, none
// runs.
func (c *call) transaction(ctx context.Context, body []byte) (answer, error) {
	all, err := c.parseCommands(body)
	if err != nil {
		return answer{}, err
	}
	if len(all) == 0 {
		return answer{body: []byte("[]")}, nil
	}
	cmds := make([]*command, len(all))
	request := &attempt{share: &c.share}
	for i, args := range all {
		if cmds[i], err = newCommand(args); err == nil {
			cmds[i].attempt = request
			c.o.note(cmds[i])
			c.noteKeys(c.o, cmds[i])
			err = c.check(cmds[i])
		}
		if err != nil {
			return answer{}, discarded(i, err.Error())
		}
		c.scripts.rewrite(cmds[i], c.bounds())
	}
	var refused *refusal
	traced, end := c.traceCommands(ctx, "MULTI", cmds)
	replies, err := within(traced, c, cmds, func(ctx context.Context) (replies [][]byte, err error) {
		replies, refused, err = c.db.transaction(ctx, cmds)
		return replies, err
	})
	if refused != nil {
		replies = [][]byte{refused.reply}
	}
	end(replies, err)
	if err != nil {
		return answer{}, err
	}
	if refused != nil {
		if refused.at >= 0 {
			refused.reply = c.explain(ctx, cmds[refused.at], refused.reply)
		}
		at := resp.NewCursor(refused.reply)
		return answer{}, discarded(refused.at, string(at.Next().Text))
	}
	for i, cmd := range cmds {
		replies[i] = cmd.restore(replies[i])
	}
	c.o.noteReplies(replies...)
	text, err := c.write(replies, func() []byte { return c.format.appendItems(nil, replies) })
	return answer{body: text}, err
}

// discarded is the error of a transaction of which the command at this index was refused, or
// none in particular if it is -1.
func discarded(at int, why string) error {
	if at >= 0 {
		why = fmt.Sprintf("[%d] %s", at, why)
	}
	return badRequest("EXECABORT Transaction discarded because of previous errors: " + why)
}

// parseCommands reads the commands of a body. Each may be as large as the body of one command.
func (c *call) parseCommands(body []byte) ([][]string, error) {
	// The text of a command begins with [, so there are not more.
	if !c.share.take(commandBytes / 4 * int64(bytes.Count(body, []byte("[")))) {
		return nil, errMemory
	}
	all, ok := readCommands(body)
	if !ok || !utf8.Valid(body) {
		if int64(len(body)) > c.config.MaxBodyBytes {
			return nil, tooLarge(c.config.MaxBodyBytes)
		}
		return nil, badRequest("ERR failed to parse commands: the body must be a JSON array of arrays")
	}
	for _, args := range all {
		size := int64(0)
		for _, arg := range args {
			size += int64(len(arg))
		}
		if size > c.config.MaxBodyBytes {
			return nil, tooLarge(c.config.MaxBodyBytes)
		}
	}
	if !c.share.takeCommands(all) {
		return nil, errMemory
	}
	return all, nil
}
