package kern

import (
	"slices"
	"sync"
)

type warnings struct {
	mu     sync.Mutex
	sites  []string
	report bool
}

// WarningsAreViolations has every warning reported as a violation, too, and not only the first of its kind.
func (m *Machine) WarningsAreViolations() { m.warned.report = true }

// WarnOnce is WARN_ON_ONCE(): if cond holds, the site is noted, once. It returns cond. A warning is the modelled code's
// own doubt, not a violation: a version may warn about what is harmless.
func WarnOnce(c *CPU, cond bool, site string) bool {
	if cond {
		c.warn(site)
	}
	return cond
}

// Assert is an assertion of whoever models a protocol: unless cond holds, what, a sentence, is reported as a violation of
// kind Assertion. Unlike BUG_ON() it does not stop the code. It touches no memory, and is no step.
func Assert(c *CPU, cond bool, what string) {
	if !cond {
		c.Report(&Violation{Kind: Assertion, Detail: what})
	}
}

// BugOn is BUG_ON(), and VM_BUG_ON() of a kernel that has CONFIG_DEBUG_VM: if cond holds, what, which names the condition, is
// reported as a violation of kind BugHit. It returns cond, for a kernel would stop there and the caller is to return. It touches
// no memory, and is no step: the caller has read what cond is made of.
func BugOn(c *CPU, cond bool, what string) bool {
	if cond {
		c.Report(&Violation{Kind: BugHit, Detail: what})
	}
	return cond
}

// BugOnUnlockedPage is VM_BUG_ON_PAGE(!PageLocked(page), page) of a kernel that has CONFIG_DEBUG_VM: it wants somebody, not
// necessarily the caller, to hold the lock of the page frame. It tells whether nobody does. It reads the page's flags.
func BugOnUnlockedPage(c *CPU, p PFN) bool {
	if PageLocked(c, p) {
		return false
	}
	c.Report(&Violation{Kind: PageLockNotHeld, Addr: p.Page() + PageFlags})
	return true
}

func (c *CPU) warn(site string) {
	w := &c.m.warned
	if w.report {
		c.Report(&Violation{Kind: Warned, Detail: site})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.sites, site) {
		w.sites = append(w.sites, site)
	}
}

// Warnings returns the sites that warned, in the order they first did.
func (m *Machine) Warnings() []string {
	m.warned.mu.Lock()
	defer m.warned.mu.Unlock()
	return slices.Clone(m.warned.sites)
}
