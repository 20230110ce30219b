package explore

import (
	"cmp"
	"path"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"ptsim/kern"
)

// Place is a place in the code of a model.
type Place struct {
	Func   string // the kernel function that it is in, "" if it has no counterpart
	GoFunc string // "pgalloc.(*rfc).PageTableFree"
	File   string // within this module: "pgalloc/rfc.go"; of another, behind its import path
	Line   int
}

// compare orders places by file and line.
func (p Place) compare(q Place) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.GoFunc, q.GoFunc))
}

// The import paths of the explorer and of the primitives, and of the module that they are in, with a slash.
var (
	self       = reflect.TypeFor[Place]().PkgPath()
	primitives = reflect.TypeFor[kern.Op]().PkgPath()
	module     = strings.TrimSuffix(primitives, path.Base(primitives))
)

// maxPlaces is how deep the code of a model may be nested.
const maxPlaces = 32

// fewPlaces is how deep it is nearly always, with what kern and the explorer add.
const fewPlaces = 12

// below is where the explorer calls a model.
type below []uintptr

// callers returns the calls of the model that are under way, for Places. Most of the stack is the explorer's, and to unwind it
// takes longer than to run the code: where that begins is remembered, and no more is unwound.
func (b *below) callers() []uintptr {
	var pcs [maxPlaces]uintptr
	n := 0
	for _, most := range [...]int{fewPlaces, maxPlaces} {
		n = runtime.Callers(3, pcs[:most])
		if i := slices.IndexFunc(pcs[:n], func(pc uintptr) bool { return slices.Contains(*b, pc) }); i >= 0 {
			return slices.Clone(pcs[:i])
		}
		if n < most {
			break
		}
	}
	for i := range n {
		if f, _ := runtime.CallersFrames(pcs[i : i+1]).Next(); packageOf(f.Function) == self {
			*b = append(*b, pcs[i])
			return slices.Clone(pcs[:i])
		}
	}
	return slices.Clone(pcs[:n])
}

// Places tells where in a model's code some calls were, innermost first: without the primitives above, and without the
// explorer below.
func Places(pcs []uintptr) []Place {
	if len(pcs) == 0 {
		return nil
	}
	var list []Place
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		switch pkg := packageOf(f.Function); {
		case pkg == self:
			return list
		case pkg != primitives:
			name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
			file := path.Join(strings.TrimPrefix(pkg, module), path.Base(f.File))
			list = append(list, Place{kern.KernelName(f.Function), name, file, f.Line})
		}
		if !more {
			return list
		}
	}
}

// placeCache keeps what placesAt found, by the call's address. Code does not move, and there are as many calls as its lines make.
var placeCache sync.Map

// placesAt is Places of one call. Each search asks for those of all calls in the code that it ran, and the next one for the same.
func placesAt(pc uintptr, call []uintptr) []Place {
	if list, ok := placeCache.Load(pc); ok {
		return list.([]Place)
	}
	list := Places(call)
	placeCache.Store(pc, list)
	return list
}

// packageOf returns the import path in a function's name: "ptsim/pgalloc" of "ptsim/pgalloc.(*rfc).PageTableFree".
func packageOf(fn string) string {
	slash := strings.LastIndexByte(fn, '/')
	dot := strings.IndexByte(fn[slash+1:], '.')
	if dot < 0 {
		return fn
	}
	return fn[:slash+1+dot]
}
