package zswap_test

import (
	"testing"

	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/zswap"
)

const root = "../../.."

// pins are the states of the safe rows, and of the others the switches of the shortest schedule and the version that is right.
var pins = map[string]labtest.Pin{
	"W6-11":                    {Switches: 0, Repaired: "v5.14"},
	"W6-11-lax":                {Switches: 2, Repaired: "v5.14"},
	"W6-11-bit":                {Switches: 2, Repaired: "v5.14"},
	"W6-11-zbud":               {States: 192},
	"W-final-fail":             {States: 750},
	"W-final-13-fail":          {States: 693},
	"W1":                       {Switches: 0, Repaired: "v5.12"},
	"W1-lax":                   {States: 228},
	"W1-lax-cpu":               {States: 400},
	"W1-lax-loads":             {States: 286},
	"W1-lax-loads-cpu":         {Switches: 2, Repaired: "v5.12"},
	"W1-lax-3":                 {Switches: 4, Repaired: "v5.12"},
	"W1-lax-3-cpu":             {Switches: 2, Repaired: "v5.12"},
	"W1-first":                 {Switches: 0, Repaired: "v5.12"},
	"W1-zbud":                  {States: 318},
	"W2":                       {States: 1097},
	"W2-cpu":                   {Switches: 1, Repaired: "v6.15"},
	"W2-loads":                 {States: 1610},
	"W2-loads-cpu":             {Switches: 1, Repaired: "v6.15"},
	"W3-draft":                 {Switches: 0, Repaired: "v5.12"},
	"W3":                       {Switches: 0, Repaired: "v5.12"},
	"W3-lax":                   {Switches: 0, Repaired: "v5.12"},
	"W3b":                      {Switches: 0, Repaired: "v5.12"},
	"W3c":                      {Switches: 0, Repaired: "v5.12"},
	"W3c-lax":                  {Switches: 3, Repaired: "v5.12"},
	"W3c-two":                  {Switches: 5, Repaired: "v5.12"},
	"W5-lax":                   {States: 196},
	"W6-lax":                   {States: 82},
	"W-final-two":              {States: 293},
	"W4":                       {Switches: 3, Repaired: "v5.12"},
	"W5":                       {Switches: 0, Repaired: "v5.12"},
	"W6":                       {Switches: 0, Repaired: "v5.14"},
	"W6b":                      {Switches: 0, Repaired: "v5.14"},
	"W6b-lax":                  {Switches: 1, Repaired: "v5.14"},
	"W6-fix":                   {States: 28},
	"W6b-fix":                  {States: 76},
	"W6-zbud":                  {States: 192},
	"W6-race":                  {States: 82},
	"W6-compact":               {States: 245},
	"W6-load":                  {States: 452},
	"W6-13":                    {States: 50},
	"W6-13-race":               {States: 86},
	"W6-13-compact":            {States: 329},
	"W6-13-load":               {States: 411},
	"W7":                       {Switches: 2, Repaired: "v5.12"},
	"W7-fix":                   {States: 74},
	"W7-compact":               {States: 596},
	"W8":                       {Switches: 2, Repaired: "v6.13"},
	"W8-store":                 {Switches: 2, Repaired: "v6.13"},
	"W8-fix":                   {States: 153},
	"W8-fix-store":             {States: 149},
	"W8-waits":                 {Switches: 2, Repaired: "v6.13"},
	"W8-keep":                  {States: 104},
	"W8-keep-store":            {States: 101},
	"W8-keep-plug":             {States: 23},
	"W8-keep-loads":            {States: 263},
	"W8-cpus":                  {States: 67},
	"W8-cpus-plug":             {Switches: 0, Repaired: "v6.13"},
	"W8-fix-plug":              {States: 23},
	"W9":                       {States: 327},
	"W9-cpu":                   {Switches: 1, Repaired: "v6.15"},
	"W9-fix":                   {States: 200},
	"W9-fix-cpu":               {States: 197},
	"W9-fix-unplug":            {States: 185},
	"W9-fix-free":              {States: 161},
	"W9-fix-writeback":         {States: 100},
	"W9-fix-free-cpu":          {States: 155},
	"W9-fix-loads":             {States: 325},
	"W9-fix-3":                 {States: 2331},
	"W9-fix-writeback-exist":   {States: 50},
	"W9-fix-writeback-compact": {States: 243},
	"W9-fix-writeback-load":    {States: 488},
	"W-final":                  {States: 196},
	"W-final-cpu":              {States: 204},
	"W-final-loads":            {States: 498},
	"W-final-loads-cpu":        {States: 728},
	"W-final-3":                {States: 2355},
	"W-final-3-cpu":            {States: 3270},
	"W-final-17":               {States: 290},
	"W-final-13":               {States: 291},
	"W-final-13-cpu":           {States: 207},
	"W-final-13-loads":         {States: 263},
	"W-final-cycle":            {States: 801},
	"W-final-full":             {States: 2645},
}

// Every row of the table, with the repaired version of each broken one exhausted beside it.
func TestRows(t *testing.T) { labtest.Rows(t, root, zswap.Lab(), pins) }

// What is safe is so in every setting, and without any folding.
func TestOtherSettings(t *testing.T) { labtest.OtherSettings(t, root, zswap.Lab(), 600) }

// Every version and every scenario is in a row, and every row says what it shows.
func TestRowsAreComplete(t *testing.T) {
	labtest.Complete(t, root, zswap.Lab())
	labtest.Noted(t, zswap.Lab())
}

// docs/labs/zswap.md has the table.
func TestDoc(t *testing.T) { labtest.Doc(t, root, zswap.Lab(), pins) }
