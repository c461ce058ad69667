package data

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func init() {
	add(table{
		"PFADD":      pfadd,
		"PFCOUNT":    pfcount,
		"PFMERGE":    pfmerge,
		"PFDEBUG":    pfdebug,
		"PFSELFTEST": pfselftest,
	})
}

const (
	errNotHyperLogLog     = Error("WRONGTYPE Key is not a valid HyperLogLog string value.")
	errCorruptHyperLogLog = Error("INVALIDOBJ Corrupted HLL object detected")
)

// hyperLogLog returns the HyperLogLog that a string is, for reading.
func hyperLogLog(s value.String) (h value.HyperLogLog, err error) {
	switch s := s.(type) {
	case value.Int:
		return nil, errNotHyperLogLog
	case *value.Bytes:
		h = s.B
	default:
		h = []byte(s.String())
	}
	if h.Check() != nil {
		return nil, errNotHyperLogLog
	}
	return h, nil
}

// readHyperLogLog returns the HyperLogLog of a key, or nil.
func (c *call) readHyperLogLog(key string) (value.HyperLogLog, error) {
	s, err := read[value.String](c, key)
	if err != nil || s == nil {
		return nil, err
	}
	return hyperLogLog(s)
}

// editHyperLogLog returns the HyperLogLog of a key, which may be changed, or nil.
func (c *call) editHyperLogLog(key string) (*value.HyperLogLog, error) {
	s, err := edit[value.String](c, key)
	if err != nil || s == nil {
		return nil, err
	}
	if _, err := hyperLogLog(s); err != nil {
		return nil, err
	}
	b, err := c.editString(key)
	if err != nil {
		return nil, err
	}
	return (*value.HyperLogLog)(&b.B), nil
}

// createHyperLogLog is editHyperLogLog, but adds the key if it is not there.
func (c *call) createHyperLogLog(key string) (h *value.HyperLogLog, isNew bool, err error) {
	if h, err = c.editHyperLogLog(key); err != nil || h != nil {
		return h, false, err
	}
	b := &value.Bytes{B: value.NewHyperLogLog()}
	c.put(key, b)
	return (*value.HyperLogLog)(&b.B), true, nil
}

func pfadd(c *call) error {
	key := c.args[1]
	h, changed, err := c.createHyperLogLog(key)
	if err != nil {
		return err
	}
	for _, element := range c.args[2:] {
		raised, err := h.Add(element, c.Limits)
		if err != nil {
			if changed {
				c.wroteQuietly(key)
			}
			return errCorruptHyperLogLog
		}
		changed = changed || raised
	}
	if changed {
		h.Touch()
		c.wrote(key, '$', "pfadd")
	}
	c.addBool(changed)
	return nil
}

func pfcount(c *call) error {
	if len(c.args) > 2 {
		var all value.Registers
		if _, err := c.join(&all, c.args[1:]); err != nil {
			return err
		}
		c.addInt(int64(all.Count()))
		return nil
	}
	key := c.args[1]
	h, err := c.readHyperLogLog(key)
	if err != nil {
		return err
	}
	if h == nil {
		c.addInt(0)
		return nil
	}
	stored, err := c.editHyperLogLog(key)
	if err != nil {
		return err
	}
	n, ok := stored.Stored()
	if !ok {
		if n, err = stored.Count(); err != nil {
			return errCorruptHyperLogLog
		}
		stored.Store(n)
		c.wroteQuietly(key)
	}
	c.addInt(int64(n))
	return nil
}

// wroteQuietly is wrote without a notification.
func (c *call) wroteQuietly(key string) {
	c.stats.Changes++
	c.Server.written(c.db, key)
}

// join joins the HyperLogLogs of keys, and says whether one of them is dense.
func (c *call) join(all *value.Registers, keys []string) (dense bool, err error) {
	for _, key := range keys {
		h, err := c.readHyperLogLog(key)
		if err != nil {
			return false, err
		}
		if h == nil {
			continue
		}
		dense = dense || !h.Sparse()
		if all.Join(h) != nil {
			return false, errCorruptHyperLogLog
		}
	}
	return dense, nil
}

