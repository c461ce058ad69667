package command

import (
	"context"
	"iter"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Page is a part of a collection, as a scan returns it: any number of elements, even
// none, and where to go on.
type Page[E any] struct {
	Cursor   string `redis:"0"` // of the next page; 0 behind the last
	Elements []E    `redis:"1"`
}

// Last says whether no more pages follow.
func (p Page[E]) Last() bool { return p.Cursor == "0" }

// pageOf reads a page whose elements take more than Decode.
func pageOf[E any](elements func(redis.Reply) ([]E, error)) func(redis.Reply) (Page[E], error) {
	return func(r redis.Reply) (Page[E], error) {
		halves, err := partsOf[Page[E], [2]redis.Reply](r)
		if err != nil {
			return Page[E]{}, err
		}
		cursor, err := redis.Decode[string](halves[0])
		if err != nil {
			return Page[E]{}, at[string](0, err)
		}
		list, err := elements(halves[1])
		return Page[E]{cursor, list}, at[[]E](1, err)
	}
}

// scan goes through all pages. One request is under way at a time, and none after the
// last element that was asked for.
func scan[E any](ctx context.Context, d redis.Doer, page func(cursor string) redis.Command[Page[E]]) iter.Seq2[E, error] {
	return func(yield func(E, error) bool) {
		for cursor := "0"; ; {
			p, err := page(cursor).Do(ctx, d)
			if err != nil {
				var zero E
				yield(zero, err)
				return
			}
			for _, e := range p.Elements {
				if !yield(e, nil) {
					return
				}
			}
			if p.Last() {
				return
			}
			cursor = p.Cursor
		}
	}
}

// A ScanOption of [Scan] is [Match], [Count] or [OfType].
type ScanOption interface {
	option
	forScan()
}

func (Pattern) forScan()  {}
func (Quantity) forScan() {}

type typeName struct{ word }

func (typeName) forScan() {}

// OfType limits a scan to keys of a type, as [Type] names them.
func OfType(name string) ScanOption { return typeName{newWord("TYPE", name)} }

// A MemberScanOption of [HScan], [SScan] and [ZScan] is [Match] or [Count].
type MemberScanOption interface {
	option
	forMemberScan()
}

func (Pattern) forMemberScan()  {}
func (Quantity) forMemberScan() {}

// Scan goes through the keys of the database (SCAN), while others use it: a key may
// come twice, and one that is not there all the time may or may not come. An error is
// the last element. Whoever stops early causes no more requests.
//
// O(N), since Redis 2.8.0.
func Scan(ctx context.Context, d redis.Doer, opts ...ScanOption) iter.Seq2[string, error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[string]] { return ScanPage(cursor, opts...) })
}

// ScanPage returns one page of [Scan] (SCAN): the first for the cursor 0, and then for
// the cursor of the page before.
//
// O(1), since Redis 2.8.0.
func ScanPage(cursor string, opts ...ScanOption) redis.Command[Page[string]] {
	c := newCall("SCAN", cursor)
	apply(c, opts)
	return command[Page[string]](c)
}

// HScan is [Scan] through the fields of the hash at key and their values (HSCAN).
//
// O(N), since Redis 2.8.0.
func HScan[T any](ctx context.Context, d redis.Doer, key string, opts ...MemberScanOption) iter.Seq2[Field[T], error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[Field[T]]] { return HScanPage[T](key, cursor, opts...) })
}

// HScanPage returns one page of [HScan] (HSCAN), like [ScanPage].
//
// O(1), since Redis 2.8.0.
func HScanPage[T any](key, cursor string, opts ...MemberScanOption) redis.Command[Page[Field[T]]] {
	return commandFunc(memberScan("HSCAN", key, cursor, opts), pageOf(fields[T]))
}

// SScan is [Scan] through the members of the set at key (SSCAN).
//
// O(N), since Redis 2.8.0.
func SScan(ctx context.Context, d redis.Doer, key string, opts ...MemberScanOption) iter.Seq2[string, error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[string]] { return SScanPage(key, cursor, opts...) })
}

// SScanPage returns one page of [SScan] (SSCAN), like [ScanPage].
//
// O(1), since Redis 2.8.0.
func SScanPage(key, cursor string, opts ...MemberScanOption) redis.Command[Page[string]] {
	return command[Page[string]](memberScan("SSCAN", key, cursor, opts))
}

// ZScan is [Scan] through the members of the sorted set at key and their scores, in no
// order (ZSCAN).
//
// O(N), since Redis 2.8.0.
func ZScan(ctx context.Context, d redis.Doer, key string, opts ...MemberScanOption) iter.Seq2[Z, error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[Z]] { return ZScanPage(key, cursor, opts...) })
}

// ZScanPage returns one page of [ZScan] (ZSCAN), like [ScanPage].
//
// O(1), since Redis 2.8.0.
func ZScanPage(key, cursor string, opts ...MemberScanOption) redis.Command[Page[Z]] {
	return commandFunc(memberScan("ZSCAN", key, cursor, opts), pageOf(withScores))
}

func memberScan(name, key, cursor string, opts []MemberScanOption) *call {
	c := newCall(name, key, cursor)
	apply(c, opts)
	return c
}
