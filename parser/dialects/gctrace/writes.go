package gctrace

import "strings"

// form is a form of the gc line, newest first.
type form uint8

const (
	go118 form = iota // to Go 1.26
	go16              // to Go 1.17
	go15
	go14
	go13
	go11 // Go 1.1, 1.2 and gccgo
	go10
)

// forms is a set of forms.
type forms uint8

const allForms forms = 1<<(go10+1) - 1

func (s forms) has(f form) bool { return s&(1<<f) != 0 }

func (m *modern) form() form {
	switch {
	case m.Stacks != nil:
		return go118
	case len(m.Clock) == 5:
		return go15
	}
	return go16
}

func (a *ancient) form() form {
	switch {
	case a.Goroutines != nil:
		return go14
	case a.Unit == "us":
		return go13
	case len(a.Yields) > 0:
		return go11
	}
	return go10
}

// writing is how the runtime of some versions writes a gc line: every token with one write(2) call of its own,
// between which the lines of other writers can land. It knows borders only; what a line means, the grammar says.
type writing struct {
	form   form
	tokens []token
	known  int // tokens after which the heap sizes are complete
}

// token is a literal, or a number of a kind.
type token struct {
	literal string
	kind    byte
}

// The kinds of numbers, as the table below writes them after a percent sign.
const (
	integer  = 'd'
	seconds  = 't' // with three decimals
	millisec = 'm' // 0, 0.001 to 9.9 with two digits that count, 10 and more without fraction
	goal     = 'G'
	stacks   = 'S'
	globals  = 'L'
)

const kinds = string(integer) + string(seconds) + string(millisec) + string(goal) + string(stacks) + string(globals)

// writings holds all forms of the line. A bar is a border between two literals, ; ends the heap sizes.
var writings = func() (all []*writing) {
	for _, end := range []string{"%d P|", "%d P| (forced)|"} {
		for _, util := range []string{"gc %d @%ts %d%|: ", "gc %d @%ts %d%| (checking for goroutine leaks)|: "} {
			all = append(all, parseWriting(go118, util+"%m+%m+%m ms clock, %m+%m/%m/%m+%m ms cpu, "+
				"%d->%d->%d MB, ;%G MB goal, %S MB stacks, %L MB globals, "+end))
		}
		all = append(all,
			parseWriting(go16, "gc %d @%ts %d%: %m+%m+%m ms clock, %m+%m/%m/%m+%m ms cpu, "+
				"%d->%d->%d MB, ;%G MB goal, "+end),
			parseWriting(go15, "gc %d @%ts %d%: %m+%m+%m+%m+%m ms clock, %m+%m+%m+%m/%m/%m+%m ms cpu, "+
				"%d->%d->%d MB, ;%G MB goal, "+end))
	}
	return append(all,
		parseWriting(go14, "gc%d(%d): %d+%d+%d+%d us, %d -> %d MB, ;%d (%d-%d) objects, %d goroutines, "+
			"%d/%d/%d sweeps, %d(%d) handoff, %d(%d) steal, %d/%d/%d yields|"),
		parseWriting(go13, "gc%d(%d): %d+%d+%d+%d us, %d -> %d MB, ;%d (%d-%d) objects, "+
			"%d/%d/%d sweeps, %d(%d) handoff, %d(%d) steal, %d/%d/%d yields|"),
		parseWriting(go11, "gc%d(%d): %d+%d+%d ms, %d -> %d MB ;%d -> %d (%d-%d) objects, "+
			"%d(%d) handoff, %d(%d) steal, %d/%d/%d yields|"),
		parseWriting(go10, "gc%d(%d): %d+%d+%d ms %d -> %d MB ;%d -> %d (%d-%d) objects %d handoff|"),
	)
}()

