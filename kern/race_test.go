//go:build race

package kern_test

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/kern"
)

// races are two CPUs that use one word at once, and whether the race detector has something to say about it.
var races = map[string]struct {
	a, b  func(c *kern.CPU, w kern.Addr)
	found bool
}{
	"store, store":        {plainStore, plainStore, true},
	"store, load":         {plainStore, plainLoad, true},
	"store, read_once":    {plainStore, func(c *kern.CPU, w kern.Addr) { kern.ReadOnce(c, w) }, true},
	"load, add":           {plainLoad, func(c *kern.CPU, w kern.Addr) { kern.AtomicAddReturn(c, w, 1) }, true},
	"load, load":          {plainLoad, plainLoad, false},
	"write_once, add":     {func(c *kern.CPU, w kern.Addr) { kern.WriteOnce(c, w, 1) }, func(c *kern.CPU, w kern.Addr) { kern.AtomicAddReturn(c, w, 1) }, false},
	"store, load, locked": {locked(plainStore), locked(plainLoad), false},
	"store, load, behind a semaphore": {
		func(c *kern.CPU, w kern.Addr) { kern.DownWrite(c, w+1); plainStore(c, w); kern.UpWrite(c, w+1) },
		func(c *kern.CPU, w kern.Addr) { kern.DownRead(c, w+1); plainLoad(c, w); kern.UpRead(c, w+1) },
		false,
	},
}

func plainStore(c *kern.CPU, w kern.Addr) { kern.Store(c, w, 1) }

func plainLoad(c *kern.CPU, w kern.Addr) { kern.Load(c, w) }

func locked(do func(*kern.CPU, kern.Addr)) func(*kern.CPU, kern.Addr) {
	return func(c *kern.CPU, w kern.Addr) {
		kern.SpinLock(c, w+1)
		do(c, w)
		kern.SpinUnlock(c, w+1)
	}
}

// A plain access is a claim, and the race detector checks it. A race fails the process it happens in, so each case has one
// of its own: this test again, told which case it is.
func TestPlainAccessesAreClaims(t *testing.T) {
	const which = "PTSIM_RACE"
	if race, ok := races[os.Getenv(which)]; ok {
		m := kern.NewMachine(kern.Config{CPUs: 2})
		w := words(m.CPU(0), 2)
		var wg sync.WaitGroup
		wg.Go(func() { race.a(m.CPU(0), w) })
		wg.Go(func() { race.b(m.CPU(1), w) })
		wg.Wait()
		return
	}
	for name, race := range races {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestPlainAccessesAreClaims$")
			cmd.Env = append(os.Environ(), which+"="+name, "GORACE=atexit_sleep_ms=0")
			out, err := cmd.CombinedOutput()
			if race.found {
				assert.Error(t, err)
				assert.Contains(t, string(out), "DATA RACE")
			} else {
				assert.NoError(t, err, "%s", out)
			}
		})
	}
}
