package persistence

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A database is the words of all changes, in order.
type database struct {
	mu   sync.Mutex
	all  []string
	seal func() int64
}

func (d *database) replay(changes []Change) error {
	for _, c := range changes {
		d.all = append(d.all, c.Words...)
	}
	return nil
}

func (d *database) snapshot() (Snapshot, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all, position := d.all[:len(d.all):len(d.all)], d.seal()
	return Snapshot{position, func(add func(...Change) error) error { return add(Change{Words: all}) }}, true
}

func change(words ...string) []byte { return AppendChange(nil, Change{Words: words}) }

// open opens a log with a database.
func open(t testing.TB, c Config) (*Log, *database, Report) {
	t.Helper()
	d := &database{}
	c.Replay, c.Snapshot = d.replay, d.snapshot
	l, report, err := Open(c)
	require.NoError(t, err)
	d.seal = l.Position
	return l, d, report
}

// write appends a record and waits for it.
func (d *database) write(l *Log, word string) error {
	d.mu.Lock()
	d.all = append(d.all, word)
	position := l.Append(change(word))
	d.mu.Unlock()
	return l.Commit(position)
}

func TestChangesAreReadAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	var all []Change
	c := Config{Path: path, Replay: func(changes []Change) error { all = append(all, changes...); return nil }}
	changes := []Change{
		{DB: 0, Time: 1_700_000_000_000, Words: []string{"SET", "k", ""}},
		{DB: 15, Time: -1, Words: []string{"SET", "\x00\r\n\xff", string(make([]byte, 100_000))}},
	}
	for range 2 {
		all = nil
		l, report, err := Open(c)
		require.NoError(t, err)
		require.Zero(t, report.Cut)
		if len(all) == 0 {
			require.NoError(t, l.Commit(l.Append(AppendChange(AppendChange(nil, changes[0]), changes[1]))))
		} else {
			require.Equal(t, changes, all)
			require.Equal(t, 1, report.Records)
		}
		require.NoError(t, l.Close())
	}
	require.NotEmpty(t, all)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
}

// sample makes a file of three records, and returns its bytes and where the records begin and end.
func sample(t testing.TB) (content []byte, ends []int64) {
	path := filepath.Join(t.TempDir(), "data")
	l, d, _ := open(t, Config{Path: path})
	for _, word := range []string{"one", "two", "three"} {
		ends = append(ends, d.seal())
		require.NoError(t, d.write(l, word))
	}
	ends = append(ends, d.seal())
	require.NoError(t, l.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content, ends
}

// A file that ends within its last record, at any byte, loses that record only. So does one that ends with zeros.
func TestTornTail(t *testing.T) {
	t.Parallel()
	content, ends := sample(t)
	path := filepath.Join(t.TempDir(), "data")
	check := func(content []byte, cut int64, name string) {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		l, d, report := open(t, Config{Path: path})
		require.Equal(t, []string{"one", "two"}, d.all, name)
		require.Equal(t, Report{Records: 2, Cut: cut, At: ends[2]}, report, name)
		require.NoError(t, d.write(l, "four"))
		require.NoError(t, l.Close())
		l, d, report = open(t, Config{Path: path})
		require.Equal(t, []string{"one", "two", "four"}, d.all, name)
		require.Zero(t, report.Cut, name)
		require.NoError(t, l.Close())
	}
	for n := ends[2] + 1; n < ends[3]; n++ {
		check(content[:n], n-ends[2], fmt.Sprint(n, " bytes"))
		zeros := bytes.Repeat([]byte{0}, int(ends[3]-n)+5000)
		check(append(content[:n:n], zeros...), ends[3]-ends[2]+5000, fmt.Sprint(n, " bytes and zeros"))
	}
	check(append(content[:ends[2]:ends[2]], make([]byte, 4096)...), 4096, "zeros only")

	for n := range len(magic) { // a process that ended while it made the file
		require.NoError(t, os.WriteFile(path, content[:n], 0o600))
		l, d, report := open(t, Config{Path: path})
		require.Zero(t, report)
		require.NoError(t, d.write(l, "one"))
		require.NoError(t, l.Close())
	}
}

// A flipped bit is refused, with the place of its record, and the file stays as it is.
func TestDamage(t *testing.T) {
	t.Parallel()
	content, ends := sample(t)
	path := filepath.Join(t.TempDir(), "data")
	for at := range content {
		for bit := range 8 {
			damaged := bytes.Clone(content)
			damaged[at] ^= 1 << bit
			require.NoError(t, os.WriteFile(path, damaged, 0o600))
			_, _, err := Open(Config{Path: path, Replay: (&database{}).replay})
			var damage *DamagedError
			switch {
			case at < len(magic):
				require.ErrorContains(t, err, "no data file of redis-rest")
			case !assert.ErrorAs(t, err, &damage, "bit %d of byte %d", bit, at):
				return
			default:
				record := 0
				for int64(at) >= ends[record+1] {
					record++
				}
				require.Equal(t, ends[record], damage.Offset)
				require.ErrorContains(t, err, fmt.Sprintf("damaged at byte %d", ends[record]))
			}
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, damaged, left)
		}
	}
	// Zeros in the middle, with a good record after them, are damage too.
	damaged := bytes.Clone(content)
	clear(damaged[ends[0]:ends[1]])
	require.NoError(t, os.WriteFile(path, append(damaged, 0), 0o600))
	_, _, err := Open(Config{Path: path, Replay: (&database{}).replay})
	require.ErrorContains(t, err, fmt.Sprintf("damaged at byte %d", ends[0]))
}

func TestOtherFilesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	for content, want := range map[string]string{
		"REDIS0010\xfa\tredis-ver":          "redis-rest import --rdb",
		"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n": "no data file",
		"x":                                 "no data file",
	} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, _, err := Open(Config{Path: path})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, path)
	}
	_, _, err := Open(Config{Path: t.TempDir()})
	require.Error(t, err)
	_, _, err = Open(Config{Path: filepath.Join(t.TempDir(), "no", "data")})
	require.ErrorIs(t, err, fs.ErrNotExist)

	// A good record whose content is not understood.
	require.NoError(t, os.WriteFile(path, appendRecord([]byte(magic), []byte{5, 0, 0}), 0o600))
	_, _, err = Open(Config{Path: path, Replay: (&database{}).replay})
	require.ErrorContains(t, err, "a newer version")
	require.NoError(t, os.WriteFile(path, appendRecord([]byte(magic), change("a")), 0o600))
	_, _, err = Open(Config{Path: path, Replay: func([]Change) error { return errors.New("no such command") }})
	require.ErrorContains(t, err, fmt.Sprintf("the record at byte %d: no such command", len(magic)))
}

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	l, _, _ := open(t, Config{Path: path})
	_, _, err := Open(Config{Path: path})
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, path)
	require.NoError(t, l.Close())
	l, _, _ = open(t, Config{Path: path})
	require.NoError(t, l.Close())
}

// A disk is a file that fails while it is full, and that counts.
type disk struct {
	File
	room     *atomic.Int64 // bytes that still fit
	syncs    *atomic.Int64
	syncFail *atomic.Bool
	slow     chan struct{} // if it is not nil, each sync waits for an element
}

func (d disk) Write(b []byte) (int, error) {
	if room := d.room.Load(); int64(len(b)) > room {
		n, _ := d.File.Write(b[:room])
		d.room.Add(-int64(n))
		return n, &fs.PathError{Op: "write", Path: "data", Err: syscall.ENOSPC}
	}
	n, err := d.File.Write(b)
	d.room.Add(-int64(n))
	return n, err
}

func (d disk) Sync() error {
	d.syncs.Add(1)
	if d.slow != nil {
		<-d.slow
	}
	if d.syncFail.Load() {
		return syscall.EIO
	}
	return d.File.Sync()
}

func newDisk() disk {
	d := disk{room: &atomic.Int64{}, syncs: &atomic.Int64{}, syncFail: &atomic.Bool{}}
	d.room.Store(1 << 30)
	return d
}

func (d disk) wrap(f File) File { d.File = f; return d }

