package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/bench/internal/slice"
	"github.com/redis-rest/redis-rest-go/internal/protocol/wire"
)

// A user is a value that a script returns with cjson.encode.
type user struct {
	ID      int64    `json:"id"`
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	Active  bool     `json:"active"`
	Score   float64  `json:"score"`
	Tags    []string `json:"tags"`
	Address struct {
		Street string `json:"street"`
		City   string `json:"city"`
		Zip    string `json:"zip"`
	} `json:"address"`
	Orders []order `json:"orders"`
}

type order struct {
	ID    int64    `json:"id"`
	Total float64  `json:"total"`
	Items []string `json:"items"`
}

var ada = user{ID: 12345, Name: "Ada Lovelace", Email: "ada@example.com", Active: true, Score: 98.25, Tags: []string{"mathematician", "writer", "countess"},
	Orders: []order{{1, 12.5, []string{"engine", "cards", "gears"}}, {2, 99.95, []string{"paper", "ink", "lamp oil"}}, {3, 7, []string{"tea"}}}}

// An envelope is the reply as encoding/json reads it.
type envelope[T any] struct {
	Result T      `json:"result"`
	Error  string `json:"error"`
}

// decode compares decoding the body of an answer with this library to decoding it with
// encoding/json and encoding/base64.
func (b *bench) decode() error {
	document, err := json.Marshal(ada)
	if err != nil {
		return err
	}
	t := table{{"reply", "this library, µs", "encoding/json, µs", "against", "95 % interval", "allocations", "of encoding/json"}}
	add := func(name string, ours, peer *subject, most float64, target string) error {
		if err := b.compare(60, ours, peer); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		ratio := ours.against(peer, cpu)
		b.report.atMost("decode "+name, "CPU against encoding/json", ratio, most, target)
		t.add(name, micro(ours, cpu), micro(peer, cpu), ratio.String(), ratio.interval(), ours.of(allocs).String(), peer.of(allocs).String())
		return nil
	}
	const fifth = 1.0 / 5
	if err := add("an integer", ours[int64]("101"), peer(unmarshal[int64], "101"), fifth, "1/5"); err != nil {
		return err
	}
	text := quoted(strings.Repeat("x", 1<<10))
	if err := add("a string of 1 KB", ours[string](text), peer(unmarshalText, text), fifth, "1/5"); err != nil {
		return err
	}
	list := "[" + strings.Join(slices.Repeat([]string{quoted("member:12345")}, 10_000), ",") + "]"
	if err := add("10,000 strings", ours[[]string](list), peer(unmarshalTexts, list), 0.15, "0.15"); err != nil {
		return err
	}
	text = quoted(strings.Repeat("x", 1<<20))
	if err := add("a string of 1 MB", ours[string](text), peer(unmarshalText, text), fifth, "1/5"); err != nil {
		return err
	}
	text = quoted(string(document))
	if err := add("a struct from JSON text", ours[user](text), peer(unmarshalDocument, text), 1.05, "1.05"); err != nil {
		return err
	}
	b.report.section("Decoding", paragraph("The CPU time from the body of an answer, with strings as base64, to the value. encoding/json reads the same body into the same type, and encoding/base64 decodes its strings."), t)
	return nil
}

func quoted(s string) string {
	return strconv.Quote(base64.StdEncoding.EncodeToString([]byte(s)))
}

// ours decodes an answer with this result into a T, as the client does: first the
// envelope, then the reply in it.
func ours[T any](result string) *subject {
	body := []byte(`{"result":` + result + `}`)
	reply, err := answered(body).Do(context.Background(), "GET", "k")
	return loop("this library", func() error {
		if err != nil {
			return err
		}
		if _, end, err := wire.ReadEnvelope(body, 0); err != nil || !wire.AtEnd(body, end) {
			return err
		}
		_, err := redis.Decode[T](reply)
		return err
	})
}

// answered makes a client that gets body as the answer to every request, without a
// network.
func answered(body []byte) *redis.Redis {
	answer := roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode:    http.StatusOK,
			Header:        http.Header{"Content-Type": {"application/json"}},
			Body:          io.NopCloser(bytes.NewReader(body)),
			ContentLength: int64(len(body)),
			Request:       r,
		}, nil
	})
	rdb, err := redis.New("http://localhost", token, redis.WithHTTPClient(&http.Client{Transport: answer}), redis.WithMaxReplyBytes(1<<30))
	if err != nil {
		panic(err) // the arguments are constants
	}
	return rdb
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func peer(decode func(body []byte) error, result string) *subject {
	body := []byte(`{"result":` + result + `}`)
	return loop("encoding/json", func() error { return decode(body) })
}

// loop makes a subject that calls a function in this process.
func loop(name string, do func() error) *subject {
	return &subject{name: name, slice: func(n int) (slice.Sample, error) {
		return slice.Measure(n, func(n int) error {
			for range n {
				if err := do(); err != nil {
					return err
				}
			}
			return nil
		})
	}}
}

func unmarshal[T any](body []byte) error {
	var e envelope[T]
	return json.Unmarshal(body, &e)
}

func unmarshalText(body []byte) error {
	var e envelope[string]
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	return decode64(&e.Result)
}

func unmarshalTexts(body []byte) error {
	var e envelope[[]string]
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	for i := range e.Result {
		if err := decode64(&e.Result[i]); err != nil {
			return err
		}
	}
	return nil
}

func decode64(s *string) error {
	text, err := base64.StdEncoding.DecodeString(*s)
	*s = string(text)
	return err
}

func unmarshalDocument(body []byte) error {
	var e envelope[[]byte]
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	var u user
	return json.Unmarshal(e.Result, &u)
}
