package envelope

import "bytes"

// readings are the members of a logger's record that hold the memory of the program: runtime.MemStats of Go and
// process.memoryUsage() of Node.js. Such a record is no wrapping of a line, and a dialect wants all of it.
var readings = []string{"memstats", "HeapAlloc", "heap_alloc", "heapUsed", "heap_used"}

// isReading reports whether a member is one of them, or an object that holds one.
func isReading(key, text []byte) bool {
	for _, name := range readings {
		if len(key) >= len(name) && key[0]|0x20 == name[0]|0x20 && bytes.EqualFold(key[:len(name)], []byte(name)) {
			return true
		}
	}
	return len(text) > 0 && text[0] == '{' && (bytes.Contains(text, []byte(`"HeapAlloc"`)) || bytes.Contains(text, []byte(`"heap_alloc`)))
}
