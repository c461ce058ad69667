package transport_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/client/transport"
)

// What this transport refuses and net/http's takes, by the reason that the error gives.
var stricter = map[string]string{
	"the answer is ":            "A version other than 1.x, a status below 100, and 101: nobody has asked for another protocol, so what follows has no known meaning.",
	"the head of the answer ha": "The head may have 1 MiB, and 10 MiB in net/http. Real ones have a few hundred bytes.",
}

// rawAnswers are answers as servers, proxies, and those who mean harm send them. The
// connection ends after each.
func rawAnswers() []string {
	var all []string
	add := func(raws ...string) { all = append(all, raws...) }

	// Every framing with every kind of status, version and Connection.
	framings := []string{
		"\r\n",
		"\r\nhello",
		"Content-Length: 5\r\n\r\nhello",
		"Content-Length: 5\r\n\r\nhel",
		"Content-Length: 5\r\n\r\nhello and more",
		"Content-Length: 0\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"Transfer-Encoding: identity\r\n\r\nhello",
		"Content-Encoding: gzip\r\n\r\nhello",
	}
	for _, framing := range framings {
		for _, status := range []string{"200 OK", "204 No Content", "304 Not Modified", "503 Service Unavailable"} {
			for _, version := range []string{"HTTP/1.1", "HTTP/1.0"} {
				for _, connection := range []string{"", "Connection: close\r\n", "Connection: keep-alive\r\n"} {
					add(version + " " + status + "\r\n" + connection + framing)
				}
			}
		}
	}

	// The first line.
	for _, line := range []string{
		"", " ", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1  200 OK", "HTTP/1.1 200  OK", "HTTP/1.1\t200 OK",
		"HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 abc OK", "HTTP/1.1 -20 OK", "HTTP/1.1 +20 OK", "HTTP/1.1 000 OK", "HTTP/1.1 099 OK",
		"HTTP/1.1 100 Continue", "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 199 x", "HTTP/1.1 299 x", "HTTP/1.1 600 x", "HTTP/1.1 999 x",
		"HTTP/2.0 200 OK", "HTTP/2 200 OK", "HTTP/0.9 200 OK", "HTTP/3.0 200 OK", "HTTP/1.2 200 OK", "HTTP/1.9 200 OK", "HTTP/11 200 OK", "HTTP/1.10 200 OK",
		"http/1.1 200 OK", "HTTPS/1.1 200 OK", "ICY 200 OK", "SSH-2.0-OpenSSH", "\x00\x01", "HTTP/1.1 200 \x00", "HTTP/1.1 200 é",
		"\r\nHTTP/1.1 200 OK", "\nHTTP/1.1 200 OK", " HTTP/1.1 200 OK",
	} {
		add(line+"\r\nContent-Length: 2\r\n\r\nok", line+"\nContent-Length: 2\n\nok")
	}

	// Header fields.
	for _, fields := range []string{
		"content-length: 2", "CONTENT-LENGTH: 2", "Content-Length:2", "Content-Length: \t2 \t", "Content-Length : 2", " Content-Length: 2", "Content-Length\t: 2",
		"X: a\r\n b\r\nContent-Length: 2", "X: a\r\n\tb\r\nContent-Length: 2", "Content-Length:\r\n 2", "Content-Length: 1\r\n 2", " X: a\r\nContent-Length: 2",
		"Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2, 2", "Content-Length: 2, 3", "Content-Length: 2,", "Content-Length: 2\r\ncontent-length: 02",
		"Content-Length: -2", "Content-Length: +2", "Content-Length: 0x2", "Content-Length: 2.0", "Content-Length: 1e1", "Content-Length: two", "Content-Length:", "Content-Length: 02",
		"Content-Length: 9223372036854775807", "Content-Length: 9223372036854775808", "Content-Length: 99999999999999999999999", "Content-Length: 2 2", "Content-Length: 2\x00", "Content-Length: ２",
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding:\x0bchunked", "Transfer-Encoding: xchunked",
		"Transfer-Encoding : chunked", "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: ",
		"Transfer-Encoding: gzip", "Transfer_Encoding: chunked", "Content-Length: 2\r\nTransfer-Encoding: x", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\nConnection: close",
		"no colon\r\nContent-Length: 2", ": no name\r\nContent-Length: 2", "X\x00Y: a\r\nContent-Length: 2", "X Y: a\r\nContent-Length: 2", "X: a\x00b\r\nContent-Length: 2", "X: a\rb\r\nContent-Length: 2", "é: a\r\nContent-Length: 2",
		"X: é\r\nContent-Length: 2", "X:\r\nContent-Length: 2", "X: a\r\nX: b\r\nx: c\r\nContent-Length: 2", "X: " + strings.Repeat("a", 100<<10) + "\r\nContent-Length: 2", strings.Repeat("X: a\r\n", 5000) + "Content-Length: 2",
		"Connection: close, keep-alive\r\nContent-Length: 2", "Connection: Close\r\nContent-Length: 2", "Connection: x\r\nContent-Length: 2", "Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2", "Keep-Alive: timeout=5\r\nContent-Length: 2", "Pragma: no-cache\r\nContent-Length: 2",
		"Trailer: X\r\nContent-Length: 2", "Trailer: Content-Length\r\nTransfer-Encoding: chunked", "Trailer: Transfer-Encoding\r\nTransfer-Encoding: chunked",
		"Content-Encoding: GZIP\r\nContent-Length: 2", "Content-Encoding: gzip\r\nContent-Length: 0", "Content-Encoding: br\r\nContent-Length: 2", "Content-Encoding: gzip, gzip\r\nContent-Length: 2", "Set-Cookie: a=b\r\nContent-Length: 2",
	} {
		add("HTTP/1.1 200 OK\r\n"+fields+"\r\n\r\nok", "HTTP/1.1 200 OK\r\n"+fields+"\r\n\r\n2\r\nok\r\n0\r\n\r\n")
	}

	// Chunks.
	for _, chunks := range []string{
		"0\r\n\r\n", "00000\r\n\r\n", "2\r\nok\r\n0\r\n\r\n", "02\r\nok\r\n0\r\n\r\n", "A\r\n0123456789\r\n0\r\n\r\n", "a\r\n0123456789\r\n0\r\n\r\n", "2;a\r\nok\r\n0\r\n\r\n", "2;a=b\r\nok\r\n0;c\r\n\r\n", "2 ;a=\"b;c\"\r\nok\r\n0\r\n\r\n", "2 \r\nok\r\n0\r\n\r\n",
		" 2\r\nok\r\n0\r\n\r\n", "2\nok\n0\n\n", "2\r\nok\n0\r\n\r\n", "2\r\nok0\r\n\r\n", "2\r\nokay\r\n0\r\n\r\n", "3\r\nok\r\n0\r\n\r\n", "1\r\nok\r\n0\r\n\r\n", "-2\r\nok\r\n0\r\n\r\n", "+2\r\nok\r\n0\r\n\r\n", "0x2\r\nok\r\n0\r\n\r\n", "g\r\nok\r\n0\r\n\r\n", "\r\nok\r\n0\r\n\r\n",
		"ffffffffffffffff\r\nok", "10000000000000000\r\nok", "fffffffffffffffff\r\nok", "7fffffffffffffff\r\nok", "2;" + strings.Repeat("a", 3000) + "\r\nok\r\n0\r\n\r\n", "2;" + strings.Repeat("a", 20000) + "\r\nok\r\n0\r\n\r\n", strings.Repeat("1;"+strings.Repeat("e", 100)+"\r\nx\r\n", 300) + "0\r\n\r\n",
		"2\r\nok\r\n0\r\nX: y\r\n\r\n", "2\r\nok\r\n0\r\nX: y\r\n z\r\n\r\n", "2\r\nok\r\n0\r\nX y\r\n\r\n", "2\r\nok\r\n0\r\nX: y", "2\r\nok\r\n0\r\nContent-Length: 7\r\n\r\n", "2\r\nok\r\n0\r\nX: " + strings.Repeat("y", 5000) + "\r\n\r\n", "2\r\nok\r\n0\r\n", "2\r\nok\r\n0", "2\r\nok\r\n", "2\r\nok", "2\r\no", "2\r\n", "2", "",
		"2\r\nok\r\n0\r\n\r\nmore", "2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", "2;\x00\r\nok\r\n0\r\n\r\n", "2\x00\r\nok\r\n0\r\n\r\n", "2\rok\r0\r\r", "2;a\rb\r\nok\r\n0\r\n\r\n", "2;a\nok\r\n0\r\n\r\n",
	} {
		add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+chunks, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+chunks)
	}

	// 1xx.
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for _, before := range []string{
		"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n", "HTTP/1.0 100 Continue\r\n\r\n", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 4), strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 40),
		"HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 100 Continue\r\n", "HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", "\r\n", "\r\n\r\n", "garbage", "\x16\x03\x01\x00\x05",
	} {
		add(before+ok, before)
	}

	// Heads that are too large for somebody.
	add("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2<<20)+"\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: xxxxxxxxxx\r\n", 200_000)+"Content-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 "+strings.Repeat("x", 2<<20)+"\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 11<<20)+"\r\n\r\nok", strings.Repeat("x", 2<<20), strings.Repeat("\x00", 1000))

	// Ten answers that end after each of their bytes.
	for _, whole := range []string{
		ok,
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end",
		"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;a=b\r\nyes\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy",
		"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2;a\r\nok\r\n0\r\n\r\n",
	} {
		for end := range len(whole) {
			add(whole[:end])
		}
	}
	return all
}

