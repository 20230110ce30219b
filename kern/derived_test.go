package kern_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"ptsim/kern"
)

// derivation is what an atomic is to do: what the word v becomes, and what it returns, as atomic_t.txt says.
type derivation struct {
	do   func(c *kern.CPU, a kern.Addr, x uint32) uint32
	want func(v, x uint32) (now, result uint32)
}

// With which bit, of x, a bit operation is called; and what a compare-and-exchange looks for.
func bitOf(x uint32) uint { return uint(x % 32) }

func try(f func(*kern.CPU, kern.Addr, *uint32, uint32) bool) derivation {
	return derivation{func(c *kern.CPU, a kern.Addr, x uint32) uint32 {
		old := x
		done := f(c, a, &old, 7)
		return old<<1 | truth(done)
	}, func(v, x uint32) (uint32, uint32) {
		if v == x {
			return 7, v<<1 | 1
		}
		return v, v << 1
	}}
}

func with(f func(*kern.CPU, kern.Addr, uint32) uint32, want func(v, x uint32) (uint32, uint32)) derivation {
	return derivation{f, want}
}

func without(f func(*kern.CPU, kern.Addr) uint32, want func(v, x uint32) (uint32, uint32)) derivation {
	return derivation{func(c *kern.CPU, a kern.Addr, _ uint32) uint32 { return f(c, a) }, want}
}

func tells(f func(*kern.CPU, kern.Addr, uint32) bool, want func(v, x uint32) (uint32, uint32)) derivation {
	return derivation{func(c *kern.CPU, a kern.Addr, x uint32) uint32 { return truth(f(c, a, x)) }, want}
}

func silent(f func(*kern.CPU, kern.Addr, uint32), want func(v, x uint32) (uint32, uint32)) derivation {
	return derivation{func(c *kern.CPU, a kern.Addr, x uint32) uint32 { f(c, a, x); return 0 }, want}
}

func bit[R uint32 | bool](f func(*kern.CPU, kern.Addr, uint) R) func(*kern.CPU, kern.Addr, uint32) R {
	return func(c *kern.CPU, a kern.Addr, x uint32) R { return f(c, a, bitOf(x)) }
}

func dropped(f func(*kern.CPU, kern.Addr) bool) func(*kern.CPU, kern.Addr, uint32) bool {
	return func(c *kern.CPU, a kern.Addr, _ uint32) bool { return f(c, a) }
}

