// Package litmus reads C litmus tests as herd7 does, and runs them under the machines of package memory.
//
// A test is a small program: words with initial values, processes P0 to Pn, and a condition over the final values of
// words and registers. Parse reads one; Run visits every state that it can reach under a memory model, and returns its
// final states; Verdict says whether the condition holds in none of them, in some or in all.
//
// The language is the C of herd7 with the macros of linux-kernel.def: declarations, assignments, if and else,
// expressions, READ_ONCE and WRITE_ONCE, acquire and release, barriers, RMWs of every order, spin locks, RCU and SRCU.
// A plain access is a plain access. Loops, arrays, structs, functions and callbacks are not supported, and each is
// refused with its line.
//
// Files: lex.go and parse.go read the text; body.go reads processes; macros.go is linux-kernel.def; compile.go makes
// instructions; search.go visits states; cond.go evaluates the condition; report.go writes what herd7 writes.
package litmus
