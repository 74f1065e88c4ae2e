package rulebook

import "bytes"

// outline leaves out of a shipped rule file what only running its examples needs: their events, which are most of the file.
// Of each example the line that says whether it must match remains. If brief is true, it also leaves out what is only said of
// a finding. Lines keep their numbers. Shipped files are written in one way, "examples:" by two spaces and each example's
// keys by six, which a test holds them to.
func outline(data []byte, brief bool) []byte {
	out := make([]byte, 0, len(data)/2)
	examples, said := false, false // what the line before was part of
	for line := range bytes.Lines(data) {
		text := bytes.TrimLeft(line, " ")
		indent := len(line) - len(text)
		switch {
		case len(text) == 0 || text[0] == '\n':
		case indent <= examplesIndent:
			examples = indent == examplesIndent && bytes.HasPrefix(text, []byte("examples:"))
			said = brief && (said && indent > 0 || onlySaid(indent, text))
			if examples {
				said = false
			}
		case examples && indent == exampleIndent:
			line = []byte("    -\n")
		}
		if example := examples && (indent > keyIndent || indent == keyIndent && !bytes.HasPrefix(text, []byte("match:"))); said || example {
			line = newline
		}
		out = append(out, line...)
	}
	return out
}

var newline = []byte{'\n'} //nolint:gochecknoglobals // a constant

const (
	examplesIndent = 2
	exampleIndent  = 4
	keyIndent      = 6
)

// onlySaid reports whether a key is only for those who read of a finding.
func onlySaid(indent int, text []byte) bool {
	key, _, _ := bytes.Cut(text, []byte(":"))
	switch string(key) {
	case "description", "references", "author", "date", "modified", "tags", "falsepositives":
		return indent == 0
	case "next":
		return indent == examplesIndent
	}
	return false
}

// document returns the document of a file that begins on a line, from 1.
func document(data []byte, line int) []byte {
	for range line - 1 {
		i := bytes.IndexByte(data, '\n')
		if i < 0 {
			return nil
		}
		data = data[i+1:]
	}
	data = bytes.TrimPrefix(data, []byte("---\n"))
	if i := bytes.Index(data, []byte("\n---")); i >= 0 {
		data = data[:i+1]
	}
	return data
}