func pfmerge(c *call) error {
	key := c.args[1]
	var all value.Registers
	dense, err := c.join(&all, c.args[1:])
	if err != nil {
		return err
	}
	h, _, err := c.createHyperLogLog(key)
	if err != nil {
		return err
	}
	if dense {
		if h.MakeDense() != nil {
			return errCorruptHyperLogLog
		}
	}
	if h.Merge(&all, c.Limits) != nil {
		return errCorruptHyperLogLog
	}
	h.Touch()
	c.wrote(key, '$', "pfadd")
	c.addOK()
	return nil
}

func pfdebug(c *call) error {
	key := c.args[2]
	h, err := c.editHyperLogLog(key)
	if err != nil {
		return err
	}
	if h == nil {
		return errorf("The specified key does not exist")
	}
	sparse := h.Sparse()
	makeDense := func() error {
		if !sparse {
			return nil
		}
		if h.MakeDense() != nil {
			return errCorruptHyperLogLog
		}
		c.wroteQuietly(key)
		return nil
	}
	switch {
	case c.is(1, "GETREG"):
		if err := makeDense(); err != nil {
			return err
		}
		var all value.Registers
		if all.Join(*h) != nil {
			return errCorruptHyperLogLog
		}
		c.addArray(len(all))
		for _, register := range all {
			c.addInt(int64(register))
		}
	case c.is(1, "DECODE"):
		if !sparse {
			return errorf("HLL encoding is not sparse")
		}
		c.addBulk(h.Decode())
	case c.is(1, "ENCODING"):
		if sparse {
			c.addStatus("sparse")
		} else {
			c.addStatus("dense")
		}
	case c.is(1, "TODENSE"):
		if err := makeDense(); err != nil {
			return err
		}
		c.addBool(sparse)
	default:
		return errorf("Unknown PFDEBUG subcommand '%s'", ctext.String(c.args[1]))
	}
	return nil
}

// pfselftest tests HyperLogLogs as Redis does, with fewer elements, because other commands wait for it.
func pfselftest(c *call) error {
	// Registers keep their values, and those of others.
	for range 10 {
		var want, got value.Registers
		for i := range want {
			want[i] = uint8(rand.IntN(64))
		}
		h := value.NewHyperLogLog()
		if h.MakeDense() != nil || h.Merge(&want, c.Limits) != nil || got.Join(h) != nil {
			return errorf("TESTFAILED no dense encoding")
		}
		for i := range want {
			if got[i] != want[i] {
				return errorf("TESTFAILED Register %d should be %d but is %d", i, want[i], got[i])
			}
		}
	}
	// Estimates are near enough, and the same in both encodings.
	dense, sparse := value.NewHyperLogLog(), value.NewHyperLogLog()
	if err := dense.MakeDense(); err != nil {
		return err
	}
	prefix := strconv.FormatUint(rand.Uint64(), 36) + ":"
	check := 1
	for n := 1; n <= 100_000; n++ {
		element := prefix + strconv.Itoa(n)
		for _, h := range []*value.HyperLogLog{&dense, &sparse} {
			if _, err := h.Add(element, c.Limits); err != nil {
				return err
			}
		}
		if n != check {
			continue
		}
		check *= 10
		a, _ := dense.Count()
		b, _ := sparse.Count()
		most := math.Ceil(1.04 / 128 * 6 * float64(n))
		switch off := math.Abs(float64(a) - float64(n)); {
		case n < c.Limits.HLLSparseMaxBytes/2 && !sparse.Sparse():
			return errorf("TESTFAILED sparse encoding not used")
		case a != b:
			return errorf("TESTFAILED dense/sparse disagree")
		case off > most:
			return errorf("TESTFAILED Too big error. card:%d abserr:%.0f", n, off)
		}
	}
	c.addOK()
	return nil
}
