package prometheus

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// DecodeDocument implements dialect.DocumentDecoder: answers of /api/v1/query and /api/v1/query_range, and lines of
// /api/v1/export.
func (d *decoder) DecodeDocument(doc *dialect.Document, emit dialect.Emit) bool {
	text := doc.Text
	if len(text) == 0 || text[0] != '{' || !bytes.Contains(text[:min(len(text), 4096)], []byte(`"metric"`)) {
		return false
	}
	root := gjson.Parse(string(text))
	if series := root.Get("metric"); series.IsObject() && root.Get("values").IsArray() {
		a := answer{d: d, doc: doc, emit: emit}
		a.exported(series, root)
		return true
	}
	result := root.Get("data.result")
	if !result.IsArray() || !root.Get("data.resultType").Exists() {
		return false
	}
	a := answer{d: d, doc: doc, emit: emit, base: result.Index}
	result.ForEach(func(_, r gjson.Result) bool {
		a.series(r)
		return true
	})
	a.sums()
	if doc.Cut {
		emit(&event.Problem{Head: doc.Head(name), Message: "the document is cut off"})
	}
	return true
}

// answer is a document that is read.
type answer struct {
	d     *decoder
	doc   *dialect.Document
	emit  dialect.Emit
	base  int // offset of the result in the text
	added []*added
}

// added are series that add up: the pools of one heap. There is a sample for each point until all are read.
type added struct {
	metric  *metric
	stream  *event.Stream
	samples []*event.Sample
}

// series reads one series of a result.
func (a *answer) series(r gjson.Result) {
	d := a.d
	d.labels.set(r.Get("metric"))
	m := known[string(d.labels.get("__name__"))]
	if m == nil {
		a.unknown(r)
		return
	}
	if d.names.aggregate(&d.labels) {
		return
	}
	head := a.doc.Head(name)
	head.Stream = d.names.stream(a.doc.Stream, &d.labels)
	sum := a.sum(m, head.Stream)
	one := func(v gjson.Result) bool {
		head.Pos = a.doc.PosAt(a.base + r.Index + v.Index)
		if p, ok := pair(v); ok {
			a.point(m, head, p, sum)
		} else {
			a.emit(&event.Problem{Head: head, Message: "want [seconds, \"number\"]", Text: v.Raw[:min(len(v.Raw), maxText)]})
		}
		return true
	}
	if v := r.Get("value"); v.Exists() {
		one(v)
	}
	values := r.Get("values")
	values.ForEach(func(_, v gjson.Result) bool { return one(v) })
}

// unknown says where a result cannot be read as nothing tells what it measures. Metrics of other things are left alone.
func (a *answer) unknown(r gjson.Result) {
	if a.d.labels.get("__name__") != nil {
		return
	}
	head := a.doc.Head(name)
	head.Pos = a.doc.PosAt(a.base + r.Index)
	a.emit(&event.Problem{Head: head, Message: "a series without __name__: what it measures is not known", Text: r.Raw[:min(len(r.Raw), maxText)]})
}

// sum returns where the points of a series add up with those of others, nil where they do not.
func (a *answer) sum(m *metric, stream *event.Stream) *added {
	if !m.sum {
		return nil
	}
	i := slices.IndexFunc(a.added, func(x *added) bool { return x.metric == m && x.stream == stream })
	if i < 0 {
		i = len(a.added)
		a.added = append(a.added, &added{metric: m, stream: stream})
	}
	return a.added[i]
}

// point takes one point of a series.
func (a *answer) point(m *metric, head event.Head, p point, sum *added) {
	if sum == nil {
		a.d.single(m, head, &a.d.labels, p, a.emit)
		return
	}
	s := &event.Sample{Head: head}
	a.d.setTime(&s.Time, p)
	m.add(s, &a.d.labels, p.value)
	sum.samples = append(sum.samples, s)
}

// sums emits the samples of series that add up, those of one moment as one.
func (a *answer) sums() {
	for _, sum := range a.added {
		slices.SortStableFunc(sum.samples, func(x, y *event.Sample) int { return cmp.Compare(x.Time.Wall, y.Time.Wall) })
		var open *event.Sample
		for _, s := range sum.samples {
			if open != nil && s.Time.Wall == open.Time.Wall {
				sum.metric.merge(open, s)
				continue
			}
			if open != nil {
				a.d.tell(open, a.emit)
			}
			open = s
		}
		if open != nil {
			a.d.tell(open, a.emit)
		}
	}
}

// exported reads a series of /api/v1/export: values and timestamps, in milliseconds, side by side.
func (a *answer) exported(labels, root gjson.Result) {
	d := a.d
	d.labels.set(labels)
	m := known[string(d.labels.get("__name__"))]
	if m == nil || d.names.aggregate(&d.labels) {
		return
	}
	head := a.doc.Head(name)
	head.Stream = d.names.stream(a.doc.Stream, &d.labels)
	values, stamps := root.Get("values").Array(), root.Get("timestamps").Array()
	if len(values) != len(stamps) {
		a.emit(&event.Problem{Head: head, Message: strconv.Itoa(len(values)) + " values and " + strconv.Itoa(len(stamps)) + " timestamps"})
	}
	for i := range min(len(values), len(stamps)) {
		p := point{value: values[i].Float()}
		p.setStamp(stamps[i].Float(), false)
		head.Pos = a.doc.PosAt(values[i].Index)
		d.single(m, head, &d.labels, p, a.emit)
	}
}

// pair reads [1795376536.431,"117551104"].
func pair(v gjson.Result) (p point, ok bool) {
	n := 0
	v.ForEach(func(_, x gjson.Result) bool {
		switch n {
		case 0:
			ok = x.Type == gjson.Number
			p.setStamp(x.Num, x.Num != float64(int64(x.Num)))
		case 1:
			f, err := strconv.ParseFloat(x.String(), 64)
			p.value, ok = f, ok && err == nil
		}
		n++
		return true
	})
	return p, ok && n == 2 && p.stamped
}

// set takes the members of a JSON object for labels.
func (ls *labels) set(object gjson.Result) {
	ls.list = ls.list[:0]
	object.ForEach(func(k, v gjson.Result) bool {
		ls.list = append(ls.list, label{[]byte(k.String()), []byte(v.String())})
		return true
	})
}
