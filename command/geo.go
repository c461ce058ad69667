package command

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Point is a place on earth, in degrees.
type Point struct {
	Longitude float64 `redis:"0"`
	Latitude  float64 `redis:"1"`
}

// A Unit is one of length.
type Unit string

// The units.
const (
	Meters     Unit = "m"
	Kilometers Unit = "km"
	Feet       Unit = "ft"
	Miles      Unit = "mi"
)

func (u Unit) check() error {
	switch u {
	case Meters, Kilometers, Feet, Miles:
		return nil
	}
	return errors.New("there is no such unit")
}

// A GeoAddOption of [GeoAdd] is [NX] or [XX], and [CH].
type GeoAddOption interface {
	option
	forGeoAdd()
}

func (Condition) forGeoAdd() {}
func (Changes) forGeoAdd()   {}

// GeoAdd adds members at points to the sorted set at key, or moves them there (GEOADD),
// and returns how many are new. Redis keeps a point as the score of its member, to less
// than a meter.
//
// O(log(N)) for each member, since Redis 3.2.0; with options since Redis 6.2.0.
func GeoAdd(key string, members map[string]Point, opts ...GeoAddOption) redis.Command[int64] {
	c := newCall("GEOADD", key)
	apply(c, opts)
	c.exclude("NX", "XX")
	if len(members) == 0 {
		c.refuse("needs at least one member")
	}
	for _, member := range slices.Sorted(maps.Keys(members)) {
		p := members[member]
		c.add(p.Longitude, p.Latitude, member)
	}
	return command[int64](c)
}

// GeoDist returns how far apart two members of the sorted set at key are (GEODIST),
// null where one of them does not exist.
//
// O(log(N)), since Redis 3.2.0.
func GeoDist(key, member1, member2 string, unit Unit) redis.Command[float64] {
	c := newCall("GEODIST", key, member1, member2, string(unit))
	c.err = unit.check()
	return command[float64](c)
}

// GeoHash returns the points of members of the sorted set at key, in that order, as
// geohashes (GEOHASH): texts of eleven letters and digits, of which those of near points
// mostly begin alike. It is "" for a member that does not exist.
//
// O(log(N)) for each member, since Redis 3.2.0.
func GeoHash(key string, members ...string) redis.Command[[]string] {
	c := newCall("GEOHASH", key)
	addAll(c, "member", members)
	return commandFunc(c, eachOf(orZero[string]))
}

// GeoPos returns the points of members of the sorted set at key, in that order (GEOPOS);
// nil for one that does not exist.
//
// O(N), since Redis 3.2.0.
func GeoPos(key string, members ...string) redis.Command[[]*Point] {
	c := newCall("GEOPOS", key)
	addAll(c, "member", members)
	return command[[]*Point](c)
}

// A GeoCenter is the middle of a search: [FromMember] or [FromLonLat].
type GeoCenter interface {
	option
	isCenter()
}

type center struct{ word }

func (center) isCenter() {}

// FromMember is the point of a member. One that does not exist is an error.
func FromMember(member string) GeoCenter { return center{newWord("FROMMEMBER", member)} }

// FromLonLat is a point.
func FromLonLat(longitude, latitude float64) GeoCenter {
	return center{newWord("FROMLONLAT", longitude, latitude)}
}

// A GeoShape is the area of a search around its middle: [ByRadius] or [ByBox].
type GeoShape interface {
	option
	isShape()
}

type shape struct{ word }

func (shape) isShape() {}

// ByRadius is a circle.
func ByRadius(radius float64, unit Unit) GeoShape { return newShape(unit, "BYRADIUS", radius) }

// ByBox is a rectangle, of which two sides go from west to east.
func ByBox(width, height float64, unit Unit) GeoShape {
	return newShape(unit, "BYBOX", width, height)
}

func newShape(unit Unit, name string, lengths ...any) GeoShape {
	w := newWord(name, append(lengths, string(unit))...)
	w.err = unit.check()
	return shape{w}
}

// A GeoSearchOption of [GeoSearch] is [Asc] or [Desc], and [Count] or [CountAny].
type GeoSearchOption interface {
	option
	forGeoSearch()
}

func (SortOrder) forGeoSearch()   {}
func (Quantity) forGeoSearch()    {}
func (AnyQuantity) forGeoSearch() {}

// A GeoPlaceOption of [GeoSearchPlaces] is any of [GeoSearch], and at least one of
// [WithCoord], [WithDist] and [WithHash].
type GeoPlaceOption interface {
	option
	forGeoPlace()
}

func (SortOrder) forGeoPlace()   {}
func (Quantity) forGeoPlace()    {}
func (AnyQuantity) forGeoPlace() {}

// A GeoStoreOption of [GeoSearchStore] is any of [GeoSearch], and [StoreDist].
type GeoStoreOption interface {
	option
	forGeoStore()
}

func (SortOrder) forGeoStore()   {}
func (Quantity) forGeoStore()    {}
func (AnyQuantity) forGeoStore() {}

// A SortOrder is [Asc] or [Desc].
type SortOrder struct{ word }

