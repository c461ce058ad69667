package keyspace

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A place on earth is the score of a member, whose 52 bits are those of its latitude
// and its longitude in turn.

const (
	geoSteps    = 26
	maxLat      = 85.05112878
	maxLon      = 180.0
	earthRadius = 6372797.560856 // in meters
)

func geoEncode(lon, lat, maxLat float64) uint64 {
	part := func(x, limit float64) uint64 { return uint64((x + limit) / (2 * limit) * (1 << geoSteps)) }
	x, y := part(lat, maxLat), part(lon, maxLon)
	var bits uint64
	for i := range geoSteps {
		bits |= (x>>i&1)<<(2*i) | (y>>i&1)<<(2*i+1)
	}
	return bits
}

func geoDecode(score float64) (lon, lat float64) {
	bits := uint64(score)
	var x, y uint64
	for i := range geoSteps {
		x |= bits >> (2 * i) & 1 << i
		y |= bits >> (2*i + 1) & 1 << i
	}
	center := func(n uint64, limit float64) float64 {
		low := -limit + float64(n)/(1<<geoSteps)*(2*limit)
		high := -limit + float64(n+1)/(1<<geoSteps)*(2*limit)
		return min(max((low+high)/2, -limit), limit)
	}
	return center(y, maxLon), center(x, maxLat)
}

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }

// distance is how many meters are between two places.
func distance(lon1, lat1, lon2, lat2 float64) float64 {
	v := math.Sin((radians(lon2) - radians(lon1)) / 2)
	if v == 0 {
		return latDistance(lat1, lat2)
	}
	u := math.Sin((radians(lat2) - radians(lat1)) / 2)
	return 2 * earthRadius * math.Asin(math.Sqrt(u*u+math.Cos(radians(lat1))*math.Cos(radians(lat2))*v*v))
}

func latDistance(lat1, lat2 float64) float64 {
	return earthRadius * math.Abs(radians(lat2)-radians(lat1))
}

// parsePlace reads a longitude and a latitude.
func parsePlace(words []string) (lon, lat float64, refusal []byte) {
	lon, ok1 := parseFloat(words[0])
	lat, ok2 := parseFloat(words[1])
	switch {
	case !ok1 || !ok2:
		return 0, 0, errorReply(notFloat)
	case math.Abs(lon) > maxLon || math.Abs(lat) > maxLat:
		return 0, 0, errorReply(fmt.Sprintf("ERR invalid longitude,latitude pair %f,%f", lon, lat))
	}
	return lon, lat, nil
}

// parseUnit reads a unit, in meters.
func parseUnit(word string) (meters float64, refusal []byte) {
	meters, ok := map[string]float64{"m": 1, "km": 1000, "ft": 0.3048, "mi": 1609.34}[strings.ToLower(word)]
	if !ok {
		return 0, errorReply("ERR unsupported unit provided. please use M, KM, FT, MI")
	}
	return meters, nil
}

// geoAdd is GEOADD.
func (db *DB) geoAdd(args []string) []byte {
	at := 2
	call := []string{"ZADD", args[1]}
	nx, xx := false, false
options:
	for ; at < len(args); at++ {
		option := strings.ToUpper(args[at])
		switch option {
		case "NX":
			nx = true
		case "XX":
			xx = true
		case "CH":
		default:
			break options
		}
		call = append(call, option)
	}
	if (len(args)-at)%3 != 0 || nx && xx {
		return errorReply(syntaxError)
	}
	for ; at < len(args); at += 3 {
		lon, lat, refusal := parsePlace(args[at:])
		if refusal != nil {
			return refusal
		}
		call = append(call, strconv.FormatUint(geoEncode(lon, lat, maxLat), 10), args[at+2])
	}
	return db.add(call)
}

// places reads a sorted set of places.
func (db *DB) places(key string) (scores map[string]float64, refusal []byte) {
	if kind := db.typeOf(key); kind != "" && kind != "zset" {
		return nil, errorReply(wrongType)
	}
	return db.members(key)
}

// geoPosition is GEOPOS.
func (db *DB) geoPosition(args []string) []byte {
	scores, refusal := db.places(args[1])
	if refusal != nil {
		return refusal
	}
	reply := appendArray(nil, len(args)-2)
	for _, member := range args[2:] {
		if score, ok := scores[member]; ok {
			reply = appendPlace(reply, score)
		} else {
			reply = append(reply, nullArray...)
		}
	}
	return reply
}

func appendPlace(dst []byte, score float64) []byte {
	dst = appendArray(dst, 2)
	lon, lat := geoDecode(score)
	dst = appendBulk(dst, formatLongDouble(big.NewFloat(lon)))
	return appendBulk(dst, formatLongDouble(big.NewFloat(lat)))
}

