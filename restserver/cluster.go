package restserver

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/redis-rest/redis-rest-go/internal/protocol/hashslot"
	"github.com/redis-rest/redis-rest-go/internal/protocol/resp"
)

// A cluster is a Redis Cluster. It uses go-redis for the map of nodes, but not for
// sending, because go-redis repeats a command after a lost connection, and the command could run
// twice. The cluster repeats only commands that a node refused with MOVED or ASK.
type cluster struct {
	client  *redis.ClusterClient
	options *redis.ClusterOptions

	mu    sync.Mutex
	known map[string]*redis.Client // by address, for redirections
}

const maxRedirections = 8

func newCluster(opts *redis.ClusterOptions) *cluster {
	opts.MaxRetries, opts.MaxRedirects = -1, -1
	return &cluster{client: redis.NewClusterClient(opts), options: opts, known: map[string]*redis.Client{}}
}

// node returns the client for an address from a redirection.
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

func (c *cluster) connections() int {
	n := int(c.client.PoolStats().TotalConns)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, node := range c.known {
		n += int(node.PoolStats().TotalConns)
	}
	return n
}

func (c *cluster) Close() error {
	err := c.client.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, node := range c.known {
		err = errors.Join(err, node.Close())
	}
	return err
}

// master returns the node of the first command that has a key, or any master.
func (c *cluster) master(ctx context.Context, cmds ...*command) (*redis.Client, error) {
	for _, cmd := range cmds {
		if key, ok := cmd.key(); ok {
			node, err := c.client.MasterForKey(ctx, key)
			if err != nil {
				c.client.ReloadState(ctx)
				return nil, notRun{err}
			}
			return node, nil
		}
	}
	var any *redis.Client
	var mu sync.Mutex
	err := c.client.ForEachMaster(ctx, func(_ context.Context, node *redis.Client) error {
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
		return resp.Error("ERR SCAN is not available on a cluster: a cursor belongs to one node"), nil
	}
	node, err := c.master(ctx, cmd)
	if err != nil {
		return nil, err
	}
	return c.follow(ctx, node, cmd)
}

// follow runs a command on a node and follows its redirections.
func (c *cluster) follow(ctx context.Context, node *redis.Client, cmd *command) (reply []byte, err error) {
	asking := false
	for range maxRedirections {
		if asking {
			reply, err = ask(ctx, node, cmd)
		} else {
			reply, err = single{node}.run(ctx, cmd)
		}
		if err != nil {
			c.client.ReloadState(ctx) // a replica may have taken over
			return nil, err
		}
		addr, ask, ok := redirection(node, reply)
		if !ok {
			return reply, nil
		}
		if asking = ask; !ask {
			c.client.ReloadState(ctx)
		}
		node = c.node(addr)
	}
	return reply, nil
}

// ask runs a command on a node that accepts it only after ASKING.
func ask(ctx context.Context, node *redis.Client, cmd *command) ([]byte, error) {
	conn := node.Conn()
	defer conn.Close()
	pipe := conn.Pipeline()
	pipe.Process(ctx, redis.NewRawCmd(ctx, "ASKING"))
	reply := &gated(ctx, []*command{cmd})[0]
	pipe.Process(ctx, reply)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unsent(err, cmd)
	}
	return reply.reply, nil
}

// redirection reads MOVED and ASK. Both mean that nothing ran.
func redirection(from *redis.Client, reply []byte) (addr string, ask, ok bool) {
	if !bytes.HasPrefix(reply, []byte("-MOVED ")) && !bytes.HasPrefix(reply, []byte("-ASK ")) {
		return "", false, false
	}
	words := strings.Fields(string(reply))
	if len(words) != 3 {
		return "", false, false
	}
	addr = words[2]
	if strings.HasPrefix(addr, ":") { // the node does not know its own address
		host, _, _ := net.SplitHostPort(from.Options().Addr)
		addr = host + addr
	}
	return addr, words[0] == "-ASK", true
}

// pipeline runs commands in order. Commands with keys that follow each other are sent to
// their nodes at the same time, because keys of different nodes have no order. Any other command
// waits for those before it, and those after it wait for it.
func (c *cluster) pipeline(ctx context.Context, cmds []*command) (replies [][]byte, err error) {
	nodes := map[int]*redis.Client{} // by slot, so that one key stays with one node
	for len(cmds) > 0 {
		if len(replies) > 0 && cmds[0].attempt.over() {
			return replies, errPart{errEnded}
		}
		n, run := c.stretch(cmds)
		got, err := run(ctx, cmds[:n], nodes)
		if err != nil {
			if len(replies) > 0 {
				err = partly(err)
			}
			return replies, err
		}
		replies, cmds = append(replies, got...), cmds[n:]
	}
	return replies, nil
}

// stretch returns how many of the first commands may be sent together, and how.
func (c *cluster) stretch(cmds []*command) (n int, run func(context.Context, []*command, map[int]*redis.Client) ([][]byte, error)) {
	alone := func(cmd *command) bool { return forAllMasters(cmd) != nil || cmd.name == "SCAN" }
	if alone(cmds[0]) {
		return 1, func(ctx context.Context, cmds []*command, _ map[int]*redis.Client) ([][]byte, error) {
			reply, err := c.run(ctx, cmds[0])
			return [][]byte{reply}, err
		}
	}
	_, keyed := cmds[0].key()
	for n < len(cmds) && !alone(cmds[n]) {
		if _, ok := cmds[n].key(); ok != keyed {
			break
		}
		n++
	}
	return n, c.together
}

