package keyspace

import "strconv"

// incrementField is HINCRBY.
func (db *DB) incrementField(args []string) []byte {
	delta, ok := parseInt(args[3])
	if !ok {
		return errorReply(notInteger)
	}
	reply := db.call("HGET", args[1], args[2])
	if reply[0] == '-' {
		return reply
	}
	n := int64(0)
	if v, _ := parse(reply); v != nil {
		if n, ok = parseInt(v.(string)); !ok {
			return errorReply("ERR hash value is not an integer")
		}
	}
	sum := n + delta
	if (sum > n) != (delta > 0) && delta != 0 {
		return errorReply(overflow)
	}
	db.addFields([]string{"HSET", args[1], args[2], strconv.FormatInt(sum, 10)}, args[2])
	return integer(sum)
}

// incrementFieldFloat is HINCRBYFLOAT.
func (db *DB) incrementFieldFloat(args []string) []byte {
	switch delta, ok := parseLongDouble(args[3]); {
	case !ok:
		return errorReply(notFloat)
	case delta.IsInf():
		return errorReply("ERR value is NaN or Infinity")
	}
	reply := db.call("HGET", args[1], args[2])
	if reply[0] == '-' {
		return reply
	}
	text := "0"
	if v, _ := parse(reply); v != nil {
		text = v.(string)
	}
	sum, ok := addLongDoubles(text, args[3])
	switch {
	case !ok:
		return errorReply("ERR hash value is not a float")
	case sum == "":
		return errorReply("ERR increment would produce NaN or Infinity")
	}
	db.addFields([]string{"HSET", args[1], args[2], sum}, args[2])
	return bulk(sum)
}

// expireFields runs a command that has fields of a hash expire.
func (db *DB) expireFields(args []string) []byte {
	db.expiries.fields = true
	return db.call(args...)
}
