package unit

// Size is a byte count that a log may have left out. Its zero value is unknown, so a struct literal
// that does not mention a size says nothing about it, and a stated 0 stays a 0. Sizes compare with ==.
type Size struct {
	oneMore Bytes // the size plus one; 0 is unknown
}

// Known returns the Size that states b.
func Known(b Bytes) Size { return Size{b + 1} }

// Get returns the byte count and whether it is known.
func (s Size) Get() (Bytes, bool) { return s.oneMore - 1, s.oneMore != 0 }

// IsKnown reports whether the log states the size.
func (s Size) IsKnown() bool { return s.oneMore != 0 }

// Or returns the byte count, or instead where it is unknown.
func (s Size) Or(instead Bytes) Bytes {
	if s.oneMore == 0 {
		return instead
	}
	return s.oneMore - 1
}

// String prints the size as Bytes does, and "unknown" where it is not known.
func (s Size) String() string {
	if s.oneMore == 0 {
		return "unknown"
	}
	return (s.oneMore - 1).String()
}

// MarshalJSON writes the byte count, or null where it is unknown.
func (s Size) MarshalJSON() ([]byte, error) {
	if s.oneMore == 0 {
		return []byte("null"), nil
	}
	return (s.oneMore - 1).MarshalJSON()
}
