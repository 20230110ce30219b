//go:build linux

package main

import (
	"bufio"
	"debug/elf"
	"fmt"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// kernel is the running one: its functions and their code.
type kernel struct {
	starts []uint64
	of     map[string]uint64
	name   map[uint64]string
	core   *elf.File
}

func runningKernel() (*kernel, error) {
	f, err := os.Open("/proc/kallsyms")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	k := &kernel{of: map[string]uint64{}, name: map[uint64]string{}}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) < 3 || !strings.Contains("tTwW", w[1]) || strings.HasPrefix(w[2], ".") {
			continue
		}
		at, err := strconv.ParseUint(w[0], 16, 64)
		if err != nil || at == 0 {
			continue
		}
		k.starts = append(k.starts, at)
		if _, seen := k.of[w[2]]; !seen {
			k.of[w[2]] = at
		}
		k.name[at] = w[2]
	}
	slices.Sort(k.starts)
	k.core, err = elf.Open("/proc/kcore")
	return k, err
}

func (k *kernel) has(name string) bool { return k.of[name] != 0 }

// code returns the machine code of a function, up to the next symbol.
func (k *kernel) code(name string) ([]byte, error) {
	at, ok := k.of[name]
	if !ok {
		return nil, fmt.Errorf("%s: this kernel has no such function", name)
	}
	i := sort.Search(len(k.starts), func(i int) bool { return k.starts[i] > at })
	if i == len(k.starts) {
		return nil, fmt.Errorf("%s: it is the last symbol", name)
	}
	code := make([]byte, k.starts[i]-at)
	for _, p := range k.core.Progs {
		if p.Type == elf.PT_LOAD && p.Vaddr <= at && at+uint64(len(code)) <= p.Vaddr+p.Filesz {
			_, err := p.ReadAt(code, int64(at-p.Vaddr))
			return code, err
		}
	}
	return nil, fmt.Errorf("%s: /proc/kcore does not have %#x", name, at)
}
