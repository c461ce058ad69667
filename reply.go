package redis

import (
	"errors"
	"net/http"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
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
func (c *client) httpError(resp rest.Response) *HTTPError {
	// Blotted out before it is cut, so that no half of the token is left.
	body := c.rest.Redact(string(resp.Body))
	return &HTTPError{
		Status:     resp.Status,
		Body:       body[:min(len(body), maxErrorBody)],
		RetryAfter: rest.RetryAfter(resp.Header),
	}
}

// reply reads the answer to a single command, and says whether it refuses the
// command unexecuted.
func (c *client) reply(out outgoing, resp rest.Response) (reply Reply, refused bool, err error) {
	e, end, err := wire.ReadEnvelope(resp.Body, 0)
	ok := err == nil && wire.AtEnd(resp.Body, end)
	// Proxies answer 502, 503 and 504 after the server ran the command too; a 503
	// that says when to come back was given before.
	late := resp.Status >= 500 && !(resp.Status == http.StatusServiceUnavailable && rest.RetryAfter(resp.Header) > 0)
	switch {
	case ok && e.Failed:
		failed := newError(out.name, c.rest.Redact(e.Error), resp.Status)
		refused = out.refusedBy(failed)
		if late && !refused {
			return Reply{}, false, &callError{command: out.name, err: failed, unknown: !out.reads}
		}
		return Reply{}, refused, failed
	case ok && resp.Status >= 200 && resp.Status < 300:
		return Reply{text: e.Result, base64: true}, false, nil
	default:
		// A success that is no reply tells nothing either.
		unknown := late || resp.Status >= 200 && resp.Status < 300
		return Reply{}, false, &callError{command: out.name, err: c.httpError(resp), unknown: unknown && !out.reads}
	}
}
