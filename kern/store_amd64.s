//go:build amd64 && !race

#include "textflag.h"

// func storeRelease(p *uint32, v uint32)
//
// A plain store is a release store on amd64; an assembly function is a barrier the compiler cannot look into.
TEXT ·storeRelease(SB), NOSPLIT, $0-12
	MOVQ p+0(FP), AX
	MOVL v+8(FP), CX
	MOVL CX, (AX)
	RET
