//go:build linux

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// hit is one line of the trace: a probe, who was there, and what was in the registers.
type hit struct {
	event    string
	tid, cpu int
	field    map[string]uint64
}

// parseHit reads "TASK-TID [CPU] FLAGS TIME: EVENT: (FUNCTION+0x../0x..) NAME=VALUE ...". Numbers are decimal or 0x.
func parseHit(line string) (h hit, ok bool) {
	const dash = 16
	if len(line) <= dash || line[dash] != '-' {
		return h, false
	}
	columns, rest, ok := strings.Cut(line[dash+1:], ": ")
	if !ok {
		return h, false
	}
	words := strings.Fields(columns)
	if len(words) < 2 {
		return h, false
	}
	tid, err1 := strconv.Atoi(words[0])
	cpu, err2 := strconv.Atoi(strings.Trim(words[1], "[]"))
	event, rest, ok := strings.Cut(rest, ": (")
	if err1 != nil || err2 != nil || !ok {
		return h, false
	}
	h = hit{event, tid, cpu, map[string]uint64{}}
	for _, f := range strings.Fields(rest) {
		if name, value, ok := strings.Cut(f, "="); ok {
			v, err := strconv.ParseUint(value, 0, 64)
			if err != nil { // "(fault)": there was nothing to read, as behind an empty list
				continue
			}
			h.field[name] = v
		}
	}
	return h, true
}

// logger turns hits into the records of ptsim conform. It follows the mms that are born while it looks, and their pages,
// and numbers both by birth.
type logger struct {
	out       io.Writer
	mms       map[uint64]int // by address
	pages     map[uint64]int // by the address of _refcount, or of the table
	n         int            // pages born so far
	batch     map[int]uint64 // callbacks that run on a CPU and have met no page of ours yet: tables
	beginning map[int]uint64 // page_table_alloc under way, by task: the mm
	made      []made         // every mm that was born
}

// made is an mm by its number: the task that made it, and how many tables it got and freed at once.
type made struct{ creator, allocated, atOnce int }

func newLogger(out io.Writer) *logger {
	return &logger{out: out, mms: map[uint64]int{}, pages: map[uint64]int{}, batch: map[int]uint64{}, beginning: map[int]uint64{}}
}

func (l *logger) put(format string, args ...any) { fmt.Fprintf(l.out, format+"\n", args...) }

// half is the half that a change of the mask is about, from the bits that changed: its own or its and its pending bit.
func half(bits uint64) int {
	if bits>>24&0x22 != 0 {
		return 1
	}
	return 0
}

// page gives a fresh page its number. An old one at the same address is gone, though its end was not seen.
func (l *logger) page(at uint64) int {
	l.pages[at] = l.n
	l.n++
	return l.pages[at]
}

// take takes the next hit.
func (l *logger) take(h hit) {
	f := h.field
	switch h.event {
	case "mm":
		l.mms[f["mm"]] = len(l.made)
		l.put("mm %d", len(l.made))
		l.made = append(l.made, made{creator: h.tid})
		return
	case "batch":
		l.batch[h.cpu] = f["nr"]
		return
	case "begin":
		l.beginning[h.tid] = f["mm"]
		return
	case "alloc":
		f["mm"] = l.beginning[h.tid]
	}
	if h.event == "remove" {
		l.remove(h)
		return
	}
	mm, known := l.mms[f["mm"]]
	if !known {
		return
	}
	switch h.event {
	case "look":
		if first := f["first"]; first == f["head"]+f["list"] {
			l.put("look %d -", mm)
		} else if p, ok := l.pages[first+f["from"]]; ok {
			l.put("look %d p%d %02x", mm, p, f["word"]>>24)
		} else {
			l.put("# an unknown page is the first of mm %d", mm)
		}
	case "add":
		l.made[mm].allocated++
		l.put("add %d p%d", mm, l.page(f["entry"]+f["from"]))
	case "alloc":
		l.made[mm].allocated++
		l.put("alloc %d p%d %x %x", mm, l.page(f["table"]), f["low"], f["high"])
	case "hit", "free", "rcu":
		l.change(mm, h)
	case "flush":
		if f["batch"] != 0 {
			l.put("flush %d", mm)
		}
	case "drop":
		l.put("drop %d", mm)
		delete(l.mms, f["mm"])
	}
}

// change is a half taken, freed at once, or given to the gather; of v6.7 on, a table freed or given to the gather.
func (l *logger) change(mm int, h hit) {
	f := h.field
	if table, ok := f["table"]; ok {
		p, ours := l.pages[table]
		if !ours { // a table of an upper level
			return
		}
		l.put("%s %d p%d", h.event, mm, p)
		if h.event == "free" {
			l.made[mm].atOnce++
			delete(l.pages, table)
		}
		return
	}
	p, ours := l.pages[f["word"]]
	if !ours {
		l.put("# %s of an unknown page in mm %d", h.event, mm)
		return
	}
	of := half(f["before"] ^ f["after"])
	l.put("%s %d p%d.%d %02x", h.event, mm, p, of, f["after"]>>24)
	switch h.event {
	case "hit":
		l.made[mm].allocated++
	case "free":
		l.made[mm].atOnce++
		if f["after"]>>24 == 0x10<<of { // the second xor leaves nothing, and the page is released
			delete(l.pages, f["word"])
		}
	}
}

// remove is __tlb_remove_table, in a batch's callback.
func (l *logger) remove(h hit) {
	f := h.field
	at, whole := f["table"]
	if !whole {
		at = f["word"]
	}
	p, ours := l.pages[at]
	if !ours {
		return
	}
	if nr, ok := l.batch[h.cpu]; ok {
		l.put("batch %d", nr)
		delete(l.batch, h.cpu)
	}
	if whole {
		l.put("remove p%d", p)
		delete(l.pages, at)
		return
	}
	l.put("remove p%d.%d %02x", p, half(f["before"]^f["after"]), f["after"]>>24)
	if f["after"]>>24 == 0 {
		delete(l.pages, at)
	}
}