func parseWriting(f form, format string) *writing {
	w := &writing{form: f}
	literal := 0
	flush := func(end int) {
		if end > literal {
			w.tokens = append(w.tokens, token{literal: format[literal:end]})
		}
	}
	for i := 0; i < len(format); i++ {
		switch {
		case format[i] == '|':
			flush(i)
			literal = i + 1
		case format[i] == ';':
			flush(i)
			literal = i + 1
			w.known = len(w.tokens)
		case format[i] == '%' && strings.IndexByte(kinds, format[i+1]) >= 0:
			flush(i)
			w.tokens = append(w.tokens, token{kind: format[i+1]})
			i++
			literal = i + 1
		}
	}
	return w
}

// tear is a place where a text can stop being part of the line: before token next, after length bytes.
type tear struct {
	next, length int
}

// walk reads text from token next on. It reports whether text is the whole rest of the line, and otherwise
// appends the places where the line can have been torn.
func (w *writing) walk(text []byte, next int, tears []tear) ([]tear, bool) {
	pos := 0
	for ; next < len(w.tokens); next++ {
		tok := w.tokens[next]
		if tok.kind == 0 {
			if !w.literalAt(next, text[pos:]) {
				return append(tears, tear{next, pos}), false
			}
			pos += len(tok.literal)
			continue
		}
		run := numberEnd(text[pos:])
		if run > 0 && tok.valid(text[pos:pos+run]) && w.literalAt(next+1, text[pos+run:]) {
			if len(w.tokens[next+1].literal) == 1 { // 12+ and 12/ can be the beginning of a date
				tears = w.inside(text[pos:pos+run], next, pos, append(tears, tear{next, pos}))
			}
			pos += run
			continue
		}
		return w.inside(text[pos:pos+run], next, pos, append(tears, tear{next, pos})), false
	}
	if pos == len(text) {
		return tears, true
	}
	return append(tears, tear{next, pos}), false
}

// maxNumber is how long a number of the line can be.
const maxNumber = 24

// inside appends the tears after number next, which begins at pos, where it can have any length up to that of run.
func (w *writing) inside(run []byte, next, pos int, tears []tear) []tear {
	for n := 1; n <= min(len(run), maxNumber); n++ {
		if w.tokens[next].valid(run[:n]) {
			tears = append(tears, tear{next + 1, pos + n})
		}
	}
	return tears
}

func (w *writing) literalAt(next int, text []byte) bool {
	lit := w.tokens[next].literal
	return len(text) >= len(lit) && string(text[:len(lit)]) == lit
}

// reached reports whether the number of the kind comes before token next.
func (w *writing) reached(kind byte, next int) bool {
	for _, tok := range w.tokens[:next] {
		if tok.kind == kind {
			return true
		}
	}
	return false
}

// fill completes a line that stops before token next, so that the grammar can read what is there.
func (w *writing) fill(text string, next int) string {
	for _, tok := range w.tokens[next:] {
		switch tok.kind {
		case 0:
			text += tok.literal
		case seconds:
			text += "0.000"
		default:
			text += "0"
		}
	}
	return text
}

// numberEnd returns the length of the digits, and of the fraction, that text begins with.
func numberEnd(text []byte) int {
	n := digits(text)
	if n > 0 && n < len(text) && text[n] == '.' {
		if frac := digits(text[n+1:]); frac > 0 {
			return n + 1 + frac
		}
	}
	return n
}

func digits(text []byte) int {
	n := 0
	for n < len(text) && text[n]-'0' <= 9 {
		n++
	}
	return n
}

// valid reports whether the runtime prints a number of this kind in this way.
func (t token) valid(num []byte) bool {
	n := digits(num)
	frac := len(num) - n - 1 // -1 where there is no point
	if n == 0 || n > 1 && num[0] == '0' || n > 18 || frac == 0 {
		return false
	}
	switch t.kind {
	case seconds:
		return frac == 3
	case millisec:
		switch {
		case frac < 0:
			return n > 1 || num[0] == '0'
		case n > 1:
			return false
		case num[0] != '0':
			return frac == 1
		case num[2] != '0':
			return frac == 2
		}
		return frac == 3
	}
	return frac < 0
}
