package command_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	redis "github.com/redis-rest/redis-rest-go"
	"github.com/redis-rest/redis-rest-go/command"
)

func ExampleGeoSearchPlaces() {
	command.GeoAdd("cities", map[string]command.Point{
		"Palermo": {Longitude: 13.361389, Latitude: 38.115556},
		"Catania": {Longitude: 15.087269, Latitude: 37.502669},
		"Rome":    {Longitude: 12.496366, Latitude: 41.902782},
	}).Do(ctx, rdb)
	near, err := command.GeoSearchPlaces("cities", command.FromMember("Palermo"), command.ByRadius(200, command.Kilometers),
		command.WithDist(), command.Asc()).Do(ctx, rdb)
	for _, place := range near {
		fmt.Printf("%s %.0f km\n", place.Member, place.Dist)
	}
	fmt.Println(err)
	// Output:
	// Palermo 0 km
	// Catania 166 km
	// <nil>
}

var (
	palermo = command.Point{Longitude: 13.361389, Latitude: 38.115556}
	catania = command.Point{Longitude: 15.087269, Latitude: 37.502669}
)

func TestPlaces(t *testing.T) {
	s := newServer(t)
	both := map[string]command.Point{"Palermo": palermo, "Catania": catania}
	returns(s, 2, command.GeoAdd("g", both))
	returns(s, 0, command.GeoAdd("g", map[string]command.Point{"Palermo": {}}, command.NX()))
	returns(s, 0, command.GeoAdd("g", map[string]command.Point{"Rome": {}}, command.XX()))
	returns(s, 1, command.GeoAdd("g", map[string]command.Point{"Palermo": catania}, command.XX(), command.CH()))
	returns(s, 1, command.GeoAdd("g", both, command.CH()))

	assert.InDelta(t, 166274.1516, run(s, command.GeoDist("g", "Palermo", "Catania", command.Meters)), 0.001)
	assert.InDelta(t, 166.2742, run(s, command.GeoDist("g", "Palermo", "Catania", command.Kilometers)), 0.001)
	assert.InDelta(t, 103.3182, run(s, command.GeoDist("g", "Palermo", "Catania", command.Miles)), 0.001)
	assert.InDelta(t, 545518.8700, run(s, command.GeoDist("g", "Palermo", "Catania", command.Feet)), 0.001)
	isNil(s, command.GeoDist("g", "Palermo", "Rome", command.Meters))
	returns(s, []*string{new("sqc8b49rny0"), nil, new("sqdtr74hyu0")}, command.GeoHash("g", "Palermo", "Rome", "Catania"))
	points := run(s, command.GeoPos("g", "Rome", "Palermo"))
	require.Len(t, points, 2)
	assert.Nil(t, points[0])
	near(t, palermo, *points[1])

	sicily := command.FromLonLat(15, 37)
	returns(s, []string{"Catania", "Palermo"}, command.GeoSearch("g", sicily, command.ByRadius(200, command.Kilometers), command.Asc()))
	returns(s, []string{"Palermo", "Catania"}, command.GeoSearch("g", sicily, command.ByBox(400, 400, command.Kilometers), command.Desc()))
	returns(s, []string{"Catania"}, command.GeoSearch("g", sicily, command.ByRadius(124, command.Miles), command.Count(1)))
	assert.Len(t, run(s, command.GeoSearch("g", sicily, command.ByRadius(200, command.Kilometers), command.CountAny(1))), 1)
	returns(s, []string{"Palermo"}, command.GeoSearch("g", command.FromMember("Palermo"), command.ByRadius(100, command.Feet)))
	returns(s, []string{}, command.GeoSearch("g", command.FromLonLat(0, 0), command.ByRadius(1, command.Meters)))

	all := run(s, command.GeoSearchPlaces("g", sicily, command.ByRadius(200, command.Kilometers), command.WithHash(), command.WithCoord(), command.WithDist(), command.Asc()))
	require.Len(t, all, 2)
	assert.Equal(t, "Catania", all[0].Member)
	assert.InDelta(t, 56.4413, all[0].Dist, 0.001)
	assert.EqualValues(t, 3479447370796909, all[0].Hash)
	near(t, catania, all[0].Coord)
	returns(s, []command.Place{{Member: "Palermo", Hash: 3479099956230698}}, command.GeoSearchPlaces("g", command.FromMember("Palermo"), command.ByRadius(1, command.Meters), command.WithHash(), command.Count(5)))
	coords := run(s, command.GeoSearchPlaces("g", command.FromMember("Palermo"), command.ByRadius(1, command.Meters), command.WithCoord()))
	near(t, palermo, coords[0].Coord)
	returns(s, []command.Place{}, command.GeoSearchPlaces("none", sicily, command.ByRadius(1, command.Meters), command.WithDist()))

	returns(s, 2, command.GeoSearchStore("to", "g", sicily, command.ByRadius(200, command.Kilometers)))
	returns(s, 1, command.GeoSearchStore("to", "g", sicily, command.ByRadius(200, command.Kilometers), command.Count(1), command.Asc(), command.StoreDist()))
	assert.InDelta(t, 56.4413, run(s, redis.Cmd[float64]("ZSCORE", "to", "Catania")), 0.001)
	returns(s, 0, command.GeoSearchStore("to", "g", command.FromLonLat(0, 0), command.ByRadius(1, command.Meters)))
	returns(s, 0, command.Exists("to"))
}

