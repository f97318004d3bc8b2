package envelope

// Names returns the names of the envelopes that are understood, in the order in which they are tried.
func Names() []string {
	var names []string
	for _, e := range envelopes {
		if e.name != "" {
			names = append(names, e.name)
		}
	}
	return names
}
