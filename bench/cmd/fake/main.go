// Fake is a REST server that always gives the same answer at a constant cost. So a difference
// between clients comes from the clients. It prints its URL. For each line of standard input it
// prints the number of connections it has accepted.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var (
	certificate = flag.String("cert", "", "`FILE` with the certificate, to answer https")
	key         = flag.String("key", "", "`FILE` with its key")
	latency     = flag.Duration("latency", 0, "how long each answer takes")
	network     = flag.Duration("network", 0, "how long what a client sends is on its way")
	closes      = flag.Bool("close", false, "close the connection after each answer")
	tickets     = flag.Bool("tickets", true, "let clients resume TLS sessions")
)

func main() {
	flag.Parse()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	accepted := new(atomic.Int64)
	url := "http://" + l.Addr().String()
	l = &listener{l, accepted}
	server := &http.Server{Handler: http.HandlerFunc(answer), ErrorLog: log.New(io.Discard, "", 0)}
	server.SetKeepAlivesEnabled(!*closes)
	if *certificate != "" {
		url = "https://localhost:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		pair, err := tls.LoadX509KeyPair(*certificate, *key)
		if err != nil {
			log.Fatal(err)
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, SessionTicketsDisabled: !*tickets}
	}
	go func() {
		if server.TLSConfig != nil {
			log.Fatal(server.ServeTLS(l, "", ""))
		}
		log.Fatal(server.Serve(l))
	}()
	fmt.Println(url)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(accepted.Load())
	}
}

// A listener counts connections and delays the data that arrives on them.
type listener struct {
	net.Listener
	accepted *atomic.Int64
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	l.accepted.Add(1)
	if err == nil && *network > 0 {
		conn = slowConn{conn}
	}
	return conn, err
}

type slowConn struct{ net.Conn }

func (c slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	time.Sleep(*network)
	return n, err
}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answer answers GET of a numeric key with a string of that many bytes,
// and everything else with an integer. For a key such as "chunked5" the answer has no
// Content-Length.
func answer(w http.ResponseWriter, r *http.Request) {
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body)
	body.Reset()
	body.ReadFrom(r.Body)
	if *latency > 0 {
		time.Sleep(*latency)
	}
	w.Header().Set("Content-Type", "application/json")
	reply := []byte(`{"result":101}`)
	announced := true
	switch key, isGet := bytes.CutPrefix(body.Bytes(), []byte(`["GET","`)); {
	case r.URL.Path == "/pipeline":
		reply = pipeline(1 + bytes.Count(body.Bytes(), []byte("],[")))
	case isGet:
		var chunked bool
		key, chunked = bytes.CutPrefix(bytes.TrimSuffix(key, []byte(`"]`)), []byte("chunked"))
		announced = !chunked
		reply = text(string(key))
	}
	if announced {
		w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
	}
	w.Write(reply)
}

var made sync.Map // prepared answers, by key or by count

func pipeline(n int) []byte {
	if reply, ok := made.Load(n); ok {
		return reply.([]byte)
	}
	reply := bytes.Repeat([]byte(`,{"result":101}`), n)
	reply[0] = '['
	reply = append(reply, ']')
	made.Store(n, reply)
	return reply
}

func text(size string) []byte {
	if reply, ok := made.Load(size); ok {
		return reply.([]byte)
	}
	n, err := strconv.Atoi(size)
	if err != nil {
		return []byte(`{"result":null}`)
	}
	reply := []byte(`{"result":"` + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), n)) + `"}`)
	made.Store(size, reply)
	return reply
}
