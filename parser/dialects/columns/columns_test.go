package columns_test

import (
	"testing"

	"oomtrace/parser/dialects/columns"
)

func TestRows(t *testing.T) {
	const header = "NAME      STATUS   LAST SEEN   MESSAGE"
	for _, c := range []struct {
		line string
		ok   bool
		want [4]string
	}{
		{"ledger-0  Running  3m          all is well, and so  on", true, [4]string{"ledger-0", "Running", "3m", "all is well, and so  on"}},
		{"ledger-0           3m          no status", true, [4]string{"ledger-0", "", "3m", "no status"}},
		{"ledger-0  Running", true, [4]string{"ledger-0", "Running", "", ""}},
		{"лед-0     Running  3m          wärm", true, [4]string{"лед-0", "Running", "3m", "wärm"}},
		{"a  Running  3m  squeezed", true, [4]string{"a", "Running", "3m", "squeezed"}},
		{"a\tRunning\t\t3m\ttabs", true, [4]string{"a", "Running", "3m", "tabs"}},
		{"é-0\t  Running\t   3m\t        stops", true, [4]string{"é-0", "Running", "3m", "stops"}},
		{"an ordinary line of a program that says something", false, [4]string{}},
		{"          Running  3m          no name", false, [4]string{}},
		{"", false, [4]string{}},
	} {
		table, ok := columns.Header([]byte(header), "STATUS", "MESSAGE")
		if !ok || table.Empty() || !table.Has("LAST SEEN") || table.Has("LAST") {
			t.Fatalf("the titles are not read: %+v", table)
		}
		row, ok := table.Row([]byte(c.line))
		got := [4]string{}
		if ok {
			got = [4]string{row.Cell("NAME"), row.Cell("STATUS"), row.Cell("LAST SEEN"), row.Cell("MESSAGE")}
		}
		if ok != c.ok || got != c.want || row.Cell("AGE") != "" {
			t.Errorf("%q: %t %q, want %t %q", c.line, ok, got, c.ok, c.want)
		}
	}
}

func TestNoTitles(t *testing.T) {
	for _, line := range []string{"", "   ", "NAME  AGE", "a  b  c  d  e  f  g  h  i  j  k  l  m  n  o  p  q  r  s  t  u  v  w  x  y  STATUS"} {
		if table, ok := columns.Header([]byte(line), "STATUS"); ok || !table.Empty() {
			t.Errorf("%q is read as titles: %+v", line, table)
		}
	}
	if _, ok := columns.Header(nil); ok {
		t.Error("a line without titles is a header")
	}
}

func FuzzRow(f *testing.F) {
	f.Add("NAME  STATUS", "a  b")
	f.Add(" ", "0")
	f.Add("é  ü\tx", "\xff\xff  x")
	f.Fuzz(func(t *testing.T, header, line string) {
		table, _ := columns.Header([]byte(header))
		row, ok := table.Row([]byte(line))
		if ok && table.Empty() && row.Cell("") != "" {
			t.Errorf("%q has cells without titles", line)
		}
	})
}
