// Package persistence keeps the changes of a database in a file, so that a crash loses none that was
// acknowledged.
//
// The file begins with a line that names the format. Records follow, and each is a turn of the database:
//
//	8 bytes  the length n of the payload, little endian
//	4 bytes  the CRC-32C of the payload
//	4 bytes  the CRC-32C of the 12 bytes before
//	n bytes  the payload
//	1 byte   a newline
//
// A payload is a list of changes. Each is the number of its words, its time, its database, and its
// words with their lengths, as varints. A payload without changes ends a snapshot, with which a
// compacted file begins.
//
// Records are only appended. A file that a crash has cut short ends with a part of a record. That part is removed when the
// file is opened. Any other damage is an error, because what follows it was acknowledged.
package persistence

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
)

// A Sync says when changes are on the disk, and not only with the operating system.
type Sync int

// After the end of the process nothing is lost in any case. The three differ if the machine ends.
const (
	EverySecond Sync = iota // once a second
	Always                  // before Commit returns
	Never                   // when the operating system decides
)

// ParseSync reads a name: always, everysec or no.
func ParseSync(name string) (Sync, error) {
	switch name {
	case "everysec":
		return EverySecond, nil
	case "always":
		return Always, nil
	case "no":
		return Never, nil
	}
	return 0, errors.New("it must be always, everysec or no")
}

// A Config describes a log.
type Config struct {
	Path string
	Sync Sync
	// Replay gets the changes of each record when the file is opened.
	Replay func([]Change) error
	// Snapshot returns all data as it is after the last record, or false if the database is closed. The
	// function must not call Commit. It may be called at any time after Open returned.
	Snapshot func() (Snapshot, bool)
	// Trouble is told when the file cannot be written or compacted, and with nil when it can be written again. It must not
	// call the log. It may be nil.
	Trouble func(error)
	// Compact is the size at which a file is compacted that never was, in bytes; 0 means 4 MB.
	Compact int64
	// Wrap replaces the file to which records are written, for tests. It may be nil.
	Wrap func(File) File
}

// A Snapshot is all data at one time.
type Snapshot struct {
	Position int64 // what Append returned for the last record in it
	// Write calls add with the changes of each record. It runs while records are appended.
	Write func(add func(...Change) error) error
}

// A File is what a log needs of a file.
type File interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Sync() error
}

// A Log is an open file. Its methods may be called at the same time.
type Log struct {
	config     Config
	readOnly   bool
	lock       *flock.Flock
	compacting sync.Mutex
	ended      chan struct{} // closed by Close
	done       sync.WaitGroup
	wake       chan struct{} // asks for compaction
	fails      atomic.Bool   // whether failed is not nil

	mu      sync.Mutex
	changed sync.Cond
	file    File
	busy    bool   // somebody writes or replaces the file
	pending []byte // not yet written
	spare   []byte
	// These are counted in bytes since the log was opened first. The file begins at base.
	base, sealed, written, synced int64
	compacted                     int64 // size of the file after the last compaction
	wanted                        bool  // compaction, whatever the size
	failed                        error // why the file cannot be written
	doubtful                      bool  // fsync failed: what is on the disk is not known, so a new file must be written
	closed                        bool
}

// A Report says what Open found.
type Report struct {
	Records int   // read
	Cut     int64 // bytes that were removed, because the last record was not complete
	At      int64 // where they began
}

// ErrInUse says that another process has opened the file.
var ErrInUse = errors.New("another process uses it")

// suffixes of the files beside the log.
const (
	lockSuffix = ".lock"
	newSuffix  = ".new" // compaction writes it
)

// Open opens a log, or makes it if there is none, and replays it. Close must follow.
func Open(c Config) (_ *Log, report Report, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", c.Path, err)
		}
	}()
	if path, err := filepath.EvalSymlinks(c.Path); err == nil { // the file is replaced, and not a link to it
		c.Path = path
	}
	l := &Log{config: c, lock: flock.New(c.Path + lockSuffix), ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	l.changed.L = &l.mu
	locked, err := l.lock.TryLock()
	if err != nil {
		return nil, report, fmt.Errorf("locking it: %w", err)
	}
	if !locked {
		return nil, report, ErrInUse
	}
	defer func() {
		if err != nil {
			l.lock.Unlock()
		}
	}()
	if err := os.Remove(c.Path + newSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, report, err
	}
	f, err := os.OpenFile(c.Path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, report, err
	}
	end, err := l.load(f, &report)
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err == nil {
		err = f.Sync() // a process that crashed may have acknowledged what is not on the disk yet
	}
	if err != nil {
		f.Close()
		return nil, report, err
	}
	l.file = l.wrap(f)
	l.sealed, l.written, l.synced = end, end, end
	l.done.Go(l.eachSecond)
	return l, report, nil
}

