package tolitmus

import (
	"fmt"
	"slices"
	"strings"

	"ptsim/kern"
)

// text puts the test together. verdict is what the explorer's comes to: Never, Sometimes or Always.
func (w *writer) text(procs []*process, ends, kinds []string, verdict string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "C %s\n\n(*\n", w.q.Name)
	for _, line := range w.q.About {
		fmt.Fprintf(&b, " * %s\n", comment(line))
	}
	for i, p := range procs {
		fmt.Fprintf(&b, " * P%d is task %s.\n", i, comment(p.name))
	}
	if len(kinds) > 0 {
		fmt.Fprintf(&b, " * bad, or a final state of the condition: %s.\n", strings.Join(kinds, ", "))
	}
	fmt.Fprintf(&b, " * stray: a load returned what it returned in no schedule of ptsim.\n")
	for _, line := range w.addresses() {
		fmt.Fprintf(&b, " * %s\n", line)
	}
	fmt.Fprintf(&b, " *\n * Result: %s\n *)\n\n{\n", verdict)
	for _, a := range w.sorted() {
		switch v := w.reached.Init(a); {
		case w.locks[a]: // herd7 knows no size of spinlock_t; a lock is free at first
		case v != 0:
			fmt.Fprintf(&b, "\tint %s = %s;\n", w.words[a], number(v))
		default:
			fmt.Fprintf(&b, "\tint %s;\n", w.words[a])
		}
	}
	b.WriteString("}\n")
	var asks, retry []string
	for i, p := range procs {
		var params []string
		for _, a := range p.words {
			typ := "int"
			if w.locks[a] {
				typ = "spinlock_t"
			}
			params = append(params, typ+" *"+w.words[a])
		}
		fmt.Fprintf(&b, "\nP%d(%s)\n{\n", i, strings.Join(params, ", "))
		for _, name := range p.locals() {
			fmt.Fprintf(&b, "\tint %s = 0;\n", name)
		}
		for _, line := range p.body {
			b.WriteString(line + "\n")
		}
		b.WriteString("}\n")
		for _, name := range p.locals() {
			switch name {
			case "bad", "stray":
				asks = append(asks, fmt.Sprintf("%d:%s=1", i, name))
			case "retry":
				retry = append(retry, fmt.Sprintf("%d:retry=0", i))
			}
		}
	}
	if asks = append(asks, ends...); asks == nil { // nothing depends on what is loaded
		asks = []string{"0:stray=1"}
	}
	b.WriteByte('\n')
	if retry != nil {
		fmt.Fprintf(&b, "filter (%s)\n", strings.Join(retry, " /\\ "))
	}
	fmt.Fprintf(&b, "exists (%s)\n", strings.Join(asks, " \\/ "))
	return b.String()
}

// locals are the registers of a process, in order.
func (p *process) locals() []string {
	var list []string
	if p.bad {
		list = append(list, "bad")
	}
	body := strings.Join(p.body, "\n")
	if strings.Contains(body, "retry = 1") {
		list = append(list, "retry")
	}
	if p.stray {
		list = append(list, "stray")
	}
	if p.raced {
		list = append(list, "raced")
	}
	for n := range p.registers {
		r := fmt.Sprintf("r%d", n)
		list = append(list, r)
		if strings.Contains(body, r+"_ =") {
			list = append(list, r+"_")
		}
	}
	return list
}

// addresses says which numbers are addresses: of the objects that words of the test lie in.
func (w *writer) addresses() (list []string) {
	var seen []kern.Addr
	for _, a := range w.sorted() {
		o := w.reached.Object(a)
		if slices.Contains(seen, o) {
			continue
		}
		seen = append(seen, o)
		list = append(list, fmt.Sprintf("%d is the address of %s.", o, comment(w.q.Thing(o))))
	}
	return list
}

// comment is a text that ends no comment.
func comment(s string) string {
	return strings.NewReplacer("*)", "* )", "(*", "( *", "*/", "* /", "/*", "/ *", "\"", "'", "\n", " ").Replace(s)
}
