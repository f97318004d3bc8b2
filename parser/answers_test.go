package parser

import (
	"fmt"
	"strings"
	"testing"

	"oomtrace/parser/event"
)

// TestLongAnswers reads an answer of Prometheus that is longer than a line may be: 200,000 readings on one line.
func TestLongAnswers(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"status":"success","data":{"resultType":"matrix","result":[`)
	const series, points = 20, 10_000
	for i := range series {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"metric":{"__name__":"container_memory_working_set_bytes","pod":"cart-%d"},"values":[`, i)
		for k := range points {
			if k > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `[%d,"%d"]`, 1795376536+15*k, 100_000_000+k)
		}
		b.WriteString("]}")
	}
	b.WriteString("]}}\nline\n")
	if b.Len() < 4*maxLine {
		t.Fatalf("only %d bytes", b.Len())
	}
	samples := 0
	var stats Stats
	r := Reader{Name: "range.json", Stats: &stats}
	for ev, err := range r.Events(strings.NewReader(b.String())) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := ev.(*event.Sample); !ok {
			t.Fatalf("got %T: %+v", ev, ev)
		}
		samples++
	}
	if samples != series*points || stats.Understood != 1 || stats.Other != 1 {
		t.Errorf("%d samples, %+v", samples, stats.Counts)
	}
}

func BenchmarkAnswer(b *testing.B) {
	text := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"container_memory_rss","pod":"a"},"values":[` +
		strings.TrimSuffix(strings.Repeat(`[1795376536.431,"117551104"],`, 100_000), ",") + "]}]}}\n"
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := Reader{Name: "range.json"}
		for _, err := range r.Events(strings.NewReader(text)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