// near checks that two points differ by no more than Redis rounds.
func near(t *testing.T, want, got command.Point) {
	t.Helper()
	assert.InDelta(t, want.Longitude, got.Longitude, 1e-5)
	assert.InDelta(t, want.Latitude, got.Latitude, 1e-5)
}

func TestPlacesWithWrongTypeOrMissingKey(t *testing.T) {
	s := newServer(t)
	circle := command.ByRadius(1, command.Meters)
	run(s, command.Set("k", "v"))
	fails(s, "WRONGTYPE", command.GeoAdd("k", map[string]command.Point{"m": {}}))
	fails(s, "WRONGTYPE", command.GeoDist("k", "a", "b", command.Meters))
	fails(s, "WRONGTYPE", command.GeoHash("k", "m"))
	fails(s, "WRONGTYPE", command.GeoPos("k", "m"))
	fails(s, "WRONGTYPE", command.GeoSearch("k", command.FromLonLat(0, 0), circle))
	fails(s, "WRONGTYPE", command.GeoSearchPlaces("k", command.FromLonLat(0, 0), circle, command.WithDist()))
	fails(s, "WRONGTYPE", command.GeoSearchStore("to", "k", command.FromLonLat(0, 0), circle))
	isNil(s, command.GeoDist("none", "a", "b", command.Meters))
	returns(s, []*string{nil, nil}, command.GeoHash("none", "a", "b"))
	returns(s, []*command.Point{nil, nil}, command.GeoPos("none", "a", "b"))
	returns(s, []string{}, command.GeoSearch("none", command.FromLonLat(0, 0), circle))
	returns(s, 0, command.GeoSearchStore("to", "none", command.FromLonLat(0, 0), circle))
	run(s, command.GeoAdd("g", map[string]command.Point{"a": {}}))
	fails(s, "ERR", command.GeoSearch("g", command.FromMember("b"), circle))
	fails(s, "ERR", command.GeoAdd("g", map[string]command.Point{"b": {Longitude: 181}}))
}

