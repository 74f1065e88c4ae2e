package simulate

import (
	"fmt"
	"io"
	"time"
)

// Guesses writes an auth.log in which each of so many addresses has one password refused, a hundred a second. No botnet is as
// large; it shows what correlation does with more groups than there can be.
func Guesses(w io.Writer, addresses int64) error {
	start := Start()
	buf := make([]byte, 0, 64<<10)
	for n := range addresses {
		at := start.Add(time.Duration(n) * 10 * time.Millisecond)
		buf = at.AppendFormat(buf, time.Stamp)
		buf = append(buf, " bastion-1 sshd["...)
		buf = number(buf, 1000+int(n%60000))
		buf = append(buf, "]: Failed password for root from "...)
		buf = dotted(buf, 21+int(n>>24), int(n>>16&255), int(n>>8&255), int(n&255))
		buf = append(buf, " port "...)
		buf = number(buf, 32768+int(n%28000))
		buf = append(buf, " ssh2\n"...)
		if len(buf) > 60<<10 || n == addresses-1 {
			if _, err := w.Write(buf); err != nil {
				return fmt.Errorf("write the log: %w", err)
			}
			buf = buf[:0]
		}
	}
	return nil
}
