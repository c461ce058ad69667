package data

import (
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/protocol/commandtable"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func init() {
	add(table{
		"PING":         ping,
		"ECHO":         func(c *call) error { c.addBulk(c.args[1]); return nil },
		"TIME":         tellTime,
		"LOLWUT":       lolwut,
		"ROLE":         role,
		"WAIT":         waitReplicas,
		"LASTSAVE":     func(c *call) error { c.addInt(c.saved / 1000); return nil },
		"SAVE":         save,
		"BGSAVE":       save,
		"BGREWRITEAOF": save,
		"MODULE|HELP":  help,
		"MODULE|LIST":  func(c *call) error { c.addArray(0); return nil },

		"FUNCTION|HELP": help,
		"PUBSUB|HELP":   help,
		"SCRIPT|DEBUG":  scriptDebug,
		"SCRIPT|HELP":   help,

		"READONLY":  noCluster,
		"READWRITE": noCluster,
		"ASKING":    noCluster,

		"LATENCY|DOCTOR":    latencyDoctor,
		"LATENCY|GRAPH":     latencyGraph,
		"LATENCY|HELP":      help,
		"LATENCY|HISTOGRAM": func(c *call) error { c.addMap(0); return nil },
		"LATENCY|HISTORY":   func(c *call) error { c.addArray(0); return nil },
		"LATENCY|LATEST":    func(c *call) error { c.addArray(0); return nil },
		"LATENCY|RESET":     func(c *call) error { c.addInt(0); return nil },

		"SLOWLOG|GET":   slowlogGet,
		"SLOWLOG|HELP":  help,
		"SLOWLOG|LEN":   func(c *call) error { c.addInt(0); return nil },
		"SLOWLOG|RESET": func(c *call) error { c.addOK(); return nil },

		"ACL|DELUSER": aclDelUser,
		"ACL|DRYRUN":  aclDryRun,
		"ACL|GENPASS": aclGenPass,
		"ACL|GETUSER": aclGetUser,
		"ACL|HELP":    help,
		"ACL|LIST":    func(c *call) error { c.addBulks([]string{"user default on nopass ~* &* +@all"}); return nil },
		"ACL|LOAD":    noACLFile,
		"ACL|LOG":     aclLog,
		"ACL|SAVE":    noACLFile,
		"ACL|USERS":   func(c *call) error { c.addBulks([]string{"default"}); return nil },
		"ACL|WHOAMI":  func(c *call) error { c.addBulk("default"); return nil },

		"CLIENT|CACHING":      clientCaching,
		"CLIENT|GETNAME":      clientGetName,
		"CLIENT|GETREDIR":     func(c *call) error { c.addInt(-1); return nil },
		"CLIENT|HELP":         help,
		"CLIENT|ID":           func(c *call) error { c.addInt(c.session.ID); return nil },
		"CLIENT|INFO":         func(c *call) error { c.addVerbatim(c.clientLine() + "\n"); return nil },
		"CLIENT|LIST":         clientList,
		"CLIENT|NO-EVICT":     clientNoEvict,
		"CLIENT|REPLY":        clientReplies,
		"CLIENT|SETNAME":      clientSetName,
		"CLIENT|TRACKINGINFO": clientTrackingInfo,
	})
	for command := range commandtable.All {
		if strings.HasPrefix(command.Name, "CLUSTER|") && command.Doc().Since < "7.1" {
			add(table{command.Name: noCluster})
		}
	}
}

//go:embed help.txt
var helpTexts string

