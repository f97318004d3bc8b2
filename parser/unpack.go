package parser

import "io"

// Unpack returns at most the given number of bytes of an input that is no text: without its packing, and not decoded. An
// input that breaks gives what came before.
func Unpack(in io.Reader, most int64) ([]byte, error) {
	source, err := unpack(in, false)
	defer source.finish(err, true)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(source.text, most))
}
