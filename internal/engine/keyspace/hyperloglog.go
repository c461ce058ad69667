package keyspace

// pfAdd is PFADD.
func (db *DB) pfAdd(args []string) []byte {
	if refusal := db.onlyHyperLogLogs(args[1:2]); refusal != nil {
		return refusal
	}
	if len(args) > 2 {
		return db.call(args...)
	}
	if db.exists(args[1]) {
		return integer(0)
	}
	db.call("PFMERGE", args[1])
	return integer(1)
}

// pfCount is PFCOUNT.
func (db *DB) pfCount(args []string) []byte {
	if refusal := db.onlyHyperLogLogs(args[1:]); refusal != nil {
		return refusal
	}
	if len(args) == 2 {
		return db.call(args...)
	}
	all := "pfcount" // a key that is not used yet
	for db.exists(all) {
		all += "'"
	}
	defer db.call("DEL", all)
	db.call(append([]string{"PFMERGE", all}, args[1:]...)...)
	return db.call("PFCOUNT", all)
}

// pfMerge is PFMERGE.
func (db *DB) pfMerge(args []string) []byte {
	if refusal := db.onlyHyperLogLogs(args[1:]); refusal != nil {
		return refusal
	}
	return db.call(args...)
}

// onlyHyperLogLogs refuses keys that hold no HyperLogLog.
func (db *DB) onlyHyperLogLogs(keys []string) (refusal []byte) {
	for _, key := range keys {
		switch db.mini.DB(db.selected).Type(key) {
		case "", "hll":
		case "string":
			return errorReply("WRONGTYPE Key is not a valid HyperLogLog string value.")
		default:
			return errorReply(wrongType)
		}
	}
	return nil
}
