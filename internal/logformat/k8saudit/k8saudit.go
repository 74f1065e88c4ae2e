// Package k8saudit reads Kubernetes audit logs, those of EKS too (audit.k8s.io/v1, type Event).
package k8saudit

import (
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
)

// Format is Kubernetes audit log.
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
	if jsonlog.HasKeys(head, "auditID", "verb", "stage") {
		return 90
	}
	if jsonlog.HasKeys(head, "auditID", "verb") {
		return 80
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
	Wrappers: []string{"items", "Events"},
	Times:    []string{"requestReceivedTimestamp", "stageTimestamp"},
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "k8saudit", Title: "Kubernetes audit log",
	Fields: []logformat.Field{
		{Name: "kind", Doc: "Event"},
		{Name: "apiVersion", Doc: "audit.k8s.io/v1"},
		{Name: "level", Doc: "Metadata, Request, RequestResponse"},
		{Name: "auditID", Doc: "id of the request"},
		{Name: "stage", Doc: "RequestReceived, ResponseStarted, ResponseComplete, Panic"},
		{Name: "requestURI", Doc: "request"},
		{Name: "verb", Doc: "get, list, create, …"},
		{Name: "user", Open: true, Doc: "who: username, uid, groups, extra"},
		{Name: "impersonatedUser", Open: true, Doc: "who was impersonated"},
		{Name: "sourceIPs", Type: logformat.IP, Doc: "addresses of the client"},
		{Name: "userAgent", Doc: "agent"},
		{Name: "objectRef", Open: true, Doc: "object: resource, namespace, name, subresource, apiGroup"},
		{Name: "responseStatus", Open: true, Doc: "code, reason, message"},
		{Name: "requestObject", Open: true, Doc: "object sent"},
		{Name: "responseObject", Open: true, Doc: "object returned"},
		{Name: "requestReceivedTimestamp", Type: logformat.Time, Doc: "when it came"},
		{Name: "stageTimestamp", Type: logformat.Time, Doc: "when the stage was reached"},
		{Name: "annotations", Open: true, Doc: "decision of authorisation"},
	},
	Classes: []logformat.Class{
		{Name: "event", Sources: []logformat.Source{{Product: "kubernetes", Service: "audit", Category: "application"}, {Product: "kubernetes", Service: "audit"}}},
	},
	Entities: []logformat.Entity{
		{Kind: logformat.SourceIP, Fields: []string{"sourceIPs"}},
		{Kind: logformat.Principal, Fields: []string{"user.username"}},
		{Kind: logformat.UserAgent, Fields: []string{"userAgent"}},
		{Kind: logformat.Resource, Fields: []string{"objectRef.name", "objectRef.resource"}},
	},
	Actor:    []string{"user.username"},
	Needs:    []string{"requestReceivedTimestamp", "stageTimestamp"},
	Keywords: []string{logformat.AllText},
}
