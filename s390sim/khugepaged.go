package s390sim

import (
	"math"
	"sync"

	"ptsim/kern"
)

// KhugepagedConfig are the daemon's settings, as in /sys/kernel/mm/transparent_hugepage/khugepaged. A field that is 0 has
// the kernel's default on s390, but MaxPtesNone, where -1 stands for it.
type KhugepagedConfig struct {
	PagesToScan int   // pages_to_scan: progress of one wakeup; 2048
	MaxPtesNone int   // max_ptes_none: pages of a segment that need not be in memory; -1 is 255
	ScanSleep   int64 // scan_sleep_millisecs, in nanoseconds; 10 s
	AllocSleep  int64 // alloc_sleep_millisecs, in nanoseconds; 60 s
	// HugePage tells whether a huge page can be had; nil: always.
	HugePage func() bool
}

// Khugepaged defaults on s390, where a huge page is 256 pages.
const (
	DefaultPagesToScan = 8 * kern.PTRSPerPTE
	DefaultMaxPtesNone = kern.PTRSPerPTE - 1
	DefaultScanSleep   = 10_000_000_000
	DefaultAllocSleep  = 60_000_000_000
)

// never is when a daemon without work wakes up.
const never = math.MaxInt64

// KhugepagedCounts is what the daemon did. Every segment it looked at is counted under one of Collapsed to Failed.
type KhugepagedCounts struct {
	Entered   uint64 `json:"entered"`   // slots made
	Exited    uint64 `json:"exited"`    // slots taken back by exit
	Collected uint64 `json:"collected"` // slots taken back by the daemon

	Wakeups    uint64 `json:"wakeups"`
	FullScans  uint64 `json:"full_scans"`  // full_scans: times it came to the end of the line
	Progress   uint64 `json:"progress"`    // pages, as pages_to_scan counts them
	LockMissed uint64 `json:"lock_missed"` // mms passed over because mmap_lock was taken

	SkippedVMA     uint64 `json:"skipped_vma"`      // mappings that can hold no huge page
	Collapsed      uint64 `json:"collapsed"`        // SCAN_SUCCEED: file segments made huge
	ExceedNone     uint64 `json:"exceed_none"`      // SCAN_EXCEED_NONE_PTE: too few pages in memory
	PTEMapped      uint64 `json:"pte_mapped"`       // SCAN_PTE_MAPPED_HUGEPAGE: huge already, and this mm's table taken
	PTEMappedKept  uint64 `json:"pte_mapped_kept"`  // the same, but the table had to stay
	AlreadyMapped  uint64 `json:"already_mapped"`   // the same, and there was no table to take
	AllocHugeFails uint64 `json:"alloc_huge_fails"` // SCAN_ALLOC_HUGE_PAGE_FAIL
}

// found counts what would have come out differently at another time.
func (n *KhugepagedCounts) found() uint64 { return n.Collapsed + n.PTEMapped + n.AllocHugeFails }

// Khugepaged is the daemon: it scans the mms that entered, in turn, a little at each wakeup, and collapses what qualifies.
// On a machine in virtual time Advance wakes it; a native one calls DoScan from the goroutine that is its CPU.
type Khugepaged struct {
	m   *Machine
	cfg KhugepagedConfig

	mu      sync.Mutex // khugepaged_mm_lock: what follows
	slots   slotList
	cursor  *mmSlot // khugepaged_scan.mm_slot: the mm it stands at; nil at the beginning of the line
	address uint64  // khugepaged_scan.address: how far it has come in that mm

	next   int64 // the next wakeup
	cpu    int   // where it ran last
	counts KhugepagedCounts
}

func newKhugepaged(m *Machine, cfg KhugepagedConfig) *Khugepaged {
	if cfg.PagesToScan <= 0 {
		cfg.PagesToScan = DefaultPagesToScan
	}
	if cfg.MaxPtesNone < 0 || cfg.MaxPtesNone > DefaultMaxPtesNone {
		cfg.MaxPtesNone = DefaultMaxPtesNone
	}
	if cfg.ScanSleep <= 0 {
		cfg.ScanSleep = DefaultScanSleep
	}
	if cfg.AllocSleep <= 0 {
		cfg.AllocSleep = DefaultAllocSleep
	}
	return &Khugepaged{m: m, cfg: cfg, next: never}
}

// Khugepaged returns the machine's daemon, nil if it has none.
func (m *Machine) Khugepaged() *Khugepaged { return m.khugepaged }

// Counts returns what the daemon did so far. It must not run meanwhile.
func (k *Khugepaged) Counts() KhugepagedCounts { return k.counts }

// Slots returns how many mms the daemon scans in turn.
func (k *Khugepaged) Slots() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.slots.n
}

// runDue wakes the daemon as often as it would have woken up to the time t. When it has been through all mms twice and
// there was nothing to collapse, it finds nothing until somebody does something, and sleeps until then.
func (k *Khugepaged) runDue(t int64) {
	scans, found := k.counts.FullScans, k.counts.found()
	for k.next <= t && k.next != never {
		k.m.advance(k.next)
		k.cpu = (k.cpu + 1) % k.m.M.NumCPU() // the scheduler puts it where there is room
		c := k.m.CPU(k.cpu)
		task, doing := c.Task, c.Doing
		c.Task, c.Doing = "khugepaged", "scan"
		sleep := k.DoScan(c)
		if k.m.cfg.TraceSteps {
			k.m.emit(Event{Kind: EventScan, Time: k.m.clock.now, CPU: c.ID(), Count: int(k.counts.Collapsed)})
		}
		c.Task, c.Doing = task, doing
		switch {
		case k.slots.n == 0:
			k.next = never
		case k.next > math.MaxInt64-sleep:
			k.next = never
		default:
			k.next += sleep
		}
		if now := k.counts.found(); now != found {
			scans, found = k.counts.FullScans, now
		}
		if k.counts.FullScans > scans+2 && k.next < t {
			k.next += (t - k.next) / k.cfg.ScanSleep * k.cfg.ScanSleep
			if k.next < t {
				k.next += min(k.cfg.ScanSleep, math.MaxInt64-k.next)
			}
		}
	}
}

// DoScan is khugepaged_do_scan(), one wakeup: it goes on where it stood and makes as much progress as pages_to_scan
// allows, but passes the beginning of the line only once. It returns how long to sleep.
func (k *Khugepaged) DoScan(c *kern.CPU) (sleep int64) {
	k.counts.Wakeups++
	pages, progress, heads := k.cfg.PagesToScan, 0, 0
	sleep = k.cfg.ScanSleep
	for progress < pages {
		k.mu.Lock()
		if k.cursor == nil {
			heads++
		}
		work := k.slots.n > 0 && heads < 2
		k.mu.Unlock()
		if !work {
			break
		}
		n, failed := k.scanMMSlot(c, pages-progress)
		progress += n
		if failed {
			sleep = k.cfg.AllocSleep
			break
		}
	}
	k.counts.Progress += uint64(progress)
	return sleep
}

// Stop is kthread_stop(): the daemon lets go of the mm it stands at.
func (k *Khugepaged) Stop(c *kern.CPU) {
	k.mu.Lock()
	s := k.cursor
	k.cursor, k.address, k.next = nil, 0, never
	drop := s != nil && k.collect(c, s)
	k.mu.Unlock()
	if drop {
		k.m.Sys.MMs.Drop(c, s.as.MM)
	}
}
