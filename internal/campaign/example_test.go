package campaign_test

import (
	"encoding/json"
	"fmt"
	"os"

	"ptsim/internal/campaign"
)

// A plan of three jobs, done by two shards, and put together. The children are the test binary in another role.
func Example() {
	plan := &campaign.Plan{Kind: "squares", Common: json.RawMessage(`{}`)}
	for i := 2; i <= 4; i++ {
		plan.Jobs = append(plan.Jobs, campaign.Job{Name: fmt.Sprintf("square-%d", i), Seconds: 0.1, Ask: json.RawMessage(fmt.Sprint(i))})
	}
	dir, err := os.MkdirTemp("", "campaign")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	folder, err := campaign.OpenFolder(dir, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := 1; i <= 2; i++ {
		did, err := folder.Run(campaign.Options{Shard: campaign.Shard{I: i, N: 2}, Start: asChild})
		fmt.Println(did.Done, "of", did.Jobs, err)
	}
	m, err := campaign.Merge([]string{dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range m.Results {
		fmt.Println(r.Job, string(r.Answer))
	}
	// Output:
	// 2 of 2 <nil>
	// 1 of 1 <nil>
	// square-2 4
	// square-3 9
	// square-4 16
}
