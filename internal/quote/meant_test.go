package quote_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/quote"
)

func ExampleExpected() {
	names := []string{"classic", "rfc", "pinned"}
	fmt.Println("unknown variant " + quote.Short("rcf") + "; " + quote.Expected("rcf", names))
	fmt.Println("unknown variant " + quote.Short("mainline") + "; " + quote.Expected("mainline", names))
	// Output:
	// unknown variant "rcf"; did you mean rfc? expected one of classic, rfc, pinned
	// unknown variant "mainline"; expected one of classic, rfc, pinned
}

func TestHint(t *testing.T) {
	names := []string{"mm", "free", "tlbfree", "users", "library", "bad-handout", "T0"}
	for wrong, want := range map[string]string{
		"fre": "free", "frob": "", "tlbfre": "tlbfree", "libary": "library", "libxryz": "", "MM": "mm", "mx": "", "t0": "T0", "t1": "",
		"bad": "bad-handout", "free": "", "": "",
	} {
		if want != "" {
			want = " (did you mean " + want + "?)"
		}
		assert.Equal(t, want, quote.Hint(wrong, names), "%q", wrong)
	}
}

func TestMeant(t *testing.T) {
	names := []string{"B4", "S1", "munmap", "rfc-as-posted", "late-reader"}
	for wrong, want := range map[string]string{
		"munamp": "munmap", "muunmap": "munmap", "unmap": "munmap", "s1": "S1", "b4": "B4", "rfc_as_posted": "rfc-as-posted",
		"late": "late-reader", "": "", "x": "", "zz": "", "walkthrough": "",
	} {
		assert.Equal(t, want, quote.Meant(wrong, names), "%q", wrong)
	}
	assert.Empty(t, quote.Meant("munmapmunmapmunmapmunmapmunmapmunmapmunmap", names), "a text that was pasted is no name")
}
