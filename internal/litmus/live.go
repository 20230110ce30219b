package litmus

import (
	"math/bits"
)

// finish computes which registers are alive where, once the condition has said which it reads.
func (p *Proc) finish() {
	p.live = make([]uint64, len(p.code))
	for changed := true; changed; {
		changed = false
		for pc := len(p.code) - 1; pc >= 0; pc-- {
			in := &p.code[pc]
			out := p.observed
			switch in.kind {
			case jump:
				out |= p.live[in.target]
			case branch:
				out |= p.live[in.target] | p.live[pc+1]
			case end:
			default:
				out |= p.live[pc+1]
			}
			out &^= p.setBy(in)
			out |= in.addr.registers() | in.value.registers() | in.second.registers()
			if in.kind == access && in.guess >= 0 {
				out |= 1 << in.guess
			}
			if out != p.live[pc] {
				p.live[pc] = out
				changed = true
			}
		}
	}
}

// setBy returns the register that an instruction sets for sure.
func (p *Proc) setBy(in *instr) uint64 {
	if in.dst >= 0 && (in.kind == assign || in.kind == access || in.kind == guess) {
		return 1 << in.dst
	}
	return 0
}

// dead calls f with each register that is not alive at an instruction.
func (p *Proc) dead(pc int, f func(register int)) {
	for set := ^p.live[pc] & (1<<len(p.Registers) - 1); set != 0; set &= set - 1 {
		f(bits.TrailingZeros64(set))
	}
}
