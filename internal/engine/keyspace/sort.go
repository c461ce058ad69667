package keyspace

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// sortOptions are those of SORT.
type sortOptions struct {
	by           string
	dont         bool // BY something that is no pattern: as they come
	get          []string
	start, count int64
	alpha, desc  bool
	store        string
	stores       bool
}

func parseSort(words []string, stores bool) (o sortOptions, refusal []byte) {
	o.count = -1
	for len(words) > 0 {
		option, left, takes := strings.ToUpper(words[0]), len(words)-1, 0
		switch {
		case option == "ASC":
			o.desc = false
		case option == "DESC":
			o.desc = true
		case option == "ALPHA":
			o.alpha = true
		case option == "LIMIT" && left > 1:
			takes = 2
			var ok1, ok2 bool
			o.start, ok1 = parseInt(words[1])
			o.count, ok2 = parseInt(words[2])
			if !ok1 || !ok2 {
				return o, errorReply(notInteger)
			}
		case option == "STORE" && left > 0 && stores:
			takes = 1
			o.store, o.stores = words[1], true
		case option == "BY" && left > 0:
			takes = 1
			o.by = words[1]
			o.dont = o.dont || !strings.Contains(o.by, "*")
		case option == "GET" && left > 0:
			takes = 1
			o.get = append(o.get, words[1])
		default:
			return o, errorReply(syntaxError)
		}
		words = words[takes+1:]
	}
	return o, nil
}

// A sortable is an element and what it is sorted by.
type sortable struct {
	element string
	score   float64
	text    string
	missing bool // the text is
}

