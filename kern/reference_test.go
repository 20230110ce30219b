package kern_test

import (
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ptsim/kern"
)

var update = flag.Bool("update", false, "write docs/reference/primitives.md anew")

// sections are what the page is divided into: by the source in which a primitive's function is.
var sections = []struct{ file, title, about string }{
	{"atomic.go", "Words and atomics", "READ_ONCE and WRITE_ONCE order nothing; an atomic that returns a value is a full barrier."},
	{"ordered.go", "The same in other orders", "One that names no order and returns a value is a full barrier; one that returns nothing orders nothing."},
	{"barrier.go", "Barriers", "Under sequential consistency a barrier does nothing, and is no step. It decides whether two accesses race."},
	{"refcount.go", "Counts of references", "What lib/refcount.c warns of is a violation, and saturates the count; so is to use the count of what was freed."},
	{"percpu.go", "Per-CPU words", "One word for each CPU. One instruction each, and no atomics: no other CPU may write the word meanwhile."},
	{"lock.go", "Spin locks", "The word holds who has the lock. Whoever would wait for itself reports that instead."},
	{"rwsem.go", "Semaphores of readers and writers", ""},
	{"rwlock.go", "Locks of readers and writers", "Spin locks that readers share. A writer that waits keeps new readers out, unless they are in a softirq or have BH off."},
	{"mutex.go", "Mutexes", "A task sleeps until it gets one, and must release it itself."},
	{"bitlock.go", "Bit locks and the lock of a page", "A bit says that somebody holds the lock, and not who: locked by anyone and locked by me are different questions."},
	{"locallock.go", "Local locks", "Each CPU has its own."},
	{"completion.go", "Completions", "A completion may be part of an object: to complete it once that is freed is a use after free."},
	{"waitqueue.go", "Wait queues", "WaitEvent, wait_event(), is made of the first three: who makes the condition true must wake up afterwards."},
	{"cpu.go", "BH", "Where no softirq may interrupt."},
	{"context.go", "Context", "A task must not sleep with a spin lock held, preemption or BH off, in rcu_read_lock or in a softirq."},
	{"list.go", "Lists", "A list operation is one step of plain accesses: its list needs a lock."},
	{"rcu.go", "RCU", ""},
	{"rculist.go", "Lists under RCU", "Readers walk the list by `ListForEachRCU`, without its lock."},
	{"synchronize.go", "Waiting for RCU", "Each is two steps: its beginning, where it is settled who is waited for, and its end."},
	{"srcu.go", "SRCU", "Readers may sleep. `SynchronizeSRCU` is two steps, as `SynchronizeRCU` is."},
	{"work.go", "Work items", ""},
	{"flush.go", "Flushing work items", "Two steps: its beginning, where it is settled which instance is waited for, and its end."},
	{"cancel.go", "Cancelling work items", "Two steps: its beginning, from when on the item cannot be queued, and its end."},
	{"slab.go", "Objects", ""},
	{"frame.go", "Page frames", ""},
	{"op.go", "What is the model's own", ""},
}

// source is what the sources of the package say of a function.
type source struct{ file, does string }

// functions reads the package: the functions by name, methods as Type.Name.
func functions(t *testing.T) map[string]source {
	found := map[string]source{}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || strings.HasSuffix(name, "_test.go") || !fn.Name.IsExported() {
				continue
			}
			key := fn.Name.Name
			if fn.Recv != nil {
				id, plain := fn.Recv.List[0].Type.(*ast.Ident)
				if !plain {
					continue
				}
				key = id.Name + "." + key
			}
			found[key] = source{name, does(fn)}
		}
	}
	return found
}

// does is the first sentence of a function's comment, without what the table says already.
func does(fn *ast.FuncDecl) string {
	text := new(doc.Package).Synopsis(fn.Doc.Text())
	text = strings.TrimPrefix(text, fn.Name.Name+" ")
	if is, what, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(is, "is ") {
		return what
	}
	return strings.TrimPrefix(text, "is ")
}

