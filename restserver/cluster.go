package restserver

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
)

// A cluster is a Redis Cluster. Of go-redis it uses the map of nodes and not the
// sending, which repeats a command after a lost connection, so that it may run
// twice. What is sent again here is what a node refused: MOVED and ASK.
type cluster struct {
	*redis.ClusterClient
	options *redis.ClusterOptions

	mu    sync.Mutex
	known map[string]*redis.Client // by address, for redirections
}

const maxRedirections = 8

func newCluster(opts *redis.ClusterOptions) *cluster {
	opts.MaxRetries, opts.MaxRedirects = -1, -1
	return &cluster{ClusterClient: redis.NewClusterClient(opts), options: opts, known: map[string]*redis.Client{}}
}

// node is the client of an address that a node named.
func (c *cluster) node(addr string) *redis.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[addr] == nil {
		o := c.options
		c.known[addr] = redis.NewClient(clientOptions(&redis.Options{
			Addr: addr, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig, DialTimeout: o.DialTimeout,
		}))
	}
	return c.known[addr]
}

func (c *cluster) Close() error {
	err := c.ClusterClient.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, node := range c.known {
		err = errors.Join(err, node.Close())
	}
	return err
}

// master is the node of a command's first key, or any master.
func (c *cluster) master(ctx context.Context, cmds ...*command) (*redis.Client, error) {
	for _, cmd := range cmds {
		if key, ok := cmd.key(); ok {
			node, err := c.MasterForKey(ctx, key)
			if err != nil {
				c.ReloadState(ctx)
				return nil, notRun{err}
			}
			return node, nil
		}
	}
	var any *redis.Client
	var mu sync.Mutex
	err := c.ForEachMaster(ctx, func(_ context.Context, node *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		if any == nil || node.Options().Addr < any.Options().Addr {
			any = node
		}
		return nil
	})
	if err == nil && any == nil {
		err = errNoNode
	}
	if err != nil {
		return nil, notRun{err}
	}
	return any, nil
}

func (c *cluster) run(ctx context.Context, cmd *command) ([]byte, error) {
	if combine := forAllMasters(cmd); combine != nil {
		return c.runOnAll(ctx, cmd, combine)
	}
	if cmd.name == "SCAN" {
		return []byte("-ERR SCAN is not available on a cluster: a cursor belongs to one node\r\n"), nil
	}
	node, err := c.master(ctx, cmd)
	if err != nil {
		return nil, err
	}
	return c.follow(ctx, node, cmd)
}

// follow runs a command on a node, and where that one sends it.
func (c *cluster) follow(ctx context.Context, node *redis.Client, cmd *command) (reply []byte, err error) {
	asking := false
	for range maxRedirections {
		if asking {
			reply, err = ask(ctx, node, cmd)
		} else {
			reply, err = single{node}.run(ctx, cmd)
		}
		if err != nil {
			c.ReloadState(ctx) // it may have failed over
			return nil, err
		}
		addr, ask, ok := redirection(node, reply)
		if !ok {
			return reply, nil
		}
		if asking = ask; !ask {
			c.ReloadState(ctx)
		}
		node = c.node(addr)
	}
	return reply, nil
}

// ask runs a command on a node that takes it only from who was sent there.
func ask(ctx context.Context, node *redis.Client, cmd *command) ([]byte, error) {
	conn := node.Conn()
	defer conn.Close()
	pipe := conn.Pipeline()
	pipe.Process(ctx, redis.NewRawCmd(ctx, "ASKING"))
	reply := redis.NewRawCmd(ctx, cmd.anys()...)
	pipe.Process(ctx, reply)
	_, err := pipe.Exec(ctx)
	return reply.Val(), err
}

// redirection reads MOVED and ASK, which say that nothing ran.
func redirection(from *redis.Client, reply []byte) (addr string, ask, ok bool) {
	if !bytes.HasPrefix(reply, []byte("-MOVED ")) && !bytes.HasPrefix(reply, []byte("-ASK ")) {
		return "", false, false
	}
	words := strings.Fields(string(reply))
	if len(words) != 3 {
		return "", false, false
	}
	addr = words[2]
	if strings.HasPrefix(addr, ":") { // the node that answers does not know its own address
		host, _, _ := net.SplitHostPort(from.Options().Addr)
		addr = host + addr
	}
	return addr, words[0] == "-ASK", true
}

