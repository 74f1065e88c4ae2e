// Package waf reads AWS WAF logs ("Log fields for protection pack or web ACL traffic").
package waf

import (
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is AWS WAF logs.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the keys that each of its records has.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) {
		return 0
	}
	if jsonlog.HasKeys(head, "webaclId", "httpRequest", "action") {
		return 90
	}
	return 0
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = jsonlog.Config{
	Wrappers: []string{},
	Times:    []string{"timestamp"},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "waf", Title: "AWS WAF logs",
	Fields: []logformat.Field{
		{Name: "timestamp", Type: logformat.Time, Doc: "milliseconds since 1970"},
		{Name: "formatVersion", Type: logformat.Integer, Doc: "version of the shape"},
		{Name: "webaclId", Doc: "web ACL"},
		{Name: "action", Doc: "ALLOW, BLOCK, CAPTCHA, CHALLENGE"},
		{Name: "terminatingRuleId", Doc: "rule that decided"},
		{Name: "terminatingRuleType", Doc: "REGULAR, RATE_BASED, GROUP, MANAGED_RULE_GROUP"},
		{Name: "terminatingRuleMatchDetails", Open: true, Doc: "what matched"},
		{Name: "httpSourceName", Doc: "CF, ALB, APIGW"},
		{Name: "httpSourceId", Doc: "resource in front of which it stands"},
		{Name: "ruleGroupList", Open: true, Doc: "rule groups that looked"},
		{Name: "rateBasedRuleList", Open: true, Doc: "rate rules that looked"},
		{Name: "nonTerminatingMatchingRules", Open: true, Doc: "rules that only count"},
		{Name: "requestHeadersInserted", Open: true, Doc: "headers added"},
		{Name: "responseCodeSent", Type: logformat.Integer, Doc: "status of a custom response"},
		{Name: "httpRequest", Open: true, Doc: "the request: clientIp, country, headers, uri, args, httpMethod"},
		{Name: "labels", Open: true, Doc: "labels"},
		{Name: "ja3Fingerprint", Doc: "fingerprint of the TLS hello"},
		{Name: "ja4Fingerprint", Doc: "newer fingerprint"},
		{Name: "captchaResponse", Open: true, Doc: "captcha"},
		{Name: "challengeResponse", Open: true, Doc: "challenge"},
		{Name: "oversizeFields", Open: true, Doc: "parts too large to look at"},
		{Name: "requestBodySize", Type: logformat.Integer, Doc: "bytes"},
	},
	Classes: []logformat.Class{
		{Name: "request", Sources: []logformat.Source{{Product: "aws", Service: "waf"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"httpRequest.clientIp"}},
		{Kind: logformat.Resource, Fields: []string{"httpSourceId", "webaclId"}},
	},
	Actor:    []string{"httpRequest.clientIp"},
	Needs:    []string{"timestamp"},
	Keywords: []string{logformat.AllText},
}
