package columns

import "bytes"

// Split cuts at most limit columns off a line, which end at spaces; 0 is no limit. What is in double quotes is one column,
// without them, and so is a time in brackets: [02/Jan/2006:15:04:05 +0000].
func Split(dst [][]byte, line []byte, limit int) [][]byte {
	for i := 0; i < len(line) && (limit == 0 || len(dst) < limit); {
		if line[i] == ' ' {
			i++
			continue
		}
		if closing := quote(line[i:]); closing != 0 {
			end := quoteEnd(line, i+1, closing)
			dst = append(dst, line[i+1:end])
			i = end + 1
			continue
		}
		end := bytes.IndexByte(line[i:], ' ')
		if end < 0 {
			return append(dst, line[i:])
		}
		dst = append(dst, line[i:i+end])
		i += end + 1
	}
	return dst
}

// quote returns the byte that ends the quoted column that b begins with; 0 if it begins with none. An IPv6 address can
// begin with a bracket too.
func quote(b []byte) byte {
	switch {
	case b[0] == '"':
		return '"'
	case b[0] == '[' && len(b) > 3 && b[3] == '/':
		return ']'
	}
	return 0
}

// quoteEnd finds the quote that ends a column: one that a space or the line's end follows, since agents may hold quotes,
// and that no backslash escapes.
func quoteEnd(line []byte, i int, closing byte) int {
	for from := i; ; {
		k := bytes.IndexByte(line[from:], closing)
		if k < 0 {
			return len(line)
		}
		from += k
		if from+1 == len(line) || line[from+1] == ' ' {
			slashes := 0
			for from-slashes > i && line[from-slashes-1] == '\\' {
				slashes++
			}
			if slashes%2 == 0 {
				return from
			}
		}
		from++
	}
}

// SplitTabs cuts at most limit columns off a line, which end at tabs; 0 is no limit.
func SplitTabs(dst [][]byte, line []byte, limit int) [][]byte {
	for limit == 0 || len(dst) < limit {
		end := bytes.IndexByte(line, '\t')
		if end < 0 {
			return append(dst, line)
		}
		dst = append(dst, line[:end])
		line = line[end+1:]
	}
	return dst
}

// First returns the first line of a log's head that is not blank.
func First(head []byte) []byte {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line
		}
	}
	return nil
}