// pipeline sends each node its commands in order, all nodes at the same time, and
// afterwards what was refused to where it belongs.
func (c *cluster) pipeline(ctx context.Context, cmds []*command) ([][]byte, error) {
	replies := make([][]byte, len(cmds))
	type share struct {
		node  *redis.Client
		cmds  []*command
		where []int
	}
	shares := map[string]*share{}
	var apart []int
	for i, cmd := range cmds {
		if forAllMasters(cmd) != nil || cmd.name == "SCAN" {
			apart = append(apart, i)
			continue
		}
		node, err := c.master(ctx, cmd)
		if err != nil {
			return nil, err
		}
		addr := node.Options().Addr
		if shares[addr] == nil {
			shares[addr] = &share{node: node}
		}
		shares[addr].cmds = append(shares[addr].cmds, cmd)
		shares[addr].where = append(shares[addr].where, i)
	}
	// What goes to all nodes, such as SCRIPT LOAD, goes first: others may need it.
	for _, i := range apart {
		reply, err := c.run(ctx, cmds[i])
		if err != nil {
			return nil, err
		}
		replies[i] = reply
	}
	errs := make(chan error, len(shares))
	for _, s := range shares {
		go func() {
			got, err := single{s.node}.pipeline(ctx, s.cmds)
			for k, reply := range got {
				if addr, ask, ok := redirection(s.node, reply); ok && err == nil {
					if ask {
						reply, err = c.follow(ctx, s.node, s.cmds[k]) // it will say so again
					} else {
						reply, err = c.follow(ctx, c.node(addr), s.cmds[k])
					}
				}
				replies[s.where[k]] = reply
			}
			errs <- err
		}()
	}
	var lost error
	ran := len(apart) > 0
	for range shares {
		err := <-errs
		if err == nil || !errors.As(err, new(notRun)) && !isDial(err) {
			ran = true
		}
		if err != nil && (lost == nil || isDial(lost)) {
			lost = err
		}
	}
	if lost != nil {
		c.ReloadState(ctx)
		if ran && isDial(lost) {
			lost = errPart // one node was not there, and others ran their commands
		}
		return nil, lost
	}
	return replies, nil
}

var errPart = errors.New("one node of the cluster cannot be reached")

// transaction runs on the node of the first key. The keys of all commands must
// have one slot, as on any cluster.
func (c *cluster) transaction(ctx context.Context, cmds []*command) (replies [][]byte, refusal []byte, err error) {
	slot := -1
	for _, cmd := range cmds {
		if key, ok := cmd.key(); ok {
			if slot >= 0 && slot != hashslot.Of(key) {
				return nil, []byte("-CROSSSLOT Keys in request don't hash to the same slot\r\n"), nil
			}
			slot = hashslot.Of(key)
		}
	}
	node, err := c.master(ctx, cmds...)
	if err != nil {
		return nil, nil, err
	}
	for range maxRedirections {
		replies, refusal, err = single{node}.transaction(ctx, cmds)
		if err != nil {
			c.ReloadState(ctx)
			return nil, nil, err
		}
		addr, ask, ok := redirection(node, refusal)
		switch {
		case !ok:
			return replies, refusal, nil
		case ask:
			return nil, []byte("-TRYAGAIN Multiple keys request during rehashing of slot\r\n"), nil
		}
		c.ReloadState(ctx)
		node = c.node(addr)
	}
	return nil, refusal, nil
}

func (c *cluster) subscribe(ctx context.Context, channel string) subscription {
	return c.ClusterClient.Subscribe(ctx, channel)
}

func (c *cluster) psubscribe(ctx context.Context, pattern string) subscription {
	return c.ClusterClient.PSubscribe(ctx, pattern)
}

func (c *cluster) nodes(ctx context.Context, do func(context.Context, node) error) error {
	return c.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error { return do(ctx, single{master}) })
}

// forAllMasters says how the replies of all masters become one, for commands that
// concern them all; nil for others.
func forAllMasters(cmd *command) func(a, b []byte) []byte {
	switch {
	case cmd.is("SCRIPT", "LOAD", "FLUSH"), cmd.is("FUNCTION", "LOAD", "DELETE", "FLUSH", "RESTORE"), cmd.name == "FLUSHALL", cmd.name == "FLUSHDB":
		return func(a, _ []byte) []byte { return a }
	case cmd.is("SCRIPT", "EXISTS"):
		return func(a, b []byte) []byte { // held by all
			both := bytes.Clone(a)
			for i := range both {
				if i < len(b) && b[i] == '0' && both[i] == '1' && i > 0 && both[i-1] == ':' {
					both[i] = '0'
				}
			}
			return both
		}
	case cmd.name == "DBSIZE":
		return func(a, b []byte) []byte {
			sum := 0
			for _, reply := range [][]byte{a, b} {
				line, _ := cutLine(reply[1:])
				n, _ := strconv.Atoi(string(line))
				sum += n
			}
			return []byte(":" + strconv.Itoa(sum) + "\r\n")
		}
	case cmd.name == "KEYS":
		return func(a, b []byte) []byte {
			counted := 0
			var items []byte
			for _, reply := range [][]byte{a, b} {
				line, rest := cutLine(reply[1:])
				n, _ := strconv.Atoi(string(line))
				counted += n
				items = append(items, rest...)
			}
			return append([]byte("*"+strconv.Itoa(counted)+"\r\n"), items...)
		}
	}
	return nil
}

// runOnAll runs a command on all masters. The first error is the reply.
func (c *cluster) runOnAll(ctx context.Context, cmd *command, combine func(a, b []byte) []byte) ([]byte, error) {
	var mu sync.Mutex
	var all []byte
	err := c.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		reply, err := single{node}.run(ctx, cmd)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			return err
		case all == nil, reply[0] == '-':
			all = reply
		case all[0] != '-':
			all = combine(all, reply)
		}
		return nil
	})
	if err == nil && all == nil {
		err = errNoNode
	}
	if isDial(err) {
		err = errPart
	}
	return all, err
}
