package restserver

import (
	"context"
	"net/http"
	"time"
)

// A Request is one that was answered.
type Request struct {
	Method   string
	Kind     string     // command, pipeline, transaction or stream; "" for one that was refused before it was read
	Commands [][]string // names and arguments, as they came
	Status   int
	Duration time.Duration
	BytesIn  int64
	BytesOut int64
}

// An observed request is one that is being answered. It is a nil pointer where
// nobody looks.
type observed struct {
	http.ResponseWriter
	Request
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

// observe has answer do its work under observation.
func (s *Server) observe(w http.ResponseWriter, r *http.Request, answer func(http.ResponseWriter, *http.Request)) {
	if s.config.Observe == nil {
		answer(w, r)
		return
	}
	begun := time.Now()
	o := &observed{ResponseWriter: w, Request: Request{Method: r.Method, BytesIn: max(r.ContentLength, 0)}}
	defer func() {
		o.Duration = time.Since(begun)
		s.config.Observe(o.Request)
	}()
	answer(o, r.WithContext(context.WithValue(r.Context(), observedKey{}, o)))
}

// observedIn is the request of a context; nil where nobody looks.
func observedIn(ctx context.Context) *observed {
	o, _ := ctx.Value(observedKey{}).(*observed)
	return o
}

// note keeps what a request consists of.
func (o *observed) note(kind string, commands ...*command) {
	if o == nil {
		return
	}
	o.Kind = kind
	for _, c := range commands {
		o.Commands = append(o.Commands, c.own())
	}
}
