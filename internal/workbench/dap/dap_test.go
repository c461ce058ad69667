package dap

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-dap"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
)

const source = `local n = 1
local t = {a = {b = 1}}
t.self = t
redis.call('SET', KEYS[1], n)
local function f(x) error(x) end
pcall(f, t)
return redis.call('GET', KEYS[1])`

// open makes a program that needs no file.
func open(context.Context, Launch) (Program, error) {
	db := keyspace.New()
	return Program{DB: db, Words: []string{"EVAL", source, "1", "k", "a"}, Close: func() { db.Close() }}, nil
}

func message(content string) string {
	return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(content), content)
}

func request(seq int, command, arguments string) string {
	if arguments == "" {
		arguments = "{}"
	}
	return message(fmt.Sprintf(`{"seq":%d,"type":"request","command":%q,"arguments":%s}`, seq, command, arguments))
}

// begun are the messages that begin a session.
var begun = request(1, "initialize", `{"adapterID":"x","linesStartAt1":false}`) + request(2, "launch", `{"program":"s.lua","stopOnEntry":true}`) + request(3, "configurationDone", "")

// serve returns what the adapter answers.
func serve(t testing.TB, input string) []dap.Message {
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_ = Serve(ctx, strings.NewReader(input), &out, Host{Open: open})
	var list []dap.Message
	for r := bufio.NewReader(&out); ; {
		m, err := dap.ReadProtocolMessage(r)
		if err == io.EOF {
			return list
		}
		require.NoError(t, err)
		list = append(list, m)
	}
}

// Whatever a client sends, each request that can be read gets one answer at most, the answers can be read, and the adapter ends.
func FuzzServe(f *testing.F) {
	f.Add(begun)
	f.Add(begun + request(4, "stackTrace", `{"threadId":1}`) + request(5, "scopes", `{"frameId":1}`) + request(6, "variables", `{"variablesReference":1}`) +
		request(7, "setVariable", `{"variablesReference":1,"name":"n","value":"t"}`) + request(8, "evaluate", `{"expression":"t","context":"repl"}`))
	f.Add(begun + request(4, "next", "") + request(5, "setBreakpoints", `{"source":{"path":"s.lua"},"breakpoints":[{"line":-1},{"line":99999999},{"line":4,"condition":"((","hitCondition":"%0","logMessage":"{}"}]}`) +
		request(6, "stepBack", `{"granularity":"instruction"}`) + request(7, "disconnect", ""))
	f.Add(begun + request(4, "setDataBreakpoints", `{"breakpoints":[{"dataId":"*","accessType":"write"},{"dataId":"[","accessType":"x"}]}`) + request(5, "restart", "") + request(6, "pause", "") + request(7, "terminate", ""))
	f.Add(request(1, "evaluate", `{"expression":"while true do end","context":"repl"}`) + request(1, "launch", "[]") + request(2, "launch", `{"program":{}}`))
	f.Add(begun + request(4, "variables", `{"variablesReference":-9223372036854775808,"start":-1,"count":-1}`) + request(5, "stackTrace", `{"threadId":-1,"startFrame":-5,"levels":-1}`) +
		request(6, "scopes", `{"frameId":99}`) + request(7, "breakpointLocations", `null`) + request(8, "dataBreakpointInfo", `{"variablesReference":7,"name":"\u0000"}`) + request(9, "nonsense", `{}`))
	f.Add(message(`{"seq":1,"type":"response","command":"x"}`) + message("[]") + message("") + message(`{"seq":1e99,"type":"request","command":"initialize"}`) + message(strings.Repeat("[", 100)))
	f.Add("POST / HTTP/1.1\r\n\r\n")
	f.Add("Content-Length: 99999999999999999999\r\n\r\n")
	f.Fuzz(func(t *testing.T, input string) {
		if strings.Contains(input, "while") || strings.Contains(input, "rep") { // which may take its 5 seconds
			input = strings.NewReplacer("while", "whale", "repeat", "repeal", "rep", "rap").Replace(input)
		}
		requests := map[int]int{}
		for r := bufio.NewReader(strings.NewReader(input)); ; {
			content, err := dap.ReadBaseMessage(r)
			if err != nil {
				break
			}
			var m struct {
				Seq  int
				Type string
			}
			if json.Unmarshal(content, &m); m.Type == "request" {
				requests[m.Seq]++
			}
		}
		began := time.Now()
		defer func() { require.Less(t, time.Since(began), 4*time.Second, "%q", input) }()
		for _, m := range serve(t, input) {
			if r, ok := m.(dap.ResponseMessage); ok {
				requests[r.GetResponse().RequestSeq]--
				require.GreaterOrEqual(t, requests[r.GetResponse().RequestSeq], 0, "an answer too much")
			}
		}
	})
}

