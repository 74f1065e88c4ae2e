package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// schemaVersion is of the JSON output. A new field leaves it; a changed or dropped one raises it.
const schemaVersion = "1"

// JSON writes one object with the members schema_version, summary and findings.
func JSON(w io.Writer, r *Report) error {
	out := &writer{w: w}
	summary, err := encode(normalised(r.Summary), "  ")
	if err != nil {
		return err
	}
	out.print("{\n  \"schema_version\": \"", schemaVersion, "\",\n  \"summary\": ", summary, ",\n  \"findings\": [")
	for i, f := range r.sorted() {
		if i > 0 {
			out.print(",")
		}
		text, err := encode(withEvidence(f), "    ")
		if err != nil {
			return err
		}
		out.print("\n    ", text)
	}
	if len(r.Findings) > 0 {
		out.print("\n  ")
	}
	out.print("]\n}\n")
	return out.err
}

// JSONLines writes a finding a line, without the summary.
func JSONLines(w io.Writer, r *Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, f := range r.sorted() {
		if err := enc.Encode(withEvidence(f)); err != nil {
			return err
		}
	}
	return nil
}

// encode writes a value as indented JSON whose further lines begin with prefix.
func encode(v any, prefix string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// normalised gives programs empty lists where there are none, so that they need not ask for null.
func normalised(s finding.Summary) finding.Summary {
	if s.Errors == nil {
		s.Errors = []finding.FileError{}
	}
	if s.Histogram == nil {
		s.Histogram = []finding.Bucket{}
	}
	if s.Formats == nil {
		s.Formats = map[string]int{}
	}
	return s
}

func withEvidence(f finding.Finding) finding.Finding {
	if f.Evidence == nil {
		f.Evidence = []finding.Evidence{}
	}
	return f
}