// sort is SORT and SORT_RO.
func (db *DB) sort(args []string) []byte {
	o, refusal := parseSort(args[2:], strings.EqualFold(args[0], "SORT"))
	if refusal != nil {
		return refusal
	}
	elements, refusal := db.elements(args[1], &o)
	if refusal != nil {
		return refusal
	}
	all := make([]sortable, len(elements))
	for i, element := range elements {
		all[i] = sortable{element: element, text: element}
		if o.by != "" && !o.dont {
			text, ok := db.lookup(o.by, element)
			all[i].text, all[i].missing = text, !ok
		}
	}
	if !o.dont {
		if !o.alpha && !score(all) {
			return errorReply("ERR One or more scores can't be converted into double")
		}
		slices.SortStableFunc(all, func(a, b sortable) int {
			order := cmp.Or(cmp.Compare(a.score, b.score), strings.Compare(a.element, b.element))
			if o.alpha {
				order = strings.Compare(a.text, b.text)
				if a.missing || b.missing {
					order = cmp.Compare(boolInt(b.missing), boolInt(a.missing))
				}
			}
			if o.desc {
				return -order
			}
			return order
		})
	}
	start := min(max(o.start, 0), int64(len(all)))
	end := int64(len(all))
	if o.count >= 0 && o.count < end-start {
		end = start + o.count
	}
	return db.sorted(all[start:end], o)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// elements reads what SORT sorts, in the order in which it comes.
func (db *DB) elements(key string, o *sortOptions) (elements []string, refusal []byte) {
	mini := db.mini.DB(db.selected)
	switch db.typeOf(key) {
	case "":
	case "list":
		elements, _ = mini.List(key)
	case "set":
		elements, _ = words(db.readSet([]string{"SMEMBERS", key}))
		if o.dont { // a set has no order of its own
			o.dont, o.alpha, o.by = false, true, ""
		}
	case "zset":
		elements, _ = words(db.call("ZRANGE", key, "0", "-1"))
		if o.dont && o.desc {
			slices.Reverse(elements)
		}
	default:
		return nil, errorReply(wrongType)
	}
	return elements, nil
}

// score reads the numbers to sort by, as strtod does: what is missing, and an
// empty string, is zero.
func score(all []sortable) (ok bool) {
	for i := range all {
		text := strings.TrimLeft(all[i].text, " \t\n\v\f\r")
		if all[i].missing || text == "" {
			continue
		}
		if all[i].score, ok = parseFloat(text); !ok || math.IsNaN(all[i].score) {
			return false
		}
	}
	return true
}

// lookup reads the string, or with -> the field, that a pattern names for an
// element.
func (db *DB) lookup(pattern, element string) (text string, ok bool) {
	if pattern == "#" {
		return element, true
	}
	before, after, ok := strings.Cut(pattern, "*")
	if !ok {
		return "", false
	}
	name, field, _ := strings.Cut(after, "->")
	reply := []byte(nil)
	if field == "" {
		reply = db.call("GET", before+element+after)
	} else {
		reply = db.call("HGET", before+element+name, field)
	}
	v, _ := parse(reply)
	text, ok = v.(string)
	return text, ok
}

// sorted is the reply of SORT, or stores it.
func (db *DB) sorted(all []sortable, o sortOptions) []byte {
	get := o.get
	if len(get) == 0 {
		get = []string{"#"}
	}
	reply := appendArray(nil, len(all)*len(get))
	push := []string{"RPUSH", o.store}
	for _, s := range all {
		for _, pattern := range get {
			text, ok := db.lookup(pattern, s.element)
			push = append(push, text)
			if ok {
				reply = appendBulk(reply, text)
			} else {
				reply = append(reply, nullReply...)
			}
		}
	}
	if !o.stores {
		return reply
	}
	db.call("DEL", o.store)
	if len(all) > 0 {
		db.call(push...)
	}
	return integer(int64(len(all) * len(get)))
}

// lcs is LCS, the longest common subsequence of two strings.
func (db *DB) lcs(args []string) []byte {
	a, refusal1 := db.text(args[1])
	b, refusal2 := db.text(args[2])
	if refusal1 != nil || refusal2 != nil {
		return errorReply("ERR The specified keys must contain string values")
	}
	var index, length, withLength bool
	least := int64(0)
	for words := args[3:]; len(words) > 0; words = words[1:] {
		switch option := strings.ToUpper(words[0]); {
		case option == "IDX":
			index = true
		case option == "LEN":
			length = true
		case option == "WITHMATCHLEN":
			withLength = true
		case option == "MINMATCHLEN" && len(words) > 1:
			var ok bool
			if least, ok = parseInt(words[1]); !ok {
				return errorReply(notInteger)
			}
			words = words[1:]
		default:
			return errorReply(syntaxError)
		}
	}
	switch {
	case index && length:
		return errorReply("ERR If you want both the length and indexes, please just use IDX.")
	case (len(a)+1)*(len(b)+1)*4 > maxString:
		return errorReply("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
	}
	common, matches := longestCommon(a, b)
	switch {
	case length:
		return integer(int64(len(common)))
	case !index:
		return bulk(common)
	}
	matches = slices.DeleteFunc(matches, func(m commonRange) bool { return int64(m.length) < least })
	reply := appendArray(appendBulk(appendArray(nil, 4), "matches"), len(matches))
	for _, m := range matches {
		reply = appendArray(reply, 2+boolInt(withLength))
		for _, start := range []int{m.a, m.b} {
			reply = appendArray(reply, 2)
			reply = appendInteger(reply, int64(start))
			reply = appendInteger(reply, int64(start+m.length-1))
		}
		if withLength {
			reply = appendInteger(reply, int64(m.length))
		}
	}
	return appendInteger(appendBulk(reply, "len"), int64(len(common)))
}

// A commonRange is a part that two strings have in common, and where.
type commonRange struct{ a, b, length int }

// longestCommon returns the longest common subsequence and its parts, the last part
// first. Of more than one, they are those that Redis finds.
func longestCommon(a, b string) (common string, matches []commonRange) {
	width := len(b) + 1
	lengths := make([]uint32, (len(a)+1)*width)
	for i := range len(a) {
		for j := range len(b) {
			best := max(lengths[i*width+j+1], lengths[(i+1)*width+j])
			if a[i] == b[j] {
				best = lengths[i*width+j] + 1
			}
			lengths[(i+1)*width+j+1] = best
		}
	}
	var found []byte
	for i, j := len(a), len(b); i > 0 && j > 0; {
		switch {
		case a[i-1] == b[j-1]:
			i, j = i-1, j-1
			found = append(found, a[i])
			if n := len(matches); n > 0 && matches[n-1].a == i+1 && matches[n-1].b == j+1 {
				matches[n-1] = commonRange{i, j, matches[n-1].length + 1}
			} else {
				matches = append(matches, commonRange{i, j, 1})
			}
		case lengths[(i-1)*width+j] > lengths[i*width+j-1]:
			i--
		default:
			j--
		}
	}
	slices.Reverse(found)
	return string(found), matches
}
