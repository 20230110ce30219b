package shrinker_test

import (
	"testing"

	"ptsim/internal/labs/labtest"
	"ptsim/internal/labs/shrinker"
)

const root = "../../.."

// pins are the states of the safe rows, and of the others the switches of the shortest schedule and the version that is right.
var pins = map[string]labtest.Pin{
	"H-full":            {States: 241},
	"H-bit-mount":       {Switches: 2, Repaired: "look-after-clear"},
	"H-bit-mount-v1":    {Switches: 2, Repaired: "look-after-clear"},
	"H-bit-mount-rwsem": {States: 235},
	"H-bit-mount-look":  {States: 925},
	"H-bit-ids":         {Switches: 3, Repaired: "look-after-clear"},
	"H-bit-ids-look":    {States: 5434},
	"H6-look":           {States: 827},
	"H6-look-nonslab":   {States: 1230},
	"H-alone":           {States: 12},
	"H-final":           {States: 136},
	"H-owners":          {States: 3854},
	"H-walkers":         {States: 2521},
	"H-memcg":           {States: 1457},
	"H-both":            {States: 6151},
	"H-register":        {States: 240},
	"H-bit":             {States: 142},
	"H-nested":          {States: 114},
	"H-nonslab":         {States: 891},
	"H-held":            {States: 9},
	"H0":                {States: 40},
	"H0-owners":         {States: 446},
	"H0-memcg":          {States: 213},
	"H0-03":             {States: 36},
	"H0-03-both":        {States: 1153},
	"H0-register":       {States: 116},
	"H0-early":          {States: 383},
	"H-v1-register":     {States: 467},
	"H-v1-early":        {States: 1997},
	"H1-early":          {Switches: 3, Repaired: "v6.7"},
	"H-v1":              {States: 175},
	"H-v1-owners":       {States: 7116},
	"H-v1-memcg":        {States: 1806},
	"H1":                {Switches: 2, Repaired: "v6.7"},
	"H1-register":       {Switches: 3, Repaired: "v6.7"},
	"H1b":               {Switches: 2, Repaired: "v6.7"},
	"H1c":               {Switches: 2, Repaired: "v6.7"},
	"H1d":               {States: 178},
	"H1d-owners":        {States: 8013},
	"H1d-both":          {States: 7764},
	"H1d-register":      {States: 319},
	"H1d-early":         {States: 2189},
	"H-mounts":          {States: 68},
	"H0-mounts":         {States: 18},
	"H-v1-mounts":       {States: 87},
	"H1d-mounts":        {States: 80},
	"H2":                {Switches: 2, Repaired: "v6.7"},
	"H2-barrier":        {Switches: 2, Repaired: "synchronize-rcu"},
	"H2-sync":           {States: 132},
	"H3":                {Switches: 3, Repaired: "v6.7"},
	"H3-memcg":          {States: 1457},
	"H4":                {States: 336},
	"H4-owners":         {Switches: 4, Repaired: "v6.7"},
	"H4-race":           {Switches: 2, Repaired: "v6.7"},
	"H5":                {Switches: 1, Repaired: "v6.7"},
	"H5-warns":          {Switches: 0, Repaired: "v6.7"},
	"H6":                {Switches: 1, Repaired: "kmem-put"},
	"H6-v2":             {Switches: 1, Repaired: "kmem-put"},
	"H6-v1":             {Switches: 0, Repaired: "kmem-put"},
	"H6-put":            {States: 563},
	"H6-put-nonslab":    {States: 891},
	"H6-rwsem":          {States: 68},
	"H7":                {Switches: 0, Repaired: "v6.7"},
	"H8":                {States: 2924},
	"H8a":               {States: 2924},
	"H8b":               {States: 2924},
	"H8-lkmm":           {Switches: 1, Repaired: "wmb-rmb"},
	"H8a-lkmm":          {Switches: 1, Repaired: "wmb-rmb"},
	"H8b-lkmm":          {Switches: 1, Repaired: "wmb-rmb"},
	"H8-both-lkmm":      {States: 6634},
	"H8-acquire-lkmm":   {States: 6672},
	"H-final-lkmm":      {States: 314},
	"H8-race":           {Switches: 1, Repaired: "wmb-rmb"},
	"H8a-race":          {Switches: 1, Repaired: "wmb-rmb"},
	"H8b-race":          {Switches: 1, Repaired: "wmb-rmb"},
	"H8-both":           {States: 2181},
	"H8-acquire":        {States: 2181},
	"H-flags":           {Switches: 1, Repaired: "v6.6"},
}

// Every row of the table, with the repaired version of each broken one exhausted beside it.
func TestRows(t *testing.T) { labtest.Rows(t, root, shrinker.Lab(), pins) }

// What is safe is so in every setting, and without any folding.
func TestOtherSettings(t *testing.T) { labtest.OtherSettings(t, root, shrinker.Lab(), 900) }

// Every version and every scenario is in a row, and every row says what it shows.
func TestRowsAreComplete(t *testing.T) {
	labtest.Complete(t, root, shrinker.Lab())
	labtest.Noted(t, shrinker.Lab())
}

// docs/labs/shrinker.md has the table.
func TestDoc(t *testing.T) { labtest.Doc(t, root, shrinker.Lab(), pins) }
