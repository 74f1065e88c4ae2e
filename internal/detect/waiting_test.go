package detect_test

import (
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gatehouse-sec/gatehouse/internal/detect"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// TestEntitiesThatWait names in a finding what stands in a list, of which the rule asks nothing, and matches what stands in one.
func TestEntitiesThatWait(t *testing.T) {
	t.Parallel()
	set := ruleSet(t, `
title: by name
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: Seen}, condition: s}
---
title: by list
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: Listed, requestParameters.tags.key: k}, condition: s}
`)
	event := `{"eventVersion":"1.08","eventTime":"2026-03-02T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":%q,` +
		`"requestParameters":{"tags":[{"key":%q}]},"resources":[{"ARN":"arn:aws:s3:::one"}]}` + "\n"
	res := run(t, detect.Config{Rules: set}, files{"a": fmt.Sprintf(event, "Seen", "k") + fmt.Sprintf(event, "Listed", "k") + fmt.Sprintf(event, "Listed", "l")})
	if diff := gocmp.Diff(map[string]int{"by name": 1, "by list": 1}, counts(res)); diff != "" {
		t.Error(diff)
	}
	for _, f := range res.Findings {
		if !slices.Contains(f.Entities, finding.Entity{Kind: logformat.Resource, Value: "arn:aws:s3:::one", Count: 1}) {
			t.Errorf("%s: %v", f.Rule.Title, f.Entities)
		}
	}
}