// geoDistance is GEODIST.
func (db *DB) geoDistance(args []string) []byte {
	unit := 1.0
	var refusal []byte
	switch {
	case len(args) > 5:
		return errorReply(syntaxError)
	case len(args) == 5:
		if unit, refusal = parseUnit(args[4]); refusal != nil {
			return refusal
		}
	}
	scores, refusal := db.places(args[1])
	if refusal != nil {
		return refusal
	}
	a, ok1 := scores[args[2]]
	b, ok2 := scores[args[3]]
	if !ok1 || !ok2 {
		return nullReply
	}
	lon1, lat1 := geoDecode(a)
	lon2, lat2 := geoDecode(b)
	return bulk(formatDistance(distance(lon1, lat1, lon2, lat2) / unit))
}

func formatDistance(d float64) string { return strconv.FormatFloat(d, 'f', 4, 64) }

// geoHash is GEOHASH.
func (db *DB) geoHash(args []string) []byte {
	scores, refusal := db.places(args[1])
	if refusal != nil {
		return refusal
	}
	reply := appendArray(nil, len(args)-2)
	for _, member := range args[2:] {
		score, ok := scores[member]
		if !ok {
			reply = append(reply, nullReply...)
			continue
		}
		lon, lat := geoDecode(score)
		bits := geoEncode(lon, lat, 90) // the range that others use for hashes
		var text [11]byte
		for i := range text {
			digit := uint64(0)
			if i < 10 { // 52 bits are not enough for more
				digit = bits >> (52 - (i+1)*5) & 31
			}
			text[i] = "0123456789bcdefghjkmnpqrstuvwxyz"[digit]
		}
		reply = appendBulk(reply, string(text[:]))
	}
	return reply
}

// A geoQuery is what GEOSEARCH and GEORADIUS, and what is like them, look for.
type geoQuery struct {
	lon, lat      float64
	radius        float64 // in meters, as are width and height
	width, height float64
	unit          float64
	from, by      bool // the center, and the shape, are given

	dist, hash, coord bool // what is shown
	any               bool
	count             int64
	order             int // 1 or -1, or 0

	store     string
	stores    bool
	storeDist bool
}

// geoSearch is GEOSEARCH and GEORADIUS, and what is like them.
func (db *DB) geoSearch(args []string) []byte {
	name := strings.ToUpper(args[0])
	key, at := args[1], 2
	q := geoQuery{unit: 1}
	if name == "GEOSEARCHSTORE" {
		q.store, q.stores, key, at = args[1], true, args[2], 3
	}
	scores, refusal := db.places(key)
	if refusal != nil {
		return refusal
	}
	switch {
	case strings.HasPrefix(name, "GEORADIUSBYMEMBER"):
		refusal, at = q.around(scores, args[2:5]), 5
	case strings.HasPrefix(name, "GEORADIUS"):
		q.lon, q.lat, refusal = parsePlace(args[2:])
		if refusal == nil {
			refusal = q.circle(args[4:6])
		}
		at = 6
	}
	if refusal == nil {
		refusal = q.options(name, scores, args[at:])
	}
	switch {
	case refusal != nil:
		return refusal
	case len(scores) == 0 && !q.stores:
		return emptyArray
	}
	type hit struct {
		scored
		dist float64
	}
	var hits []hit
	for member, score := range scores {
		lon, lat := geoDecode(score)
		d := distance(q.lon, q.lat, lon, lat)
		if q.width > 0 || q.height > 0 {
			if latDistance(lat, q.lat) > q.height/2 || distance(lon, lat, q.lon, lat) > q.width/2 {
				continue
			}
		} else if d > q.radius {
			continue
		}
		hits = append(hits, hit{scored{member, score}, d / q.unit})
	}
	if q.count > 0 && !q.any && q.order == 0 {
		q.order = 1
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(q.order*cmp.Compare(a.dist, b.dist), cmp.Compare(a.score, b.score), strings.Compare(a.member, b.member))
	})
	if q.count > 0 {
		hits = hits[:min(int64(len(hits)), q.count)]
	}
	if q.stores {
		found := make([]scored, len(hits))
		for i, h := range hits {
			found[i] = h.scored
			if q.storeDist {
				found[i].score = h.dist
			}
		}
		return db.storeScored(q.store, found)
	}
	reply := appendArray(nil, len(hits))
	for _, h := range hits {
		shown := 1
		for _, show := range []bool{q.dist, q.hash, q.coord} {
			if show {
				shown++
			}
		}
		if shown > 1 {
			reply = appendArray(reply, shown)
		}
		reply = appendBulk(reply, h.member)
		if q.dist {
			reply = appendBulk(reply, formatDistance(h.dist))
		}
		if q.hash {
			reply = appendInteger(reply, int64(h.score))
		}
		if q.coord {
			reply = appendPlace(reply, h.score)
		}
	}
	return reply
}