// help runs the subcommands HELP whose texts are in help.txt.
func help(c *call) error {
	name, _, _ := strings.Cut(c.command.Name, "|")
	_, text, _ := strings.Cut(helpTexts, "# "+name+"\n")
	text, _, _ = strings.Cut(text, "\n# ")
	return c.addHelp(strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
}

// scriptDebug runs SCRIPT DEBUG where there is no debugger.
func scriptDebug(c *call) error {
	switch {
	case c.is(2, "NO"):
		c.addOK()
		return nil
	case c.is(2, "YES"), c.is(2, "SYNC"):
		return errorf("the debugger of redis-cli needs a connection of its own")
	}
	return errorf("Use SCRIPT DEBUG YES/SYNC/NO")
}

func noCluster(*call) error { return errorf("This instance has cluster support disabled") }

func ping(c *call) error {
	switch len(c.args) {
	case 1:
		c.addStatus("PONG")
	case 2:
		c.addBulk(c.args[1])
	default:
		return c.errArity()
	}
	return nil
}

func tellTime(c *call) error {
	now := c.clock()
	c.addBulks([]string{strconv.FormatInt(now.Unix(), 10), strconv.Itoa(now.Nanosecond() / 1000)})
	return nil
}

// Version is that of the Redis whose replies these are.
const Version = "7.0.15"

func lolwut(c *call) error {
	if len(c.args) > 2 && c.is(1, "VERSION") {
		if _, err := parseInt(c.args[2]); err != nil {
			return err
		}
	}
	c.addVerbatim("Redis ver. " + Version + "\n")
	return nil
}

func role(c *call) error {
	c.addArray(3)
	c.addBulk("master")
	c.addInt(0)
	c.addArray(0)
	return nil
}

// waitReplicas runs WAIT. There are no replicas, so it does not wait for them.
func waitReplicas(c *call) error {
	if _, err := parseInt(c.args[1]); err != nil {
		return err
	}
	if _, err := c.parseTimeoutMillis(c.args[2]); err != nil {
		return err
	}
	c.addInt(0)
	return nil
}

// save runs SAVE, BGSAVE and BGREWRITEAOF. There is no file: how keys are kept is the caller's matter.
func save(c *call) error {
	switch c.command.Name {
	case "BGREWRITEAOF":
		c.addStatus("Background append only file rewriting started")
		return nil
	case "BGSAVE":
		if len(c.args) > 2 || len(c.args) == 2 && !c.is(1, "SCHEDULE") {
			return errSyntax
		}
		c.addStatus("Background saving started")
	default:
		c.addOK()
	}
	c.saved, c.savedChanges = c.now, c.stats.Changes
	return nil
}

func latencyDoctor(c *call) error {
	c.addVerbatim(`I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use "CONFIG SET latency-monitor-threshold <milliseconds>." in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.` + "\n")
	return nil
}

func latencyGraph(c *call) error {
	return errorf("No samples available for event '%s'", ctext.String(c.args[2]))
}

func slowlogGet(c *call) error {
	if len(c.args) > 3 {
		return c.errSubcommand()
	}
	if len(c.args) == 3 {
		if _, err := parseIntIn(c.args[2], -1, math.MaxInt64, Error("ERR count should be greater than or equal to -1")); err != nil {
			return err
		}
	}
	c.addArray(0)
	return nil
}

func aclDelUser(c *call) error {
	for _, name := range c.args[2:] {
		if ctext.String(name) == "default" {
			return errorf("The 'default' user cannot be removed")
		}
	}
	c.addInt(0)
	return nil
}

func aclDryRun(c *call) error {
	if c.args[2] != "default" {
		return errorf("User '%s' not found", ctext.String(c.args[2]))
	}
	switch command, problem := commandtable.Check(c.args[3:]); problem {
	case commandtable.UnknownCommand, commandtable.UnknownSubcommand:
		return errorf("Command '%s' not found", ctext.String(c.args[3]))
	case commandtable.WrongArity:
		return Error(command.WrongArity())
	}
	c.addOK()
	return nil
}

func aclGenPass(c *call) error {
	bits := int64(256)
	if len(c.args) > 3 {
		return c.errSubcommand()
	}
	if len(c.args) == 3 {
		var err error
		if bits, err = parseInt(c.args[2]); err != nil {
			return err
		}
		if bits <= 0 || bits > 4096 {
			return errorf("ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096")
		}
	}
	c.addBulk(randomHex(int(bits+3) / 4))
	return nil
}

// randomHex returns so many random hexadecimal digits.
func randomHex(digits int) string {
	random := make([]byte, (digits+1)/2)
	rand.Read(random) // never fails
	return hex.EncodeToString(random)[:digits]
}

func aclGetUser(c *call) error {
	if c.args[2] != "default" {
		c.addNull()
		return nil
	}
	c.addMap(6)
	c.addBulk("flags")
	c.addSet(2)
	c.addBulk("on")
	c.addBulk("nopass")
	c.addBulk("passwords")
	c.addArray(0)
	c.addNamed("commands", "+@all")
	c.addNamed("keys", "~*")
	c.addNamed("channels", "&*")
	c.addBulk("selectors")
	c.addArray(0)
	return nil
}

func noACLFile(*call) error {
	return errorf("This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.")
}

func aclLog(c *call) error {
	switch {
	case len(c.args) > 3:
		return c.errSubcommand()
	case len(c.args) == 3 && c.is(2, "RESET"):
		c.addOK()
		return nil
	case len(c.args) == 3:
		if _, err := parseInt(c.args[2]); err != nil {
			return err
		}
	}
	c.addArray(0)
	return nil
}

func clientCaching(*call) error {
	return errorf("CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
}

func clientGetName(c *call) error {
	if c.session.Name == "" {
		c.addNull()
	} else {
		c.addBulk(c.session.Name)
	}
	return nil
}

func clientSetName(c *call) error {
	if err := SetName(c.session, c.args[2]); err != nil {
		return err
	}
	c.addOK()
	return nil
}

// SetName names a client, as CLIENT SETNAME does.
func SetName(s *Session, name string) error {
	for i := range len(name) {
		if name[i] < '!' || name[i] > '~' {
			return errorf("Client names cannot contain spaces, newlines or special characters.")
		}
	}
	s.Name = name
	return nil
}

// clientLine describes the session in CLIENT INFO and LIST. What is not known here is left out.
func (c *call) clientLine() string {
	version := 2
	if c.session.RESP3 {
		version = 3
	}
	return fmt.Sprintf("id=%d name=%s db=%d cmd=%s user=default redir=-1 resp=%d", c.session.ID, c.session.Name, c.session.DB, strings.ToLower(c.command.Name), version)
}

// clientList runs CLIENT LIST. Only the session itself is known here.
func clientList(c *call) error {
	lists := true
	switch {
	case len(c.args) == 2:
	case len(c.args) == 4 && c.is(2, "TYPE"):
		switch {
		case c.is(3, "NORMAL"):
		case c.is(3, "MASTER"), c.is(3, "REPLICA"), c.is(3, "SLAVE"), c.is(3, "PUBSUB"):
			lists = false
		default:
			return errorf("Unknown client type '%s'", ctext.String(c.args[3]))
		}
	case len(c.args) > 3 && c.is(2, "ID"):
		lists = false
		for _, word := range c.args[3:] {
			id, err := parseIntOr(word, Error("ERR Invalid client ID"))
			if err != nil {
				return err
			}
			lists = lists || id == c.session.ID
		}
	default:
		return errSyntax
	}
	if lists {
		c.addVerbatim(c.clientLine() + "\n")
	} else {
		c.addVerbatim("")
	}
	return nil
}

func clientNoEvict(c *call) error {
	if !c.is(2, "ON") && !c.is(2, "OFF") {
		return errSyntax
	}
	c.addOK()
	return nil
}

func clientReplies(c *call) error {
	switch {
	case c.is(2, "ON"):
		c.addOK()
		return nil
	case c.is(2, "OFF"), c.is(2, "SKIP"):
		return errorf("the embedded database replies to each command")
	}
	return errSyntax
}

func clientTrackingInfo(c *call) error {
	c.addMap(3)
	c.addBulk("flags")
	c.addSet(1)
	c.addBulk("off")
	c.addBulk("redirect")
	c.addInt(-1)
	c.addBulk("prefixes")
	c.addArray(0)
	return nil
}
