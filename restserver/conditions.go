package restserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
)

// Conditions are bad conditions on purpose, to test how an application handles them. They meet requests with a valid token. The
// zero Conditions change nothing.
type Conditions struct {
	// Latency is waited before each request.
	Latency time.Duration

	// RequestsPerSecond is the number of requests in a second after which requests get 429 with
	// Retry-After; 0 means no limit.
	RequestsPerSecond float64

	// Quota is the number of requests after which all requests get 429, without Retry-After, as when the quota of
	// a hosted service is used up; 0 means no quota.
	Quota int64

	// Fail is the share of requests, from 0 to 1, that fail in each way. Together they are
	// at most 1.
	Fail map[Failure]float64

	// Seed decides which requests fail. The same seed and the same requests, one after the other, fail in the
	// same way.
	Seed uint64
}

// A Failure is a way in which a request fails.
type Failure string

// The ways to fail.
const (
	FailRefused    Failure = "refused" // 503 with Retry-After; it did not run
	FailLost       Failure = "lost"    // it runs, and the connection is closed instead of an answer
	FailTooMany    Failure = "429"     // 429 with Retry-After; it did not run
	FailBadGateway Failure = "502"     // it runs, and the answer is a gateway's 502
	FailCut        Failure = "cut"     // the connection of an event stream is closed after some events; other requests succeed
	FailFrozen     Failure = "frozen"  // no answer until the client goes; it did not run
)

var failures = []Failure{FailRefused, FailLost, FailTooMany, FailBadGateway, FailCut, FailFrozen}

// ParseFailure reads a way to fail and its share, for instance lost=0.1 or 502=5%.
func ParseFailure(text string) (f Failure, share float64, err error) {
	name, value, ok := strings.Cut(text, "=")
	f = Failure(name)
	if !ok || !slices.Contains(failures, f) {
		return "", 0, fmt.Errorf("restserver: a failure is KIND=RATE, for instance lost=0.1; the kinds are %v", failures)
	}
	number, percent := strings.CutSuffix(value, "%")
	share, err = strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return "", 0, fmt.Errorf("restserver: the rate of %s must be from 0 to 1, or a percentage", f)
	}
	return f, share, nil
}

// conditions are the state of Conditions.
type conditions struct {
	Conditions
	limiter *rate.Limiter
	used    atomic.Int64 // of the quota

	mu   sync.Mutex
	rand *rand.Rand
}

func newConditions(c Conditions) (*conditions, error) {
	total := 0.0
	for f, share := range c.Fail {
		if !slices.Contains(failures, f) || !(share >= 0 && share <= 1) {
			return nil, fmt.Errorf("the share of the failure %q must be from 0 to 1, and the failures are %v", f, failures)
		}
		total += share
	}
	switch {
	case total > 1+1e-9:
		return nil, errors.New("the shares of all failures are more than 1 together")
	case c.Latency < 0 || c.RequestsPerSecond < 0 || c.Quota < 0:
		return nil, errors.New("latency, requests per second and quota must not be negative")
	}
	made := &conditions{Conditions: c, rand: rand.New(rand.NewPCG(c.Seed, 0))}
	if c.RequestsPerSecond > 0 {
		made.limiter = rate.NewLimiter(rate.Limit(c.RequestsPerSecond), max(1, int(c.RequestsPerSecond)))
	}
	return made, nil
}

// draw returns how a request fails; "" if it does not.
func (c *conditions) draw() Failure {
	if len(c.Fail) == 0 {
		return ""
	}
	c.mu.Lock()
	x := c.rand.Float64()
	c.mu.Unlock()
	for _, f := range failures {
		if x -= c.Fail[f]; x < 0 {
			return f
		}
	}
	return ""
}

var (
	errOnPurpose = notRun{ownError{http.StatusServiceUnavailable, "ERR the server is not available, on purpose; the command did not run"}}
	errEnding    = notRun{ownError{http.StatusServiceUnavailable, "ERR the server ends; the command did not run"}}
	errQuota     = notRun{ownError{http.StatusTooManyRequests, "ERR max daily request limit exceeded; the command did not run"}}
)

// applyConditions makes a request meet bad conditions. It returns an error if the request does not run, and how it fails
// after it has run.
func (s *Server) applyConditions(r *http.Request) (Failure, error) {
	c := s.conditions
	if c.Latency > 0 {
		if err := s.pause(r, c.Latency); err != nil {
			return "", err
		}
	}
	if c.limiter != nil && !c.limiter.Allow() {
		return "", errRate
	}
	if c.Quota > 0 && c.used.Add(1) > c.Quota {
		return "", errQuota
	}
	f := c.draw()
	switch f {
	case FailRefused:
		return "", errOnPurpose
	case FailTooMany:
		return "", errRate
	case FailFrozen:
		io.Copy(io.Discard, io.LimitReader(r.Body, s.config.MaxBodyBytes*manyBodies)) // net/http notices only then that the client has gone
		return "", s.pause(r, 1<<62)
	}
	return f, nil
}

// pause waits. It returns an error if the request does not go on.
func (s *Server) pause(r *http.Request, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.Context().Done():
		return notRun{context.Canceled}
	case <-s.closing.Done():
		return errEnding
	}
}

// failAfter answers a request that has run as its failure wants, and says whether it did.
func failAfter(w http.ResponseWriter, f Failure) bool {
	switch f {
	case FailLost:
		panic(http.ErrAbortHandler) // net/http closes the connection
	case FailBadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, "<html><body><h1>502 Bad Gateway</h1></body></html>\n")
		return true
	}
	return false
}

// isHosted says whether the hosted service has the command.
func (c *command) isHosted() bool {
	if c.name == "SCRIPT" {
		return c.is("SCRIPT", "EXISTS", "FLUSH", "LOAD")
	}
	if c.name == "FUNCTION" {
		return c.is("FUNCTION", "DELETE", "FLUSH", "LIST", "LOAD", "STATS")
	}
	return commandtable.Hosted(c.name)
}