// An answer as a caller sees it.
type answer struct {
	Failed       bool // no answer came
	Proto        string
	Status       string
	Header       http.Header
	Length       int64
	Encoding     []string
	Trailer      http.Header
	Uncompressed bool
	Close        bool
	Body         string
	BodyFailed   bool
}

// ask posts a request, and says what came and why it failed.
func ask(tb testing.TB, rt http.RoundTripper, url string) (answer, error) {
	ctx, cancel := context.WithTimeout(tb.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("[]"))
	require.NoError(tb, err)
	resp, err := rt.RoundTrip(req)
	if ctx.Err() != nil {
		tb.Errorf("%s: %v", url, ctx.Err())
	}
	if err != nil {
		return answer{Failed: true}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{false, resp.Proto, resp.Status, resp.Header, resp.ContentLength, resp.TransferEncoding, resp.Trailer, resp.Uncompressed, resp.Close, string(body), err != nil}, err
}

// agree fails the test unless both transports read an answer as the same, or ours gives
// one of the reasons for which it is stricter.
func agree(t *testing.T, raw string, ours answer, reason error, theirs answer) {
	t.Helper()
	if ours.Failed && !theirs.Failed {
		for begin := range stricter {
			if strings.HasPrefix(reason.Error(), begin) {
				return
			}
		}
	}
	if fmt.Sprintf("%+v", ours) != fmt.Sprintf("%+v", theirs) {
		t.Errorf("%.200q\nours:   %.500s (%v)\ntheirs: %.500s", raw, fmt.Sprintf("%+v", ours), reason, fmt.Sprintf("%+v", theirs))
	}
}

// Both transports get the same answers from the same server.
func TestReadsAnswersAsNetHTTPDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("FuzzAnswers reads the same without sockets")
	}
	raws := rawAnswers()
	s := serve(t, func(_ int64, c net.Conn, r *bufio.Reader) {
		if req, _, err := request(r); err == nil {
			i, _ := strconv.Atoi(req.URL.Path[1:])
			io.WriteString(c, raws[i])
		}
	})
	ours, theirs := newTransport(t, transport.Config{}), &http.Transport{DisableCompression: true}
	defer theirs.CloseIdleConnections()
	silenceLog(t)
	used := map[string]bool{}
	for i, raw := range raws {
		url := s.URL + "/" + strconv.Itoa(i)
		got, err := ask(t, ours, url)
		ours.CloseIdleConnections()
		want, _ := ask(t, theirs, url)
		theirs.CloseIdleConnections()
		agree(t, raw, got, err, want)
		for begin := range stricter {
			if got.Failed && !want.Failed && strings.HasPrefix(err.Error(), begin) {
				used[begin] = true
			}
		}
	}
	require.Len(t, used, len(stricter), "each reason has an example")
	t.Logf("%d answers", len(raws))
}

// silenceLog keeps off what net/http logs of answers that nobody asked for.
func silenceLog(t *testing.T) {
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
}

// Whatever a server answers: it is read as net/http reads it, and the next request gets
// its own answer, never what was left of this one.
func FuzzAnswers(f *testing.F) {
	for _, raw := range rawAnswers() {
		if len(raw) < 10_000 {
			f.Add([]byte(raw))
		}
	}
	log.SetOutput(io.Discard)
	f.Fuzz(func(t *testing.T, raw []byte) {
		dials := 0
		dial := func(context.Context, string, string) (net.Conn, error) {
			if dials++; dials == 1 {
				return newCanned(raw), nil
			}
			return newCanned([]byte(second)), nil
		}
		ours := newTransport(t, transport.Config{DialContext: dial})
		got, reason := ask(t, ours, "http://redis")
		next, err := ask(t, ours, "http://redis")
		require.NoError(t, err)
		require.Equal(t, "second", next.Body)

		dials = 0
		theirs := &http.Transport{DialContext: dial, DisableCompression: true}
		defer theirs.CloseIdleConnections()
		want, _ := ask(t, theirs, "http://redis")
		agree(t, string(raw), got, reason, want)
	})
}
