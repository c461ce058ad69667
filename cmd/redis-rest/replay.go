package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/restserver"
)

func replayCommand() *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "send the requests of a recorded session again, and compare the answers",
		ArgsUsage: "FILE",
		Description: `redis-rest serve --record FILE writes the file. The requests are sent one after the other, and each answer that differs is printed. The exit
status is 1 if one differs. The database should be as it was when the session began.

` + environment,
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Len() != 1 {
				return errors.New("replay takes one file: redis-rest replay FILE")
			}
			session, err := os.ReadFile(c.Args().First())
			if err != nil {
				return err
			}
			url, token, err := server(c)
			if err != nil {
				return err
			}
			p := newProgress(c.Root().ErrWriter, "requests sent", bytes.Count(session, []byte("\n")))
			requests, different, err := restserver.Replay(ctx, &watched{bytes.NewReader(session), p, 0}, url, token)
			p.clear()
			for _, d := range different {
				fmt.Fprintf(c.Root().Writer, "line %d: %s\n  then: %d %s\n  now:  %d %s\n", d.Line, d.Path, d.WantStatus, short(d.Want), d.GotStatus, short(d.Got))
			}
			switch {
			case err != nil:
				return err
			case len(different) > 0:
				return fmt.Errorf("%d of %d answers differ", len(different), requests)
			}
			_, err = fmt.Fprintf(c.Root().Writer, "%d requests, with the same answers\n", requests)
			return err
		},
	}
}

// short is the beginning of a text, on one line.
func short(text string) string {
	const most = 200
	if text = strings.ReplaceAll(text, "\n", " "); len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// A watched reader shows how many lines were read. It gives them out one at a time.
type watched struct {
	r     *bytes.Reader
	p     *progress
	lines int
}

func (w *watched) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		c, err := w.r.ReadByte()
		if err != nil {
			return n, err
		}
		b[n] = c
		if n++; c == '\n' {
			w.p.at(w.lines)
			w.lines++
			break
		}
	}
	return n, nil
}

var errNotSent = errors.New("not sent")

// server returns the address and the token that the environment names. A client knows them, and
// tells them in the head of a request, which is not sent.
func server(c *cli.Command) (url, token string, err error) {
	head := headReader{}
	rdb, end, err := open(c, redis.WithHTTPClient(&http.Client{Transport: &head}), redis.WithRetryPolicy(redis.RetryPolicy{MaxAttempts: 1}))
	if err != nil {
		return "", "", err
	}
	defer end()
	if _, err := rdb.Do(context.Background(), "PING"); head.url == "" {
		return "", "", err
	}
	return head.url, head.token, nil
}

type headReader struct{ url, token string }

// RoundTrip notes the head of a request.
func (h *headReader) RoundTrip(r *http.Request) (*http.Response, error) {
	h.url = strings.TrimRight(r.URL.String(), "/")
	h.token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	return nil, errNotSent
}
