package kernel

import (
	"bytes"
	"time"

	"oomtrace/parser/dialect"
	"oomtrace/parser/event"
)

// record is one printed line of the kernel: a line of the log, or a piece of one that holds several.
type record struct {
	dialect.Line
	caller string // "T7855": who printed it, where CONFIG_PRINTK_CALLER says so
	emit   dialect.Emit
}

// problem reports that a claimed line could not be read.
func (r *record) problem(message string) {
	const most = 200
	text := r.Text[:min(len(r.Text), most)]
	r.emit(&event.Problem{Head: r.Head(name), Message: message, Text: string(text)})
}

// unwrap takes off what an envelope may have left before the payload: blanks, "<4>", "[   12.345678]", "[ T7855]"
// and "kernel:". A time stamp counts only if the envelope named no boot clock.
func (r *record) unwrap() {
	for {
		text := bytes.TrimLeft(r.Text, " \t")
		rest, ok := r.unwrapOne(text)
		r.Text = rest
		if !ok {
			return
		}
	}
}

func (r *record) unwrapOne(text []byte) (rest []byte, ok bool) {
	if rest, ok = bytes.CutPrefix(text, []byte("kernel:")); ok {
		return rest, true
	}
	if len(text) < 3 || text[0] != '[' && text[0] != '<' {
		return text, false
	}
	if text[0] == '<' {
		end := bytes.IndexByte(text[:min(len(text), 5)], '>')
		if end < 2 || !digits(text[1:end]) {
			return text, false
		}
		return text[end+1:], true
	}
	end := bytes.IndexByte(text[:min(len(text), 32)], ']')
	if end < 0 {
		return text, false
	}
	inside := bytes.TrimSpace(text[1:end])
	if len(inside) > 1 && (inside[0] == 'T' || inside[0] == 'C') && digits(inside[1:]) {
		r.caller = string(inside)
		return text[end+1:], true
	}
	whole, frac, found := bytes.Cut(inside, []byte("."))
	if !found || !digits(whole) || !digits(frac) || len(whole) > 9 || len(frac) > 9 {
		return text, false
	}
	if !r.Time.Has.Has(event.Boot) {
		r.Time.Has |= event.Boot
		r.Time.Boot = time.Duration(number(whole))*time.Second + fraction(frac)
		r.Time.Step = fraction([]byte("000000001")[9-len(frac):])
	}
	return text[end+1:], true
}

// fraction reads the digits after the point of a number of seconds.
func fraction(digits []byte) time.Duration {
	n := time.Duration(number(digits))
	for range 9 - len(digits) {
		n *= 10
	}
	return n
}

func number(digits []byte) (n int64) {
	for _, b := range digits {
		n = n*10 + int64(b-'0')
	}
	return n
}

func digits(text []byte) bool {
	for _, b := range text {
		if b-'0' > 9 {
			return false
		}
	}
	return len(text) > 0
}

// cutRecord splits off the first line of a record of several: continuation lines stand after a line feed, or after
// "#012" (rsyslog) or "\x0a" (/dev/kmsg) where the log escapes it.
func cutRecord(text []byte) (first, rest []byte) {
	for _, window := range []int{min(len(text), maxLine), len(text)} { // many short records must not cost a look at all of them each
		end, skip := window, 0
		for _, mark := range []string{"\n", "#012", `\x0a`} {
			if bytes.IndexByte(text[:end], mark[0]) < 0 {
				continue
			}
			if i := index(text[:end], mark); i >= 0 {
				end, skip = i, len(mark)
			}
		}
		if skip > 0 {
			return text[:end], text[end+skip:]
		}
	}
	return text, nil
}

// plain returns the text without the escape sequences of a terminal.
func plain(text []byte) []byte {
	if bytes.IndexByte(text, 0x1b) < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != 0x1b {
			out = append(out, text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '[' {
			for i += 2; i < len(text) && (text[i] < 0x40 || text[i] > 0x7e); i++ {
			}
		}
	}
	return out
}

// regular returns the longest beginning of text in which only letters, digits and the punctuation of the regular
// parts stand: what follows belongs to whatever the line was quoted in.
func regular(text []byte) []byte {
	text = text[:min(len(text), maxLine)]
	for i, b := range text {
		if b >= 0x80 || !isRegular[b] {
			return text[:i]
		}
	}
	return text
}

// last returns the last n bytes of a text.
func last(text []byte, n int) []byte { return text[max(0, len(text)-n):] }

var isRegular = func() (t [128]bool) {
	for b := range t {
		t[b] = b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
	}
	for _, b := range " _-+,:=()|" {
		t[b] = true
	}
	return t
}()

// squeeze appends text to dst with every run of blanks as one space.
func squeeze(dst, text []byte) []byte {
	blank := false
	for _, b := range text {
		if b == ' ' || b == '\t' {
			blank = true
			continue
		}
		if blank && len(dst) > 0 {
			dst = append(dst, ' ')
		}
		blank = false
		dst = append(dst, b)
	}
	return dst
}
