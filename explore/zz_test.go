package explore_test

import ("testing";"fmt";"os";"time"
"ptsim/explore")

func TestZZ(t *testing.T) {
	for _, name := range []string{"S1","defer2","relink","ipi","walk","pgste","B4"} {
		if e := os.Getenv("SC"); e != "" && e != name { continue }
		for _, v := range versions() {
		for _, g := range []explore.Grace{explore.GracePrecise, explore.GraceAny} {
			soft := 1
			if name == "B4" { soft = explore.SoftirqsOnCPU }
			mo := model(t, name, v)
			var fe, fp, fb finals
			opt := explore.Defaults(); opt.Softirqs = soft; opt.Grace = g; opt.All = true
			r, err := explore.Exhaustive(fe.watching(mo, picture), opt)
			if err != nil { t.Fatal(err) }
			opt.Plain = true
			rp, err := explore.Exhaustive(fp.watching(mo, picture), opt)
			if err != nil { t.Fatal(err) }
			start := time.Now()
			rg := newRig(fb.watching(mo, picture), rigConfig{softirqs: soft, grace: g, own: os.Getenv("OWN") != ""})
			b := breadth(rg, func() string { return "" })
			d := time.Since(start)
			fmt.Println(name, v, g, "| folded", r.Verdict, r.States, r.Kinds, len(fe.seen), "| plain", rp.Verdict, rp.States, rp.Kinds, len(fp.seen), "| bfs", b.states, b.moves, b.kinds, len(fb.seen), d, fmt.Sprint(fe.all())==fmt.Sprint(fb.all()), fmt.Sprint(fp.all())==fmt.Sprint(fb.all()))
		}}
	}
}
