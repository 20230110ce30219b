package kern

import (
	"fmt"
	"sync"
)

// Violation is one thing that went wrong: a typed event. Report fills in where it happened.
type Violation struct {
	Kind   Kind
	Addr   Addr   // the word, object or struct page concerned
	Detail string // what was done to it; a phrase that says %o speaks of the object itself

	CPU     int
	Softirq bool   // in softirq context
	Task    string // the task on the CPU, and what it was asked to do
	Doing   string
	Func    string   // the kernel function that did it
	Trace   []string // the kernel functions that led there, innermost first

	Object  string   // "mm1", "page 3": what Addr belongs to
	Part    string   // "context.lock": what of it
	Page    PFN      // the page concerned, 0 if none
	Picture string   // the page's state in a few characters, of protocols that have some for it
	History []string // what last happened to what it is about, oldest first, if somebody keeps that
	Step    int      // the operation of the script or trace, if the caller counts them
}

// violationLog keeps what was found when nobody takes it.
type violationLog struct {
	mu         sync.Mutex
	list       []*Violation
	total      int
	describers []func(*Violation)
}

const keptViolations = 256

// OnReport sets the function that hears of every violation, see Config.Report.
func (m *Machine) OnReport(f func(*Violation)) { m.report = f }

// Describe registers a function that can tell more about a violation from its Addr. The packages that own the objects
// do so.
func (m *Machine) Describe(f func(*Violation)) {
	m.violations.describers = append(m.violations.describers, f)
}

// NameOf names the word at a as those who own it do: "mm1->context.lock", or "word 0x40" if nobody knows it.
func (m *Machine) NameOf(a Addr) string {
	v := Violation{Addr: a}
	m.violations.mu.Lock()
	for _, f := range m.violations.describers {
		f(&v)
	}
	m.violations.mu.Unlock()
	switch {
	case v.Object == "":
		return fmt.Sprintf("word %#x", uint32(a))
	case v.Part == "":
		return v.Object
	}
	return v.Object + "->" + v.Part
}

// Violations returns the violations reported so far, the first of them if there were very many, and how many there were.
func (m *Machine) Violations() ([]*Violation, int) {
	m.violations.mu.Lock()
	defer m.violations.mu.Unlock()
	return append([]*Violation(nil), m.violations.list...), m.violations.total
}

// Report files a violation that happened on c. It never stops the code that met it.
func (c *CPU) Report(v *Violation) {
	v.CPU, v.Softirq, v.Task, v.Doing = int(c.id), c.inSoftirq, c.Task, c.Doing
	fn := ""
	if v.Trace, fn = kernelTrace(); v.Func == "" {
		v.Func = fn
	}
	c.m.Report(v)
}

// Report files a violation that is no CPU's doing, such as a page found lost.
func (m *Machine) Report(v *Violation) {
	log := &m.violations
	log.mu.Lock()
	for _, f := range log.describers {
		f(v)
	}
	log.total++
	if len(log.list) < keptViolations {
		log.list = append(log.list, v)
	}
	log.mu.Unlock()
	if m.report != nil {
		m.report(v)
	}
}
