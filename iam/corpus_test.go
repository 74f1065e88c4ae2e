package iam_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gatehouse-sec/gatehouse/iam"
)

// TestManagedPolicies parses every AWS managed policy, as what it is, and writes and reads it again.
func TestManagedPolicies(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "corpus", "iam", "managed-policies", "policies.jsonl"))
	if err != nil {
		t.Skip("corpus/iam is absent")
	}
	n := 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Name     string
			Document json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		n++
		p, err := iam.Parse(line.Document)
		if err != nil {
			t.Errorf("%s: %v", line.Name, err)
			continue
		}
		if err := p.Check(iam.Identity); err != nil {
			t.Errorf("%s: %v", line.Name, err)
		}
		roundTrip(t, line.Name, p)
	}
	if err := lines.Err(); err != nil || n < 1600 {
		t.Errorf("%d policies: %v", n, err)
	}
}
