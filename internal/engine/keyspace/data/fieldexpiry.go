package data

import (
	"math"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
)

// This file has the commands of Redis 7.4 and 8.0 for fields of hashes that expire. They reply what the documentation of these
// versions says.

func init() {
	add(table{
		"HEXPIRE":      hexpire,
		"HPEXPIRE":     hexpire,
		"HEXPIREAT":    hexpire,
		"HPEXPIREAT":   hexpire,
		"HTTL":         httl,
		"HPTTL":        httl,
		"HEXPIRETIME":  httl,
		"HPEXPIRETIME": httl,
		"HPERSIST":     hpersist,
		"HSETEX":       hsetex,
		"HGETEX":       hgetex,
		"HGETDEL":      hgetdel,
	})
}

// What the commands reply for a field.
const (
	fieldMissing = -2
	fieldLasting = -1 // it has no expiry
	fieldNotMet  = 0  // the condition is not met
	fieldSet     = 1
	fieldDeleted = 2 // the time is past
)

const errFields = Error("ERR Mandatory argument FIELDS is missing or not at the right position")

// parseFields reads FIELDS, the number of fields, and the fields, which end the command. A field has size words.
func parseFields(words []string, size int, badNumber string) ([]string, error) {
	if len(words) < 2 || !equalFold(words[0], "FIELDS") {
		return nil, errFields
	}
	n, err := parseIntIn(words[1], 1, math.MaxInt64, errorf("%s", badNumber))
	if err != nil {
		return nil, err
	}
	fields := words[2:]
	if len(fields)%size != 0 || n != int64(len(fields)/size) {
		return nil, errorf("The `numfields` parameter must match the number of arguments")
	}
	return fields, nil
}

const badFieldNumber = "Number of fields must be a positive integer"

// maxFieldTime is the latest time at which a field can expire, in milliseconds since 1970.
const maxFieldTime = 1<<46 - 1

// parseFieldTime reads when a field expires, and returns it in milliseconds since 1970.
func (c *call) parseFieldTime(word string, seconds, absolute bool) (at int64, err error) {
	n, err := parseInt(word)
	if err != nil {
		return 0, err
	}
	if n < 0 {
		return 0, errorf("invalid expire time, must be >= 0")
	}
	most, unit := int64(maxFieldTime), int64(1)
	if !absolute {
		at = c.now
	}
	if seconds {
		unit = 1000
	}
	if n > (most-at)/unit {
		return 0, c.errExpire()
	}
	return at + n*unit, nil
}

// expireField sets the time of a field, or deletes the field if that is past.
func (c *call) expireField(h *value.Hash, field string, at int64) (result int64) {
	switch {
	case at <= c.now:
		if !h.Delete(field) {
			return fieldMissing
		}
		c.stats.ExpiredFields++
		return fieldDeleted
	case h.SetExpiry(field, at):
		return fieldSet
	}
	return fieldMissing
}

// expiredFields says that times of fields were set, or that fields were deleted because their time is past.
func (c *call) expiredFields(key string, h *value.Hash, set, deleted bool) {
	switch {
	case deleted:
		c.wrote(key, 'h', "hdel")
		c.deleteEmpty(key, h)
	case set:
		c.wrote(key, 'h', "hexpire")
	}
}

// hexpire runs HEXPIRE, HPEXPIRE, HEXPIREAT and HPEXPIREAT.
func hexpire(c *call) error {
	key, name := c.args[1], c.command.Name
	h, err := edit[*value.Hash](c, key)
	if err != nil {
		return err
	}
	at, err := c.parseFieldTime(c.args[2], name[1] != 'P', strings.HasSuffix(name, "AT"))
	if err != nil {
		return err
	}
	words, condition := c.args[3:], ""
	if i := slices.IndexFunc(expiryConditions, func(option string) bool { return c.is(3, option) }); i >= 0 {
		words, condition = words[1:], expiryConditions[i]
	}
	fields, err := parseFields(words, 1, "Parameter `numFields` should be greater than 0")
	if err != nil {
		return err
	}
	var set, deleted bool
	c.addArray(len(fields))
	for _, field := range fields {
		result := int64(fieldMissing)
		if h != nil {
			if _, ok := h.Get(field); ok && !mayExpire(h, field, at, condition) {
				result = fieldNotMet
			} else {
				result = c.expireField(h, field, at)
			}
		}
		set = set || result == fieldSet
		deleted = deleted || result == fieldDeleted
		c.addInt(result)
	}
	c.expiredFields(key, h, set, deleted)
	return nil
}

var expiryConditions = []string{"NX", "XX", "GT", "LT"}

// mayExpire says whether a field meets the condition for a new time. No time is later than any other.
func mayExpire(h *value.Hash, field string, at int64, condition string) bool {
	old, expires := h.Expiry(field)
	switch condition {
	case "NX":
		return !expires
	case "XX":
		return expires
	case "GT":
		return expires && at > old
	case "LT":
		return !expires || at < old
	}
	return true
}

// httl runs HTTL, HPTTL, HEXPIRETIME and HPEXPIRETIME.
func httl(c *call) error {
	name := c.command.Name
	h, err := read[*value.Hash](c, c.args[1])
	if err != nil {
		return err
	}
	fields, err := parseFields(c.args[2:], 1, badFieldNumber)
	if err != nil {
		return err
	}
	c.addArray(len(fields))
	for _, field := range fields {
		at := fieldTime(h, field)
		if at > 0 {
			if strings.HasSuffix(name, "TTL") {
				at -= c.now
			}
			if name[1] != 'P' {
				at = (at + 999) / 1000
			}
		}
		c.addInt(at)
	}
	return nil
}