// Read replays a file and changes nothing. Another process may use the file. An incomplete record at its end is left out.
func Read(path string, replay func([]Change) error) (report Report, err error) {
	f, err := os.Open(path)
	if err != nil {
		return report, err
	}
	defer f.Close()
	l := &Log{config: Config{Path: path, Replay: replay}, readOnly: true}
	if _, err = l.load(f, &report); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return report, err
}

func (l *Log) wrap(f *os.File) File {
	if l.config.Wrap != nil {
		return l.config.Wrap(f)
	}
	return f
}

// Append adds a record with changes that are encoded with AppendChange, and returns its position for Commit. It does not
// wait.
func (l *Log) Append(changes []byte) (position int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.pending)
	l.pending = appendRecord(l.pending, changes)
	l.sealed += int64(len(l.pending) - before)
	return l.sealed
}

// Position returns the position after the last record.
func (l *Log) Position() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sealed
}

// Commit returns when all records up to a position are as safe as Sync says. Callers that wait
// at the same time share one write and one fsync. After an error the records are kept, and written
// when that is possible.
func (l *Log) Commit(position int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.safe() < position {
		switch {
		case l.busy:
			l.changed.Wait()
		case l.failed != nil:
			return l.failed
		case l.closed:
			return fs.ErrClosed
		default:
			l.flush()
		}
	}
	return nil
}

// safe is the position up to which Commit need not wait.
func (l *Log) safe() int64 {
	if l.config.Sync == Always {
		return l.synced
	}
	return l.written
}

// Failed returns why the file cannot be written, or nil. Until it can be, changes should be refused.
func (l *Log) Failed() error {
	if !l.fails.Load() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// flush writes what is pending. The caller has the mutex, which is released meanwhile, and nobody is busy.
func (l *Log) flush() {
	if l.doubtful {
		return // the records go into a new file
	}
	l.busy = true
	records, f, always := l.pending, l.file, l.config.Sync == Always
	l.pending, l.spare = l.spare[:0], nil
	l.mu.Unlock()
	n, err := f.Write(records)
	failedToSync := false
	if err == nil && always {
		err = f.Sync()
		failedToSync = err != nil
	}
	l.mu.Lock()
	l.busy = false
	l.written += int64(n)
	if n < len(records) {
		l.pending = append(records[n:], l.pending...)
	} else if cap(records) <= maxSpare {
		l.spare = records
	}
	if err == nil && always {
		l.synced = l.written
	}
	l.doubtful = l.doubtful || failedToSync
	if err != nil || !l.doubtful {
		l.fail(err)
	}
	l.changed.Broadcast()
	if l.full() {
		l.askToCompact()
	}
}

// maxSpare is the largest buffer that is used again, in bytes.
const maxSpare = 1 << 20

// fail notes whether the file can be written. The caller has the mutex.
func (l *Log) fail(err error) {
	was := l.failed
	l.failed = err
	l.fails.Store(err != nil)
	if l.config.Trouble != nil && (err == nil) != (was == nil) {
		l.config.Trouble(err)
	}
}

// eachSecond syncs the file, tries again after a failure, and compacts.
func (l *Log) eachSecond() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-l.ended:
			return
		case <-ticker.C:
			l.tick()
		case <-l.wake:
		}
		l.mu.Lock()
		compact := l.wanted || l.doubtful || l.failed == nil && l.full()
		l.wanted = false
		l.mu.Unlock()
		if compact {
			l.CompactNow() // Trouble gets the error
		}
	}
}

func (l *Log) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed != nil && !l.busy:
		l.flush()
	case l.failed == nil && l.config.Sync == EverySecond && l.synced < l.written:
		l.sync()
	}
}

// sync syncs the file while others may write to it. The caller has the mutex, which is released meanwhile.
func (l *Log) sync() error {
	f, upTo := l.file, l.written
	l.mu.Unlock()
	err := f.Sync()
	l.mu.Lock()
	switch {
	case l.file != f: // compaction has replaced it
		return nil
	case err != nil:
		l.doubtful = true
		l.fail(err)
		return err
	}
	l.synced = max(l.synced, upTo)
	return nil
}

// Flush writes and syncs all records.
func (l *Log) Flush() error {
	position := l.Position()
	if err := l.Commit(position); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.synced < position && !l.closed {
		if err := l.sync(); err != nil {
			return err
		}
	}
	return nil
}

// Close writes and syncs all records, and closes the file. Append must not follow.
func (l *Log) Close() error {
	close(l.ended)
	l.done.Wait()
	l.mu.Lock()
	if l.failed != nil && !l.busy {
		l.flush() // the last chance
	}
	l.mu.Unlock()
	err := l.Flush()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
	if err != nil {
		err = fmt.Errorf("%s: the last %d bytes were not written: %w", l.config.Path, l.sealed-l.synced, err)
	}
	return errors.Join(err, l.file.Close(), l.lock.Unlock())
}

// syncDir makes the names in the folder of a file permanent.
func syncDir(path string) error {
	if runtime.GOOS == "windows" { // it does so by itself
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
