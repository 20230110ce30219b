package memory

import "fmt"

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

// A Release is a kernel release whose linux-kernel.cat the LKMM machine follows.
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

func (r Release) String() string { return releaseNames[r] }

// A Spec says under which memory something runs. The zero Spec is sequential consistency.
type Spec struct {
	Model   Model
	Release Release // of LKMM; else 0
}

// Specs are all of them, the strongest first.
func Specs() []Spec { return []Spec{{SC, 0}, {TSO, 0}, {LKMM, Linux61}, {LKMM, Linux612}} }

// String is how schedules have it: sc, tso, lkmm-6.1, lkmm-6.12.
func (s Spec) String() string {
	if s.Model == LKMM {
		return s.Model.String() + "-" + s.Release.String()
	}
	return s.Model.String()
}

// ParseSpec is the inverse of String. Without a release, lkmm is that of the first one.
func ParseSpec(text string) (Spec, error) {
	for _, s := range Specs() {
		if s.String() == text || s.Model.String() == text {
			return s, nil
		}
	}
	return Spec{}, fmt.Errorf("no memory model %q: there are sc, tso, lkmm-6.1 and lkmm-6.12", text)
}

// ParseRelease returns the release with this name.
func ParseRelease(name string) (Release, error) {
	for r, n := range releaseNames {
		if n == name {
			return Release(r), nil
		}
	}
	return 0, fmt.Errorf("no memory model of Linux %q: there are 6.1 and 6.12", name)
}
