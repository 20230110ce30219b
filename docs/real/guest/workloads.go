//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

// A segment of s390 is 1 MiB: what a PTE table maps.
const segment = 1 << 20

// workloads are what the kernel's allocator is watched under. Each is a process of its own.
var workloads = []struct {
	name string
	run  func() error
}{
	{"segs", func() error { return touchAndUnmap(24, 2) }},
	{"rand", func() error { return atRandom(1, 700) }},
	{"forks", forks},
	{"shm", sharedMemory},
	{"execs", func() error { return again(24, "wl", "nothing") }},
	{"big", func() error { return touchAndUnmap(1100, 1) }},
	{"threads", func() error { return threads(4, 150) }},
	{"races", races},
	{"sh", shell},
	{"nothing", func() error { return nil }},
}

func runWorkload(name string) error {
	for _, w := range workloads {
		if w.name == name {
			return w.run()
		}
	}
	return fmt.Errorf("%s: no such workload", name)
}

// reserve maps n segments, aligned, as nothing that a huge page could fill.
func reserve(n int, flags int, fd int) ([]byte, error) {
	mem, err := syscall.Mmap(fd, 0, (n+1)*segment, syscall.PROT_READ|syscall.PROT_WRITE, flags)
	if err != nil {
		return nil, err
	}
	skip := -uintptr(unsafe.Pointer(&mem[0])) & (segment - 1)
	return mem[skip : int(skip)+n*segment], nil
}

const private = syscall.MAP_PRIVATE | syscall.MAP_ANON | syscall.MAP_NORESERVE

func unmap(b []byte) {
	_, _, _ = syscall.Syscall(syscall.SYS_MUNMAP, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0)
}

// remap maps what was unmapped anew, at the same place.
func remap(b uintptr, n int) error {
	args := [6]uintptr{b, uintptr(n), syscall.PROT_READ | syscall.PROT_WRITE, private | syscall.MAP_FIXED, ^uintptr(0), 0}
	const mmap = 90 // s390x: one pointer to the six arguments
	if _, _, errno := syscall.Syscall(mmap, uintptr(unsafe.Pointer(&args[0])), 0, 0); errno != 0 {
		return errno
	}
	return nil
}

func touchAndUnmap(n, rounds int) error {
	for range rounds {
		mem, err := reserve(n, private, -1)
		if err != nil {
			return err
		}
		for i := range n {
			mem[i*segment]++
		}
		for i := 0; i < n; i += 2 { // every other one, then all
			unmap(mem[i*segment : (i+1)*segment])
		}
		unmap(mem)
	}
	return nil
}

// atRandom touches segments and unmaps them, with many grace periods in between.
func atRandom(seed uint64, steps int) error {
	const n = 48
	r := rand.New(rand.NewPCG(seed, 0))
	mem, err := reserve(n, private, -1)
	if err != nil {
		return err
	}
	base := uintptr(unsafe.Pointer(&mem[0]))
	for range steps {
		from := r.IntN(n)
		part := mem[from*segment : min(from+1+r.IntN(4), n)*segment]
		if r.IntN(2) == 0 {
			for i := 0; i < len(part); i += segment {
				part[i]++
			}
			continue
		}
		at := base + uintptr(from*segment)
		unmap(part)
		if err := remap(at, len(part)); err != nil {
			return err
		}
	}
	return nil
}

// again runs this program n times, one after the other.
func again(n int, args ...string) error {
	for range n {
		if err := exec.Command("/proc/self/exe", args...).Run(); err != nil {
			return err
		}
	}
	return nil
}

// forks is a shell that forks without an exec: Go cannot.
func forks() error {
	return exec.Command("/bin/busybox", "sh", "-c",
		`x=$(busybox seq 1 20000); for i in 1 2 3 4 5 6 7 8 9 10; do (y=$(echo "$x"); (z="$y$i"); : & wait) & done; wait`).Run()
}

func sharedMemory() error {
	f, err := os.CreateTemp("/dev/shm", "real")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	const n = 16
	if err := f.Truncate((n + 1) * segment); err != nil {
		return err
	}
	for range 4 {
		mem, err := reserve(n, syscall.MAP_SHARED, int(f.Fd()))
		if err != nil {
			return err
		}
		for i := range n {
			mem[i*segment]++
		}
		if err := again(1, "wl", "nothing"); err != nil {
			return err
		}
		unmap(mem)
	}
	return nil
}

// together has several threads do the same thing.
func together(n int, do func(me int)) {
	var all sync.WaitGroup
	for me := range n {
		all.Go(func() {
			runtime.LockOSThread()
			do(me)
		})
	}
	all.Wait()
}

// threads touch the same segments at the same time: whoever comes second to a segment frees its table at once.
func threads(n, rounds int) error {
	mem, err := reserve(n*4, private, -1)
	if err != nil {
		return err
	}
	base := uintptr(unsafe.Pointer(&mem[0]))
	for range rounds {
		together(n, func(me int) {
			for i := 0; i < len(mem); i += segment {
				mem[i+me*4096] = 1
			}
		})
		unmap(mem)
		if err := remap(base, len(mem)); err != nil {
			return err
		}
	}
	return nil
}

// races are threads that leave half-free pages on the list: each unmaps every other segment of its own while all touch.
func races() error {
	const n, own, rounds = 4, 8, 120
	mem, err := reserve(n*own, private, -1)
	if err != nil {
		return err
	}
	base := uintptr(unsafe.Pointer(&mem[0]))
	var failed error
	together(n, func(me int) {
		r := rand.New(rand.NewPCG(7, uint64(me)))
		for range rounds {
			for range own {
				i := r.IntN(n * own)
				mem[i*segment+me*4096] = 1
			}
			i := me*own + r.IntN(own)
			if err := remap(base+uintptr(i*segment), segment); err != nil { // MAP_FIXED unmaps what was there
				failed = err
			}
		}
	})
	return failed
}

func shell() error {
	return exec.Command("/bin/busybox", "sh", "-c",
		`for i in 1 2 3 4 5 6 7 8; do busybox ls -l /proc | busybox sort | busybox md5sum; busybox dd if=/dev/zero of=/dev/null bs=6M count=1; done`).Run()
}
