package zsmalloc

import (
	"fmt"

	"ptsim/kern"
)

// Names of the slab caches.
const (
	PoolCache   = "zs_pool"
	ZspageCache = "zspage"
	HandleCache = "zs_handle"
	mopsCache   = "movable_operations"
)

// What the words of the objects are: in the order of words.go.
var (
	poolFields = []kern.Field{
		{Name: "lock", Kind: kern.FieldLock}, {Name: "class->lock", Kind: kern.FieldLock}, {Name: "free_work", Words: kern.WorkWords},
		{Name: "fullness_list[0]", Kind: kern.FieldList}, {Name: "fullness_list[1]", Kind: kern.FieldList},
		{Name: "fullness_list[2]", Kind: kern.FieldList}, {Name: "zspage_cachep"},
		{Name: "destroying"}, {Name: "isolated_pages"}, {Name: "migration_wait", Kind: kern.FieldWait},
	}
	zspageFields = []kern.Field{
		{Name: "magic"}, {Name: "fullness"}, {Name: "inuse"}, {Name: "freeobj"}, {Name: "first_page", Kind: kern.FieldPointer},
		{Name: "list", Kind: kern.FieldList}, {Name: "pool", Kind: kern.FieldPointer, To: PoolCache}, {Name: "lock", Kind: kern.FieldLock},
		{Name: "lock.cnt"}, {Name: "rcu_head", Kind: kern.FieldRCUHead},
	}
	handleFields = []kern.Field{{Name: "obj", Kind: kern.FieldPointer}}
	mopsFields   = []kern.Field{{Name: "isolate_page"}, {Name: "migrate_page"}, {Name: "putback_page"}}

	pageFields = map[kern.Addr]kern.Field{
		kern.PageFlags:   {Name: "flags", Kind: kern.FieldBits, Bits: []string{"private", "isolated", "movable_ops"}},
		kern.PageMapping: {Name: "mapping", Kind: kern.FieldTagged, To: mopsCache, Bits: []string{"movable"}},
		kern.PageIndex:   {Name: "index", Kind: kern.FieldPointer},
		kern.PagePrivate: {Name: "private", Kind: kern.FieldPointer, To: ZspageCache},
		kern.PageType:    {Name: "page_type"}, kern.PageRefcount: {Name: "_refcount", Kind: kern.FieldRefcount},
		kern.PageMemory: header(0), kern.PageMemory + 1: data(0),
		kern.PageMemory + 2: header(1), kern.PageMemory + 3: data(1),
		kern.PageMemory + 4: header(2), kern.PageMemory + 5: data(2),
	}
)

// header is the first word of an object in a page: its handle with a flag, or the number of the next free object.
func header(n int) kern.Field {
	return kern.Field{Name: fmt.Sprintf("object%d.header", n), Kind: kern.FieldTagged, To: HandleCache, Bits: []string{"allocated"}}
}

// data is the contents of an object. Those of an object that is there at the start are its handle.
func data(n int) kern.Field {
	return kern.Field{Name: fmt.Sprintf("object%d.data", n), Kind: kern.FieldTagged, To: HandleCache}
}
