package stepper_test

import (
	"context"
	"fmt"
	"strings"

	"ptsim/explore"
	"ptsim/internal/question"
	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/pgalloc"
)

// One steps to where the flaw is still to be had, and asks what lies ahead.
func Example() {
	s1, err := scenario.Load("S1")
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := stepper.New(stepper.Question{
		Scenario: s1,
		Version:  question.Version(pgalloc.RFC),
		Setting:  question.Setting{Softirqs: 1, Grace: explore.GracePrecise},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	for _, move := range []string{"B?1", "B", "A"} {
		if err := s.Take(move); err != nil {
			fmt.Println(err)
			return
		}
		did := s.View().Did
		fmt.Printf("%d  %-10s  %s\n", s.View().Step, did.Name, did.Text)
		for _, c := range s.View().Said() {
			fmt.Println("      ", c)
		}
	}
	fmt.Println(s.Take("s0"))
	ahead, err := s.Run(context.Background(), 100_000)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ahead.Sentence)
	fmt.Println(strings.Join(ahead.Moves, " "))
	fmt.Println(s.Link())
	// Output:
	// 1  exit        spin_lock_bh(&mm1->context.lock)
	//        mm1's context.lock: held by B exit on CPU1
	// 2  exit        xor page1 +P1 -A1: P-|--|-A
	//        page1's upper half: pending, was allocated
	//        page1's mask: P-|--|-A, was --|--|AA
	// 3  khugepaged  down_read(&f->i_mmap_rwsem)
	//        f's i_mmap_rwsem: A khugepaged on CPU0
	// s0: no callback is queued
	// 16 steps from here: use after free: __tlb_remove_table takes context.lock of freed mm1
	// B B s0!12c0 s0 A A A A A A B B B B B s0
	// S1/rfc@1,precise:s:a66ca4b0:B?1-B-A-Bx2-s0!12c0-s0-Ax6-Bx5-s0#19
}
