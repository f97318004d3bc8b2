package parser

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// TestForeign holds that archives are named, packed ones too, and that logs are not taken for any.
func TestForeign(t *testing.T) {
	var zipped, tarred, packed bytes.Buffer
	z := zip.NewWriter(&zipped)
	_, err := z.Create("gc.log")
	w := tar.NewWriter(&tarred)
	err = errors.Join(err, z.Close(), w.WriteHeader(&tar.Header{Name: "gc.log", Size: 0, Mode: 0o644}), w.Close())
	g := gzip.NewWriter(&packed)
	_, failed := g.Write(tarred.Bytes())
	if err := errors.Join(err, failed, g.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   string
		want string
	}{
		{zipped.String(), "a zip archive: unpack it and give the files in it"},
		{tarred.String(), "a tar archive: unpack it and give the files in it"},
		{packed.String(), "a tar archive: unpack it and give the files in it"},
		{"\xfd7zXZ\x00\x00\x04", "packed with xz: unpack it first"},
		{"JAVA PROFILE 1.0.2\x00\x00\x00", "a heap dump of Java, which Eclipse MAT reads"},
		{"\x7fELF\x02\x01\x01", "a program or a core dump, which a debugger reads"},
		{"gc 1 @0.009s 3%: 0.016+1.2+0.003 ms clock\n", ""},
		{"PK is a log line\n", ""},
		{"", ""},
	} {
		var stats Stats
		if _, err := hear(&Reader{Stats: &stats}, bytes.NewReader([]byte(c.in))); err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(stats.Notes, c.want); got != (c.want != "") || c.want == "" && len(stats.Notes) > 0 {
			t.Errorf("%.20q: notes %q, want %q", c.in, stats.Notes, c.want)
		}
	}
}

func TestUnpack(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	text := "\xff\xfeh\x00i\x00" // text in UTF-16 stays as it is
	_, err := z.Write([]byte(text))
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int64]string{100: text, 3: text[:3], 0: ""} {
		if got, err := Unpack(bytes.NewReader(packed.Bytes()), most); string(got) != want || err != nil {
			t.Errorf("at most %d: %q, %v", most, got, err)
		}
	}
	if got, err := Unpack(bytes.NewReader([]byte(text)), 100); string(got) != text || err != nil {
		t.Errorf("not packed: %q, %v", got, err)
	}
	if _, err := Unpack(bytes.NewReader(packed.Bytes()[:packed.Len()-9]), 100); err == nil {
		t.Error("cut short: no error")
	}
	if _, err := Unpack(bytes.NewReader(packed.Bytes()[:5]), 100); err == nil {
		t.Error("cut within its header: no error")
	}
}