// Asc returns what is nearest first.
func Asc() SortOrder { return SortOrder{newWord("ASC")} }

// Desc returns what is farthest first.
func Desc() SortOrder { return SortOrder{newWord("DESC")} }

// An AnyQuantity is [CountAny].
type AnyQuantity struct{ word }

// CountAny is [Count] that stops at the first n found, which need not be the nearest.
func CountAny(n int64) AnyQuantity {
	w := newCount("COUNT", n, 1)
	w.args = append(w.args, "ANY")
	return AnyQuantity{w}
}

type placeWord struct{ word }

func (placeWord) forGeoPlace() {}

// WithCoord returns the point of each member.
func WithCoord() GeoPlaceOption { return placeWord{newWord("WITHCOORD")} }

// WithDist returns how far each member is from the middle, in the unit of the area.
func WithDist() GeoPlaceOption { return placeWord{newWord("WITHDIST")} }

// WithHash returns the score of each member, which is its point.
func WithHash() GeoPlaceOption { return placeWord{newWord("WITHHASH")} }

type storeDist struct{ word }

func (storeDist) forGeoStore() {}

// StoreDist stores how far members are from the middle, in the unit of the area, as their
// scores. Without it the scores stay what they are: points.
func StoreDist() GeoStoreOption { return storeDist{newWord("STOREDIST")} }

// GeoSearch returns the members of the sorted set at key whose points are in an area
// (GEOSEARCH), in no order without [Asc] or [Desc]. Where there is no such key there are
// none.
//
// O(N+log(M)), since Redis 6.2.0.
func GeoSearch(key string, from GeoCenter, by GeoShape, opts ...GeoSearchOption) redis.Command[[]string] {
	return command[[]string](geoSearch(newCall("GEOSEARCH", key), from, by, opts))
}

// A Place is a member that [GeoSearchPlaces] found. What no option asked for is zero.
type Place struct {
	Member string
	Dist   float64
	Hash   int64
	Coord  Point
}

// GeoSearchPlaces is [GeoSearch] that returns what its options ask for of each member
// (GEOSEARCH with WITHCOORD, WITHDIST or WITHHASH).
//
// O(N+log(M)), since Redis 6.2.0.
func GeoSearchPlaces(key string, from GeoCenter, by GeoShape, opts ...GeoPlaceOption) redis.Command[[]Place] {
	c := geoSearch(newCall("GEOSEARCH", key), from, by, opts)
	parts := []placePart{(*Place).member} // in Redis' order, whatever that of the options
	for _, with := range []struct {
		option string
		part   placePart
	}{{"WITHDIST", (*Place).dist}, {"WITHHASH", (*Place).hash}, {"WITHCOORD", (*Place).coord}} {
		if slices.Contains(c.options, with.option) {
			parts = append(parts, with.part)
		}
	}
	if len(parts) == 1 {
		c.refuse("needs WITHCOORD, WITHDIST or WITHHASH")
	}
	return commandFunc(c, eachOf(place(parts)))
}

// A placePart reads one of the parts of a place, the i-th.
type placePart func(p *Place, i int, r redis.Reply) error

func (p *Place) member(i int, r redis.Reply) error { return decodePart(&p.Member, i, r) }
func (p *Place) dist(i int, r redis.Reply) error   { return decodePart(&p.Dist, i, r) }
func (p *Place) hash(i int, r redis.Reply) error   { return decodePart(&p.Hash, i, r) }
func (p *Place) coord(i int, r redis.Reply) error  { return decodePart(&p.Coord, i, r) }

func decodePart[T any](part *T, i int, r redis.Reply) (err error) {
	*part, err = redis.Decode[T](r)
	return at[T](i, err)
}

// place reads a place that consists of parts.
func place(parts []placePart) func(redis.Reply) (Place, error) {
	return func(r redis.Reply) (Place, error) {
		replies, err := partsOf[Place, []redis.Reply](r)
		if err != nil {
			return Place{}, err
		}
		if len(replies) != len(parts) {
			return Place{}, &redis.DecodeError{Want: "command.Place", Got: fmt.Sprintf("array of %d", len(replies))}
		}
		var p Place
		for i, read := range parts {
			if err := read(&p, i, replies[i]); err != nil {
				return Place{}, err
			}
		}
		return p, nil
	}
}

// GeoSearchStore is [GeoSearch] that makes destination a sorted set of the members
// found, whatever it was (GEOSEARCHSTORE), and returns how many they are. Where there are
// none, destination is deleted.
//
// O(N+log(M)), since Redis 6.2.0.
func GeoSearchStore(destination, source string, from GeoCenter, by GeoShape, opts ...GeoStoreOption) redis.Command[int64] {
	return command[int64](geoSearch(newCall("GEOSEARCHSTORE", destination, source), from, by, opts))
}

func geoSearch[O option](c *call, from GeoCenter, by GeoShape, opts []O) *call {
	apply(c, []GeoCenter{from})
	apply(c, []GeoShape{by})
	apply(c, opts)
	c.exclude("ASC", "DESC")
	return c
}
