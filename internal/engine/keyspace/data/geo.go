package data

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/redis-rest/redis-rest-go/internal/engine/keyspace/value"
	"github.com/redis-rest/redis-rest-go/internal/engine/lua/libm"
	"github.com/redis-rest/redis-rest-go/internal/protocol/ctext"
)

func init() {
	add(table{
		"GEOADD":               geoadd,
		"GEOPOS":               geopos,
		"GEODIST":              geodist,
		"GEOHASH":              geohash,
		"GEOSEARCH":            geosearch,
		"GEOSEARCHSTORE":       geosearch,
		"GEORADIUS":            geosearch,
		"GEORADIUS_RO":         geosearch,
		"GEORADIUSBYMEMBER":    geosearch,
		"GEORADIUSBYMEMBER_RO": geosearch,
	})
}

// A place is a position on earth, in degrees.
type place struct{ lon, lat float64 }

// A cell is one of the parts into which earth is divided: 2^steps by 2^steps rectangles. Its bits are those of the
// latitude and, above each of them, those of the longitude. The score of a member is its cell of 26 steps.
type cell struct {
	bits  uint64
	steps int
}

const (
	geoSteps    = 26
	geoMaxLon   = 180
	geoMaxLat   = 85.05112878
	latBits     = 0x5555555555555555
	lonBits     = latBits << 1
	earthRadius = 6372797.560856 // in meters
	mercatorMax = 20037726.37
)

// cellOf returns the cell in which a place lies.
func cellOf(p place, steps int, maxLat float64) cell {
	part := func(x, limit float64) uint64 {
		return uint64((x + limit) / (limit + limit) * float64(uint64(1)<<steps))
	}
	lat, lon := part(p.lat, maxLat), part(p.lon, geoMaxLon)
	var bits uint64
	for i := range 32 {
		bits |= (lat>>i&1)<<(2*i) | (lon>>i&1)<<(2*i+1)
	}
	return cell{bits, steps}
}

// area returns the edges of a cell.
func (h cell) area() (low, high place) {
	var lat, lon uint32
	for i := range 32 {
		lat |= uint32(h.bits>>(2*i)&1) << i
		lon |= uint32(h.bits>>(2*i+1)&1) << i
	}
	edge := func(n uint32, limit float64) float64 {
		return -limit + float64(float64(n)/float64(uint64(1)<<h.steps)*(limit+limit))
	}
	return place{edge(lon, geoMaxLon), edge(lat, geoMaxLat)}, place{edge(lon+1, geoMaxLon), edge(lat+1, geoMaxLat)}
}

// placeOf returns the center of the cell that is a score.
func placeOf(score float64) place {
	low, high := cell{ctext.Uint64(score), geoSteps}.area()
	center := func(a, b, limit float64) float64 { return max(min((a+b)/2, limit), -limit) }
	return place{center(low.lon, high.lon, geoMaxLon), center(low.lat, high.lat, geoMaxLat)}
}

// move returns the cell that lies so many cells to the east and north. Beyond an edge is the opposite one.
func (h cell) move(east, north int) cell {
	mask := uint64(1)<<(2*h.steps) - 1
	shift := func(bits, others uint64, by int) uint64 {
		switch {
		case by > 0:
			bits += others&mask + 1
		case by < 0:
			bits = (bits | others&mask) - (others&mask + 1)
		default:
			return bits
		}
		return bits & ^others & mask
	}
	return cell{shift(h.bits&lonBits, latBits, east) | shift(h.bits&latBits, lonBits, north), h.steps}
}

// scores returns the scores of the places in a cell.
func (h cell) scores() (from, to value.ScoreBound) {
	least := func(bits uint64) float64 { return float64(bits << (2*geoSteps - 2*h.steps)) }
	return value.ScoreBound{Score: least(h.bits)}, value.ScoreBound{Score: least(h.bits + 1), Exclusive: true}
}

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }
func degrees(radians float64) float64 { return radians / (math.Pi / 180) }