// A full disk loses nothing that was acknowledged, and when there is space again, writing goes on by itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for room := int64(0); room < 60; room += 7 { // it is full anywhere in a record
		disk := newDisk()
		var troubles []error
		path := filepath.Join(t.TempDir(), "data")
		l, d, _ := open(t, Config{Path: path, Sync: Always, Wrap: disk.wrap, Trouble: func(err error) { troubles = append(troubles, err) }})
		disk.room.Store(room)
		var acknowledged []string
		for i := range 3 {
			word := fmt.Sprint(i)
			if err := d.write(l, word); err == nil {
				acknowledged = append(acknowledged, word)
			} else {
				require.ErrorIs(t, err, syscall.ENOSPC)
				require.ErrorIs(t, l.Failed(), syscall.ENOSPC)
			}
		}
		_, again, _ := open2(t, path)
		require.Equal(t, acknowledged, again)

		disk.room.Store(1 << 20)
		l.mu.Lock()
		l.flush() // what eachSecond does
		l.mu.Unlock()
		require.NoError(t, l.Failed())
		require.NoError(t, d.write(l, "last"))
		require.Len(t, troubles, 2)
		require.Error(t, troubles[0])
		require.NoError(t, troubles[1])
		require.NoError(t, l.Close())
		l, d, report := open(t, Config{Path: path})
		require.Equal(t, []string{"0", "1", "2", "last"}, d.all)
		require.Zero(t, report.Cut)
		require.NoError(t, l.Close())
	}
}

// open2 reads a copy of a file that is open.
func open2(t testing.TB, path string) (*Log, []string, Report) {
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	other := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.WriteFile(other, content, 0o600))
	l, d, report := open(t, Config{Path: other})
	require.NoError(t, l.Close())
	return l, d.all, report
}

// A disk that is full to the end is told of when the log is closed.
func TestFullDiskAtTheEnd(t *testing.T) {
	disk := newDisk()
	path := filepath.Join(t.TempDir(), "data")
	l, d, _ := open(t, Config{Path: path, Wrap: disk.wrap})
	disk.room.Store(5)
	require.Error(t, d.write(l, "one"))
	err := l.Close()
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "were not written")
}

// After a failed fsync nobody knows what is on the disk, so a new file is written.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	disk := newDisk()
	path := filepath.Join(t.TempDir(), "data")
	l, d, _ := open(t, Config{Path: path, Sync: Always, Wrap: disk.wrap})
	require.NoError(t, d.write(l, "one"))
	disk.syncFail.Store(true)
	require.ErrorIs(t, d.write(l, "two"), syscall.EIO)
	require.ErrorIs(t, d.write(l, "three"), syscall.EIO)
	require.ErrorIs(t, l.Failed(), syscall.EIO)
	disk.syncFail.Store(false)
	require.Eventually(t, func() bool { return l.Failed() == nil }, time.Minute, time.Millisecond)
	require.NoError(t, d.write(l, "four"))
	require.NoError(t, l.Close())
	l, d, _ = open(t, Config{Path: path})
	require.Equal(t, []string{"one", "two", "three", "four"}, d.all)
	require.NoError(t, l.Close())
}

// Callers that wait at the same time share an fsync, and none returns before it.
func TestGroupCommit(t *testing.T) {
	t.Parallel()
	disk := newDisk()
	disk.slow = make(chan struct{}, 10)
	disk.slow <- struct{}{} // of Close, later
	l, d, _ := open(t, Config{Path: filepath.Join(t.TempDir(), "data"), Sync: Always, Wrap: disk.wrap})
	require.NoError(t, d.write(l, "zero"))
	before := disk.syncs.Load()
	const callers = 50
	done := make(chan error, callers)
	for i := range callers {
		go func() { done <- d.write(l, fmt.Sprint(i)) }()
	}
	sealed := func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.all)
	}
	require.Eventually(t, func() bool { return sealed() == callers+1 && disk.syncs.Load() > before }, time.Minute, time.Millisecond)
	require.Empty(t, done)
	close(disk.slow)
	for range callers {
		require.NoError(t, <-done)
	}
	require.LessOrEqual(t, disk.syncs.Load()-before, int64(2))
	require.NoError(t, l.Close())
}

// Compaction while others write keeps everything, in order, and makes the file smaller.
func TestCompaction(t *testing.T) {
	t.Parallel()
	for _, sync := range []Sync{Always, EverySecond, Never} {
		path := filepath.Join(t.TempDir(), "data")
		l, d, _ := open(t, Config{Path: path, Sync: sync, Compact: 3000})
		before, err := os.Stat(path)
		require.NoError(t, err)
		compacted := func() bool {
			now, err := os.Stat(path)
			require.NoError(t, err)
			return !os.SameFile(before, now)
		}
		n := 0
		for end := time.Now().Add(time.Minute); n < 500 || !compacted(); n++ {
			require.True(t, time.Now().Before(end))
			require.NoError(t, d.write(l, fmt.Sprint(n)))
		}
		for i := range 100 {
			require.NoError(t, d.write(l, fmt.Sprint(n+i)))
		}
		want := d.all
		require.NoError(t, l.Close())
		l, d, report := open(t, Config{Path: path})
		require.Equal(t, want, d.all)
		require.Less(t, report.Records, len(want))
		require.NotZero(t, l.compacted)
		require.NoError(t, l.Close())
		files, err := filepath.Glob(path + "*")
		require.NoError(t, err)
		require.Equal(t, []string{path, path + lockSuffix}, files)
	}
}

