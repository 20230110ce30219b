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
