package envelope

// Names returns the names of the envelopes that are understood: those of a line in the order in which
// they are tried, then those of several.
func Names() []string {
	var names []string
	for _, e := range envelopes {
		if e.name != "" {
			names = append(names, e.name)
		}
	}
	names = append(names, "journald-export", "journald-verbose")
	for _, st := range stores {
		names = append(names, st.name)
	}
	return append(names, "csv")
}
