package rulebook

import "bytes"

// outline leaves out of a shipped rule file what only running its examples needs: their events, which are most of the file.
// Of each example the name and the line that says whether it must match remain. Lines keep their numbers. Shipped files are
// written in one way, "examples:" by two spaces and each example's keys by six, which a test holds them to.
func outline(data []byte) []byte {
	out := make([]byte, 0, len(data)/2)
	inside := false
	for line := range bytes.Lines(data) {
		text := bytes.TrimLeft(line, " ")
		indent := len(line) - len(text)
		switch {
		case len(text) == 0 || text[0] == '\n':
		case indent <= examplesIndent:
			inside = indent == examplesIndent && bytes.HasPrefix(text, []byte("examples:"))
		case inside && indent >= keyIndent && (indent > keyIndent || !bytes.HasPrefix(text, []byte("match:"))):
			out = append(out, '\n')
			continue
		}
		out = append(out, line...)
	}
	return out
}

const (
	examplesIndent = 2
	keyIndent      = 6
)
