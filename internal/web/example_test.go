package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"

	"ptsim/internal/scenario"
	"ptsim/internal/stepper"
	"ptsim/internal/web"
)

// A request says where it is by a link, and what it wants; the answer is a view.
func Example() {
	s := web.New("7000", web.Options{Start: "S1/rfc@2,precise:s:00000000:"})
	defer s.Close()
	r := httptest.NewRequest("POST", "/api/step", strings.NewReader(`{"link": "S1/rfc@2,precise:s:00000000:B?1", "move": "B"}`))
	r.Host = "127.0.0.1:7000"
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var v stepper.View
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		fmt.Println(err)
	}
	fmt.Println(w.Code, v.Step, v.Did.Text)
	fmt.Println(strings.Join(v.Did.Changes, "\n"))
	// Output:
	// 200 2 xor page1 +P1 -A1: P-|--|-A
	// page1's upper half: pending, was allocated
	// page1's mask: P-|--|-A, was --|--|AA
}

// A schedule as one file that steps without a server.
func ExampleOffline() {
	s, err := stepper.Open("S1/rfc@2,precise:f:1592e5da:B?1-Bx4-s0!12c0-Bx4-s0#16", scenario.Load)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	var b bytes.Buffer
	err = web.Offline(&b, web.OfflineOptions{Session: s, Title: "How rfc uses a freed mm"})
	fmt.Println(err, strings.Count(b.String(), "http-equiv=\"Content-Security-Policy\""), b.Len() < 200_000)
	// Output: <nil> 1 true
}
