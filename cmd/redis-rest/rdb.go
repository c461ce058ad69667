package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/rdbfile"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/engine/persistence"
)

func dataFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "data", Usage: usage, Validator: notEmpty}
}

func exportCommand() *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write all keys into an RDB file of Redis",
		Description: `redis-server 7.0 and newer starts from the file if it is dump.rdb in its folder.

	redis-rest export --rdb dump.rdb
	redis-rest export --rdb dump.rdb --data app.data

Without --data the keys are those of the server that the environment names. They are read one after the other, so what is written meanwhile may be
there or not. With --data a server may use the file at the same time, and all is as it was at one moment. The times of fields of hashes
have no place in the file.

` + environment,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "rdb", Usage: "new `FILE` to write", Required: true, Validator: notEmpty},
			dataFlag("`FILE` of serve --data to read, instead of a server"),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return errors.New("export takes no arguments: redis-rest export --rdb FILE")
			}
			path := c.String("rdb")
			if _, err := os.Lstat(path); err == nil {
				return fmt.Errorf("%s is there already: remove it, or choose another file", path)
			}
			return export(ctx, c, path)
		},
	}
}

// export writes a file beside the one that is wanted, and renames it when it is whole.
func export(ctx context.Context, c *cli.Command, path string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	var keys, fields int
	if c.IsSet("data") {
		var db *keyspace.DB
		if db, err = keyspace.Read(c.String("data")); err != nil {
			return err
		}
		defer db.Close()
		keys, fields, err = db.Export(file)
	} else {
		keys, err = exportServer(ctx, c, file)
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		return err
	}
	if fields > 0 {
		fmt.Fprintf(c.Root().ErrWriter, "redis-rest: the expiry of %d fields of hashes has no place in the file\n", fields)
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%d keys exported\n", keys)
	return err
}

// unhex is the beginning of the scripts. A word is text, or in hexadecimal digits if JSON has no place for its bytes.
const unhex = `local function word(text, hex) return hex == '' and text or (hex:gsub('..', function(h) return string.char(tonumber(h, 16)) end)) end
`

var dumpScript = redis.NewScript[[][]byte](unhex+`local key = word(KEYS[1], ARGV[1])
return {redis.call('DUMP', key), string.format('%.0f', redis.call('PEXPIRETIME', key))}`, redis.ReadOnly(), redis.Named("export"))

var restoreScript = redis.NewScript[string](unhex+`return redis.call('RESTORE', word(KEYS[1], ARGV[1]), ARGV[2], word('', ARGV[3]), 'ABSTTL')`, redis.Named("import"))

// asWord returns the name of a key as the scripts want it.
func asWord(name string) (text, inHex string) {
	if utf8.ValidString(name) {
		return name, ""
	}
	return "key", hex.EncodeToString([]byte(name))
}

// together is how many keys are asked for, or sent, in one request.
const together = 100

type scanPage struct {
	Cursor string   `redis:"0"`
	Names  [][]byte `redis:"1"`
}

// exportServer reads all keys of a server.
func exportServer(ctx context.Context, c *cli.Command, w io.Writer) (keys int, err error) {
	rdb, end, err := open(c)
	if err != nil {
		return 0, err
	}
	defer end()
	libraries, err := redis.Cmd[[]struct {
		Code string `redis:"library_code"`
	}]("FUNCTION", "LIST", "WITHCODE").Do(ctx, rdb)
	if err != nil {
		return 0, err
	}
	var functions []string
	for _, library := range libraries {
		functions = append(functions, library.Code)
	}
	p := newProgress(c.Root().ErrWriter, "keys read", 0)
	defer p.clear()
	var failed error
	err = rdbfile.Write(w, functions, func(yield func(data.Key) bool) {
		seen := map[string]bool{} // SCAN may return a key twice
		for cursor, first := "0", true; first || cursor != "0"; first = false {
			var page scanPage
			if page, failed = redis.Cmd[scanPage]("SCAN", cursor, "COUNT", together).Do(ctx, rdb); failed != nil {
				return
			}
			cursor = page.Cursor
			batch := rdb.Pipeline()
			var names []string
			var dumps []*redis.Future[[][]byte]
			for _, name := range page.Names {
				if name := string(name); !seen[name] {
					seen[name] = true
					text, inHex := asWord(name)
					names = append(names, name)
					dumps = append(dumps, dumpScript.Cmd([]string{text}, inHex).Queue(batch))
				}
			}
			if len(names) == 0 {
				continue
			}
			if failed = batch.Exec(ctx); failed != nil {
				return
			}
			for i, name := range names {
				dump, err := dumps[i].Result()
				if err != nil {
					failed = fmt.Errorf("the key %q: %w", name, err)
					return
				}
				if len(dump) < 2 || dump[0] == nil { // it has gone meanwhile
					continue
				}
				key := data.Key{Name: name}
				if key.Value, err = value.Restore(string(dump[0]), value.DefaultLimits()); err != nil {
					failed = fmt.Errorf("the key %q: the server's DUMP cannot be read: %w", name, err)
					return
				}
				fmt.Sscan(string(dump[1]), &key.At)
				key.At = max(key.At, 0)
				if keys++; !yield(key) {
					return
				}
				p.at(keys)
			}
		}
	})
	return keys, errors.Join(failed, err)
}

// importRDB fills a data file, or a server, with what an RDB file has.
func importRDB(ctx context.Context, c *cli.Command) error {
	if c.Args().Present() {
		return errors.New("import --rdb takes no other file")
	}
	path := c.String("rdb")
	text, err := readText(path)
	if err != nil {
		return err
	}
	content, err := rdbfile.Read(text, value.DefaultLimits())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var keys int
	if c.IsSet("data") {
		keys, err = importData(c.String("data"), content)
	} else {
		keys, err = importServer(ctx, c, content)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%d keys imported\n", keys)
	return err
}

func readText(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var text strings.Builder
	_, err = io.Copy(&text, file)
	return text.String(), err
}

// importData fills a data file. If that fails, and the file was not there, it is removed.
func importData(path string, content *rdbfile.Content) (keys int, err error) {
	_, before := os.Stat(path)
	db, _, err := keyspace.Open(persistence.Config{Path: path})
	if err != nil {
		return 0, err
	}
	keys, err = db.Import(content)
	if err != nil && errors.Is(before, fs.ErrNotExist) {
		os.Remove(path)
	}
	return keys, errors.Join(err, db.Close())
}

// importServer sends all keys to a server.
func importServer(ctx context.Context, c *cli.Command, content *rdbfile.Content) (keys int, err error) {
	for _, key := range content.Keys {
		if key.DB != 0 {
			return 0, fmt.Errorf("the file has keys in database %d; a server over REST has one database, and --data has %d", key.DB, data.Databases)
		}
	}
	rdb, end, err := open(c)
	if err != nil {
		return 0, err
	}
	defer end()
	for _, code := range content.Functions {
		if _, err := rdb.Do(ctx, "FUNCTION", "LOAD", code); err != nil {
			return 0, err
		}
	}
	p := newProgress(c.Root().ErrWriter, "keys imported", len(content.Keys))
	defer p.clear()
	for left := content.Keys; len(left) > 0; {
		batch := rdb.Pipeline()
		n, size := 0, 0
		var sent []*redis.Future[string]
		for ; n < len(left) && n < together && size < 1<<20; n++ {
			text, inHex := asWord(left[n].Name)
			dump := hex.EncodeToString(value.Dump(left[n].Value))
			size += len(dump)
			sent = append(sent, restoreScript.Cmd([]string{text}, inHex, left[n].At, dump).Queue(batch))
		}
		batch.Exec(ctx)
		for i, one := range sent {
			if _, err := one.Result(); err != nil {
				return keys, fmt.Errorf("the key %q: %w (%d keys were imported before)", left[i].Name, err, keys)
			}
			keys++
		}
		left = left[n:]
		p.at(keys)
	}
	return keys, nil
}