// together sends each node its commands in order, to all nodes at the same time. Afterwards it
// sends refused commands to the right nodes.
func (c *cluster) together(ctx context.Context, cmds []*command, nodes map[int]*redis.Client) ([][]byte, error) {
	replies := make([][]byte, len(cmds))
	type share struct {
		node  *redis.Client
		cmds  []*command
		where []int
	}
	shares := map[string]*share{}
	for i, cmd := range cmds {
		slot := -1
		if key, ok := cmd.key(); ok {
			slot = hashslot.Of(key)
		}
		if nodes[slot] == nil {
			node, err := c.master(ctx, cmd)
			if err != nil {
				return nil, err
			}
			nodes[slot] = node
		}
		node := nodes[slot]
		addr := node.Options().Addr
		if shares[addr] == nil {
			shares[addr] = &share{node: node}
		}
		shares[addr].cmds = append(shares[addr].cmds, cmd)
		shares[addr].where = append(shares[addr].where, i)
	}
	errs := make(chan error, len(shares))
	for _, s := range shares {
		go func() {
			got, err := single{s.node}.pipeline(ctx, s.cmds)
			for k, reply := range got {
				if addr, ask, ok := redirection(s.node, reply); ok && err == nil {
					if ask {
						reply, err = c.follow(ctx, s.node, s.cmds[k]) // it replies with the redirection again
					} else {
						reply, err = c.follow(ctx, c.node(addr), s.cmds[k])
					}
					err = partly(err)
				}
				replies[s.where[k]] = reply
			}
			errs <- err
		}()
	}
	var lost error
	ran := false // something may have
	for range shares {
		err := <-errs
		if !isNotRun(err) {
			ran = true
		}
		if err != nil && (lost == nil || isNotRun(lost)) {
			lost = err
		}
	}
	if lost != nil {
		c.client.ReloadState(ctx)
		if ran {
			lost = partly(lost)
		}
		return nil, lost
	}
	return replies, nil
}

// transaction runs on the node of the first key. The keys of all commands must
// be in one slot, as in any cluster.
func (c *cluster) transaction(ctx context.Context, cmds []*command) (replies [][]byte, refused *refusal, err error) {
	slot := -1
	for i, cmd := range cmds {
		if key, ok := cmd.key(); ok {
			if slot >= 0 && slot != hashslot.Of(key) {
				return nil, &refusal{resp.Error("CROSSSLOT Keys in request don't hash to the same slot"), i}, nil
			}
			slot = hashslot.Of(key)
		}
	}
	node, err := c.master(ctx, cmds...)
	if err != nil {
		return nil, nil, err
	}
	for range maxRedirections {
		replies, refused, err = single{node}.transaction(ctx, cmds)
		if err != nil {
			c.client.ReloadState(ctx)
			return nil, nil, err
		}
		if refused == nil {
			return replies, nil, nil
		}
		addr, ask, ok := redirection(node, refused.reply)
		switch {
		case !ok:
			return nil, refused, nil
		case ask:
			return nil, &refusal{resp.Error("TRYAGAIN Multiple keys request during rehashing of slot"), refused.at}, nil
		}
		c.client.ReloadState(ctx)
		node = c.node(addr)
	}
	return nil, refused, nil
}

func (c *cluster) subscribe(ctx context.Context, pattern bool, names []string) subscription {
	if pattern {
		return c.client.PSubscribe(ctx, names...)
	}
	return c.client.Subscribe(ctx, names...)
}

func (c *cluster) nodes(ctx context.Context, do func(context.Context, node) error) error {
	return c.client.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error { return do(ctx, single{master}) })
}

// forAllMasters returns how to combine the replies of all masters for a command that
// runs on all of them. It returns nil for other commands.
func forAllMasters(cmd *command) func(a, b []byte) []byte {
	switch {
	case cmd.is("SCRIPT", "LOAD", "FLUSH"), cmd.is("FUNCTION", "LOAD", "DELETE", "FLUSH", "RESTORE"), cmd.name == "FLUSHALL", cmd.name == "FLUSHDB":
		return func(a, _ []byte) []byte { return a }
	case cmd.is("SCRIPT", "EXISTS"):
		return func(a, b []byte) []byte { // a script exists if all masters have it
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
			sum := int64(0)
			for _, reply := range [][]byte{a, b} {
				c := resp.NewCursor(reply)
				sum += c.Next().Int()
			}
			return resp.AppendInt(nil, sum)
		}
	case cmd.name == "KEYS":
		return func(a, b []byte) []byte {
			count := 0
			var items []byte
			for _, reply := range [][]byte{a, b} {
				c := resp.NewCursor(reply)
				count += c.Next().N
				items = append(items, c.Rest()...)
			}
			return append(resp.AppendArray(nil, count), items...)
		}
	}
	return nil
}

// runOnAll runs a command on all masters. If there are errors, the first one is the reply.
func (c *cluster) runOnAll(ctx context.Context, cmd *command, combine func(a, b []byte) []byte) ([]byte, error) {
	var mu sync.Mutex
	var all []byte
	ran := false // somewhere it may have
	err := c.client.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		here := *cmd // each node has its own outcome
		here.attempt = &attempt{share: cmd.attempt.memory()}
		if !cmd.attempt.begin() {
			return notRun{errEnded}
		}
		reply, err := single{node}.run(ctx, &here)
		mu.Lock()
		defer mu.Unlock()
		ran = ran || !isNotRun(err)
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
	if ran {
		err = partly(err)
	} else if err != nil {
		err = didNotRun(err)
	}
	return all, err
}
