//go:build linux

package main

import "golang.org/x/arch/s390x/s390xasm"

// insn is a machine instruction of a function: where it is, its registers, and the address it names.
type insn struct {
	at, next int
	op       s390xasm.Op
	reg      []int
	disp     int // of the address, if base is a register
	base     int // -1: it names none; with an index register, too
	target   int // of a relative branch, from the function's start
	imm      int64
}

// decode cuts the code of a function into instructions. One that the library does not know is skipped by its length, which
// the first two bits tell.
func decode(code []byte) []insn {
	var list []insn
	for at := 0; at+2 <= len(code); {
		n := []int{2, 4, 4, 6}[code[at]>>6]
		if at+n > len(code) {
			break
		}
		i := insn{at: at, next: at + n, base: -1, target: -1}
		if d, err := s390xasm.Decode(code[at : at+n]); err == nil {
			i.op = d.Op
			index := 0
			for _, arg := range d.Args {
				switch a := arg.(type) {
				case s390xasm.Reg:
					i.reg = append(i.reg, int(a-s390xasm.R0))
				case s390xasm.Index:
					index = int(a - s390xasm.X0)
				case s390xasm.Base:
					if i.base = int(a - s390xasm.B0); i.base == 0 || index != 0 {
						i.base = -1
					}
				case s390xasm.Disp12:
					i.disp = int(a)
				case s390xasm.Disp20:
					i.disp = int(int32(a<<12) >> 12)
				case s390xasm.RegIm16:
					i.target = at + 2*int(int16(a))
				case s390xasm.RegIm32:
					i.target = at + 2*int(int32(a))
				case s390xasm.Sign16:
					i.imm = int64(int16(a))
				}
			}
		}
		list = append(list, i)
		at += n
	}
	return list
}

// is reports whether i is one of these operations.
func (i *insn) is(ops ...s390xasm.Op) bool {
	for _, op := range ops {
		if i.op == op {
			return true
		}
	}
	return false
}
