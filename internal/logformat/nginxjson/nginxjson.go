// Package nginxjson reads web access logs written as JSON lines: nginx's with the variables that its documentation uses for
// keys (ngx_http_log_module, ngx_http_core_module), and others with the same keys.
package nginxjson

import (
	"bytes"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Format is web access logs in JSON.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises an address, a status and a request under one of their usual keys.
func (Format) Sniff(head []byte) int {
	if !jsonlog.Begins(head) {
		return 0
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	for _, names := range [][]string{config.Also["c-ip"], config.Also["sc-status"], append(config.Also["cs-uri"], config.Also["request"]...)} {
		found := false
		for _, n := range names {
			found = found || jsonlog.HasKeys(first, n)
		}
		if !found {
			return 0
		}
	}
	return 70
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return config.New(plan, file)
}

//nolint:gochecknoglobals // constant data
var config = jsonlog.Config{
	Times: []string{"time"},
	Also: map[string][]string{
		"time":          {"time_iso8601", "time_local", "msec", "timestamp", "@timestamp", "ts"},
		"c-ip":          {"remote_addr", "remote_ip", "client_ip", "clientip", "client"},
		"cs-username":   {"remote_user", "user"},
		"cs-method":     {"request_method", "method", "verb"},
		"cs-uri":        {"request_uri", "uri", "url"},
		"cs-version":    {"server_protocol", "protocol"},
		"cs-host":       {"host", "http_host", "server_name", "vhost"},
		"cs-referer":    {"http_referer", "http_referrer", "referer", "referrer"},
		"cs-user-agent": {"http_user_agent", "user_agent", "agent", "userAgent"},
		"sc-status":     {"status", "response", "status_code"},
		"sc-bytes":      {"body_bytes_sent", "bytes_sent", "bytes"},
		"time-taken":    {"request_time", "duration"},
		"request":       {"request", "request_line"},
	},
	Classify: finish,
}

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "nginx-json", Title: "Web access log in JSON (nginx and alike)",
	Fields: append(web.Fields(),
		logformat.Field{Name: "time", Type: logformat.Time, Doc: "when the request was received"},
		logformat.Field{Name: "time-taken", Type: logformat.Float, Doc: "seconds"},
		logformat.Field{Name: "request", Doc: "the request line"}),
	Classes:  []logformat.Class{{Name: "request", Sources: []logformat.Source{{Category: "webserver"}, {Category: "webserver", Product: "nginx"}}}},
	Entities: web.Entities(),
	Actor:    []string{"c-ip"},
	Needs:    []string{"time", "request", "cs-uri"},
	Keywords: []string{logformat.AllText},
}

// finish fills in what is a part of other fields: of the request line, and of the target.
func finish(rec *event.Record, plan *logformat.Plan) error {
	target := rec.Text(plan.Slot("cs-uri"))
	if target == nil {
		method, rest, ok := bytes.Cut(rec.Text(plan.Slot("request")), []byte(" "))
		if !ok {
			return nil
		}
		if s := plan.Slot("cs-method"); s >= 0 && rec.First(s) == nil {
			rec.Set(s, method)
		}
		if i := bytes.LastIndex(rest, []byte(" HTTP/")); i >= 0 {
			rest = rest[:i]
		}
		web.URISlots(plan).Set(rec, rest, nil)
		return nil
	}
	u := web.URISlots(plan)
	u.URI = -1 // it is there already
	u.Set(rec, target, nil)
	return nil
}
