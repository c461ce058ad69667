// Package rdbfile reads and writes the RDB files of Redis: all keys of all databases, and functions.
//
// It writes what Redis 7.0 writes, and reads what Redis 7.2 and all versions before it have written.
package rdbfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/data"
	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/engine/rdb"
)

const (
	magic  = "REDIS"
	newest = 11 // the version of Redis 7.2

	opFunction      = 245
	opFunctionPreGA = 246
	opModule        = 247
	opIdle          = 248
	opFreq          = 249
	opAux           = 250
	opResize        = 251
	opExpireMs      = 252
	opExpire        = 253
	opSelect        = 254
	opEnd           = 255
)

// A Content is what a file has.
type Content struct {
	Keys      []data.Key // with those that have expired
	Functions []string   // the code of the libraries
}

// Read reads the text of a file. As in Redis, an empty list, hash, set or sorted set is left out.
func Read(file string, limits *value.Limits) (*Content, error) {
	head := len(magic) + 4
	if len(file) < head || !strings.HasPrefix(file, magic) {
		return nil, errors.New("it is no RDB file")
	}
	version, err := strconv.Atoi(file[len(magic):head])
	if err != nil || version < 1 {
		return nil, errors.New("it is no RDB file")
	}
	if version > newest {
		return nil, fmt.Errorf("it has version %d of the format; versions up to %d, which Redis 7.2 writes, can be read", version, newest)
	}
	r := &reader{file: file, rest: file[head:], limits: limits, seen: map[place]bool{}}
	if err := r.read(version); err != nil {
		return nil, fmt.Errorf("%w, at byte %d", err, len(file)-len(r.rest))
	}
	return &r.content, nil
}

type place struct {
	db   int
	name string
}

type reader struct {
	file, rest string
	limits     *value.Limits
	content    Content
	seen       map[place]bool
}

var errCut = errors.New("it cannot be read: it is damaged or has been cut off")

func (r *reader) take(n int) (string, error) {
	if len(r.rest) < n {
		return "", errCut
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken, nil
}

func (r *reader) length() (int, error) {
	n, rest, err := rdb.CutLength(r.rest)
	if err != nil || n > 1<<62 {
		return 0, errCut
	}
	r.rest = rest
	return int(n), nil
}

func (r *reader) text() (string, error) {
	s, rest, err := rdb.CutString(r.rest)
	if err != nil {
		return "", errCut
	}
	r.rest = rest
	return strings.Clone(s), nil
}

func (r *reader) read(version int) error {
	db, expires := 0, int64(0)
	for {
		before := r.rest
		op, err := r.take(1)
		if err != nil {
			return err
		}
		switch op[0] {
		case opEnd:
			return r.end(version)
		case opSelect:
			if db, err = r.length(); err == nil && db >= data.Databases {
				return fmt.Errorf("it has keys in database %d; there are %d databases", db, data.Databases)
			}
		case opExpireMs:
			var text string
			if text, err = r.take(8); err == nil {
				expires = int64(binary.LittleEndian.Uint64([]byte(text)))
			}
		case opExpire:
			var text string
			if text, err = r.take(4); err == nil {
				expires = 1000 * int64(int32(binary.LittleEndian.Uint32([]byte(text))))
			}
		case opResize:
			if _, err = r.length(); err == nil {
				_, err = r.length()
			}
		case opAux:
			if _, err = r.text(); err == nil {
				_, err = r.text()
			}
		case opIdle:
			_, err = r.length()
		case opFreq:
			_, err = r.take(1)
		case opFunction:
			var code string
			if code, err = r.text(); err == nil {
				r.content.Functions = append(r.content.Functions, code)
			}
		case opFunctionPreGA:
			return errors.New("it has functions in the format of a version before Redis 7.0 was finished")
		case opModule:
			return errors.New("it has data of a module of Redis")
		default:
			r.rest = before
			err = r.key(db, expires)
			expires = 0
		}
		if err != nil {
			return err
		}
	}
}

// key reads a key with its type before it and its value after it.
func (r *reader) key(db int, expires int64) error {
	kind, _ := r.take(1)
	name, err := r.text()
	if err != nil {
		return err
	}
	v, rest, err := value.CutDump(kind[0], r.rest, r.limits)
	switch {
	case errors.Is(err, value.ErrModule):
		return fmt.Errorf("the key %q is of a module of Redis", name)
	case err != nil:
		return fmt.Errorf("the value of the key %q, of type %d, cannot be read", name, kind[0])
	}
	r.rest = rest
	if v.Len() == 0 && v.Type() != "string" && v.Type() != "stream" {
		return nil
	}
	if r.seen[place{db, name}] {
		return fmt.Errorf("the key %q is there twice", name)
	}
	r.seen[place{db, name}] = true
	r.content.Keys = append(r.content.Keys, data.Key{DB: db, Name: name, Value: v, At: expires})
	return nil
}

// end checks the checksum, which is 0 if the file has none.
func (r *reader) end(version int) error {
	if version < 5 {
		return nil
	}
	covered := r.file[:len(r.file)-len(r.rest)]
	text, err := r.take(8)
	if err != nil {
		return err
	}
	want, sum := binary.LittleEndian.Uint64([]byte(text)), uint64(0)
	for len(covered) > 0 {
		n := min(len(covered), 1<<16)
		sum = rdb.Checksum(sum, []byte(covered[:n]))
		covered = covered[n:]
	}
	if want != 0 && want != sum {
		return errors.New("its checksum is wrong")
	}
	return nil
}

// Write writes a file of version 10. The keys must be in the order of their databases. The expiry of fields has no place in
// the file.
func Write(w io.Writer, functions []string, keys iter.Seq[data.Key]) error {
	out := bufio.NewWriterSize(w, 1<<16)
	sum := uint64(0)
	put := func(b []byte) error {
		sum = rdb.Checksum(sum, b)
		_, err := out.Write(b)
		return err
	}
	b := fmt.Appendf(nil, "%s%04d", magic, rdb.Version)
	for _, aux := range [][2]string{{"redis-ver", "7.0.15"}, {"redis-bits", "64"}} {
		b = rdb.AppendString(rdb.AppendString(append(b, opAux), aux[0]), aux[1])
	}
	for _, code := range functions {
		b = rdb.AppendString(append(b, opFunction), code)
	}
	db := -1
	for key := range keys {
		if key.DB != db {
			db = key.DB
			b = rdb.AppendLength(append(b, opSelect), uint64(db))
		}
		if key.At != 0 {
			b = binary.LittleEndian.AppendUint64(append(b, opExpireMs), uint64(key.At))
		}
		dump := value.AppendDump(nil, key.Value)
		b = rdb.AppendString(append(b, dump[0]), key.Name)
		if err := put(append(b, dump[1:]...)); err != nil {
			return err
		}
		b = b[:0]
	}
	if err := put(append(b, opEnd)); err != nil {
		return err
	}
	if _, err := out.Write(binary.LittleEndian.AppendUint64(nil, sum)); err != nil {
		return err
	}
	return out.Flush()
}
