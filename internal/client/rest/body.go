package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A Response is an answer with any status. Its body is read to the end.
type Response struct {
	Status int
	Body   []byte
	Header http.Header

	// TooLarge has the indexes of the replies in a list that are over the limit of a
	// reply (Request.Members). In Body each is {"result":null}.
	TooLarge []int
}

// response reads the body to its end. If that is too large, it is [ErrTooLarge], or, with a
// status that no reply has, a page of which the start is enough.
func (c *Client) response(ctx context.Context, raw *http.Response, members int) (Response, error) {
	defer raw.Body.Close()
	data, tooLarge, err := read(raw, c.max, members)
	switch {
	case errors.Is(err, ErrTooLarge):
		if raw.StatusCode >= 200 && raw.StatusCode <= 299 || raw.StatusCode == http.StatusBadRequest {
			return Response{}, &SendError{Err: err, Answered: startsReply(data)}
		}
		data = data[:min(len(data), maxPage)]
	case err != nil:
		return Response{}, &SendError{Err: stripURL(ctx, err)}
	}
	return Response{Status: raw.StatusCode, Body: data, Header: raw.Header, TooLarge: tooLarge}, nil
}

// maxPage is how much is kept of a page that is too large.
const maxPage = 1 << 10

// startsReply reports whether a body starts as a reply or an error of Redis, or as a list
// of these.
func startsReply(body []byte) bool {
	for _, start := range []string{`{"result":`, `{"error":`, `[{"`} {
		if bytes.HasPrefix(body, []byte(start)) {
			return true
		}
	}
	return false
}

// unpackers are kept, because each has 40 KB of tables.
var unpackers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// read reads the body of resp to its end. limit is for the whole, or, if the answer is a
// list of replies to so many members, for each. With [ErrTooLarge] it returns the start of
// the body.
func read(resp *http.Response, limit int64, members int) (data []byte, tooLarge []int, err error) {
	var r io.Reader = resp.Body
	length := resp.ContentLength
	if length != 0 && strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		unpacked := unpackers.Get().(*gzip.Reader)
		defer unpackers.Put(unpacked)
		if err := unpacked.Reset(resp.Body); err != nil {
			return nil, nil, err
		}
		r, length = unpacked, -1
	}
	if members > 0 && length > limit {
		length = -1
	}
	if data, err = readAll(r, length, limit); errors.Is(err, ErrTooLarge) && members > 0 {
		return readMembers(data, r, limit, members)
	}
	return data, nil, err
}

// readAll reads r to its end, so that the connection can be used again. length is
// the announced size, or -1. It is only a hint: the first buffer is not much larger than
// firstBuffer, and later ones are at most a few times as large as what has arrived. With
// ErrTooLarge it returns what it has read, if anything.
func readAll(r io.Reader, length, limit int64) ([]byte, error) {
	const firstBuffer = 4 << 20
	if length > limit {
		start := make([]byte, maxPage)
		n, _ := io.ReadFull(r, start)
		return start[:n], ErrTooLarge
	}
	most, size := limit+1, int64(512)
	if length >= 0 {
		most, size = length+1, firstBuffer // one byte more, to read the end without growing
	}
	fitting := func(size int64) int64 {
		if most < size+size/2 {
			return most // allocate all now: growing later for the small rest would copy everything
		}
		return size
	}
	buf := make([]byte, 0, fitting(size))
	for {
		n, err := r.Read(buf[len(buf):min(int64(cap(buf)), limit+1)])
		buf = buf[:len(buf)+n]
		read := int64(len(buf))
		if read > limit {
			return buf, ErrTooLarge
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buf) == cap(buf) {
			larger := 2 * read
			if read >= firstBuffer {
				larger = 4 * read // memory that is not written to costs nothing, and a copy needs both buffers
			}
			buf = slices.Grow(buf, int(max(fitting(larger)-read, 512)))
		}
	}
}
