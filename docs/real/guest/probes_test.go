//go:build linux

package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// functions are the machine code of a test, in hex.
type functions map[string]string

func (f functions) has(name string) bool { _, ok := f[name]; return ok }

func (f functions) code(name string) ([]byte, error) {
	if !f.has(name) {
		return nil, errors.New(name + ": no such function")
	}
	return hex.DecodeString(strings.ReplaceAll(f[name], " ", ""))
}

const (
	frame  = "e3f0ffa0ff71 " // lay %r15,-96(%r15)
	locked = "ba13b2c8 "     // cs %r1,%r3,712(%r11)
	read   = "58302000 1843 1813 "
	xor    = "1745 "
	swap   = "ba142000 "
	retry  = "ec13fff97076 " // crjne %r1,%r3, back to read
	ret    = "07fe"          // br %r14
)

func TestXorLoopIsFound(t *testing.T) {
	k := functions{"page_table_free_rcu": frame + locked + read + xor + swap + retry + ret}
	found, err := freeHalfRCU(k)
	require.NoError(t, err)
	assert.Equal(t, []probe{{"rcu", "page_table_free_rcu", 30, "mm=%r11:x64 word=%r2:x64 before=%r1:x32 after=%r4:x32"}}, found)
	assert.Equal(t, "p:real/rcu page_table_free_rcu+30 mm=%r11:x64 word=%r2:x64 before=%r1:x32 after=%r4:x32", found[0].definition())

	for name, code := range map[string]string{
		"no lock":        frame + read + xor + swap + retry + ret,
		"never again":    frame + locked + read + xor + swap + ret,
		"forward":        frame + locked + read + xor + swap + "ec1300037076 " + ret,
		"an immediate":   frame + locked + read + "c04703000000 " + swap + "ec13fff77076 " + ret, // xilf: PGSTEs
		"one too many":   frame + locked + strings.Repeat(read+xor+swap+retry, 2) + ret,
		"no code at all": "",
	} {
		_, err := freeHalfRCU(functions{"page_table_free_rcu": code})
		assert.ErrorContains(t, err, "page_table_free_rcu: no ", name)
	}
}

func TestArgumentsAreReadInside(t *testing.T) {
	found, err := removePage(functions{"__tlb_remove_table": "c00400000000 " + frame + ret}) // jgnop, where ftrace would be
	require.NoError(t, err)
	assert.Equal(t, 12, found[0].offset)
	_, err = removePage(functions{"__tlb_remove_table": ret})
	assert.ErrorContains(t, err, "no stack frame")
	_, _, err = findProbes(functions{})
	assert.ErrorContains(t, err, "page_table_alloc: no such function")
}

// Two tables in a page: what is not of an mm that was born meanwhile is left out.
func TestLogOfHalves(t *testing.T) {
	const trace = `# tracer: nop
              wl-99      (     99) [001] .....    42.1: look: (page_table_alloc+0x4e/0x2c8) mm=0x99 head=0x99 first=0x500 word=0x1000001 list=8 from=44
              wl-99      [001] .....    42.1: mm: (mm_init+0x16/0x3a8) mm=0x1000
              wl-99      [001] .....    42.2: look: (page_table_alloc+0x4e/0x2c8) mm=0x1000 head=0x1000 first=0x1008 word=(fault) list=8 from=44
              wl-99      [001] .....    42.3: add: (page_table_alloc+0x246/0x2c8) mm=0x1000 entry=0x8008 from=44
              wl-99      [001] .....    42.4: look: (page_table_alloc+0x4e/0x2c8) mm=0x1000 head=0x1000 first=0x8008 word=0x1000001 list=8 from=44
              wl-99      [001] .....    42.5: hit: (page_table_alloc+0xc4/0x2c8) mm=0x1000 word=0x8034 before=0x1000001 after=0x3000001
              wl-99      [001] .....    42.6: free: (page_table_free+0x8a/0x1c8) mm=0x1000 word=0x8034 before=0x3000001 after=0x21000001
              wl-99      [001] .....    42.7: rcu: (page_table_free_rcu+0x92/0x188) mm=0x1000 word=0x8034 before=0x1000001 after=0x10000001
              wl-99      [001] .....    42.8: flush: (tlb_finish_mmu+0x16/0xd0) mm=0x1000 batch=0x0
              wl-99      [001] .....    42.8: flush: (tlb_finish_mmu+0x16/0xd0) mm=0x1000 batch=0x7000
          <idle>-0       [000] ..s1.    42.9: batch: (tlb_remove_table_rcu+0x20/0x68) nr=3
          <idle>-0       [000] ..s1.    43.0: remove: (__tlb_remove_table+0xcc/0xe8) word=0x9034 before=0x10000001 after=0x1
          <idle>-0       [000] ..s1.    43.1: remove: (__tlb_remove_table+0xcc/0xe8) word=0x8034 before=0x10000001 after=0x1
              wl-99      [001] .....    43.2: drop: (__mmdrop+0x26/0x160) mm=0x1000
`
	var out bytes.Buffer
	l := newLogger(&out)
	for line := range strings.Lines(trace) {
		if h, ok := parseHit(strings.TrimSuffix(line, "\n")); ok {
			l.take(h)
		}
	}
	assert.Equal(t, "mm 0\nlook 0 -\nadd 0 p0\nlook 0 p0 01\nhit 0 p0.1 03\nfree 0 p0.1 21\nrcu 0 p0.0 10\nflush 0\n"+
		"batch 3\nremove p0.0 00\ndrop 0\n", out.String())
	assert.Equal(t, []made{{creator: 99, allocated: 2, atOnce: 1}}, l.made)
	assert.Empty(t, l.pages)
}

func TestLogOfPages(t *testing.T) {
	var out bytes.Buffer
	l := newLogger(&out)
	for _, text := range []string{"mm: (mm_init+0x16) mm=0x1000", "begin: (page_table_alloc+0x1c) mm=0x1000",
		"alloc: (page_table_alloc+0x110) table=0x4000 low=0x400 high=0x0", "rcu: (tlb_remove_table+0x1c) mm=0x1000 table=0x5000",
		"rcu: (tlb_remove_table+0x1c) mm=0x1000 table=0x4000", "batch: (tlb_remove_table_rcu+0x20) nr=2",
		"remove: (__tlb_remove_table+0x16) table=0x5000", "remove: (__tlb_remove_table+0x16) table=0x4000"} {
		h, ok := parseHit("              wl-99      [001] .....    42.1: " + text)
		require.True(t, ok, text)
		l.take(h)
	}
	assert.Equal(t, "mm 0\nalloc 0 p0 400 0\nrcu 0 p0\nbatch 2\nremove p0\n", out.String())
}
