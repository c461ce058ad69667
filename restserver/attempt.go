package restserver

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// An attempt says whether a request has begun: whether a byte of one of its commands may have
// reached Redis. A request that ends before it has begun never begins. A nil attempt always begins.
type attempt struct {
	state atomic.Uint32
	share *share // of the memory of replies; nil if they are surely small

	// Until limit a command may wait for data. If the server ends, or the token is removed, waiting is done before.
	limit   time.Time
	waiting context.Context
}

const (
	attemptBegun = 1 << iota
	attemptEnded
)

// begin records that a command is about to be sent. It returns false if the request has
// ended; then the command must not be sent.
func (a *attempt) begin() bool {
	if a == nil {
		return true
	}
	for {
		old := a.state.Load()
		if old&attemptEnded != 0 {
			return false
		}
		if a.state.CompareAndSwap(old, old|attemptBegun) {
			return true
		}
	}
}

// memory returns what the replies take their memory from.
func (a *attempt) memory() *share {
	if a == nil {
		return nil
	}
	return a.share
}

// over says whether the request has ended.
func (a *attempt) over() bool { return a != nil && a.state.Load()&attemptEnded != 0 }

// begun says whether the request has begun.
func (a *attempt) begun() bool { return a == nil || a.state.Load()&attemptBegun != 0 }

// end records that the request has ended with an error, and returns the error with what is
// known: it is a notRun if nothing has begun.
func (a *attempt) end(err error) error {
	if a.state.Or(attemptEnded)&attemptBegun == 0 {
		return didNotRun(err)
	}
	return err
}

// outcome returns the error of a request with what is known.
func (a *attempt) outcome(err error) error {
	if !a.begun() {
		return didNotRun(err)
	}
	return err
}

// notRun is an error that occurred before anything could run.
type notRun struct{ error }

func (e notRun) Unwrap() error { return e.error }

func didNotRun(err error) error {
	if isNotRun(err) {
		return err
	}
	return notRun{err}
}

func isNotRun(err error) bool { return errors.As(err, new(notRun)) }

// errPart says that some commands of a request ran, and that others got no reply.
type errPart struct{ error }

// Unwrap is missing on purpose: a part that did not run does not make the whole a notRun.

// partly returns the error of a request of which a part has begun before.
func partly(err error) error {
	if isNotRun(err) {
		return errPart{err}
	}
	return err
}
