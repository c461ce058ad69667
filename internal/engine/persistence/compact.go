package persistence

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

const (
	defaultCompact = 4 << 20
	// nearEnd is how much of the records that came meanwhile compaction copies while nobody can commit, in bytes.
	nearEnd = 64 << 10
)

// full says whether the file has doubled since it was compacted. The caller has the mutex.
func (l *Log) full() bool {
	first := l.config.Compact
	if first == 0 {
		first = defaultCompact
	}
	return l.written-l.base >= max(2*l.compacted, first)
}

func (l *Log) askToCompact() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Compact begins to compact the file, and does not wait.
func (l *Log) Compact() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = true
	l.askToCompact()
}

// CompactNow replaces the file with one that has a snapshot and the records after it. Records are
// appended to the old file meanwhile. If that fails, the old file stays.
func (l *Log) CompactNow() error {
	l.compacting.Lock()
	defer l.compacting.Unlock()
	snapshot, ok := l.config.Snapshot()
	if !ok {
		return fs.ErrClosed
	}
	err := l.replace(snapshot)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.compacted = l.written - l.base // it is tried again when the file has doubled
		if l.config.Trouble != nil && l.failed == nil {
			l.config.Trouble(fmt.Errorf("it was not compacted: %w", err))
		}
	}
	return err
}

// replace writes a new file, and puts it in the place of the old one.
func (l *Log) replace(snapshot Snapshot) (err error) {
	name := l.config.Path + newSuffix
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	to := &counter{File: l.wrap(f)}
	defer func() {
		if err != nil {
			to.Close()
			os.Remove(name)
		}
	}()
	if info, err := os.Stat(l.config.Path); err == nil {
		f.Chmod(info.Mode())
	}
	if err := l.writeSnapshot(to, snapshot); err != nil {
		return err
	}
	size, copied := to.n, snapshot.Position
	copyUpTo := func(position int64) (err error) {
		if position > copied {
			_, err = io.Copy(to, io.NewSectionReader(l.file, copied-l.base, position-copied))
			copied = position
		}
		return err
	}
	l.mu.Lock()
	for l.written-copied > nearEnd && err == nil {
		upTo := l.written
		l.mu.Unlock()
		err = copyUpTo(upTo)
		l.mu.Lock()
	}
	l.mu.Unlock()
	if err = errors.Join(err, to.Sync()); err != nil { // so that the last sync is short
		return err
	}

	l.mu.Lock()
	for l.busy {
		l.changed.Wait()
	}
	l.busy = true // only this function writes from here on
	l.mu.Unlock()
	if err = copyUpTo(l.written); err == nil {
		err = to.Sync()
	}
	placed := false
	if err == nil {
		placed, err = l.place(to, name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy = false
	l.changed.Broadcast()
	if !placed {
		return err
	}
	if l.written < snapshot.Position { // some records are in the snapshot that were never written
		l.pending = l.pending[snapshot.Position-l.written:]
		l.written = snapshot.Position
	}
	l.synced = l.written
	l.base = l.written - to.n
	l.compacted = size
	l.doubtful = err != nil
	l.fail(err)
	return nil
}

func (l *Log) writeSnapshot(to io.Writer, snapshot Snapshot) error {
	w := bufio.NewWriterSize(to, 1<<18)
	if _, err := w.WriteString(magic); err != nil {
		return err
	}
	var payload, record []byte
	add := func(changes ...Change) error {
		select {
		case <-l.ended:
			return errors.New("the database is closed")
		default:
		}
		payload = payload[:0]
		for _, c := range changes {
			payload = AppendChange(payload, c)
		}
		record = appendRecord(record[:0], payload)
		_, err := w.Write(record)
		return err
	}
	if err := snapshot.Write(add); err != nil {
		return err
	}
	if err := add(); err != nil {
		return err
	}
	return w.Flush()
}

// place puts a new file in the place of the old one, and says whether it did. If there is an error
// all the same, a crash may bring the old file back.
func (l *Log) place(to *counter, name string) (placed bool, err error) {
	old := l.file
	if runtime.GOOS == "windows" { // an open file cannot be renamed or replaced
		if err := errors.Join(to.Close(), old.Close()); err != nil {
			return false, err
		}
		failed := os.Rename(name, l.config.Path)
		f, err := os.OpenFile(l.config.Path, os.O_RDWR, 0)
		if err == nil {
			_, err = f.Seek(0, io.SeekEnd)
			l.swap(l.wrap(f))
		}
		return failed == nil && err == nil, errors.Join(failed, err)
	}
	if err := os.Rename(name, l.config.Path); err != nil {
		return false, err
	}
	l.swap(to.File)
	old.Close()
	return true, syncDir(l.config.Path)
}

func (l *Log) swap(f File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file = f
}

// A counter counts the bytes that are written.
type counter struct {
	File
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.File.Write(b)
	c.n += int64(n)
	return n, err
}
