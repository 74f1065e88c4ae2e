// Package lines frames the logs whose records are lines.
package lines

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Max is the most bytes that one line may have; a longer one is passed over, with one error.
const Max = 1 << 20

// Framer cuts lines off a buffer. Its zero value is ready.
type Framer struct {
	skipping bool // within a line that is too long
}

// Next finds the first line of buf and gives it to fill, without its end and never empty. It returns what
// logformat.Decoder's Next is to return. fill's error ErrSkip marks a line that holds no event.
func (f *Framer) Next(buf []byte, last bool, rec *event.Record, fill func(line []byte, rec *event.Record) error) (int, error) {
	end := bytes.IndexByte(buf, '\n')
	n := end + 1
	switch {
	case end >= 0:
	case last:
		end, n = len(buf), len(buf)
	case f.skipping || len(buf) > Max:
		skipping := f.skipping
		f.skipping = true
		if skipping {
			return len(buf), logformat.ErrSkip
		}
		return len(buf), tooLong()
	default:
		return 0, logformat.ErrShort
	}
	if f.skipping {
		f.skipping = false
		return n, logformat.ErrSkip
	}
	if end > Max {
		return n, tooLong()
	}
	line := buf[:end]
	if len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	if len(line) >= 3 && line[0] == 0xef && line[1] == 0xbb && line[2] == 0xbf {
		line = line[3:]
	}
	if blank(line) {
		return n, logformat.ErrSkip
	}
	rec.Raw = line
	return n, fill(line, rec)
}

func tooLong() error { return logformat.Errorf("a line longer than %d bytes", Max) }

func blank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != 0 {
			return false
		}
	}
	return true
}