// around reads a member, a radius and a unit.
func (q *geoQuery) around(scores map[string]float64, words []string) (refusal []byte) {
	if len(scores) == 0 {
		return nil
	}
	if refusal := q.member(scores, words[0]); refusal != nil {
		return refusal
	}
	return q.circle(words[1:])
}

func (q *geoQuery) member(scores map[string]float64, member string) (refusal []byte) {
	score, ok := scores[member]
	if !ok && len(scores) > 0 {
		return errorReply("ERR could not decode requested zset member")
	}
	q.lon, q.lat = geoDecode(score)
	return nil
}

// circle reads a radius and a unit.
func (q *geoQuery) circle(words []string) (refusal []byte) {
	r, ok := parseFloat(words[0])
	switch {
	case !ok:
		return errorReply("ERR need numeric radius")
	case r < 0:
		return errorReply("ERR radius cannot be negative")
	}
	if q.unit, refusal = parseUnit(words[1]); refusal != nil {
		return refusal
	}
	q.radius = r * q.unit
	return nil
}

// box reads a width, a height and a unit.
func (q *geoQuery) box(words []string) (refusal []byte) {
	w, ok := parseFloat(words[0])
	if !ok {
		return errorReply("ERR need numeric width")
	}
	h, ok := parseFloat(words[1])
	switch {
	case !ok:
		return errorReply("ERR need numeric height")
	case w < 0 || h < 0:
		return errorReply("ERR height or width cannot be negative")
	}
	if q.unit, refusal = parseUnit(words[2]); refusal != nil {
		return refusal
	}
	q.width, q.height = w*q.unit, h*q.unit
	return nil
}

func (q *geoQuery) options(name string, scores map[string]float64, words []string) (refusal []byte) {
	search := strings.HasPrefix(name, "GEOSEARCH")
	for len(words) > 0 && refusal == nil {
		option := strings.ToUpper(words[0])
		left := len(words) - 1
		takes := 0
		switch {
		case option == "WITHDIST":
			q.dist = true
		case option == "WITHHASH":
			q.hash = true
		case option == "WITHCOORD":
			q.coord = true
		case option == "ANY":
			q.any = true
		case option == "ASC":
			q.order = 1
		case option == "DESC":
			q.order = -1
		case option == "COUNT" && left > 0:
			takes = 1
			var ok bool
			if q.count, ok = parseInt(words[1]); !ok {
				refusal = errorReply(notInteger)
			} else if q.count <= 0 {
				refusal = errorReply("ERR COUNT must be > 0")
			}
		case (option == "STORE" || option == "STOREDIST") && left > 0 && (name == "GEORADIUS" || name == "GEORADIUSBYMEMBER"):
			takes = 1
			q.store, q.stores, q.storeDist = words[1], true, option == "STOREDIST"
		case option == "STOREDIST" && name == "GEOSEARCHSTORE":
			q.storeDist = true
		case option == "FROMMEMBER" && left > 0 && search && !q.from:
			takes, q.from = 1, true
			refusal = q.member(scores, words[1])
		case option == "FROMLONLAT" && left > 1 && search && !q.from:
			takes, q.from = 2, true
			q.lon, q.lat, refusal = parsePlace(words[1:])
		case option == "BYRADIUS" && left > 1 && search && !q.by:
			takes, q.by = 2, true
			refusal = q.circle(words[1:])
		case option == "BYBOX" && left > 2 && search && !q.by:
			takes, q.by = 3, true
			refusal = q.box(words[1:])
		default:
			return errorReply(syntaxError)
		}
		words = words[takes+1:]
	}
	switch {
	case refusal != nil:
		return refusal
	case q.stores && (q.dist || q.hash || q.coord):
		what := "STORE option in GEORADIUS"
		if search {
			what = "GEOSEARCHSTORE"
		}
		return errorReply("ERR " + what + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
	case search && !q.from:
		return errorReply("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + strings.ToLower(name))
	case search && !q.by:
		return errorReply("ERR exactly one of BYRADIUS and BYBOX can be specified for " + strings.ToLower(name))
	case q.any && q.count == 0:
		return errorReply("ERR the ANY argument requires COUNT argument")
	}
	return nil
}
