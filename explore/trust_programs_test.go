package explore_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"ptsim/explore"
	"ptsim/kern"
)

// A program is a few threads of generated operations over two locks, a list, three words and two nodes with a reference
// count and an rcu_head each. Most are wrong in some way; what counts is that every search says the same of them.
type program [][]progOp

type progOp struct {
	kind progKind
	x    int // which lock, node or word
}

type progKind int

const (
	lock progKind = iota
	unlock
	lockBH
	unlockBH
	addNode
	delNode
	firstNode
	get
	put     // and call_rcu with the last
	putNow  // and free at once with the last
	defers  // call_rcu, without a reference
	visit   // reads a node under rcu_read_lock
	visitBH // with BH off
	readWord
	writeWord
	xorWord
	loadWord
	storeWord
	swap // puts a new object into a word, and frees what was there
	emptyList
	deferLocked // call_rcu of a callback that takes the first lock
	progKinds
)

var progNames = [progKinds]string{"lock", "unlock", "lock_bh", "unlock_bh", "add", "del", "first", "get", "put", "put_now", "defer", "visit",
	"visit_bh", "read", "write", "xor", "load", "store", "swap", "empty", "defer_locked"}

func (p program) String() string {
	var b strings.Builder
	for i, ops := range p {
		fmt.Fprintf(&b, "\n%c:", 'A'+i)
		for _, op := range ops {
			fmt.Fprintf(&b, " %s%d", progNames[op.kind], op.x)
		}
	}
	return b.String()
}

// all are the operations that programs are made of, and quietly those that break nothing as long as references last.
var (
	all = []progKind{addNode, delNode, firstNode, emptyList, get, put, putNow, defers, visit, visitBH, readWord, writeWord, xorWord, loadWord,
		storeWord, swap, deferLocked}
	quietly = []progKind{readWord, writeWord, xorWord, put, swap}
)

// drawProgram draws two or three threads. Half of what is done is done under a lock, mostly the first.
func drawProgram(t *rapid.T, inner []progKind) program {
	p := make(program, rapid.IntRange(2, 3).Draw(t, "threads"))
	most := 5
	if len(p) == 3 {
		most = 3
	}
	for i := range p {
		for n := rapid.IntRange(2, most).Draw(t, "ops"); n > 0; n-- {
			op := progOp{rapid.SampledFrom(inner).Draw(t, "op"), rapid.IntRange(0, 1).Draw(t, "x")}
			switch rapid.IntRange(0, 5).Draw(t, "how") {
			case 0, 1:
				p[i] = append(p[i], progOp{lock, 0}, op, progOp{unlock, 0})
				n--
			case 2:
				l := rapid.IntRange(0, 1).Draw(t, "lock")
				p[i] = append(p[i], progOp{lockBH, l}, op, progOp{unlockBH, l})
				n--
			case 3:
				p[i] = append(p[i], progOp{lock, 1}, op, progOp{unlock, 1})
				n--
			default:
				p[i] = append(p[i], op)
			}
		}
	}
	return p
}

const (
	locksAt = 0
	listAt  = 2
	wordsAt = 4
	toldAt  = 8

	nodeList = 0
	nodeHead = 2
	nodeRef  = 4
	nodeVal  = 5
)

// How many references there are to a node at the start.
const (
	oneReference = iota
	enough       // one for each put, and one that stays
	exact        // one for each put
)

