package phrase

import (
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/kern"
)

// Accessor tells whether a kernel function only reads or changes a word: it is no place to be in.
func Accessor(fn string) bool { return kern.IsAccessor(fn) }

// primitive tells whether a step's function is the primitive itself: nothing of the kernel is around it.
func primitive(d *explore.Step) bool { return len(d.Trace) <= 1 || d.Func == d.Trace[0] }

// Within returns the kernel function that a step is in: the innermost that is more than an accessor, "" if it is in none.
func Within(d *explore.Step) string {
	if primitive(d) {
		return ""
	}
	inner := false
	for _, fn := range d.Trace {
		if fn == d.Func {
			inner = true
		}
		if inner && !Accessor(fn) {
			return fn
		}
	}
	return ""
}

// By returns the wrapper through which a count is changed, with a colon: "mmgrab: ".
func By(d *explore.Step) string {
	if Accessor(d.Func) {
		return d.Func + ": "
	}
	return ""
}

// Text writes a step as the kernel would: as the table of primitives has it, but where it is about what the lab has a notation of its
// own for, or a count.
func (n *Names) Text(d *explore.Step) string {
	k, _ := d.Note.(Note)
	if d.Drains {
		return "queue: " + n.stored(d) + " goes to memory"
	}
	if d.Waits {
		return "waits: " + n.fill(d.Op.Call(), d, k)
	}
	if n.notation != nil {
		if text := n.notation.Text(d, k.After); text != "" {
			return text
		}
	}
	op, a := d.Op, d.Op.Addr
	switch op.Kind {
	case kern.OpNone:
		return n.begins(d)
	case kern.OpAddUnless:
		return By(d) + n.call(d, k)
	case kern.OpRefInc:
		return fmt.Sprintf("%s%s %d -> %d", By(d), n.Word(a), k.After-1, k.After)
	case kern.OpRefDecTest:
		return fmt.Sprintf("%s%s %d -> %d", By(d), n.Word(a), k.After+1, k.After)
	case kern.OpPutPage:
		if d.Result != 0 {
			return fmt.Sprintf("__free_page(page%d)", kern.PFN(a))
		}
		return fmt.Sprintf("put_page(page%d): refcount %d", kern.PFN(a), k.After)
	case kern.OpChoose:
		return fmt.Sprintf("way %d of %d", d.Result+1, op.A)
	case kern.OpMark:
		return fmt.Sprintf("mark %d", op.A)
	}
	return n.call(d, k)
}

// call writes a call and its result as the table of primitives has them.
func (n *Names) call(d *explore.Step, k Note) string {
	p := kern.PrimitiveOf(d.Op.Kind)
	text := n.fill(d.Op.Call(), d, k)
	if p.Returns != "" {
		text += ": " + n.fill(p.Returns, d, k)
	}
	return text
}

// Does says what a step did, as a sentence without its subject: as the table of primitives has it.
func (n *Names) Does(d *explore.Step) string {
	k, _ := d.Note.(Note)
	if d.Begins {
		return fmt.Sprintf("begins %s(%s)", d.Doing, n.Object(d.Item))
	}
	if d.Drains {
		return "has its oldest queued store go to memory: " + n.stored(d)
	}
	if d.Waits {
		return "begins to wait in " + n.fill(d.Op.Call(), d, k)
	}
	return n.fill(kern.PrimitiveOf(d.Op.Kind).Does, d, k)
}

// stored is the store that goes to memory, or the lock that is released, by a step that drains a queue.
func (n *Names) stored(d *explore.Step) string {
	if d.Releases {
		return "the release of " + n.Word(d.Words[0].Addr)
	}
	return n.fill("{word} = {ptr A}", &explore.Step{Op: kern.Op{Kind: kern.OpWrite, Addr: d.Words[0].Addr, A: d.Result}}, Note{})
}

// fill puts the values of a step into a text of the table of primitives; see kern.Fill.
func (n *Names) fill(text string, d *explore.Step, k Note) string {
	a := d.Op.Addr
	return kern.Fill(text, func(form, name string) string {
		var v uint32
		switch name {
		case "word":
			return n.Word(a)
		case "object":
			return n.Object(a)
		case "page":
			return fmt.Sprintf("page%d", kern.PFN(a))
		case "A":
			v = d.Op.A
		case "B":
			v = d.Op.B
		case "ret":
			v = d.Result
		case "now":
			v = k.After
		}
		return n.form(form, a, v, k)
	})
}

// form writes a value in one of the forms of kern.Fill.
func (n *Names) form(form string, a kern.Addr, v uint32, k Note) string {
	switch form {
	case "int":
		return fmt.Sprint(int32(v))
	case "hex":
		return fmt.Sprintf("%#x", v)
	case "word":
		return n.Word(kern.Addr(v))
	case "object":
		return n.Object(kern.Addr(v))
	case "page":
		if v == 0 {
			return "NULL"
		}
		return fmt.Sprintf("page%d", v)
	case "func":
		return k.Fn
	case "cache":
		cfg, _ := n.m.CacheConfig(int(v))
		return cfg.Name
	case "done":
		return [...]string{"not done", "done"}[min(v, 1)]
	case "yes":
		return [...]string{"no", "yes"}[min(v, 1)]
	}
	return n.Value(a, v)
}

// begins writes the beginning of a callback or work item.
func (n *Names) begins(d *explore.Step) string {
	what := "kworker"
	if d.Softirq {
		what = "softirq"
	}
	return fmt.Sprintf("%s: %s(%s)", what, d.Doing, n.Object(d.Item))
}

// Hidden tells whether a step is left out unless all is asked for: a plain access, or memory of the task's own. What the
// schedule chose is shown, and so is what interrupts every CPU.
func Hidden(d *explore.Step) bool {
	switch d.Op.Kind {
	case kern.OpChoose, kern.OpMark:
		return false
	case kern.OpSlabAlloc, kern.OpAllocPages:
		return d.Local && d.Result != 0
	}
	return d.Local
}

// Next writes a step that is yet to come, which is to say without what comes of it. What does not exist yet, since it is
// allocated right before, is a new one.
func (n *Names) Next(m *kern.Machine, op kern.Op) string {
	text := n.next(m, op)
	if op.Addr.IsPlace() && n.find(op.Addr) == nil && n.m.PageOf(op.Addr) == 0 {
		text = strings.Replace(text, fmt.Sprintf("%#x", uint32(op.Addr)), "a new one", 1)
	}
	return text
}

func (n *Names) next(m *kern.Machine, op kern.Op) string {
	if n.notation != nil {
		if text := n.notation.Next(m, op); text != "" {
			return text
		}
	}
	switch op.Kind {
	case kern.OpNone:
		return ""
	case kern.OpLoad:
		return "reads " + n.Word(op.Addr)
	case kern.OpMark:
		return fmt.Sprintf("mark %d", op.A)
	}
	return n.fill(op.Call(), &explore.Step{Op: op}, Note{Fn: m.FuncName(kern.Func(op.A))})
}
