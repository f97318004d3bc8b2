package parser

import "bytes"

// foreign are formats that people give and that are not read, by the bytes they begin with or have at a place.
var foreign = []struct {
	at    int
	magic string
	note  string
}{
	{0, "PK\x03\x04", "a zip archive: unpack it and give the files in it"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it and give the files in it"},
	{0, "Rar!\x1a\x07", "a rar archive: unpack it and give the files in it"},
	{257, "ustar", "a tar archive: unpack it and give the files in it"},
	{0, "\xfd7zXZ\x00", "packed with xz: unpack it first"},
	{0, "\x04\x22\x4d\x18", "packed with lz4: unpack it first"},
	{0, "JAVA PROFILE 1.0.", "a heap dump of Java, which Eclipse MAT reads"},
	{0, "FLR\x00", "a recording of JDK Flight Recorder, which the program jfr prints"},
	{0, "\x7fELF", "a program or a core dump, which a debugger reads"},
}

// foreignNote says what an input is that begins like one of the foreign formats; it is empty for every other.
func foreignNote(head []byte) string {
	for _, f := range foreign {
		if len(head) >= f.at && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			return f.note
		}
	}
	return ""
}