// fieldTime returns when a field expires, or fieldMissing or fieldLasting. h may be nil.
func fieldTime(h *value.Hash, field string) int64 {
	if h == nil {
		return fieldMissing
	}
	if _, ok := h.Get(field); !ok {
		return fieldMissing
	}
	if at, ok := h.Expiry(field); ok {
		return at
	}
	return fieldLasting
}

func hpersist(c *call) error {
	key := c.args[1]
	h, err := edit[*value.Hash](c, key)
	if err != nil {
		return err
	}
	fields, err := parseFields(c.args[2:], 1, badFieldNumber)
	if err != nil {
		return err
	}
	changed := false
	c.addArray(len(fields))
	for _, field := range fields {
		result := fieldTime(h, field)
		if result > 0 {
			changed, result = h.Persist(field), fieldSet
		}
		c.addInt(result)
	}
	if changed {
		c.wrote(key, 'h', "hpersist")
	}
	return nil
}

// fieldOptions are the words of HSETEX and HGETEX before FIELDS.
type fieldOptions struct {
	condition string // FNX, FXX or ""
	keeps     string // KEEPTTL, PERSIST or ""
	expires   bool
	at        int64
}

// parseFieldOptions reads the options. It returns the words from FIELDS on.
func (c *call) parseFieldOptions(keeps string, conditions ...string) (o fieldOptions, words []string, err error) {
	for words = c.args[2:]; len(words) > 0 && !equalFold(words[0], "FIELDS"); words = words[1:] {
		named := func(option string) bool { return equalFold(words[0], option) }
		if i := slices.IndexFunc(conditions, named); i >= 0 {
			if o.condition != "" {
				return o, nil, errorf("Only one of FXX or FNX arguments can be specified")
			}
			o.condition = conditions[i]
			continue
		}
		i := slices.IndexFunc(expiryOptions, named)
		switch {
		case i < 0 && !named(keeps):
			return o, nil, errFields
		case o.expires || o.keeps != "":
			return o, nil, errorf("Only one of EX, PX, EXAT, PXAT or %s arguments can be specified", keeps)
		case i < 0:
			o.keeps = keeps
		case len(words) == 1:
			return o, nil, errFields
		default:
			option := expiryOptions[i]
			o.expires, words = true, words[1:]
			if o.at, err = c.parseFieldTime(words[0], option[0] == 'E', len(option) > 2); err != nil {
				return o, nil, err
			}
		}
	}
	return o, words, nil
}

func hsetex(c *call) error {
	key := c.args[1]
	o, words, err := c.parseFieldOptions("KEEPTTL", "FNX", "FXX")
	if err != nil {
		return err
	}
	pairs, err := parseFields(words, 2, badFieldNumber)
	if err != nil {
		return err
	}
	h, err := edit[*value.Hash](c, key)
	if err != nil {
		return err
	}
	for i := 0; i < len(pairs) && o.condition != ""; i += 2 {
		if (fieldTime(h, pairs[i]) == fieldMissing) != (o.condition == "FNX") {
			c.addInt(0)
			return nil
		}
	}
	if h == nil {
		if h, err = create(c, key, value.NewHash); err != nil {
			return err
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		if o.keeps != "" {
			h.Update(pairs[i], pairs[i+1], c.Limits)
		} else {
			h.Set(pairs[i], pairs[i+1], c.Limits)
		}
	}
	c.wrote(key, 'h', "hset")
	if o.expires {
		deleted := false
		for i := 0; i < len(pairs); i += 2 {
			deleted = c.expireField(h, pairs[i], o.at) == fieldDeleted || deleted
		}
		c.expiredFields(key, h, true, deleted)
	}
	c.addInt(1)
	return nil
}

func hgetex(c *call) error {
	key := c.args[1]
	h, err := edit[*value.Hash](c, key)
	if err != nil {
		return err
	}
	o, words, err := c.parseFieldOptions("PERSIST")
	if err != nil {
		return err
	}
	fields, err := parseFields(words, 1, badFieldNumber)
	if err != nil {
		return err
	}
	c.addArray(len(fields))
	var set, deleted, persisted bool
	for _, field := range fields {
		c.addField(h, field)
		switch {
		case h == nil:
		case o.keeps != "":
			persisted = h.Persist(field) || persisted
		case o.expires:
			result := c.expireField(h, field, o.at)
			set = set || result == fieldSet
			deleted = deleted || result == fieldDeleted
		}
	}
	if persisted {
		c.wrote(key, 'h', "hpersist")
	}
	c.expiredFields(key, h, set, deleted)
	return nil
}

func hgetdel(c *call) error {
	key := c.args[1]
	h, err := edit[*value.Hash](c, key)
	if err != nil {
		return err
	}
	fields, err := parseFields(c.args[2:], 1, badFieldNumber)
	if err != nil {
		return err
	}
	c.addArray(len(fields))
	deleted := false
	for _, field := range fields {
		c.addField(h, field)
		deleted = h != nil && h.Delete(field) || deleted
	}
	if deleted {
		c.wrote(key, 'h', "hdel")
		c.deleteEmpty(key, h)
	}
	return nil
}
