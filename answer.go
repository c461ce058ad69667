package redis

import (
	"net/http"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/client/rest"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// maxErrorBody is how much of an answer HTTPError keeps.
const maxErrorBody = 1 << 10

// An answer is what the server sent, in the form of one reply. It is read once, for
// all commands that it answers.
type answer struct {
	result  []byte     // the reply's JSON text; nil if the answer is not a reply
	base64  bool       // strings of the result are base64
	failed  *Error     // an error in the protocol's form, without a command; else nil
	noReply *HTTPError // set if the answer does not have the protocol's form; else nil

	// outcome is what failed or noReply means for a command that writes: ErrNotExecuted,
	// ErrOutcomeUnknown, or nil if it ran. The text of failed may prove ErrNotExecuted too.
	outcome error
}

// readAnswer reads an answer of one reply.
func (c *client) readAnswer(resp rest.Response) answer {
	e, end, err := wire.ReadEnvelope(resp.Body, 0)
	ok := err == nil && wire.AtEnd(resp.Body, end)
	success := resp.Status >= 200 && resp.Status < 300
	// Proxies answer 502, 503 and 504 also after the server ran the command. A 503
	// with Retry-After is sent before it runs.
	late := resp.Status >= 500 && !(resp.Status == http.StatusServiceUnavailable && rest.RetryAfter(resp.Header) > 0)
	var outcome error
	switch {
	case late:
		outcome = ErrOutcomeUnknown
	case !success && resp.Status != http.StatusBadRequest: // a redirect, a wrong token, a limit
		outcome = ErrNotExecuted
	}
	switch {
	case ok && e.Failed:
		return answer{failed: newError(c.rest.Redact(e.Error), resp.Status), outcome: outcome}
	case ok && success:
		return answer{result: e.Result, base64: c.base64.on}
	case ok && !late: // the result proves that the command ran, whatever the status says
		outcome = nil
	case success: // a page, or half a reply, proves nothing
		outcome = ErrOutcomeUnknown
	case resp.Status == http.StatusBadRequest:
		outcome = ErrNotExecuted
	}
	return answer{noReply: c.httpError(resp), outcome: outcome}
}

// forCommand is the answer as the reply or the error of one command. refused says
// that the server refused the command and did not run it.
func (a answer) forCommand(info callInfo) (reply Reply, refused bool, err error) {
	switch {
	case a.failed != nil:
		failed := a.failed.forCommand(info.name)
		refused = info.refusedBy(failed)
		if a.outcome == ErrOutcomeUnknown && !refused {
			return Reply{}, false, info.failed(failed, ErrOutcomeUnknown)
		}
		failed.unexecuted = a.outcome == ErrNotExecuted || info.unexecuted(failed)
		return Reply{}, refused, failed
	case a.noReply != nil:
		return Reply{}, false, info.failed(a.noReply, a.outcome)
	default:
		return Reply{text: a.result, base64: a.base64}, false, nil
	}
}

// readWhole reads an answer to many commands that is not the list of their replies.
func (c *client) readWhole(resp rest.Response) answer {
	whole := c.readAnswer(resp)
	if whole.result != nil {
		whole = answer{noReply: c.httpError(resp), outcome: ErrOutcomeUnknown}
	}
	if whole.failed != nil && whole.outcome == nil {
		whole.outcome = ErrNotExecuted // an error of the request itself, such as EXECABORT
	}
	return whole
}

// readMember reads one reply of an answer to many commands.
func (c *client) readMember(e wire.Envelope, status int) answer {
	if e.Failed {
		return answer{failed: newError(c.rest.Redact(e.Error), status)}
	}
	return answer{result: e.Result, base64: c.base64.on}
}

// A batchAnswer reads the answers to a batch and notes the result of each command.
type batchAnswer struct {
	client  *client
	infos   []callInfo
	results []result
}

// Classify reads the answer to a batch. It is an array of replies, one for each
// command, or one object that is the error of all commands, as for a transaction
// that was discarded. An array is a refusal only if every command in it was
// refused; otherwise it is not an error as a whole.
func (a *batchAnswer) Classify(resp rest.Response) (refused bool, err error) {
	refused = true
	if resp.Status >= 200 && resp.Status <= 299 && wire.ReadEnvelopes(resp.Body, len(a.infos), func(i int, e wire.Envelope) {
		if !e.Failed {
			a.results[i] = result{reply: Reply{text: e.Result, base64: a.client.base64.on}}
			refused = false
			return
		}
		failed := newError(a.client.rest.Redact(e.Error), resp.Status)
		failed.Command = a.infos[i].name
		failed.unexecuted = a.infos[i].unexecuted(failed)
		a.results[i] = result{err: failed}
		refused = refused && a.infos[i].refusedBy(failed)
	}) {
		if refused {
			err = a.results[0].err
		}
		return refused, err
	}
	// Read once: each of a thousand commands would cost as much as the whole answer.
	shared := a.client.readWhole(resp)
	for i, info := range a.infos {
		info.lua = false // if all commands are refused at once, no script ran
		_, refused, err = shared.forCommand(info)
		a.results[i] = result{err: err}
	}
	return refused, err
}

// httpError is the error of an answer that does not have the protocol's form.
func (c *client) httpError(resp rest.Response) *HTTPError {
	// The token is removed before the body is cut, so that no half of it is left.
	body := c.rest.Redact(string(resp.Body))
	body = strings.Clone(body[:min(len(body), maxErrorBody)])
	return &HTTPError{
		Status:     resp.Status,
		RetryAfter: rest.RetryAfter(resp.Header),
		body:       func() string { return body },
	}
}
