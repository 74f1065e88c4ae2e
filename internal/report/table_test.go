package report_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/gatehouse-sec/gatehouse/internal/report"
)

func TestTable(t *testing.T) {
	t.Parallel()
	empty := sample()
	empty.Findings = nil
	unread := &report.Report{}
	unread.Summary.Files = 1
	unread.Summary.Unrecognised = []string{"a.bin"}
	colored := sample()
	colored.Findings, colored.Color, colored.Width = colored.Findings[:4], true, 72
	narrow := sample()
	narrow.Findings, narrow.Width = narrow.Findings[:3], 50
	for name, r := range map[string]*report.Report{
		"table.txt": sample(), "table_many.txt": many(220), "table_empty.txt": empty, "table_unread.txt": unread,
		"table_color.txt": colored, "table_narrow.txt": narrow,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, []byte(written(t, report.Table, r)))
		})
	}
}

func TestTableFitsItsWidth(t *testing.T) {
	t.Parallel()
	for _, r := range []*report.Report{sample(), many(30), hostile()} {
		for width := 40; width <= 160; width += 13 {
			r.Width = width
			for line := range strings.Lines(written(t, report.Table, r)) {
				if n := ansi.StringWidth(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("width %d: a line has %d columns: %s", width, n, line)
				}
			}
		}
	}
}

// Nothing in a log may move the cursor, paint, ring, or turn the direction of writing.
func TestTableShowsControls(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 30} { // in blocks, and in lines
		r := hostile()
		for len(r.Findings) < n {
			r.Findings = append(r.Findings, r.Findings[1])
		}
		got := written(t, report.Table, r)
		for i, c := range got {
			if c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028') {
				t.Fatalf("%d findings: byte %d is %U: %q", n, i, c, got[max(0, i-40):i+20])
			}
		}
		if !strings.Contains(got, `\x1b[2J`) || !strings.Contains(got, `\u202e`) {
			t.Errorf("%d findings: the controls are not shown:\n%s", n, got)
		}
	}
}

func TestTableColor(t *testing.T) {
	t.Parallel()
	r := sample()
	if strings.Contains(written(t, report.Table, r), "\x1b") {
		t.Error("colours without being asked")
	}
	plain := written(t, report.Table, r)
	r.Color = true
	if got := ansi.Strip(written(t, report.Table, r)); got != plain {
		t.Error("colour changes the text")
	}
}