// A link to the file stays one when the file is compacted, and both names have one lock.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "data"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Symlink("data", link))
	l, d, _ := open(t, Config{Path: link})
	require.NoError(t, d.write(l, "one"))
	require.NoError(t, l.CompactNow())
	require.NoError(t, d.write(l, "two"))
	_, _, err := Open(Config{Path: path})
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, l.Close())
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink)
	l, d, _ = open(t, Config{Path: path})
	require.Equal(t, []string{"one", "two"}, d.all)
	require.NoError(t, l.Close())
}

// What a crash leaves of a compaction is removed.
func TestCrashWhileCompacting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	l, d, _ := open(t, Config{Path: path})
	require.NoError(t, d.write(l, "one"))
	require.NoError(t, l.Close())
	require.NoError(t, os.WriteFile(path+newSuffix, []byte("half"), 0o600))
	l, d, _ = open(t, Config{Path: path})
	require.Equal(t, []string{"one"}, d.all)
	require.NoFileExists(t, path+newSuffix)
	require.NoError(t, l.Close())
}

// A compaction for which there is no space leaves the file as it is.
func TestCompactionOnAFullDisk(t *testing.T) {
	disk := newDisk()
	troubles := make(chan error, 1)
	path := filepath.Join(t.TempDir(), "data")
	l, d, _ := open(t, Config{Path: path, Wrap: disk.wrap, Trouble: func(err error) { troubles <- err }})
	require.NoError(t, d.write(l, "one"))
	disk.room.Store(20)
	l.Compact()
	require.ErrorContains(t, <-troubles, "not compacted")
	disk.room.Store(1 << 20)
	require.NoError(t, l.Failed())
	require.NoError(t, d.write(l, "two"))
	require.NoError(t, l.Close())
	require.NoFileExists(t, path+newSuffix)
	l, d, _ = open(t, Config{Path: path})
	require.Equal(t, []string{"one", "two"}, d.all)
	require.NoError(t, l.Close())
}

// A file is read without a lock while it is written, and not changed.
func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	l, d, _ := open(t, Config{Path: path})
	require.NoError(t, d.write(l, "one"))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = file.WriteString("half")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	other := &database{}
	report, err := Read(path, other.replay)
	require.NoError(t, err)
	require.Equal(t, []string{"one"}, other.all)
	require.EqualValues(t, len("half"), report.Cut)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NoError(t, l.Close())
	_, err = Read(path+"x", other.replay)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err = Read(path, other.replay)
	require.ErrorContains(t, err, "it is empty")
}

// Whatever a file has, it is read or refused. What is read is there again when a record follows it, and nothing
// that is refused is accepted then.
func FuzzRead(f *testing.F) {
	content, ends := sample(f)
	f.Add(content)
	f.Add(content[:ends[2]+20])
	f.Add([]byte(magic))
	path := filepath.Join(f.TempDir(), "data")
	f.Fuzz(func(t *testing.T, content []byte) {
		read := func(content []byte) ([]string, Report, error) {
			d := &database{}
			require.NoError(t, os.WriteFile(path, content, 0o600))
			report, err := Read(path, d.replay)
			return d.all, report, err
		}
		all, report, err := read(content)
		good := content[:int64(len(content))-report.Cut]
		again, report, err2 := read(appendRecord(good[:len(good):len(good)], change("more")))
		if err != nil {
			require.Error(t, err2)
			return
		}
		require.NoError(t, err2)
		require.Equal(t, append(all, "more"), again)
		require.Zero(t, report.Cut)
	})
}

func TestParseSync(t *testing.T) {
	for name, want := range map[string]Sync{"always": Always, "everysec": EverySecond, "no": Never} {
		got, err := ParseSync(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseSync("never")
	require.ErrorContains(t, err, "always, everysec or no")
}