func TestPlaceArguments(t *testing.T) {
	members := map[string]command.Point{"b": {-1.5, 2}, "a": {1e-7, 0}}
	center, circle := command.FromMember("m"), command.ByRadius(1.5, command.Kilometers)
	sends(t, "GEOADD k 1e-07 0 a -1.5 2 b", command.GeoAdd("k", members))
	sends(t, "GEOADD k NX CH 1 2 a", command.GeoAdd("k", map[string]command.Point{"a": {1, 2}}, command.NX(), command.CH()))
	sends(t, "GEODIST k a b m", command.GeoDist("k", "a", "b", command.Meters))
	sends(t, "GEODIST k a b ft", command.GeoDist("k", "a", "b", command.Feet))
	sends(t, "GEOHASH k a b", command.GeoHash("k", "a", "b"))
	sends(t, "GEOPOS k a b", command.GeoPos("k", "a", "b"))
	sends(t, "GEOSEARCH k FROMMEMBER m BYRADIUS 1.5 km", command.GeoSearch("k", center, circle))
	sends(t, "GEOSEARCH k FROMLONLAT 1 -2.5 BYBOX 3 4 mi DESC COUNT 5", command.GeoSearch("k", command.FromLonLat(1, -2.5), command.ByBox(3, 4, command.Miles), command.Desc(), command.Count(5)))
	sends(t, "GEOSEARCH k FROMMEMBER m BYRADIUS 1.5 km ASC COUNT 5 ANY WITHCOORD WITHDIST WITHHASH",
		command.GeoSearchPlaces("k", center, circle, command.Asc(), command.CountAny(5), command.WithCoord(), command.WithDist(), command.WithHash()))
	sends(t, "GEOSEARCHSTORE to k FROMMEMBER m BYRADIUS 1.5 km ASC COUNT 5 ANY STOREDIST",
		command.GeoSearchStore("to", "k", center, circle, command.Asc(), command.CountAny(5), command.StoreDist()))

	refuses(t, "redis: GEOADD: needs at least one member", command.GeoAdd("k", nil))
	refuses(t, "redis: GEOADD: NX and XX exclude each other", command.GeoAdd("k", members, command.NX(), command.XX()))
	refuses(t, "redis: GEODIST: unknown unit", command.GeoDist("k", "a", "b", "yd"))
	refuses(t, "redis: GEOHASH: needs at least one member", command.GeoHash("k"))
	refuses(t, "redis: GEOPOS: needs at least one member", command.GeoPos("k"))
	refuses(t, "redis: GEOSEARCH: BYBOX: unknown unit", command.GeoSearch("k", center, command.ByBox(1, 2, "")))
	refuses(t, "redis: GEOSEARCH: an option is nil", command.GeoSearch("k", nil, circle))
	refuses(t, "redis: GEOSEARCH: an option is nil", command.GeoSearch("k", center, nil))
	refuses(t, "redis: GEOSEARCH: ASC and DESC exclude each other", command.GeoSearch("k", center, circle, command.Asc(), command.Desc()))
	refuses(t, "redis: GEOSEARCH: COUNT is given twice", command.GeoSearch("k", center, circle, command.Count(1), command.CountAny(1)))
	refuses(t, "redis: GEOSEARCH: COUNT: must be at least 1", command.GeoSearch("k", center, circle, command.CountAny(0)))
	refuses(t, "redis: GEOSEARCH: needs WITHCOORD, WITHDIST or WITHHASH", command.GeoSearchPlaces("k", center, circle, command.Count(1)))
}

func TestPlaceReplies(t *testing.T) {
	search := command.GeoSearchPlaces("k", command.FromMember("m"), command.ByRadius(1, command.Meters), command.WithDist(), command.WithHash(), command.WithCoord())
	for reply, want := range map[string]string{
		`[["m","1",2]]`:              "[0]: want command.Place, got array of 3",
		`["m"]`:                      "[0]: want command.Place, got string that is not its JSON text",
		`[[null,"1",2,["3","4"]]]`:   "[0][0]: want string, got null",
		`[["m","far",2,["3","4"]]]`:  "[0][1]: want float64, got string that is not a number",
		`[["m","1","x",["3","4"]]]`:  "[0][2]: want int64, got string that is not a number",
		`[["m","1",2,["3","east"]]]`: "[0][3][1]: want float64, got string that is not a number",
	} {
		_, err := replies(t, reply, search)
		assert.EqualError(t, err, "redis: GEOSEARCH: "+want, reply)
	}
	places, err := replies(t, `[["m","1",2,["3","4"]]]`, search)
	require.NoError(t, err)
	require.Equal(t, []command.Place{{"m", 1, 2, command.Point{Longitude: 3, Latitude: 4}}}, places)
}
