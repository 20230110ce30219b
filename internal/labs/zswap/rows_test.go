package zswap_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/zswap"
	protocol "ptsim/zswap"
)

const root = "../../.."

// pins are the states of the safe rows, and of the others the switches of the shortest schedule and the version that is right.
var pins = map[string]labtest.Pin{
	"W1":                {Switches: 0, Repaired: "v5.12"},
	"W1-lax":            {States: 168},
	"W1-lax-cpu":        {States: 343},
	"W1-lax-loads":      {States: 192},
	"W1-lax-loads-cpu":  {Switches: 2, Repaired: "v5.12"},
	"W1-lax-3":          {Switches: 4, Repaired: "v5.12"},
	"W1-lax-3-cpu":      {Switches: 2, Repaired: "v5.12"},
	"W1-zbud":           {States: 236},
	"W2":                {States: 966},
	"W2-cpu":            {Switches: 1, Repaired: "v6.15"},
	"W2-loads":          {States: 1164},
	"W2-loads-cpu":      {Switches: 1, Repaired: "v6.15"},
	"W3-draft":          {Switches: 0, Repaired: "v5.12"},
	"W3":                {Switches: 0, Repaired: "v5.12"},
	"W3-lax":            {Switches: 0, Repaired: "v5.12"},
	"W3b":               {Switches: 0, Repaired: "v5.12"},
	"W3c":               {Switches: 0, Repaired: "v5.12"},
	"W3c-lax":           {Switches: 3, Repaired: "v5.12"},
	"W4":                {Switches: 3, Repaired: "v5.12"},
	"W5":                {Switches: 0, Repaired: "v5.12"},
	"W6":                {Switches: 0, Repaired: "v5.14"},
	"W6b":               {Switches: 0, Repaired: "v5.14"},
	"W6b-lax":           {Switches: 1, Repaired: "v5.14"},
	"W6-fix":            {States: 27},
	"W6b-fix":           {States: 76},
	"W6-zbud":           {States: 135},
	"W6-race":           {States: 61},
	"W7":                {Switches: 2, Repaired: "v5.12"},
	"W7-fix":            {States: 56},
	"W7-compact":        {States: 411},
	"W8":                {Switches: 2, Repaired: "v6.14"},
	"W8-store":          {Switches: 2, Repaired: "v6.14"},
	"W8-fix":            {States: 108},
	"W8-fix-store":      {States: 126},
	"W8-cpus":           {States: 57},
	"W8-cpus-plug":      {Switches: 0, Repaired: "v6.14"},
	"W8-fix-plug":       {States: 20},
	"W9":                {States: 239},
	"W9-cpu":            {Switches: 1, Repaired: "v6.15"},
	"W9-fix":            {States: 150},
	"W9-fix-cpu":        {States: 165},
	"W9-fix-unplug":     {States: 151},
	"W9-fix-writeback":  {States: 71},
	"W-final":           {States: 174},
	"W-final-cpu":       {States: 199},
	"W-final-loads":     {States: 398},
	"W-final-loads-cpu": {States: 622},
	"W-final-3":         {States: 1759},
	"W-final-3-cpu":     {States: 3051},
	"W-final-17":        {States: 259},
	"W-final-cycle":     {States: 496},
	"W-final-full":      {States: 1724},
}

// Every row of the table, with the repaired version of each broken one exhausted beside it.
func TestRows(t *testing.T) { labtest.Rows(t, root, zswap.Lab(), pins) }

// What is safe is so in every setting, and without any folding.
func TestOtherSettings(t *testing.T) { labtest.OtherSettings(t, root, zswap.Lab(), 600) }

// Every version and every scenario is in a row.
func TestRowsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range zswap.Lab().Rows {
		seen[r.Scenario], seen[r.Version] = true, true
		assert.NotEmpty(t, r.Note, r.ID)
		assert.NotEmpty(t, r.Expect, r.ID)
	}
	for _, i := range protocol.Variants() {
		assert.True(t, seen[string(i.Variant)], "no row for version %s", i.Variant)
	}
	for _, name := range labtest.Names(t, root, "zswap") {
		assert.True(t, seen[name], "no row for scenario %s", name)
	}
}