// distance returns the distance of two places in meters.
func distance(a, b place) float64 {
	v := libm.Sin((radians(b.lon) - radians(a.lon)) / 2)
	if v == 0 {
		return latDistance(a, b)
	}
	u := libm.Sin((radians(b.lat) - radians(a.lat)) / 2)
	sum := float64(u*u) + float64(libm.Cos(radians(a.lat))*libm.Cos(radians(b.lat))*v*v)
	return 2 * earthRadius * libm.Asin(math.Sqrt(sum))
}

func latDistance(a, b place) float64 {
	return earthRadius * math.Abs(radians(b.lat)-radians(a.lat))
}

// parsePlace reads a longitude and a latitude.
func parsePlace(words []string) (p place, err error) {
	if p.lon, err = parseFloat(words[0]); err != nil {
		return p, err
	}
	if p.lat, err = parseFloat(words[1]); err != nil {
		return p, err
	}
	if math.Abs(p.lon) > geoMaxLon || math.Abs(p.lat) > geoMaxLat {
		return p, errorf("invalid longitude,latitude pair %s,%s", ctext.FormatFloat(p.lon, 'f', 6), ctext.FormatFloat(p.lat, 'f', 6))
	}
	return p, nil
}

// parseUnit reads a unit and returns the number of its meters.
func parseUnit(word string) (meters float64, err error) {
	switch {
	case equalFold(word, "M"):
		return 1, nil
	case equalFold(word, "KM"):
		return 1000, nil
	case equalFold(word, "FT"):
		return 0.3048, nil
	case equalFold(word, "MI"):
		return 1609.34, nil
	}
	return 0, errorf("unsupported unit provided. please use M, KM, FT, MI")
}

func geoadd(c *call) error {
	at := 2
	var o zaddOptions
options:
	for ; at < len(c.args); at++ {
		switch {
		case c.is(at, "NX"):
			o.nx = true
		case c.is(at, "XX"):
			o.xx = true
		case c.is(at, "CH"):
			o.ch = true
		default:
			break options
		}
	}
	words := c.args[at:]
	if len(words) == 0 || len(words)%3 != 0 || o.nx && o.xx {
		return errSyntax
	}
	pairs := make([]scored, len(words)/3)
	for i := range pairs {
		p, err := parsePlace(words[3*i:])
		if err != nil {
			return err
		}
		pairs[i] = scored{words[3*i+2], float64(cellOf(p, geoSteps, geoMaxLat).bits)}
	}
	return c.zadd(o, pairs)
}

// addPlace adds a longitude and a latitude.
func (c *call) addPlace(p place) {
	c.addArray(2)
	c.addNumber(formatLongDouble(big.NewFloat(p.lon)))
	c.addNumber(formatLongDouble(big.NewFloat(p.lat)))
}

// addDistance adds a distance with four digits after the decimal point.
func (c *call) addDistance(d float64) {
	n := ctext.Int64(math.RoundToEven(d * 1e4))
	sign, digits := "", uint64(n)
	if n < 0 {
		sign, digits = "-", -digits
	}
	c.addBulk(fmt.Sprintf("%s%d.%04d", sign, digits/1e4, digits%1e4))
}

