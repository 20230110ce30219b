package memory

import (
	"fmt"
	"slices"
	"strings"
)

// A Model is a memory model.
type Model uint8

// The models, each weaker than the one before it.
const (
	SC   Model = iota // sequential consistency
	TSO               // total store order: x86, z/Architecture
	LKMM              // the Linux kernel memory model
)

var modelNames = [...]string{SC: "sc", TSO: "tso", LKMM: "lkmm"}

// Models are the names of the models, the strongest first.
func Models() []string { return modelNames[:] }

func (m Model) String() string { return modelNames[m] }

// ParseModel returns the model with this name.
func ParseModel(name string) (Model, error) {
	for m, n := range modelNames {
		if n == name {
			return Model(m), nil
		}
	}
	return 0, fmt.Errorf("no memory model %q: there are sc, tso and lkmm", name)
}

// A Release is a kernel release whose linux-kernel.cat the LKMM machine follows, less the rules that are taken out (see Less).
type Release uint8

// The releases. Since v6.2 a release sequence goes on through read-modify-writes: a store that an RMW reads passes what
// is before it by cumul-fence on to the RMW's store.
const (
	Linux61  Release = iota // 6.1
	Linux612                // 6.12
)

var releaseNames = [...]string{Linux61: "6.1", Linux612: "6.12"}

// Releases are the names of the releases, the oldest first.
func Releases() []string { return releaseNames[:] }

// String is 6.1, or 6.1!unlock-lock without a rule.
func (r Release) String() string {
	text := releaseNames[r.at()]
	for i, name := range ruleNames {
		if r.Without(Rule(i)) {
			text += "!" + name
		}
	}
	return text
}

// A Rule is one of the model's rules that can be taken out, to see what leans on it.
type Rule uint8

// The rules.
const (
	// UnlockLock: what precedes a spin_unlock comes before what follows a spin_lock behind it on the same CPU, of any lock: a store
	// before a store, too (po-unlock-lock-po in linux-kernel.cat). Without it a spin_unlock is a release, a spin_lock an acquire, and no more.
	UnlockLock Rule = iota
	// Address: an access comes after the load that brought its address. Alpha has no such rule.
	Address
)

var ruleNames = [...]string{UnlockLock: "unlock-lock", Address: "address"}

// Rules are the names of the rules.
func Rules() []string { return ruleNames[:] }

func (r Rule) String() string { return ruleNames[r] }

const firstRule = 4 // the bit of the first rule in a Release

// Less returns the model without a rule.
func (r Release) Less(rule Rule) Release { return r | 1<<(firstRule+rule) }

// Without tells whether a rule is taken out.
func (r Release) Without(rule Rule) bool { return r>>(firstRule+rule)&1 != 0 }

// at returns the release alone.
func (r Release) at() Release { return r & (1<<firstRule - 1) }

// less takes out rules by their names.
func (r Release) less(names []string) (Release, error) {
	for _, name := range names {
		i := slices.Index(ruleNames[:], name)
		if i < 0 {
			return r, fmt.Errorf("no rule %q of the memory model: there are %s", name, strings.Join(Rules(), " and "))
		}
		r = r.Less(Rule(i))
	}
	return r, nil
}

// A Spec says under which memory something runs. The zero Spec is sequential consistency.
type Spec struct {
	Model   Model
	Release Release // of LKMM; else 0
}

// Specs are all of them, the strongest first.
func Specs() []Spec { return []Spec{{SC, 0}, {TSO, 0}, {LKMM, Linux61}, {LKMM, Linux612}} }

// String is how schedules have it: sc, tso, lkmm-6.1, lkmm-6.12, lkmm-6.1!unlock-lock.
func (s Spec) String() string {
	if s.Model == LKMM {
		return s.Model.String() + "-" + s.Release.String()
	}
	return s.Model.String()
}

// ParseSpec is the inverse of String. Without a release, lkmm is that of the first one.
func ParseSpec(text string) (Spec, error) {
	name, without, cut := strings.Cut(text, "!")
	for _, s := range Specs() {
		switch {
		case s.String() != name && s.Model.String() != name || cut && s.Model != LKMM:
		case cut:
			r, err := s.Release.less(strings.Split(without, "!"))
			return Spec{s.Model, r}, err
		default:
			return s, nil
		}
	}
	return Spec{}, fmt.Errorf("no memory model %q: there are sc, tso, lkmm-6.1 and lkmm-6.12", text)
}

// ParseRelease returns the release with this name, less the rules with those names.
func ParseRelease(name string, without ...string) (Release, error) {
	for r, n := range releaseNames {
		if n == name {
			return Release(r).less(without)
		}
	}
	return 0, fmt.Errorf("no memory model of Linux %q: there are 6.1 and 6.12", name)
}
