package command

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Point is a position on the earth, in degrees.
type Point struct {
	Longitude float64 `redis:"0"`
	Latitude  float64 `redis:"1"`
}

// A Unit is a unit of length.
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
	return errors.New("unknown unit")
}

// A GeoAddOption is an option of [GeoAdd]: one of [NX] and [XX], and [CH].
type GeoAddOption interface {
	option
	needsOneOf_CH_NX_XX()
}

func (condition) needsOneOf_CH_NX_XX() {}
func (changes) needsOneOf_CH_NX_XX()   {}

// GeoAdd adds members with their points to the sorted set at key (GEOADD), and returns
// the number of new members. A member that already exists gets the new point. Redis
// stores the point as the score of the member. The stored point can differ by less than
// a meter.
//
// O(log(N)) for each member, since Redis 3.2.0; with options since Redis 6.2.0.
//
// Options: [CH], [NX], [XX].
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

// GeoDist returns the distance between two members of the sorted set at key (GEODIST),
// or null if one of them does not exist.
//
// O(log(N)), since Redis 3.2.0.
func GeoDist(key, member1, member2 string, unit Unit) redis.Command[float64] {
	c := newCall("GEODIST", key, member1, member2, string(unit))
	c.err = unit.check()
	return command[float64](c)
}

// GeoHash returns the points of members of the sorted set at key as geohashes, in the
// order of the members (GEOHASH). A geohash is a text of eleven letters and digits. The
// geohashes of near points usually have the same beginning. An element is nil if its
// member does not exist.
//
// O(log(N)) for each member, since Redis 3.2.0.
func GeoHash(key string, members ...string) redis.Command[[]*string] {
	c := newCall("GEOHASH", key)
	addAll(c, "member", members)
	return command[[]*string](c)
}

// GeoPos returns the points of members of the sorted set at key, in the order of the
// members (GEOPOS). An element is nil if its member does not exist.
//
// O(N), since Redis 3.2.0.
func GeoPos(key string, members ...string) redis.Command[[]*Point] {
	c := newCall("GEOPOS", key)
	addAll(c, "member", members)
	return command[[]*Point](c)
}

// A GeoCenter is the center of a search: [FromMember] or [FromLonLat].
type GeoCenter interface {
	option
	needsOneOf_FromLonLat_FromMember()
}

type center struct{ word }

func (center) needsOneOf_FromLonLat_FromMember() {}

// FromMember takes the point of a member as the center. If the member does not exist,
// Redis returns an error.
func FromMember(member string) GeoCenter { return center{newWord("FROMMEMBER", member)} }

// FromLonLat takes a point as the center, in degrees.
func FromLonLat(longitude, latitude float64) GeoCenter {
	return center{newWord("FROMLONLAT", longitude, latitude)}
}

// A GeoShape is the area of a search around its center: [ByRadius] or [ByBox].
type GeoShape interface {
	option
	needsOneOf_ByBox_ByRadius()
}

type shape struct{ word }

func (shape) needsOneOf_ByBox_ByRadius() {}

// ByRadius searches in a circle.
func ByRadius(radius float64, unit Unit) GeoShape { return newShape(unit, "BYRADIUS", radius) }

// ByBox searches in a rectangle. Its width goes from west to east.
func ByBox(width, height float64, unit Unit) GeoShape {
	return newShape(unit, "BYBOX", width, height)
}

func newShape(unit Unit, name string, lengths ...any) GeoShape {
	w := newWord(name, append(lengths, string(unit))...)
	w.err = unit.check()
	return shape{w}
}

// A GeoSearchOption is an option of [GeoSearch]: one of [Asc] and [Desc], and one of
// [Count] and [CountAny].
type GeoSearchOption interface {
	option
	needsOneOf_Asc_Count_CountAny_Desc()
}

func (sortOrder) needsOneOf_Asc_Count_CountAny_Desc()   {}
func (quantity) needsOneOf_Asc_Count_CountAny_Desc()    {}
func (anyQuantity) needsOneOf_Asc_Count_CountAny_Desc() {}

// A GeoPlaceOption is an option of [GeoSearchPlaces]: those of [GeoSearch], and at
// least one of [WithCoord], [WithDist] and [WithHash].
type GeoPlaceOption interface {
	option
	needsOneOf_Asc_Count_CountAny_Desc_WithCoord_WithDist_WithHash()
}

func (sortOrder) needsOneOf_Asc_Count_CountAny_Desc_WithCoord_WithDist_WithHash()   {}
func (quantity) needsOneOf_Asc_Count_CountAny_Desc_WithCoord_WithDist_WithHash()    {}
func (anyQuantity) needsOneOf_Asc_Count_CountAny_Desc_WithCoord_WithDist_WithHash() {}