// programModel makes a model of a program.
func programModel(p program, references int) *explore.Model {
	return &explore.Model{Name: "program", Tasks: len(p), Build: func(cpus int, sched kern.Scheduler) *explore.Instance {
		m := kern.NewMachine(kern.Config{CPUs: cpus, Frames: 250, Scheduler: sched})
		c := m.CPU(0)
		nodes := m.NewCache(kern.CacheConfig{Name: "node", Words: 6})
		shared := m.NewCache(kern.CacheConfig{Name: "shared", Words: 12}).Alloc(c)
		fresh := m.NewCache(kern.CacheConfig{Name: "fresh", Words: 2})
		kern.InitListHead(c, shared+listAt)
		freeNode := m.RegisterFunc("free_node", func(c *kern.CPU, head kern.Addr) { nodes.Free(c, head-nodeHead) })
		lockAndFree := m.RegisterFunc("lock_and_free", func(c *kern.CPU, head kern.Addr) {
			kern.SpinLock(c, shared+locksAt)
			kern.AtomicXorBits(c, shared+wordsAt, 16)
			kern.SpinUnlock(c, shared+locksAt)
			nodes.Free(c, head-nodeHead)
		})
		var node [2]kern.Addr
		for i := range node {
			node[i] = nodes.Alloc(c)
			kern.Store(c, node[i]+nodeRef, 1)
			n := uint32(0)
			for _, ops := range p {
				for _, op := range ops {
					if (op.kind == put || op.kind == putNow) && op.x == i {
						n++
					}
				}
			}
			switch references {
			case enough:
				kern.Store(c, node[i]+nodeRef, n+1)
			case exact:
				kern.Store(c, node[i]+nodeRef, max(1, n))
			}
		}
		in := &explore.Instance{M: m}
		for i, ops := range p {
			task := explore.Task{Name: string(rune('A' + i)), Start: 0}
			for _, op := range ops {
				task.Ops = append(task.Ops, explore.Operation{Name: progNames[op.kind], Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
					n, w := node[op.x], shared+wordsAt+kern.Addr(op.x)
					saw := func(v uint32) int { return (f.(int)*7 + int(v) + 1) & 0xffff } // all that it ever saw
					switch op.kind {
					case lock:
						kern.SpinLock(c, shared+locksAt+kern.Addr(op.x))
					case unlock:
						kern.SpinUnlock(c, shared+locksAt+kern.Addr(op.x))
					case lockBH:
						kern.SpinLockBH(c, shared+locksAt+kern.Addr(op.x))
					case unlockBH:
						kern.SpinUnlockBH(c, shared+locksAt+kern.Addr(op.x))
					case addNode:
						kern.ListAdd(c, n+nodeList, shared+listAt)
					case delNode:
						kern.ListDel(c, n+nodeList)
					case firstNode:
						if a := kern.ListFirstOrNull(c, shared+listAt); a != 0 {
							return saw(kern.ReadOnce(c, a+nodeVal) + uint32(a&32))
						}
					case emptyList:
						if !kern.ListEmpty(c, shared+listAt) {
							return saw(kern.AtomicXorBits(c, w, 8))
						}
					case get:
						kern.RefcountInc(c, n+nodeRef)
					case put, putNow:
						if !kern.RefcountDecAndTest(c, n+nodeRef) {
							return saw(0)
						}
						if op.kind == put {
							kern.CallRCU(c, n+nodeHead, freeNode)
						} else {
							nodes.Free(c, n)
						}
						return saw(1)
					case defers:
						kern.CallRCU(c, n+nodeHead, freeNode)
					case deferLocked:
						kern.CallRCU(c, n+nodeHead, lockAndFree)
					case visit:
						kern.RCUReadLock(c)
						if kern.ReadOnce(c, w) == 0 {
							kern.AtomicXorBits(c, n+nodeVal, 1)
						}
						kern.RCUReadUnlock(c)
					case visitBH:
						kern.LocalBHDisable(c)
						if kern.ReadOnce(c, w) == 0 {
							kern.AtomicXorBits(c, n+nodeVal, 2)
						}
						kern.LocalBHEnable(c)
					case readWord:
						return saw(kern.ReadOnce(c, w))
					case writeWord:
						kern.WriteOnce(c, w, uint32(f.(int)&3)+1)
					case xorWord:
						return saw(kern.AtomicXorBits(c, w, 4))
					case loadWord:
						return saw(kern.Load(c, w))
					case storeWord:
						kern.Store(c, w, uint32(i)+2)
					case swap:
						slot := shared + wordsAt + 2
						if old := kern.Xchg(c, slot, uint32(fresh.Alloc(c))); old != 0 {
							fresh.Free(c, kern.Addr(old))
						}
					}
					return f
				}})
			}
			task.Ops = append(task.Ops, explore.Operation{Name: "tell", Run: func(c *kern.CPU, f explore.Frame) explore.Frame {
				kern.Store(c, shared+toldAt+kern.Addr(i), uint32(f.(int)))
				return f
			}})
			in.Tasks = append(in.Tasks, task)
		}
		return in
	}}
}

// programPicture shows the words of what was there at the start and is yet. What was made since has no name.
func programPicture(in *explore.Instance, w *made) string {
	var b strings.Builder
	known := map[kern.Addr]bool{}
	for _, name := range []string{"shared", "node"} {
		for _, a := range w.objects[name] {
			for i := range kern.Addr(32) {
				known[a+i] = true
			}
		}
	}
	for _, name := range []string{"shared", "node"} {
		for _, a := range w.objects[name] {
			if !in.Alive(a) {
				fmt.Fprintf(&b, "%s gone\n", name)
				continue
			}
			fmt.Fprint(&b, name)
			for i := range kern.Addr(12) {
				v := kern.Addr(in.M.Peek(a + i))
				switch {
				case i < toldAt && v.IsPlace() && v > 1000 && !known[v]:
					fmt.Fprint(&b, " new")
				default:
					fmt.Fprintf(&b, " %x", uint32(v))
				}
			}
			fmt.Fprintln(&b)
		}
	}
	return b.String()
}
