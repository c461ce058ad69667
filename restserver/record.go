package restserver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// A recorded request is a line of a session.
type recorded struct {
	MS      int64             `json:"ms"` // since the server started
	Method  string            `json:"method"`
	Path    string            `json:"path"` // with the query, without a token
	Headers map[string]string `json:"headers,omitempty"`
	Body    recordedText      `json:"body"`
	Status  int               `json:"status"`
	Answer  recordedText      `json:"answer"`
}

// recordedText is a JSON string, or a list with base64 if it is not UTF-8.
type recordedText []byte

func (t recordedText) MarshalJSON() ([]byte, error) {
	if utf8.Valid(t) {
		return json.Marshal(string(t))
	}
	return json.Marshal([][]byte{t})
}

func (t *recordedText) UnmarshalJSON(text []byte) error {
	var list [][]byte
	if json.Unmarshal(text, &list) == nil && len(list) == 1 {
		*t = list[0]
		return nil
	}
	var s string
	err := json.Unmarshal(text, &s)
	*t = recordedText(s)
	return err
}

// recordedHeaders are the headers that change an answer.
var recordedHeaders = []string{"Upstash-Encoding", "Upstash-Response-Format"}

// record writes a request and its answer to the session.
func (c *call) record(r *http.Request, status int, answer []byte) {
	line := recorded{MS: time.Since(c.begun).Milliseconds(), Method: r.Method, Path: r.URL.EscapedPath(), Body: c.received, Status: status, Answer: answer}
	var query []string
	for parameter := range strings.SplitSeq(r.URL.RawQuery, "&") {
		name, _, _ := strings.Cut(parameter, "=")
		if name, err := url.QueryUnescape(name); parameter != "" && (err != nil || name != "_token") {
			query = append(query, parameter)
		}
	}
	if query != nil {
		line.Path += "?" + strings.Join(query, "&")
	}
	for _, name := range recordedHeaders {
		if value := r.Header.Get(name); value != "" {
			if line.Headers == nil {
				line.Headers = map[string]string{}
			}
			line.Headers[name] = value
		}
	}
	text, err := json.Marshal(line)
	c.recording.Lock()
	defer c.recording.Unlock()
	if err == nil {
		_, err = c.config.Record.Write(append(text, '\n'))
	}
	if err != nil && c.config.Log != nil {
		c.config.Log.Warn("a request is not recorded", "id", c.id, "reason", err.Error())
	}
}

// A Difference is a request of a session that was answered differently.
type Difference struct {
	Line       int // of the session, from 1
	Path       string
	WantStatus int
	Want       string
	GotStatus  int
	Got        string
}

// Replay sends the requests of a session, which Config.Record has written, to a server, one after the
// other, and returns how many it sent and which answers differ. An error means that the session cannot be read, or that the
// server cannot be reached.
func Replay(ctx context.Context, session io.Reader, server, token string) (requests int, different []Difference, err error) {
	base, err := url.Parse(server)
	if err != nil || base.Host == "" {
		return 0, nil, fmt.Errorf("restserver: the address of the server cannot be read")
	}
	lines := bufio.NewReader(session)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(text)) == 0 {
			if err == io.EOF {
				return requests, different, nil
			}
			if err != nil {
				return requests, different, fmt.Errorf("restserver: %w", err)
			}
			continue
		}
		var line recorded
		if err := json.Unmarshal(text, &line); err != nil || !strings.HasPrefix(line.Path, "/") {
			return requests, different, fmt.Errorf("restserver: line %d is not a recorded request", n)
		}
		req, err := http.NewRequestWithContext(ctx, line.Method, strings.TrimSuffix(server, "/")+line.Path, bytes.NewReader(line.Body))
		if err != nil {
			return requests, different, fmt.Errorf("restserver: line %d is not a recorded request", n)
		}
		for name, value := range line.Headers {
			req.Header.Set(name, value)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return requests, different, fmt.Errorf("restserver: line %d: %w", n, err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return requests, different, fmt.Errorf("restserver: line %d: %w", n, err)
		}
		requests++
		if resp.StatusCode != line.Status || line.Method != http.MethodHead && !bytes.Equal(got, line.Answer) {
			different = append(different, Difference{n, line.Path, line.Status, string(line.Answer), resp.StatusCode, string(got)})
		}
	}
}
