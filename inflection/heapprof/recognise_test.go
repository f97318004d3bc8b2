package heapprof

import (
	"bytes"
	"testing"

	"github.com/google/pprof/profile"
)

// TestRecognise holds that every profile is known by its beginning, as Go writes it and as the pprof tools do.
func TestRecognise(t *testing.T) {
	for _, dir := range []string{"linear-go1.6", "linear-go1.10.8", "goroutines-go1.24.13", "two-phase-leak-go1.26.0"} {
		for _, p := range load(t, dir) {
			if len(p.Data) == 0 {
				continue // the process died while it wrote it
			}
			data, err := inflate(p.Data, maxSize)
			if err != nil || !Recognise(data[:min(HeadSize, len(data))]) || !Recognise(data) {
				t.Errorf("%s: %v, or not recognised: %.40q", p.Name, err, data)
				continue
			}
			parsed, err := profile.ParseData(data)
			if err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			if err := parsed.WriteUncompressed(&again); err != nil || !Recognise(again.Bytes()[:min(HeadSize, again.Len())]) {
				t.Errorf("%s as pprof writes it: %v, or not recognised: %.40q", p.Name, err, again.Bytes())
			}
		}
	}
}

func TestRecogniseNothingElse(t *testing.T) {
	for _, text := range []string{
		"", "\n", "\n\n\n\n\n\n\n\n\n\n\n\n", "\n\x04", "\x00\x00\x00\x00", "PK\x03\x04\x14\x00", "JAVA PROFILE 1.0.2\x00",
		"gc 1 @0.009s 3%: 0.016+1.2+0.003 ms clock", "the heap profile: 3\n", "Z\x04text\n\x04text", "\n\x04\x08\x01\x10\x02\x07", "\x60\x80\x20",
		"\x7fELF\x02\x01\x01", "\x1f\x8b\x08\x00", `{"head":{"callFrame":{}}}`, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		if Recognise([]byte(text)) {
			t.Errorf("%q is taken for a profile", text)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	f.Add([]byte("\x5a\x04\x08\x01\x10\x02\x60\x80\x80\x20\x0a\x04\x08\x03\x10\x04"))
	f.Add([]byte("heap profile: 1: 2 [3: 4] @ heap/524288\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if Recognise(data) && len(bytes.TrimSpace(data)) == 0 {
			t.Errorf("%q is nothing, and taken for a profile", data)
		}
	})
}
