package keyspace_test

import (
	"io"
	"net"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
	"github.com/redis-rest/redis-rest-go/internal/testkit/realredis"
)

// sessions are what clients send. A line has a client, which connects when it is first named, how many replies must arrive
// before the next line (1 if it is not given), and what it sends, with \r, \n and \0 for those bytes; \r\n is added. After ! the client must be blocked before the next
// line, after # the server must close the connection, and after = nothing is added.
var sessions = map[string][]string{
	"inline":    {`a PING`, `a SET "k\x20\"" 'v w'`, `a GET "k \x22"`, `a*2 PING\r\n\r\nPING`, `a ping hello`, `a= PI`, `a NG`, `a= PING\n`},
	"RESP":      {`a*3 *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$4\r\nPING`, `a*1 *0\r\n*-1\r\n*-5\r\n*1\r\n$4\r\nPING`, `a*0= *1\r\n$4\r`, `a*0= \nPI`, `a NG`},
	"no CRLF":   {`a*2= *1\r\n$4\r\nPINGxx*1\rx$4\rxPING\r\n`}, // Redis looks at lengths only
	"bad count": {`a# *x`}, "bad count 2": {`a# *99999999999`}, "bad count 3": {`a# *+1`}, "bad count 4": {`a# *01`}, "bad count 5": {`a*1# PING\r\n*1 \r\nPING`},
	"bad length": {`a# *1\r\n$x`}, "bad length 2": {`a# *1\r\n$-1`}, "bad length 3": {`a# *1\r\n$99999999999`}, "bad length 4": {`a# *1\r\n$`},
	"no $": {`a# *1\r\nPING`}, "no $ 2": {`a# *2\r\n$4\r\nECHO\r\n:1`}, "no $ 3": {`a# *1\r\n\r`}, "no $ 4": {"a# *1\\r\\n\xff"},
	"quotes": {`a# GET "k`}, "quotes 2": {`a# GET 'k'x`}, "quotes 3": {`a*1# PING\r\nGET "\x`},
	"long inline": {"a#= " + strings.Repeat("x", 70_000)}, "long count": {"a#= *" + strings.Repeat("1", 70_000)}, "long length": {"a#= *1\\r\\n$" + strings.Repeat("1", 70_000)},
	"zero byte": {"a#= GET k\\0\\n" + strings.Repeat("x", 70_000)},
	"HTTP":      {`a# POST / HTTP/1.1\r\nHost: x\r\n\r\n`}, "HTTP 2": {`a*0# PING\r\nHost: x\r\nPING`},
	"QUIT": {`a# QUIT\r\nPING`}, "QUIT in MULTI": {`a MULTI`, `a# QUIT`},
	"unknown":          {`a NOSUCH a b`, `a CLIENT NOSUCH`, `a GET`, `a CLIENT SETINFO LIB-NAME x`, `a CLIENT NO-TOUCH ON`, `a CLIENT KILL`, `a DEBUG OBJECT k`},
	"SELECT":           {`a SELECT 3`, `a SET k 3`, `b GET k`, `a SELECT 99`, `a SELECT x`, `a GET k`, `b SELECT 3`, `b GET k`},
	"AUTH":             {`a AUTH x`, `a AUTH default x`, `a AUTH nobody x`, `a AUTH a b c`, `a AUTH`},
	"HELLO":            {`a HELLO 4`, `a HELLO x`, `a HELLO 2 SETNAME "a b"`, `a HELLO 2 NOSUCH`, `a HELLO 3 AUTH nobody x`, `a HELLO 3 AUTH default x SETNAME me`, `a CLIENT GETNAME`, `a HGETALL none`, `a GET none`, `a HELLO 2`, `a GET none`},
	"RESET":            {`a HELLO 3`, `a SELECT 2`, `a CLIENT SETNAME me`, `a MULTI`, `a RESET`, `a CLIENT GETNAME`, `a EXEC`, `a SET k v`, `b GET k`, `a SUBSCRIBE x`, `a RESET`, `a GET k`, `b PUBSUB NUMSUB x`},
	"CLIENT":           {`a CLIENT SETNAME x`, `a CLIENT GETNAME`, `a CLIENT SETNAME "x y"`, `a CLIENT SETNAME ""`, `a CLIENT GETNAME`, `a CLIENT NO-EVICT ON`, `a CLIENT NO-EVICT x`, `a CLIENT GETREDIR`, `a CLIENT TRACKINGINFO`, `a CLIENT TRACKING OFF`, `a CLIENT TRACKING x`, `a CLIENT CACHING YES`, `a CLIENT HELP`, `a CLIENT UNPAUSE`, `a CLIENT PAUSE x`, `a CLIENT PAUSE -1`, `a CLIENT PAUSE 1 SOME`, `a CLIENT LIST TYPE x`, `a CLIENT LIST TYPE replica`, `a CLIENT LIST ID x`, `a CLIENT LIST ID 9999`, `a CLIENT LIST x`},
	"CLIENT REPLY":     {`a*0 CLIENT REPLY OFF`, `a*0 PING`, `a CLIENT REPLY ON`, `a*1 CLIENT REPLY SKIP\r\nSET k v\r\nGET k`, `a CLIENT REPLY x`, `a*1 CLIENT REPLY OFF\r\nSUBSCRIBE x`, `b PUBLISH x y`, `a*1=`},
	"CLIENT KILL":      {`a CLIENT KILL 1.2.3.4:5`, `a CLIENT KILL ID x`, `a CLIENT KILL ID 0`, `a CLIENT KILL ID 99999`, `a CLIENT KILL TYPE x`, `a CLIENT KILL USER nobody`, `a CLIENT KILL SKIPME x`, `a CLIENT KILL SKIPME`, `a CLIENT KILL ID 1 NOSUCH y`, `a SUBSCRIBE x`, `b CLIENT KILL TYPE PUBSUB`, `a#=`, `b PUBLISH x y`, `b HELLO 3`, `b SUBSCRIBE x`, `b CLIENT KILL TYPE PUBSUB USER default`, `b# CLIENT KILL TYPE PUBSUB SKIPME NO`},
	"CLIENT PAUSE":     {`a CLIENT PAUSE 60000 WRITE`, `a GET k`, `b! SET k v`, `c! PUBLISH x y`, `a GET k`, `a CLIENT UNPAUSE`, `b*1=`, `c*1=`, `a GET k`, `a CLIENT PAUSE 1 ALL`, `a GET k`},
	"MULTI":            {`a MULTI`, `a SET k 1`, `a INCR k`, `a LPUSH k x`, `a GET k`, `a EXEC`, `a EXEC`, `a DISCARD`, `a MULTI`, `a MULTI`, `a SET k 9`, `a DISCARD`, `a GET k`, `a MULTI`, `a EXEC`},
	"EXECABORT":        {`a MULTI`, `a NOSUCH x`, `a SET k v`, `a EXEC`, `a MULTI`, `a SET k`, `a EXEC`, `a MULTI`, `a EXEC x`, `a EXEC`, `a MULTI`, `a WATCH k`, `a EXEC`, `a MULTI`, `a MONITOR`, `a EXEC`, `a MULTI`, `a CLIENT NOSUCH`, `a EXEC`},
	"WATCH":            {`a WATCH k l`, `b SET l 1`, `a MULTI`, `a SET k 1`, `a EXEC`, `a MULTI`, `a SET k 2`, `a EXEC`, `a WATCH k`, `b SET k 3`, `a UNWATCH`, `a MULTI`, `a GET k`, `a EXEC`, `a WATCH k`, `a SET k 4`, `a MULTI`, `a EXEC`, `a WATCH m`, `b SET m x PX 1`, `a MULTI`, `a DISCARD`, `a MULTI`, `a EXEC`},
	"memory":           {`a SET k v`, `a MULTI`, `a SET k w`, `b CONFIG SET maxmemory 1`, `a GET k`, `a EXEC`, `a MULTI`, `a GET k`, `a DISCARD`, `a SET k w`, `a MULTI`, `a EXEC`, `b CONFIG SET maxmemory 0`, `a MULTI`, `a SET k w`, `b CONFIG SET maxmemory 1`, `a EXEC`, `a GET k`, `b CONFIG SET maxmemory 0`},
	"replicas":         {`a SET k v`, `a MULTI`, `a SET k w`, `b CONFIG SET min-replicas-to-write 1`, `a EXEC`, `a GET k`, `a SET k w`, `a MULTI`, `a SET k w`, `a EXEC`, `a EVAL "return redis.call('GET', 'k')" 0`, `a EVAL "return redis.pcall('SET', 'k', 'x')" 0`, `a EVAL "#!lua flags=no-writes\x0areturn redis.call('GET', 'k')" 0`, `a EVAL "#!lua\x0areturn redis.call('GET', 'k')" 0`, `b CONFIG GET min-slaves-to-write`, `b CONFIG SET min-replicas-to-write 0`, `a SET k w`},
	"WATCH and SWAPDB": {`a CONFIG SET notify-keyspace-events ""`, `a SELECT 1`, `a SET x 1`, `a SELECT 0`, `a WATCH x`, `b SWAPDB 0 1`, `a MULTI`, `a EXEC`, `a WATCH y`, `b SWAPDB 0 1`, `a MULTI`, `a EXEC`},
	"WATCH 3":          {`a HELLO 3 AUTH default x`, `a WATCH k`, `b FLUSHALL`, `a MULTI`, `a EXEC`, `a WATCH k`, `b SET k 1`, `a MULTI`, `a PING`, `a EXEC`},
	"blocking":         {`a! BLPOP l 0`, `b! BLPOP m l 0`, `c RPUSH l 1 2 3`, `a*1=`, `b*1=`, `c LRANGE l 0 -1`, `a BLPOP l 0`, `a BLPOP none 0.01`, `a MULTI`, `a BLPOP none 0`, `a EXEC`, `a EVAL "return redis.call('BLPOP', 'none', 0)" 0`, `a! BLMOVE none l LEFT RIGHT 0`, `c MULTI`, `c LPUSH none x`, `c DEL none`, `c SET none x`, `c EXEC`, `c DEL none`, `c LPUSH none y`, `a*1=`, `a! BZPOPMIN z 0`, `c ZADD z 1 m`, `a*1=`, `a! XREAD BLOCK 0 STREAMS s $`, `c XADD s 1-1 f v`, `a*1=`},
	"blocking 3":       {`a HELLO 3`, `a BLPOP none 0.01`, `a! BZPOPMIN z 0`, `c ZADD z 1 m`, `a*1=`, `a*1! PING\r\nBLPOP l 0\r\nPING`, `b LPUSH l x`, `a*2=`},
	"pub/sub":          {`a*2 SUBSCRIBE x y`, `a GET k`, `a PING`, `a PING hi`, `a SUBSCRIBE x`, `a PSUBSCRIBE x*`, `a SSUBSCRIBE x`, `b PUBLISH x 1`, `a*2=`, `b SPUBLISH x 2`, `a*1=`, `b PUBLISH z 3`, `b PUBSUB CHANNELS y*`, `b PUBSUB NUMSUB x y z`, `b PUBSUB NUMPAT`, `b PUBSUB SHARDCHANNELS`, `b PUBSUB SHARDNUMSUB x`, `a UNSUBSCRIBE x`, `a UNSUBSCRIBE none`, `a UNSUBSCRIBE`, `a PUNSUBSCRIBE`, `a UNSUBSCRIBE`, `a PUNSUBSCRIBE`, `a GET k`, `a SUNSUBSCRIBE x`, `a SUNSUBSCRIBE`, `a GET k`, `a MULTI`, `a SUBSCRIBE q`, `a EXEC`},
	"pub/sub 3":        {`a HELLO 3`, `a*2 SUBSCRIBE x x`, `a GET k`, `a PING`, `a*2 PUBLISH x 1`, `a PSUBSCRIBE *`, `b PUBLISH x 2`, `a*2=`, `a*2 PUNSUBSCRIBE\r\nUNSUBSCRIBE`, `a UNSUBSCRIBE`, `a*3 SET k v\r\nSUBSCRIBE x\r\nGET k`},
	"scripts":          {`a EVAL "return {1, 'a', false, redis.call('SET', KEYS[1], ARGV[1])}" 1 k v`, `a EVAL "return redis.error_reply('MY err')" 0`, `a SCRIPT LOAD "return 1"`, `a EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0`, `a SCRIPT KILL`, `a EVAL "return redis.call('MULTI')" 0`, `a EVAL "return redis.call('SUBSCRIBE', 'x')" 0`},
	"scripts 3": {`a HELLO 3`, `a EVAL "return {1, false, nil}" 0`, `a EVAL "return {1, true, false}" 0`, `a EVAL "redis.setresp(3); return {true, false, {double=0.5}, {double=1/0}, {double=-1/0}, {big_number='12\x0a3'}, {verbatim_string={format='markdown', string='x'}}, {verbatim_string={format='m', string='x'}}, {map={a=1}}, {set={a=true}}}" 0`,
		`a EVAL "return {nil}" 0`, `a EVAL "return false" 0`, `a EVAL "return redis.call('HGETALL', 'none')" 0`, `a EVAL "redis.setresp(3); return redis.call('HGETALL', 'none')" 0`, `a FUNCTION LOAD "#!lua name=l\x0a redis.register_function{function_name='f', callback=function() return {map={x=true}} end, flags={'no-writes'}}"`, `a FUNCTION LIST`, `a FUNCTION STATS`, `a FCALL f 0`, `a FUNCTION FLUSH`},
	"notify": {`a CONFIG SET notify-keyspace-events KEA`, `b PSUBSCRIBE __key*`, `a SET k v`, `b*2=`, `a CONFIG SET notify-keyspace-events ""`},
	"big":    {"a SET k " + strings.Repeat("v", 60_000), `a STRLEN k`, `a*20 ` + strings.Repeat(`GET k\r\n`, 19) + `GET k`},
}