// reference is the page.
func reference(t *testing.T) string {
	funcs := functions(t)
	var b strings.Builder
	b.WriteString("# The primitives\n\n" +
		"What the modelled code is written in: each is a function of package `kern`, which takes the CPU first, one indivisible step\n" +
		"under the explorer, and a real operation on memory that goroutines share without it. This page is made from the table of\n" +
		"primitives in `kern/primitive.go` and from the comments of their functions: `go test ./kern -run Reference -update`.\n\n" +
		"*Orders* is by the kernel's memory model. *Context* is where it may be called from, and what it does to it: what may sleep\n" +
		"needs a task that may, see `might_sleep()`.\n")
	for _, s := range sections {
		rows := ""
		for _, k := range kern.Primitives() {
			p := kern.PrimitiveOf(k)
			if p.Func == "" {
				continue
			}
			for _, f := range append([]kern.Form{{Order: p.Order, Kernel: cmp.Or(p.Kernel, p.Name), Func: p.Func}}, p.Forms...) {
				fn, ok := funcs[f.Func]
				require.True(t, ok, "%s is by %s, which is no function of the package", f.Kernel, f.Func)
				if fn.file == s.file {
					rows += fmt.Sprintf("| %s | `%s` | %s | %s | %s |\n", kernelName(f.Kernel), f.Func, fn.does, f.Order, context(p))
				}
			}
		}
		require.NotEmpty(t, rows, s.file)
		b.WriteString("\n## " + s.title + "\n\n")
		if s.about != "" {
			b.WriteString(s.about + "\n\n")
		}
		b.WriteString("| kernel | here | what it does | orders | context |\n| --- | --- | --- | --- | --- |\n" + rows)
	}
	return b.String()
}

func kernelName(name string) string {
	if strings.Contains(name, " ") {
		return name
	}
	return "`" + name + "()`"
}

func context(p *kern.Primitive) string {
	var list []string
	if p.Sleeps {
		list = append(list, "may sleep")
	}
	if p.Pinned {
		list = append(list, "not preemptible")
	}
	switch {
	case p.Waits.Spins(), p.Tries.Spins() && p.Blocks:
		list = append(list, "spins; preemption off")
	case p.Tries.Spins():
		list = append(list, "preemption off if it succeeds")
	case p.Gives.Spins():
		list = append(list, "preemption on")
	}
	for _, depth := range []struct {
		by      int8
		off, on string
	}{{p.BH, "BH off", "BH on"}, {p.RCU, "enters a reader", "leaves a reader"}, {p.Preempt, "preemption off", "preemption on"}} {
		switch {
		case depth.by > 0:
			list = append(list, depth.off)
		case depth.by < 0:
			list = append(list, depth.on)
		}
	}
	return cmp.Or(strings.Join(list, ", "), "any")
}

func TestReferenceIsFresh(t *testing.T) {
	const path = "../docs/reference/primitives.md"
	page := reference(t)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(page), 0o644))
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(text), page, "go test ./kern -run Reference -update")
}

// Each primitive is on the page once: none is in a file that has no section there.
func TestReferenceHasEveryPrimitive(t *testing.T) {
	funcs := functions(t)
	for _, k := range kern.Primitives() {
		p := kern.PrimitiveOf(k)
		if k == kern.OpSlabReclaim || k == kern.OpWriteLockWait { // these come of Cache.Free and WriteLock
			assert.Empty(t, p.Func)
			continue
		}
		require.NotEmpty(t, p.Func, p.Name)
		file := funcs[p.Func].file
		assert.True(t, slices.ContainsFunc(sections, func(s struct{ file, title, about string }) bool { return s.file == file }),
			"%s is in %s, which has no section", p.Name, file)
		assert.NotEmpty(t, funcs[p.Func].does, "%s has no comment", p.Func)
	}
}
