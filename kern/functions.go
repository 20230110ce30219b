package kern

import (
	"reflect"
	"runtime"
	"strings"
	"sync"
)

// functions are the names of the kernel functions that packages of protocols model, by import path and then by function, or by type and
// function: "v617.SetMovable". "" leaves a function out.
var functions sync.Map

// NameFunctions says that a package's functions model functions of the kernel, so that traces, steps and violations name them. path is
// its import path. An exported function is called as its Go name in snake case, and one that is not exported has no name, unless
// names says otherwise. Its keys are functions, "Alloc", or methods of one type where several have them, "v617.SetMovable"; an
// empty name leaves one out. Packages call it from init.
func NameFunctions(path string, names map[string]string) { functions.Store(path, names) }

// accessors are the kernel names of functions that only read or change a word.
var accessors sync.Map

// NameAccessors says of kernel functions, by their names, that each only reads or changes a word, as mmgrab() does: whoever tells where
// code is names the function around it. Packages call it from init.
func NameAccessors(names ...string) {
	for _, name := range names {
		accessors.Store(name, true)
	}
}

// IsAccessor tells whether a kernel function only reads or changes a word.
func IsAccessor(name string) bool {
	_, is := accessors.Load(name)
	return is
}

// self is the import path of this package.
var self = reflect.TypeFor[Op]().PkgPath()

func init() {
	NameFunctions(self, map[string]string{
		"Alloc":             "kmem_cache_alloc",
		"AllocNowait":       "kmem_cache_alloc",
		"Destroy":           "kmem_cache_destroy",
		"Free":              "kmem_cache_free",
		"Interrupt":         "irq_exit_rcu",
		"InvokeOne":         "rcu_do_batch",
		"RunWork":           "process_one_work",
		"Softirq":           "__do_softirq",
		"TaskExit":          "do_exit",
		"ArmHead":           "",
		"Assert":            "",
		"BugOn":             "",
		"BugOnUnlockedPage": "",
		"Call":              "",
		"CheckPageFree":     "",
		"DropPage":          "",
		"Exec":              "",
		"Report":            "",
		"Step":              "",
	})
}

// KernelTrace returns the kernel functions that led to its caller, innermost first, and the one to name as the one that
// does it: the innermost that is no primitive.
func KernelTrace() (trace []string, fn string) { return kernelTrace() }

// kernelTrace turns the Go stack into the kernel's: functions and methods of packages that named them, see NameFunctions. The
// function to name in a sentence is the innermost that is no primitive of this package, if there is one.
func kernelTrace() (trace []string, fn string) {
	var pcs [48]uintptr
	n := runtime.Callers(3, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if name := kernelName(f.Function); name != "" && (len(trace) == 0 || trace[len(trace)-1] != name) {
			trace = append(trace, name)
			if fn == "" && !strings.HasPrefix(f.Function, self+".") {
				fn = name
			}
		}
		if !more || len(trace) == 16 {
			if fn == "" && len(trace) > 0 {
				fn = trace[0]
			}
			return trace, fn
		}
	}
}

// KernelName returns the kernel's name of one of the model's functions, given as the runtime calls it; "" if it has none.
func KernelName(fn string) string { return kernelName(fn) }

// kernelName translates "ptsim/pgalloc.(*classic).PageTableFreeRCU" to "page_table_free_rcu". Functions that have no
// counterpart are left out: those that are not exported, closures, and those of packages that named none.
func kernelName(fn string) string {
	slash := strings.LastIndexByte(fn, '/')
	pkg, rest, ok := strings.Cut(fn[slash+1:], ".")
	if !ok || strings.Contains(rest, ".func") || strings.Contains(rest, "-range") {
		return ""
	}
	names, known := functions.Load(fn[:slash+1] + pkg)
	if !known {
		return ""
	}
	name := rest[strings.LastIndexByte(rest, '.')+1:]
	for _, key := range [...]string{receivers.Replace(rest), name} { // one type's, if several have a method of that name
		if special, ok := names.(map[string]string)[key]; ok {
			return special
		}
	}
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return ""
	}
	return snake(name)
}

// receivers takes the marks of a receiver away: "(*v617).Free" is v617.Free.
var receivers = strings.NewReplacer("(*", "", ")", "")

func snake(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		ch := name[i]
		upper := ch >= 'A' && ch <= 'Z'
		if upper && i > 0 {
			prevUpper := name[i-1] >= 'A' && name[i-1] <= 'Z'
			nextLower := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
			if !prevUpper || nextLower {
				b.WriteByte('_')
			}
		}
		if upper {
			ch += 'a' - 'A'
		}
		b.WriteByte(ch)
	}
	return b.String()
}