// A player sends the lines of a session to a server.
type player struct {
	dial  func() net.Conn
	conns map[byte]net.Conn
	got   map[byte][]byte
	read  map[byte]int // how much of got are replies that were waited for
}

func newPlayer(t *testing.T, network, address string) *player {
	p := &player{conns: map[byte]net.Conn{}, got: map[byte][]byte{}, read: map[byte]int{}}
	p.dial = func() net.Conn {
		conn, err := net.Dial(network, address)
		require.NoError(t, err)
		require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	return p
}

// do sends bytes and reads until there are so many replies more.
func (p *player) do(t *testing.T, name byte, send string, replies int) string {
	conn := p.conns[name]
	if conn == nil {
		conn = p.dial()
		p.conns[name] = conn
	}
	if send != "" {
		_, err := io.WriteString(conn, send)
		require.NoError(t, err)
	}
	from := p.read[name]
	for ; replies > 0; replies-- {
		for {
			reply, _, ok := resp.Cut(p.got[name][p.read[name]:])
			if ok {
				p.read[name] += len(reply)
				break
			}
			buf := make([]byte, 1<<16)
			n, err := conn.Read(buf)
			require.NoError(t, err, "after %q", p.got[name])
			p.got[name] = append(p.got[name], buf[:n]...)
		}
	}
	return string(p.got[name][from:p.read[name]])
}

func (p *player) blocked(t *testing.T) int {
	_, after, _ := strings.Cut(p.do(t, 0, "INFO clients\r\n", 1), "blocked_clients:")
	text, _, _ := strings.Cut(after, "\r\n")
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

var lineForm = regexp.MustCompile(`^([a-z])(?:\*(\d+))?([!#]?)(=?)(?: (.*))?$`)

func (p *player) play(t *testing.T, line string) {
	parts := lineForm.FindStringSubmatch(line)
	require.NotNil(t, parts, line)
	send := strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00").Replace(parts[5])
	if parts[4] == "" {
		send += "\r\n"
	}
	replies := 1
	if parts[2] != "" {
		replies, _ = strconv.Atoi(parts[2])
	} else if parts[3] != "" {
		replies = 0
	}
	name := parts[1][0]
	switch parts[3] {
	case "":
		if parts[4] != "" && parts[2] == "" && !strings.HasSuffix(send, "\n") {
			replies = 0
		}
		p.do(t, name, send, replies)
	case "!":
		before := p.blocked(t)
		p.do(t, name, send, replies)
		for p.blocked(t) == before {
			time.Sleep(time.Millisecond)
		}
	case "#":
		p.do(t, name, send, replies)
		rest, err := io.ReadAll(p.conns[name])
		if err != nil {
			require.ErrorContains(t, err, "reset by peer") // it had bytes that it did not read
		}
		p.got[name] = append(p.got[name], rest...)
		delete(p.conns, name)
	}
}

// end closes the connections in one direction, and reads the rest.
func (p *player) end(t *testing.T) {
	for name, conn := range p.conns {
		if name == 0 {
			continue
		}
		require.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
		rest, err := io.ReadAll(conn)
		require.NoError(t, err)
		p.got[name] = append(p.got[name], rest...)
	}
}

// ids are what differs between two servers.
var ids = regexp.MustCompile(`(id\r\n:)\d+`)

func TestClientsAsRedis(t *testing.T) {
	redis := realredis.Start(t)
	for name, lines := range sessions {
		t.Run(name, func(t *testing.T) { compare(t, redis, keyspace.Port{}, lines) })
	}
	redis.Do("CONFIG", "SET", "requirepass", "secret") // its own connection stays logged in
	port := keyspace.Port{Login: func(user, password string) bool { return user == "default" && password == "secret" }}
	for name, lines := range map[string][]string{
		"AUTH":  {`a SET k v`, `a NOSUCH`, `a GET`, `a AUTH wrong`, `a AUTH nobody secret`, `a HELLO 3`, `a MULTI`, `a EXEC`, `a QUEUE x`, `a AUTH secret`, `a SET k v`, `a AUTH wrong`, `a GET k`, `a RESET`, `a GET k`, `a AUTH default secret`, `a GET k`},
		"HELLO": {`a HELLO 3 AUTH default wrong`, `a HELLO 3 SETNAME x AUTH default secret`, `a CLIENT GETNAME`, `a GET none`},
		"words": {`a# *11\r\n$4\r\nPING`}, "word": {`a# *1\r\n$16385`},
		"MULTI": {`a MULTI`, `a SET k v`, `a DISCARD`, `a SUBSCRIBE x`, `a CLIENT ID`, `a# QUIT`},
	} {
		t.Run("requirepass, "+name, func(t *testing.T) { compare(t, redis, port, lines) })
	}
}

// compare plays a session on redis-server and on an empty database.
func compare(t *testing.T, redis *realredis.Server, port keyspace.Port, lines []string) {
	redis.Do("FLUSHALL")
	redis.Do("CLIENT", "UNPAUSE")
	_, address := serve(t, port)
	want, got := newPlayer(t, "unix", redis.Socket), newPlayer(t, "tcp", address)
	for _, line := range lines {
		want.play(t, line)
		got.play(t, line)
	}
	want.end(t)
	got.end(t)
	for client, bytes := range want.got {
		if client != 0 {
			assert.Equal(t, ids.ReplaceAllString(string(bytes), "${1}1"), ids.ReplaceAllString(string(got.got[client]), "${1}1"), "client %c", client)
		}
	}
}

// While a script runs for too long, a client can still connect, look around and stop it.
func TestClientsOfABusyDatabase(t *testing.T) {
	redis := realredis.Start(t)
	_, address := serve(t, keyspace.Port{})
	for _, p := range []*player{newPlayer(t, "unix", redis.Socket), newPlayer(t, "tcp", address)} {
		p.do(t, 'a', "CONFIG SET busy-reply-threshold 1\r\n", 1)
		p.do(t, 'b', "WATCH k\r\n", 1)
		p.do(t, 'a', "EVAL 'while true do end' 0\r\n", 0)
		for !strings.HasPrefix(p.do(t, 'c', "PING\r\n", 1), "-BUSY") {
		}
		require.Contains(t, p.do(t, 'd', "HELLO 3\r\n", 1), "proto")
		require.Equal(t, "+OK\r\n+OK\r\n", p.do(t, 'b', "MULTI\r\nDISCARD\r\n", 2))
		require.Regexp(t, `^\+OK\r\n-BUSY [^\n]*\n-EXECABORT Transaction discarded because of: BUSY `, p.do(t, 'd', "MULTI\r\nSET k v\r\nEXEC\r\n", 3))
		require.Equal(t, "+OK\r\n", p.do(t, 'd', "SCRIPT KILL\r\n", 1))
		require.Contains(t, p.do(t, 'a', "", 1), "Script killed by user")
		require.Equal(t, "+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n", p.do(t, 'b', "SET k v\r\nMULTI\r\nPING\r\nEXEC\r\n", 4)) // k is not watched any more
	}
}

// A client that goes while it waits takes nothing.
func TestClientGoesWhileItWaits(t *testing.T) {
	db, address := serve(t, keyspace.Port{})
	p := newPlayer(t, "tcp", address)
	p.play(t, "a! BLPOP l 0")
	p.play(t, "b! BLPOP l 0")
	require.NoError(t, p.conns['a'].Close())
	for db.Waiting() == 2 {
		time.Sleep(time.Millisecond)
	}
	p.play(t, "c RPUSH l 1 2")
	require.Equal(t, "*2\r\n$1\r\nl\r\n$1\r\n1\r\n", p.do(t, 'b', "", 1))
	require.Equal(t, ":1\r\n", p.do(t, 'c', "LLEN l\r\n", 1))
}

// A subscriber that does not read is disconnected, and nobody waits for it.
func TestClientThatDoesNotRead(t *testing.T) {
	t.Cleanup(runtime.GC) // MEMORY DOCTOR in other tests looks at the memory of the process
	db, address := serve(t, keyspace.Port{})
	p := newPlayer(t, "tcp", address)
	p.play(t, "a SUBSCRIBE x")
	message := strings.Repeat("m", 1<<20)
	for range 1000 {
		if string(db.Do(t.Context(), []string{"PUBLISH", "x", message})) == ":0\r\n" {
			return
		}
	}
	t.Fatal("it was not disconnected")
}

// CLIENT LIST tells who the clients are, and Close ends their connections.
func TestClientList(t *testing.T) {
	db, address := serve(t, keyspace.Port{})
	p := newPlayer(t, "tcp", address)
	for _, line := range []string{"a CLIENT SETNAME me", "a SELECT 3", "a MULTI", "a PING", "b HELLO 3", "b SUBSCRIBE x", "b PSUBSCRIBE y", "d! BLPOP l 0", "e WATCH k", "e SET k v"} {
		p.play(t, line)
	}
	list := p.do(t, 'c', "CLIENT LIST\r\n", 1)
	for _, want := range []string{
		`id=2 addr=127.0.0.1:\d+ laddr=127.0.0.1:\d+ fd=\d+ name=me age=\d+ idle=\d+ flags=x db=3 sub=0 psub=0 ssub=0 multi=1 .* cmd=ping user=default redir=-1 resp=2\n`,
		`id=3 .* flags=P db=0 sub=1 psub=1 ssub=0 multi=-1 .* cmd=psubscribe .* resp=3\n`, `flags=b .* cmd=blpop `, `flags=d .* cmd=set `, `flags=N .* cmd=client\|list `,
	} {
		require.Regexp(t, want, list)
	}
	require.Contains(t, p.do(t, 'c', "INFO clients\r\n", 1), "connected_clients:6\r\n") // with that of blocked
	require.NoError(t, db.Close())
	for name, conn := range p.conns {
		_, err := io.Copy(io.Discard, conn)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "client %c", name)
	}
}

// serve opens a port of an empty database.
func serve(t testing.TB, port keyspace.Port) (db *keyspace.DB, address string) {
	db = newDB(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go db.Serve(conn, port)
		}
	}()
	return db, l.Addr().String()
}

// A script of a connection: the client sends the same bytes again and again, and reads all replies.
type repeating struct {
	net.Conn
	send  string
	times int
}

func (c *repeating) Read(p []byte) (int, error) {
	if c.times--; c.times < 0 {
		return 0, io.EOF
	}
	return copy(p, c.send), nil
}

func (c *repeating) Write(p []byte) (int, error) { return len(p), nil }
func (c *repeating) Close() error                { return nil }
func (c *repeating) LocalAddr() net.Addr         { return &net.TCPAddr{} }
func (c *repeating) RemoteAddr() net.Addr        { return &net.TCPAddr{} }

// What a command costs besides the network, alone and in a pipeline.
func BenchmarkClient(b *testing.B) {
	for _, pipeline := range []int{1, 16} {
		for _, words := range [][]string{{"SET", "key:__rand_int__", "xxx"}, {"GET", "key:__rand_int__"}} {
			b.Run(words[0]+" "+strconv.Itoa(pipeline), func(b *testing.B) {
				db := newDB(b)
				b.ReportAllocs()
				db.Serve(&repeating{send: strings.Repeat(string(resp.AppendBulks(nil, words)), pipeline), times: b.N / pipeline}, keyspace.Port{})
			})
		}
	}
}
