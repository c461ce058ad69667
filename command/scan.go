package command

import (
	"context"
	"iter"

	redis "github.com/redis-rest/redis-rest-go"
)

// A Page is one step of a scan. It holds any number of elements, possibly none, and the
// cursor of the next page.
type Page[E any] struct {
	Cursor   string `redis:"0"` // of the next page; "0" if this is the last page
	Elements []E    `redis:"1"`
}

// Last says whether this is the last page.
func (p Page[E]) Last() bool { return p.Cursor == "0" }

// pageOf decodes a page. elements decodes the list of its elements.
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

// scan iterates over all pages. It has one request in flight at a time, and sends none
// after the caller stops.
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

// A ScanOption is an option of [Scan] and [ScanPage]: [Match], [Count] or [OfType].
type ScanOption interface {
	option
	needsOneOf_Count_Match_OfType()
}

func (matchPattern) needsOneOf_Count_Match_OfType() {}
func (quantity) needsOneOf_Count_Match_OfType()     {}

type typeName struct{ word }

func (typeName) needsOneOf_Count_Match_OfType() {}

// OfType limits a scan to keys of one type. The names of types are those that [Type]
// returns.
func OfType(name string) ScanOption { return typeName{newWord("TYPE", name)} }

// A MemberScanOption is an option of [HScan], [SScan], [ZScan] and their pages: [Match]
// or [Count].
type MemberScanOption interface {
	option
	needsOneOf_Count_Match()
}

func (matchPattern) needsOneOf_Count_Match() {}
func (quantity) needsOneOf_Count_Match()     {}

// Scan iterates over the keys of the database (SCAN), while other clients can change
// it. A key can be returned more than once. A key that exists only during a part of the
// scan may be missing. If a request fails, its error is the last element. If the caller
// stops early, no more requests are sent.
//
// O(N), since Redis 2.8.0.
//
// Options: [Count], [Match], [OfType].
func Scan(ctx context.Context, d redis.Doer, opts ...ScanOption) iter.Seq2[string, error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[string]] { return ScanPage(cursor, opts...) })
}

// ScanPage returns one page of [Scan] (SCAN). The cursor of the first page is 0; the
// cursor of each other page is in the page before.
//
// O(1), since Redis 2.8.0.
//
// Options: [Count], [Match], [OfType].
func ScanPage(cursor string, opts ...ScanOption) redis.Command[Page[string]] {
	c := newCall("SCAN", cursor)
	apply(c, opts)
	return command[Page[string]](c)
}

// HScan is [Scan] for the fields and values of the hash at key (HSCAN).
//
// O(N), since Redis 2.8.0.
//
// Options: [Count], [Match].
func HScan[T any](ctx context.Context, d redis.Doer, key string, opts ...MemberScanOption) iter.Seq2[Field[T], error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[Field[T]]] { return HScanPage[T](key, cursor, opts...) })
}

// HScanPage returns one page of [HScan] (HSCAN), as [ScanPage] does.
//
// O(1), since Redis 2.8.0.
//
// Options: [Count], [Match].
func HScanPage[T any](key, cursor string, opts ...MemberScanOption) redis.Command[Page[Field[T]]] {
	return commandWithDecoder(memberScan("HSCAN", key, cursor, opts), pageOf(fields[T]))
}

// SScan is [Scan] for the members of the set at key (SSCAN).
//
// O(N), since Redis 2.8.0.
//
// Options: [Count], [Match].
func SScan(ctx context.Context, d redis.Doer, key string, opts ...MemberScanOption) iter.Seq2[string, error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[string]] { return SScanPage(key, cursor, opts...) })
}

// SScanPage returns one page of [SScan] (SSCAN), as [ScanPage] does.
//
// O(1), since Redis 2.8.0.
//
// Options: [Count], [Match].
func SScanPage(key, cursor string, opts ...MemberScanOption) redis.Command[Page[string]] {
	return command[Page[string]](memberScan("SSCAN", key, cursor, opts))
}

// ZScan is [Scan] for the members and scores of the sorted set at key, in no particular
// order (ZSCAN).
//
// O(N), since Redis 2.8.0.
//
// Options: [Count], [Match].
func ZScan(ctx context.Context, d redis.Doer, key string, opts ...MemberScanOption) iter.Seq2[Z, error] {
	return scan(ctx, d, func(cursor string) redis.Command[Page[Z]] { return ZScanPage(key, cursor, opts...) })
}

// ZScanPage returns one page of [ZScan] (ZSCAN), as [ScanPage] does.
//
// O(1), since Redis 2.8.0.
//
// Options: [Count], [Match].
func ZScanPage(key, cursor string, opts ...MemberScanOption) redis.Command[Page[Z]] {
	return commandWithDecoder(memberScan("ZSCAN", key, cursor, opts), pageOf(withScores))
}

func memberScan(name, key, cursor string, opts []MemberScanOption) *call {
	c := newCall(name, key, cursor)
	apply(c, opts)
	return c
}
