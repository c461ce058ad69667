package persistence

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
)

// magic is the first line of a file.
const magic = "redis-rest data 1\n"

const (
	headerSize  = 16
	trailerSize = 1
	trailer     = '\n' // not zero, so a record that ends with zeros was not written to its end
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A Change is a command that changes a database, and depends on nothing but the data and its time.
type Change struct {
	DB    int
	Time  int64 // in milliseconds since 1970
	Words []string
}

// AppendChange appends the encoding of a change.
func AppendChange(dst []byte, c Change) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(c.Words)))
	dst = binary.AppendVarint(dst, c.Time)
	dst = binary.AppendUvarint(dst, uint64(c.DB))
	for _, word := range c.Words {
		dst = append(binary.AppendUvarint(dst, uint64(len(word))), word...)
	}
	return dst
}

var errPayload = errors.New("a record with a right checksum cannot be read; a newer version may have written it")

// parseChanges reads the payload of a record. The changes do not refer to it.
func parseChanges(payload []byte) (changes []Change, err error) {
	r := bytes.NewReader(payload)
	for r.Len() > 0 && err == nil {
		var c Change
		var words, db, n uint64
		words, err = readUvarint(r, err)
		if err == nil {
			c.Time, err = binary.ReadVarint(r)
		}
		db, err = readUvarint(r, err)
		c.DB = int(min(db, 1<<31-1))
		if words > uint64(r.Len()) { // each takes a byte or more
			return nil, errPayload
		}
		c.Words = make([]string, words)
		for i := range c.Words {
			if n, err = readUvarint(r, err); err != nil || n > uint64(r.Len()) {
				return nil, errPayload
			}
			at := len(payload) - r.Len()
			c.Words[i] = string(payload[at : at+int(n)])
			r.Seek(int64(n), io.SeekCurrent)
		}
		changes = append(changes, c)
	}
	if err != nil {
		return nil, errPayload
	}
	return changes, nil
}

func readUvarint(r *bytes.Reader, err error) (uint64, error) {
	if err != nil {
		return 0, err
	}
	return binary.ReadUvarint(r)
}

// appendRecord appends a record with a payload.
func appendRecord(dst, payload []byte) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(payload)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(payload, castagnoli))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli))
	return append(append(dst, payload...), trailer)
}

// A DamagedError says where a file is damaged.
type DamagedError struct {
	Offset int64
	Reason string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("it is damaged at byte %d: %s. Use a copy of the file, or give up what was written later: the first %d bytes are good", e.Offset, e.Reason, e.Offset)
}

// load replays a file and cuts an incomplete record off its end. It returns where the file then ends.
func (l *Log) load(f *os.File, report *Report) (end int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errors.New("it is not a file")
	}
	size := info.Size()
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, size), 1<<16)
	line := make([]byte, min(size, int64(len(magic))))
	if _, err := io.ReadFull(r, line); err != nil {
		return 0, err
	}
	if string(line) != magic[:len(line)] {
		return 0, notALog(line)
	}
	switch {
	case len(line) == len(magic):
	case l.readOnly:
		return 0, errors.New("it is empty")
	default: // it is new, or the process ended while it was made
		if err := errors.Join(writeAt(f, magic), f.Sync(), syncDir(l.config.Path)); err != nil {
			return 0, err
		}
		return int64(len(magic)), nil
	}
	end = int64(len(magic))
	var payload []byte
	for end < size {
		var damage *DamagedError
		payload, damage, err = readRecord(r, payload, size-end)
		switch {
		case err != nil:
			return 0, err
		case damage != nil && !torn(f, end, size):
			damage.Offset = end
			return 0, damage
		case damage != nil:
			report.Cut, report.At = size-end, end
			if l.readOnly {
				return end, nil
			}
			return end, errors.Join(f.Truncate(end), f.Sync())
		}
		changes, err := parseChanges(payload)
		if err == nil {
			err = l.config.Replay(changes)
		}
		if err != nil {
			return 0, fmt.Errorf("the record at byte %d: %w", end, err)
		}
		report.Records++
		end += headerSize + int64(len(payload)) + trailerSize
		if len(payload) == 0 {
			l.compacted = end
		}
	}
	return end, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

func notALog(line []byte) error {
	if bytes.HasPrefix(line, []byte("REDIS")) {
		return errors.New("it is an RDB file of Redis, and no data file of redis-rest; redis-rest import --rdb reads it")
	}
	return errors.New("it is no data file of redis-rest")
}

// readRecord reads the next record into payload, whose space it may use. left is the size of the rest of the file.
func readRecord(r io.Reader, payload []byte, left int64) (_ []byte, damage *DamagedError, err error) {
	var header [headerSize]byte
	if left < headerSize {
		return nil, &DamagedError{Reason: "the end is missing"}, nil
	}
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, nil, err
	}
	n, wrong := parseHeader(header[:])
	if wrong {
		return nil, &DamagedError{Reason: "the head of a record has a wrong checksum"}, nil
	}
	if n > uint64(left-headerSize) || left-headerSize-int64(n) < trailerSize {
		return nil, &DamagedError{Reason: "the end is missing"}, nil
	}
	payload = slices.Grow(payload[:0], int(n)+trailerSize)[:n+trailerSize]
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, nil, err
	}
	end := payload[n]
	payload = payload[:n]
	if end != trailer || crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(header[8:]) {
		return nil, &DamagedError{Reason: "a record has a wrong checksum"}, nil
	}
	return payload, nil, nil
}

func parseHeader(header []byte) (n uint64, wrong bool) {
	return binary.LittleEndian.Uint64(header), crc32.Checksum(header[:12], castagnoli) != binary.LittleEndian.Uint32(header[12:])
}

// torn says whether the bad record that begins at an offset is one that was not written to its end: the file
// ends within it, or with zeros, which a file system leaves where it made room and lost the content.
func torn(f io.ReaderAt, offset, size int64) bool {
	var header [headerSize]byte
	if n, _ := f.ReadAt(header[:], offset); n < headerSize {
		return true
	}
	if n, wrong := parseHeader(header[:]); !wrong && n+trailerSize > uint64(size-offset-headerSize) {
		return true
	}
	return zeros(f, max(offset, size-1), size) && !followed(f, offset, size)
}

// zeros says whether a part of a file is zeros.
func zeros(f io.ReaderAt, from, to int64) bool {
	b := make([]byte, to-from)
	_, err := f.ReadAt(b, from)
	return (err == nil || err == io.EOF) && len(bytes.Trim(b, "\x00")) == 0
}

// followed says whether there is a good record somewhere after an offset.
func followed(f io.ReaderAt, offset, size int64) bool {
	r := bufio.NewReaderSize(io.NewSectionReader(f, offset+1, size-offset-1), 1<<16)
	for at := offset + 1; ; at++ {
		header, err := r.Peek(headerSize)
		if err != nil {
			return false
		}
		if n, wrong := parseHeader(header); !wrong && n+trailerSize <= uint64(size-at-headerSize) {
			record := io.NewSectionReader(f, at, size-at)
			if _, damage, err := readRecord(record, nil, size-at); damage == nil && err == nil {
				return true
			}
		}
		r.Discard(1)
	}
}
