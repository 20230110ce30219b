package explain

// Step says what a step did, and why that is as it should be, or is not.
func Step(f *Facts) Sentence {
	return Sentence{Text: f.Who + ": " + f.Text + "."}
}
