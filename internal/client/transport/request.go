package transport

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// writeRequest writes a request, to the proxy via if it is not nil. Of a plain one the
// length of the body is known, and everything in it can be written as it is. That takes a
// fifth of the time that net/http takes, which writes the others.
func writeRequest(w *bufio.Writer, req *http.Request, via *url.URL) error {
	if via != nil {
		req = req.Clone(req.Context())
		authorize(req.Header, via)
		return req.WriteProxy(w)
	}
	host, target := cmp.Or(req.Host, req.URL.Host), req.URL.RequestURI()
	if !isPlain(req, host, target) {
		return req.Write(w)
	}
	for _, s := range [...]string{req.Method, " ", target, " HTTP/1.1\r\nHost: ", host, "\r\nContent-Length: "} {
		w.WriteString(s)
	}
	w.Write(strconv.AppendInt(w.AvailableBuffer(), req.ContentLength, 10))
	for name, values := range req.Header {
		for _, s := range [...]string{"\r\n", name, ": ", values[0]} {
			w.WriteString(s)
		}
	}
	w.WriteString("\r\n\r\n")
	body := io.LimitedReader{R: req.Body, N: req.ContentLength}
	if _, err := w.ReadFrom(&body); err != nil {
		return err
	}
	if more, err := io.Copy(io.Discard, req.Body); err != nil || more > 0 || body.N > 0 {
		return cmp.Or(err, errLength)
	}
	return nil
}

var errLength = errors.New("the body of the request is not as long as its ContentLength says")

func isPlain(req *http.Request, host, target string) bool {
	if req.ContentLength <= 0 || req.Body == nil || req.Close || req.TransferEncoding != nil || req.Trailer != nil || req.Header["User-Agent"] == nil {
		return false
	}
	for name, values := range req.Header {
		switch name {
		case "Host", "Content-Length", "Transfer-Encoding", "Trailer": // net/http leaves them out
			return false
		}
		if len(values) != 1 || !onlyHas(name, inName) || !onlyHas(values[0], inValue) || strings.TrimSpace(values[0]) != values[0] {
			return false
		}
	}
	return onlyHas(req.Method, inName) && onlyHas(host, inHost) && onlyHas(target, inTarget)
}

// These are classes of bytes.
const (
	inName = 1 << iota
	inHost
	inTarget
	inValue
)

var classes = func() (c [256]byte) {
	for b := range c {
		isName := strings.IndexByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", byte(b)) >= 0
		if isName {
			c[b] |= inName
		}
		if isName || strings.IndexByte(".:[]", byte(b)) >= 0 {
			c[b] |= inHost
		}
		if ' ' < b && b < 0x7f {
			c[b] |= inTarget
		}
		if ' ' <= b && b != 0x7f {
			c[b] |= inValue
		}
	}
	return c
}()

func onlyHas(s string, class byte) bool {
	for i := range len(s) {
		if classes[s[i]]&class == 0 {
			return false
		}
	}
	return s != ""
}