// derivations are all functions of derived.go, by name without the order.
var derivations = func() map[string]derivation {
	sub := func(v, x uint32) (uint32, uint32) { return v - x, v - x }
	fetchSub := func(v, x uint32) (uint32, uint32) { return v - x, v }
	inc := func(v, _ uint32) (uint32, uint32) { return v + 1, v + 1 }
	dec := func(v, _ uint32) (uint32, uint32) { return v - 1, v - 1 }
	fetchInc := func(v, _ uint32) (uint32, uint32) { return v + 1, v }
	fetchDec := func(v, _ uint32) (uint32, uint32) { return v - 1, v }
	and := func(v, x uint32) (uint32, uint32) { return v & x, v }
	negative := func(v, x uint32) (uint32, uint32) { return v + x, truth(int32(v+x) < 0) }
	read := func(v, _ uint32) (uint32, uint32) { return v, v }
	set := func(_, x uint32) (uint32, uint32) { return x, 0 }
	testBit := func(v, x uint32) (uint32, uint32) { return v, v >> bitOf(x) & 1 }
	return map[string]derivation{
		"AtomicRead": without(kern.AtomicRead, read), "AtomicReadAcquire": without(kern.AtomicReadAcquire, read),
		"AtomicSet": silent(kern.AtomicSet, set), "AtomicSetRelease": silent(kern.AtomicSetRelease, set),
		"AtomicSub": silent(kern.AtomicSub, func(v, x uint32) (uint32, uint32) { return v - x, 0 }),
		"AtomicAnd": silent(kern.AtomicAnd, func(v, x uint32) (uint32, uint32) { return v & x, 0 }),
		"ChangeBit": silent(func(c *kern.CPU, a kern.Addr, x uint32) { kern.ChangeBit(c, a, bitOf(x)) },
			func(v, x uint32) (uint32, uint32) { return v ^ 1<<bitOf(x), 0 }),
		"TestBit": tells(bit(kern.TestBit), testBit), "TestBitAcquire": tells(bit(kern.TestBitAcquire), testBit),
		"TestAndChangeBit": tells(bit(kern.TestAndChangeBit), func(v, x uint32) (uint32, uint32) { return v ^ 1<<bitOf(x), v >> bitOf(x) & 1 }),
		"AtomicIncAndTest": tells(dropped(kern.AtomicIncAndTest), func(v, _ uint32) (uint32, uint32) { return v + 1, truth(v+1 == 0) }),
		"AtomicFetchAddUnless": with(func(c *kern.CPU, a kern.Addr, x uint32) uint32 { return kern.AtomicFetchAddUnless(c, a, 3, x) },
			func(v, x uint32) (uint32, uint32) {
				if v == x {
					return v, v
				}
				return v + 3, v
			}),
		"AtomicIncUnlessNegative": tells(dropped(kern.AtomicIncUnlessNegative), func(v, _ uint32) (uint32, uint32) {
			return v + truth(int32(v) >= 0), truth(int32(v) >= 0)
		}),
		"AtomicDecUnlessPositive": tells(dropped(kern.AtomicDecUnlessPositive), func(v, _ uint32) (uint32, uint32) {
			return v - truth(int32(v) <= 0), truth(int32(v) <= 0)
		}),
		"AtomicDecIfPositive": without(func(c *kern.CPU, a kern.Addr) uint32 { return uint32(kern.AtomicDecIfPositive(c, a)) },
			func(v, _ uint32) (uint32, uint32) { return v - truth(int32(v-1) >= 0), v - 1 }),

		"AtomicSubReturn": with(kern.AtomicSubReturn, sub), "AtomicSubReturnRelaxed": with(kern.AtomicSubReturnRelaxed, sub),
		"AtomicSubReturnAcquire": with(kern.AtomicSubReturnAcquire, sub), "AtomicSubReturnRelease": with(kern.AtomicSubReturnRelease, sub),
		"AtomicFetchSub": with(kern.AtomicFetchSub, fetchSub), "AtomicFetchSubRelaxed": with(kern.AtomicFetchSubRelaxed, fetchSub),
		"AtomicFetchSubAcquire": with(kern.AtomicFetchSubAcquire, fetchSub), "AtomicFetchSubRelease": with(kern.AtomicFetchSubRelease, fetchSub),
		"AtomicIncReturnRelaxed": without(kern.AtomicIncReturnRelaxed, inc), "AtomicIncReturnAcquire": without(kern.AtomicIncReturnAcquire, inc),
		"AtomicIncReturnRelease": without(kern.AtomicIncReturnRelease, inc),
		"AtomicDecReturnRelaxed": without(kern.AtomicDecReturnRelaxed, dec), "AtomicDecReturnAcquire": without(kern.AtomicDecReturnAcquire, dec),
		"AtomicDecReturnRelease": without(kern.AtomicDecReturnRelease, dec),
		"AtomicFetchInc":         without(kern.AtomicFetchInc, fetchInc), "AtomicFetchIncRelaxed": without(kern.AtomicFetchIncRelaxed, fetchInc),
		"AtomicFetchIncAcquire": without(kern.AtomicFetchIncAcquire, fetchInc), "AtomicFetchIncRelease": without(kern.AtomicFetchIncRelease, fetchInc),
		"AtomicFetchDec": without(kern.AtomicFetchDec, fetchDec), "AtomicFetchDecRelaxed": without(kern.AtomicFetchDecRelaxed, fetchDec),
		"AtomicFetchDecAcquire": without(kern.AtomicFetchDecAcquire, fetchDec), "AtomicFetchDecRelease": without(kern.AtomicFetchDecRelease, fetchDec),
		"AtomicFetchAnd": with(kern.AtomicFetchAnd, and), "AtomicFetchAndRelaxed": with(kern.AtomicFetchAndRelaxed, and),
		"AtomicFetchAndAcquire": with(kern.AtomicFetchAndAcquire, and), "AtomicFetchAndRelease": with(kern.AtomicFetchAndRelease, and),
		"AtomicAddNegative": tells(kern.AtomicAddNegative, negative), "AtomicAddNegativeRelaxed": tells(kern.AtomicAddNegativeRelaxed, negative),
		"AtomicAddNegativeAcquire": tells(kern.AtomicAddNegativeAcquire, negative), "AtomicAddNegativeRelease": tells(kern.AtomicAddNegativeRelease, negative),
		"AtomicTryCmpXchg": try(kern.AtomicTryCmpXchg), "AtomicTryCmpXchgRelaxed": try(kern.AtomicTryCmpXchgRelaxed),
		"AtomicTryCmpXchgAcquire": try(kern.AtomicTryCmpXchgAcquire), "AtomicTryCmpXchgRelease": try(kern.AtomicTryCmpXchgRelease),
	}
}()

// Each atomic that is made of others does what its name says, natively and by steps, and in the order that its name ends in.
func TestDerivedAtomics(t *testing.T) {
	named := 0
	for name, f := range functions(t) {
		if f.file == "derived.go" {
			named++
			assert.Contains(t, derivations, name)
		}
	}
	assert.Len(t, derivations, named)
	d := &direct{}
	native, stepped := kern.NewMachine(kern.Config{}), kern.NewMachine(kern.Config{Scheduler: d})
	a := words(native.CPU(0), 1)
	require.Equal(t, a, words(stepped.CPU(0), 1))
	some := rapid.SampledFrom([]uint32{0, 1, 2, 6, 7, 31, 1<<31 - 1, 1 << 31, ^uint32(0) - 1, ^uint32(0)})
	for name, f := range derivations {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				v, x := some.Draw(t, "v"), some.Draw(t, "x")
				now, result := f.want(v, x)
				for _, m := range []*kern.Machine{native, stepped} {
					d.ops = nil
					m.Poke(a, v)
					require.Equal(t, result, f.do(m.CPU(0), a, x), "of %#x and %#x", v, x)
					require.Equal(t, now, m.Peek(a), "of %#x and %#x", v, x)
				}
				last := d.ops[len(d.ops)-1]
				for _, o := range []kern.Order{kern.Relaxed, kern.Acquire, kern.Release} {
					title := map[kern.Order]string{kern.Relaxed: "Relaxed", kern.Acquire: "Acquire", kern.Release: "Release"}[o]
					require.Equal(t, strings.HasSuffix(name, title), last.Order == o, "%v", last)
				}
			})
		})
	}
}