// eachScore adds for each of the members what add adds for its score, or otherwise what none adds.
func (c *call) eachScore(none func(), add func(score float64)) error {
	z, err := read[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	c.addArray(len(c.args) - 2)
	for _, member := range c.args[2:] {
		if z != nil {
			if score, ok := z.Score(member); ok {
				add(score)
				continue
			}
		}
		none()
	}
	return nil
}

func geopos(c *call) error {
	return c.eachScore(c.addNullArray, func(score float64) { c.addPlace(placeOf(score)) })
}

func geohash(c *call) error {
	return c.eachScore(c.addNull, func(score float64) {
		bits := cellOf(placeOf(score), geoSteps, 90).bits // others count latitudes from the pole
		text := []byte("00000000000")
		for i := range 10 { // 52 bits are ten digits
			text[i] = "0123456789bcdefghjkmnpqrstuvwxyz"[bits>>(52-5*(i+1))&31]
		}
		c.addBulkBytes(text)
	})
}

func geodist(c *call) error {
	unit := 1.0
	switch {
	case len(c.args) > 5:
		return errSyntax
	case len(c.args) == 5:
		var err error
		if unit, err = parseUnit(c.args[4]); err != nil {
			return err
		}
	}
	z, err := read[*value.SortedSet](c, c.args[1])
	if err != nil {
		return err
	}
	if z != nil {
		a, ok1 := z.Score(c.args[2])
		b, ok2 := z.Score(c.args[3])
		if ok1 && ok2 {
			c.addDistance(distance(placeOf(a), placeOf(b)) / unit)
			return nil
		}
	}
	c.addNull()
	return nil
}

// A geoShape is the area of a search: a circle, or a box, whose lines go along the latitudes and longitudes.
type geoShape struct {
	center        place
	box           bool
	radius        float64 // of the circle
	width, height float64 // of the box
	unit          float64 // meters
}

// parseRadius reads a radius and a unit.
func (s *geoShape) parseRadius(words []string) (err error) {
	if s.radius, err = parseFloatOr(words[0], errorf("need numeric radius")); err != nil {
		return err
	}
	if s.radius < 0 {
		return errorf("radius cannot be negative")
	}
	s.unit, err = parseUnit(words[1])
	return err
}

// parseBox reads a width, a height and a unit.
func (s *geoShape) parseBox(words []string) (err error) {
	if s.width, err = parseFloatOr(words[0], errorf("need numeric width")); err != nil {
		return err
	}
	if s.height, err = parseFloatOr(words[1], errorf("need numeric height")); err != nil {
		return err
	}
	if s.height < 0 || s.width < 0 {
		return errorf("height or width cannot be negative")
	}
	s.unit, err = parseUnit(words[2])
	return err
}

// parseMember takes the place of a member as the center.
func (s *geoShape) parseMember(z *value.SortedSet, member string) error {
	score, ok := z.Score(member)
	if !ok {
		return errorf("could not decode requested zset member")
	}
	s.center = placeOf(score)
	return nil
}

// distance returns the distance of a place from the center, and says whether the place is in the shape.
func (s *geoShape) distance(p place) (d float64, in bool) {
	if s.box && (latDistance(p, s.center) > s.height*s.unit/2 || distance(p, place{s.center.lon, p.lat}) > s.width*s.unit/2) {
		return 0, false
	}
	d = distance(s.center, p)
	return d, s.box || !(d > s.radius*s.unit) // NaN is in it
}

// bounds returns the edges of a rectangle around the shape.
func (s *geoShape) bounds() (low, high place) {
	width, height := s.unit*s.radius, s.unit*s.radius
	if s.box {
		width, height = s.unit*(s.width/2), s.unit*(s.height/2)
	}
	lat := degrees(height / earthRadius)
	at := s.center.lat + lat // where the shape is widest
	if s.center.lat < 0 {
		at = s.center.lat - lat
	}
	lon := degrees(width / earthRadius / libm.Cos(radians(at)))
	return place{s.center.lon - lon, s.center.lat - lat}, place{s.center.lon + lon, s.center.lat + lat}
}

// steps returns how small the cells may be of which nine cover the shape, near enough.
func (s *geoShape) steps() int {
	radius := s.radius
	if s.box {
		radius = math.Sqrt(float64(s.width/2*(s.width/2)) + float64(s.height/2*(s.height/2)))
	}
	radius *= s.unit
	if radius == 0 {
		return geoSteps
	}
	steps := 1
	for ; radius < mercatorMax; steps++ {
		radius *= 2
	}
	steps -= 2
	if math.Abs(s.center.lat) > 66 {
		steps--
	}
	if math.Abs(s.center.lat) > 80 {
		steps--
	}
	return min(max(steps, 1), geoSteps)
}

// The neighbors of a cell, in the order in which Redis looks through them.
var neighbors = []struct{ east, north int }{{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}}

// cells returns the cells that cover the shape.
func (s *geoShape) cells() (cells []cell) {
	low, high := s.bounds()
	steps := s.steps()
	h := cellOf(s.center, steps, geoMaxLat)
	edge := func(east, north int) (low, high place) { return h.move(east, north).area() }
	_, north := edge(0, 1)
	south, _ := edge(0, -1)
	_, east := edge(1, 0)
	west, _ := edge(-1, 0)
	if steps > 1 && (north.lat < high.lat || south.lat > low.lat || east.lon < high.lon || west.lon > low.lon) {
		steps--
		h = cellOf(s.center, steps, geoMaxLat)
	}
	areaLow, areaHigh := h.area()
	for _, n := range neighbors {
		if steps >= 2 && (areaLow.lat < low.lat && n.north < 0 || areaHigh.lat > high.lat && n.north > 0 ||
			areaLow.lon < low.lon && n.east < 0 || areaHigh.lon > high.lon && n.east > 0) {
			continue
		}
		// With few cells, several neighbors are the same one.
		if next := h.move(n.east, n.north); len(cells) < 2 || next != cells[len(cells)-1] {
			cells = append(cells, next)
		}
	}
	return cells
}

// A hit is a member that a search has found.
type hit struct {
	scored
	place    place
	distance float64
}

// search returns the members in the shape. It stops after most of them, unless that is 0.
func (s *geoShape) search(z *value.SortedSet, most int64) (hits []hit) {
	for _, h := range s.cells() {
		for member, score := range z.Range(z.RangeByScore(h.scores())) {
			p := placeOf(score)
			if d, in := s.distance(p); in {
				hits = append(hits, hit{scored{member, score}, p, d})
				if int64(len(hits)) == most {
					return hits
				}
			}
		}
	}
	return hits
}

// A geoQuery has the words of GEOSEARCH and its like.
type geoQuery struct {
	geoShape
	dist, hash, coord bool // parts of the result
	any               bool
	count             int64
	order             int // 1 or -1, or 0 for no order
	store             string
	stores, storeDist bool
}

// geosearch runs GEOSEARCH, GEORADIUS and their variants.
func geosearch(c *call) error {
	name, at := c.command.Name, 1
	var q geoQuery
	if name == "GEOSEARCHSTORE" {
		q.store, q.stores, at = c.args[1], true, 2
	}
	z, err := read[*value.SortedSet](c, c.args[at])
	if err != nil {
		return err
	}
	at++
	switch {
	case strings.HasPrefix(name, "GEORADIUSBYMEMBER"):
		if z != nil {
			if err := q.parseMember(z, c.args[2]); err != nil {
				return err
			}
			if err := q.parseRadius(c.args[3:]); err != nil {
				return err
			}
		}
		at = 5
	case strings.HasPrefix(name, "GEORADIUS"):
		if q.center, err = parsePlace(c.args[2:]); err != nil {
			return err
		}
		if err := q.parseRadius(c.args[4:]); err != nil {
			return err
		}
		at = 6
	}
	if err := c.parseGeo(&q, z, at); err != nil {
		return err
	}
	most := int64(0)
	if q.any {
		most = q.count
	} else if q.count > 0 && q.order == 0 {
		q.order = 1
	}
	var hits []hit
	if z != nil {
		hits = q.search(z, most)
	}
	if q.order != 0 { // Redis with COUNT has another order among equal distances
		slices.SortStableFunc(hits, func(a, b hit) int { return q.order * cmp.Compare(a.distance, b.distance) })
	}
	if q.count > 0 {
		hits = hits[:min(int64(len(hits)), q.count)]
	}
	if q.stores {
		found := value.NewSortedSet()
		for _, h := range hits {
			score := h.score
			if q.storeDist {
				score = h.distance / q.unit
			}
			found.Set(h.member, score, &value.Limits{})
		}
		found.Compact(c.Limits)
		event := "georadiusstore"
		if name == "GEOSEARCHSTORE" {
			event = "geosearchstore"
		}
		c.store(q.store, found, event)
		return nil
	}
	c.addHits(hits, &q)
	return nil
}

// parseGeo reads the words from a position on.
func (c *call) parseGeo(q *geoQuery, z *value.SortedSet, at int) (err error) {
	name := c.command.Name
	search := strings.HasPrefix(name, "GEOSEARCH")
	var byMember, byPlace, byRadius, byBox bool
	for i := at; i < len(c.args); i++ {
		left := len(c.args) - 1 - i
		takes := 0
		switch {
		case c.is(i, "WITHDIST"):
			q.dist = true
		case c.is(i, "WITHHASH"):
			q.hash = true
		case c.is(i, "WITHCOORD"):
			q.coord = true
		case c.is(i, "ANY"):
			q.any = true
		case c.is(i, "ASC"):
			q.order = 1
		case c.is(i, "DESC"):
			q.order = -1
		case c.is(i, "COUNT") && left > 0:
			takes = 1
			if q.count, err = parseInt(c.args[i+1]); err == nil && q.count <= 0 {
				err = errorf("COUNT must be > 0")
			}
		case (c.is(i, "STORE") || c.is(i, "STOREDIST")) && left > 0 && (name == "GEORADIUS" || name == "GEORADIUSBYMEMBER"):
			takes = 1
			q.store, q.stores, q.storeDist = c.args[i+1], true, c.is(i, "STOREDIST")
		case c.is(i, "STOREDIST") && name == "GEOSEARCHSTORE":
			q.storeDist = true
		case c.is(i, "FROMMEMBER") && left > 0 && search && !byPlace:
			takes, byMember = 1, true
			if z != nil {
				err = q.parseMember(z, c.args[i+1])
			}
		case c.is(i, "FROMLONLAT") && left > 1 && search && !byMember:
			takes, byPlace = 2, true
			q.center, err = parsePlace(c.args[i+1:])
		case c.is(i, "BYRADIUS") && left > 1 && search && !byBox:
			takes, byRadius = 2, true
			err = q.parseRadius(c.args[i+1:])
		case c.is(i, "BYBOX") && left > 2 && search && !byRadius:
			takes, byBox, q.box = 3, true, true
			err = q.parseBox(c.args[i+1:])
		default:
			return errSyntax
		}
		if err != nil {
			return err
		}
		i += takes
	}
	switch {
	case q.stores && (q.dist || q.hash || q.coord):
		what := "STORE option in GEORADIUS"
		if search {
			what = "GEOSEARCHSTORE"
		}
		return errorf("%s is not compatible with WITHDIST, WITHHASH and WITHCOORD options", what)
	case search && !byMember && !byPlace:
		return errorf("exactly one of FROMMEMBER or FROMLONLAT can be specified for %s", c.args[0])
	case search && !byRadius && !byBox:
		return errorf("exactly one of BYRADIUS and BYBOX can be specified for %s", c.args[0])
	case q.any && q.count == 0:
		return errorf("the ANY argument requires COUNT argument")
	}
	return nil
}

// addHits adds what a search has found.
func (c *call) addHits(hits []hit, q *geoQuery) {
	parts := 1
	for _, part := range []bool{q.dist, q.hash, q.coord} {
		if part {
			parts++
		}
	}
	c.addArray(len(hits))
	for _, h := range hits {
		if parts > 1 {
			c.addArray(parts)
		}
		c.addBulk(h.member)
		if q.dist {
			c.addDistance(h.distance / q.unit)
		}
		if q.hash {
			c.addInt(ctext.Int64(h.score))
		}
		if q.coord {
			c.addPlace(h.place)
		}
	}
}
