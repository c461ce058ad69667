package redis

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/redis-rest/redis-rest-go/internal/rest"
	"github.com/redis-rest/redis-rest-go/internal/wire"
)

// A Reply is what the server answered to one command: null, an integer, a string
// or an array of replies. It is read with [Decode]. The zero Reply is null.
type Reply struct {
	text   []byte // checked JSON
	base64 bool   // strings are base64, except OK and what is none
}

// ParseReply makes a Reply of its JSON text, such as `["a",1,null]`, for those
// who stand in for a server: a fake [Doer], a test of an UnmarshalReply method.
// It fails where text is not one JSON value.
func ParseReply(text string) (Reply, error) {
	b := []byte(text)
	if end, err := wire.Check(b, 0); err != nil || !wire.AtEnd(b, end) {
		return Reply{}, errors.New("redis: ParseReply: the text is not one JSON value")
	}
	return Reply{text: b}, nil
}

// IsNull says whether the reply is null, as for a key that does not exist.
func (r Reply) IsNull() bool {
	if len(r.text) == 0 {
		return true
	}
	d := newDecoder(r)
	return d.Kind() == 'n'
}

// String returns the reply as JSON text, for people: bytes that are not UTF-8 are
// replaced. Use [Decode] to get at the contents.
func (r Reply) String() string {
	if r.IsNull() {
		return "null"
	}
	d := newDecoder(r)
	text, _ := d.appendPlain(nil, true)
	return string(text)
}

// UnmarshalReply makes a Reply a type that replies can be decoded into.
func (r *Reply) UnmarshalReply(from Reply) error {
	*r = from
	return nil
}

// maxErrorBody is how much of an answer HTTPError.Body keeps.
const maxErrorBody = 1 << 10

// httpError is the error of an answer that is not the protocol's.
func (c *client) httpError(resp *rest.Response) *HTTPError {
	// Blotted out before it is cut, so that no half of the token is left.
	body := c.rest.Redact(string(resp.Body))
	return &HTTPError{
		Status:     resp.Status,
		Body:       body[:min(len(body), maxErrorBody)],
		RetryAfter: retryAfter(resp.Header),
	}
}

// reply reads the answer to a single command.
func (c *client) reply(command string, resp *rest.Response) (Reply, error) {
	e, end, err := wire.ReadEnvelope(resp.Body, 0)
	ok := err == nil && wire.AtEnd(resp.Body, end)
	switch {
	case ok && e.Failed:
		err := newError(command, c.rest.Redact(e.Error), resp.Status)
		return Reply{}, answerError(command, err, resp.Status, retryAfter(resp.Header))
	case ok && resp.Status >= 200 && resp.Status < 300:
		return Reply{text: e.Result, base64: true}, nil
	default:
		err := c.httpError(resp)
		return Reply{}, answerError(command, err, resp.Status, err.RetryAfter)
	}
}

// retryAfter reads the header of that name, seconds or a date (RFC 9110, section
// 10.2.3). 0 is none, or none that can be read. A date that has passed is a
// nanosecond: it was said, and is over.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(time.Duration(seconds)*time.Second, 1)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(time.Until(date), 1)
	}
	return 0
}
