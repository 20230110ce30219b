package barriers_test

import (
	"fmt"

	"ptsim/explore"
	"ptsim/internal/barriers"
	"ptsim/internal/scenario"
	"ptsim/lab"
	"ptsim/memory"
)

// The first swapon against a user: which orders does v5.3 need, where swapon does not wait for a grace period, and what mends that?
func Example() {
	s, err := scenario.Load("swap/on")
	if err != nil {
		fmt.Println(err)
		return
	}
	opt := explore.Defaults()
	opt.Model = memory.LKMM
	finder := func(version string) *barriers.Finder {
		m, err := lab.Build(s, version)
		if err != nil {
			panic(err)
		}
		return &barriers.Finder{Questions: []barriers.Question{{Name: "swap/on", Model: m, Opt: opt}}}
	}
	f := finder("valid-rmb")
	_, sites, err := f.AsIs(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, site := range sites {
		a, err := f.Without(site, []int{0})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(site.Names[0], "in", site.File, "is needed:", a.Needed != nil)
	}
	f = finder("no-grace-on")
	r, _, err := f.AsIs(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := f.Mend(0, r, 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, set := range m.Sets {
		fmt.Printf("mended by %s() before %s() in %s\n", set[0].Name(), set[0].Next, set[0].Place.File)
	}
	// Output:
	// smp_rmb in swap/rcu.go is needed: true
	// smp_store_release in swap/swapon.go is needed: false
	// mended by smp_rmb() before READ_ONCE() in swap/rcu.go
	// mended by smp_rmb() before rcu_dereference() in swap/users.go
}
