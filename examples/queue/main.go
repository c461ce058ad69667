// Queue sends mails that stand in a stream. Several workers share them. A worker also takes what another has taken and
// dropped, and puts aside what cannot be sent. A mail is sent at least once.
//
//	go run ./cmd/redis-rest serve    # prints two lines to export in your shell
//	go run ./examples/queue add ada@example.com Welcome
//	go run ./examples/queue work     # in as many shells as you like
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"time"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

// A Mail is what is to be done.
type Mail struct {
	To      string `redis:"to"`
	Subject string `redis:"subject"`
	Copies  int    `redis:"copies"`
}

// The keys have one hash tag, so that a transaction can use both on a cluster.
const (
	mails = "{mails}:to-send"
	aside = "{mails}:aside"
	group = "senders"
)

func main() {
	rdb, err := redis.FromEnv()
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch {
	case len(os.Args) == 4 && os.Args[1] == "add":
		err = add(ctx, rdb, Mail{os.Args[2], os.Args[3], 1})
	case len(os.Args) == 2 && os.Args[1] == "work":
		host, _ := os.Hostname()
		w := &Worker{Redis: rdb, Name: host, Idle: time.Minute, Tries: 3, Send: func(_ context.Context, m Mail) error {
			log.Printf("to %s: %s", m.To, m.Subject)
			return nil
		}}
		err = w.Run(ctx)
	default:
		log.Fatal("usage: queue add TO SUBJECT, or queue work")
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

func add(ctx context.Context, rdb redis.Doer, m Mail) error {
	_, err := command.XAdd(mails, "*", command.Fields(m)).Do(ctx, rdb)
	return err
}

// A Worker sends mails.
type Worker struct {
	Redis *redis.Redis
	Name  string        // different for each worker
	Idle  time.Duration // after this, what another worker has taken counts as dropped
	Tries int64         // after so many a mail is put aside
	Send  func(context.Context, Mail) error
}

// Run sends mails until ctx ends.
func (w *Worker) Run(ctx context.Context) error {
	_, err := command.XGroupCreate(mails, group, "0", command.MkStream()).Do(ctx, w.Redis)
	if err != nil && redis.Code(err) != "BUSYGROUP" { // the group is there
		return err
	}
	for {
		n, err := w.Step(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			log.Print(err) // the mails stay, and are tried again
		}
		if n > 0 {
			continue
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Step takes some mails, dropped ones first, and returns how many. It takes them in one request.
func (w *Worker) Step(ctx context.Context) (int, error) {
	b := w.Redis.Pipeline()
	dropped := command.XAutoClaim[Mail](mails, group, w.Name, w.Idle, "0", command.Count(10)).Queue(b)
	fresh := command.XReadGroup[Mail](group, w.Name, map[string]string{mails: ">"}, command.Count(10)).Queue(b)
	if err := b.Exec(ctx); err != nil {
		return 0, err
	}
	claim, _ := dropped.Result() // Exec succeeded, so these have no error
	read, _ := fresh.Result()
	var errs []error
	for _, e := range read[mails] {
		errs = append(errs, w.work(ctx, e, 1))
	}
	for _, e := range claim.Elements {
		pending, err := command.XPendingEntries(mails, group, e.ID, e.ID, 1).Do(ctx, w.Redis)
		if err == nil && len(pending) == 1 {
			err = w.work(ctx, e, pending[0].Deliveries)
		}
		errs = append(errs, err)
	}
	return len(claim.Elements) + len(read[mails]), errors.Join(errs...)
}

var errDropped = errors.New("all workers that took it have dropped it")

// work sends a mail. It is the try with that number.
func (w *Worker) work(ctx context.Context, e command.Entry[Mail], try int64) error {
	if e.Err != nil { // it is no Mail, and never will be
		fields, err := redis.Decode[map[string]string](e.Raw)
		if err != nil {
			return err
		}
		return w.putAside(ctx, e.ID, e.Err, fields)
	}
	if try > w.Tries { // it may be what makes workers crash
		return w.putAside(ctx, e.ID, errDropped, command.Fields(e.Values))
	}
	switch err := w.Send(ctx, e.Values); {
	case err == nil:
		return w.done(ctx, w.Redis.Multi(), e.ID)
	case try == w.Tries:
		return w.putAside(ctx, e.ID, err, command.Fields(e.Values))
	default:
		return nil // a worker claims it after Idle
	}
}

// putAside moves an entry to another stream, where a person can look at it.
func (w *Worker) putAside(ctx context.Context, id string, reason error, fields any) error {
	b := w.Redis.Multi()
	command.XAdd(aside, "*", fields).Queue(b)
	command.HSet(aside+":reasons", id, reason.Error()).Queue(b)
	return w.done(ctx, b, id)
}

// done removes an entry, in a transaction with what b has already.
func (w *Worker) done(ctx context.Context, b *redis.Batch, id string) error {
	command.XAck(mails, group, id).Queue(b)
	command.XDel(mails, id).Queue(b)
	return b.Exec(ctx)
}