// A GeoStoreOption is an option of [GeoSearchStore]: those of [GeoSearch], and
// [StoreDist].
type GeoStoreOption interface {
	option
	needsOneOf_Asc_Count_CountAny_Desc_StoreDist()
}

func (sortOrder) needsOneOf_Asc_Count_CountAny_Desc_StoreDist()   {}
func (quantity) needsOneOf_Asc_Count_CountAny_Desc_StoreDist()    {}
func (anyQuantity) needsOneOf_Asc_Count_CountAny_Desc_StoreDist() {}

// A sortOrder is [Asc] or [Desc].
type sortOrder struct{ word }

// Asc returns the nearest members first.
func Asc() sortOrder { return sortOrder{newWord("ASC")} }

// Desc returns the farthest members first.
func Desc() sortOrder { return sortOrder{newWord("DESC")} }

// An anyQuantity is [CountAny].
type anyQuantity struct{ word }

// CountAny is [Count] that stops the search after n members. They may not be the
// nearest.
func CountAny(n int64) anyQuantity {
	w := newCount("COUNT", n, 1)
	w.args = append(w.args, "ANY")
	return anyQuantity{w}
}

type placeWord struct{ word }

func (placeWord) needsOneOf_Asc_Count_CountAny_Desc_WithCoord_WithDist_WithHash() {}

// WithCoord returns the point of each member.
func WithCoord() GeoPlaceOption { return placeWord{newWord("WITHCOORD")} }

// WithDist returns the distance of each member from the center, in the unit of the
// area.
func WithDist() GeoPlaceOption { return placeWord{newWord("WITHDIST")} }

// WithHash returns the score of each member, which encodes its point.
func WithHash() GeoPlaceOption { return placeWord{newWord("WITHHASH")} }

type storeDist struct{ word }

func (storeDist) needsOneOf_Asc_Count_CountAny_Desc_StoreDist() {}

// StoreDist stores the distances from the center as the scores of the members, in the
// unit of the area. Without it the scores encode the points of the members.
func StoreDist() GeoStoreOption { return storeDist{newWord("STOREDIST")} }

// GeoSearch returns the members of the sorted set at key whose points are in an area
// (GEOSEARCH). Without [Asc] or [Desc] they are in no particular order. The result is
// empty if the key does not exist.
//
// O(N+log(M)), since Redis 6.2.0.
//
// Options: [Asc], [Count], [CountAny], [Desc].
func GeoSearch(key string, from GeoCenter, by GeoShape, opts ...GeoSearchOption) redis.Command[[]string] {
	return command[[]string](geoSearch(newCall("GEOSEARCH", key), from, by, opts))
}

// A Place is a member that [GeoSearchPlaces] found. Dist, Hash and Coord are zero if no
// option asked for them.
type Place struct {
	Member string
	Dist   float64
	Hash   int64
	Coord  Point
}

// GeoSearchPlaces is [GeoSearch] that returns for each member what the options ask for
// (GEOSEARCH with WITHCOORD, WITHDIST or WITHHASH).
//
// O(N+log(M)), since Redis 6.2.0.
//
// Options: [Asc], [Count], [CountAny], [Desc], [WithCoord], [WithDist], [WithHash].
func GeoSearchPlaces(key string, from GeoCenter, by GeoShape, opts ...GeoPlaceOption) redis.Command[[]Place] {
	c := geoSearch(newCall("GEOSEARCH", key), from, by, opts)
	parts := []placePart{(*Place).member} // Redis has a fixed order, which does not depend on the order of the options
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
	return commandWithDecoder(c, eachOf(place(parts)))
}

// A placePart decodes part i of a place.
type placePart func(p *Place, i int, r redis.Reply) error

func (p *Place) member(i int, r redis.Reply) error { return decodePart(&p.Member, i, r) }
func (p *Place) dist(i int, r redis.Reply) error   { return decodePart(&p.Dist, i, r) }
func (p *Place) hash(i int, r redis.Reply) error   { return decodePart(&p.Hash, i, r) }
func (p *Place) coord(i int, r redis.Reply) error  { return decodePart(&p.Coord, i, r) }

func decodePart[T any](part *T, i int, r redis.Reply) (err error) {
	*part, err = redis.Decode[T](r)
	return at[T](i, err)
}

// place decodes a place that consists of parts.
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

// GeoSearchStore stores the result of [GeoSearch] as a sorted set at destination
// (GEOSEARCHSTORE), and returns its number of members. It overwrites destination. If
// the result is empty, destination is deleted.
//
// O(N+log(M)), since Redis 6.2.0.
//
// Options: [Asc], [Count], [CountAny], [Desc], [StoreDist].
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