// find returns the answer to a request.
func find[M dap.Message](t *testing.T, list []dap.Message, seq int) M {
	for _, m := range list {
		if r, ok := m.(dap.ResponseMessage); ok && r.GetResponse().RequestSeq == seq {
			found, ok := m.(M)
			require.True(t, ok, "%#v", m)
			return found
		}
	}
	require.Fail(t, "no answer")
	panic("unreachable")
}

// A client that speaks something else is told so, and one that leaves ends the adapter.
func TestServeEnds(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, Serve(t.Context(), strings.NewReader("POST / HTTP/1.1\r\nHost: x\r\n\r\n"), io.Discard, Host{Open: open}), "does not speak the Debug Adapter Protocol")
	require.NoError(t, Serve(t.Context(), strings.NewReader(begun), io.Discard, Host{Open: open}))
	// While the script runs, leaving ends it.
	client, server := net.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- Serve(t.Context(), server, server, Host{Open: func(context.Context, Launch) (Program, error) {
			db := keyspace.New()
			return Program{DB: db, Words: []string{"EVAL", "while true do local x = 1 end", "0"}, Close: func() { db.Close() }}, nil
		}})
	}()
	r := bufio.NewReader(client)
	go io.WriteString(client, begun+request(4, "continue", ""))
	for {
		m, err := dap.ReadProtocolMessage(r)
		require.NoError(t, err)
		if _, ok := m.(*dap.ContinueResponse); ok {
			break
		}
	}
	client.Close()
	require.NoError(t, <-done)
}

// Lines are counted as the client says, tables may contain themselves, and an expression that does not end is ended.
func TestAnswers(t *testing.T) {
	t.Parallel()
	list := serve(t, begun+request(4, "setBreakpoints", `{"source":{"path":"s.lua"},"breakpoints":[{"line":3}]}`)+request(5, "stackTrace", `{"threadId":1}`)+request(6, "scopes", `{"frameId":1}`)+
		request(7, "variables", `{"variablesReference":5}`)+request(8, "evaluate", `{"expression":"(function() local t = {} t[1] = t return t end)()","context":"watch"}`)+
		request(9, "variables", `{"variablesReference":6}`)+request(10, "variables", `{"variablesReference":99}`)+message(`{"seq":11,"type":"request","command":"stackTrace","arguments":{"threadId":"x"}}`))
	require.Equal(t, 3, find[*dap.SetBreakpointsResponse](t, list, 4).Body.Breakpoints[0].Line)
	require.Equal(t, 0, find[*dap.StackTraceResponse](t, list, 5).Body.StackFrames[0].Line)
	require.Equal(t, "Keys in the database", find[*dap.ScopesResponse](t, list, 6).Body.Scopes[4].Name)
	require.Equal(t, "(nothing)", find[*dap.VariablesResponse](t, list, 7).Body.Variables[0].Value)
	require.Equal(t, "{{{{{{{…}}}}}}}", find[*dap.EvaluateResponse](t, list, 8).Body.Result)
	require.NotZero(t, find[*dap.VariablesResponse](t, list, 9).Body.Variables[0].VariablesReference)
	require.Contains(t, find[*dap.ErrorResponse](t, list, 10).Message, "no such reference")
	require.Contains(t, find[*dap.ErrorResponse](t, list, 11).Message, "cannot be read")
}
