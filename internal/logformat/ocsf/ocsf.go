// Package ocsf reads events in the Open Cybersecurity Schema Framework, version 1.0 and later and the release candidate that
// Amazon Security Lake began with, as JSON: line by line, as an array, or wrapped.
//
// Fields have the schema's paths (schema.ocsf.io). Of CloudTrail in Security Lake the request stands as text under
// api.request.data, or, in pieces, under unmapped; both are looked into. Pieces have keys like "requestParameters.x.y", so that
// a rule that asks whether the object requestParameters.x exists does not find it there.
package ocsf

import (
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/web"
)

// Format is OCSF.
type Format struct{}

var (
	_ logformat.Format   = Format{}
	_ logformat.Layouter = Format{}
)

// Info describes the format.
func (Format) Info() *logformat.Info { return &info }

// Sniff recognises the numbers that the schema requires of every event.
func (Format) Sniff(head []byte) int {
	switch {
	case !jsonlog.Begins(head):
	case jsonlog.HasKeys(head, "class_uid", "category_uid", "metadata"), jsonlog.HasKeys(head, "class_uid", "type_uid"):
		return 97
	}
	return 0
}

// Layout says where files may be cut.
func (Format) Layout(head []byte) logformat.Layout { return jsonlog.Layout(head) }

//nolint:gochecknoglobals // constant data
var config = jsonlog.Config{
	Wrappers: []string{"events", "Events", "records", "Records", "findings", "data"},
	Places:   places,
	Times:    []string{"time", "time_dt"},
	Options: projection.Options{DottedKeys: true, Embedded: []string{
		"api.request.data", "api.response.data", "unmapped.requestParameters", "unmapped.responseElements", "unmapped.additionalEventData",
		"unmapped.serviceEventDetails",
	}},
}

// NewDecoder returns a decoder.
func (Format) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	d := &decoder{Decoder: config.New(plan, file), uri: web.URISlots(plan), verdict: plan.Slot(verdict), mfa: plan.Slot(mfaUsed)}
	for i, name := range needs {
		d.slots[i] = plan.Slot(name)
	}
	return d
}

// needs are the fields that say what an event is, or that others are made of.
//
//nolint:gochecknoglobals // a constant list
var needs = [...]string{
	fClass: "class_uid", fType: "type_uid", fActivity: "activity_id", fProduct: "metadata.product.name", fFeature: "metadata.product.feature.name",
	fProvider: "metadata.log_provider", fOS: "device.os.type_id", fPath: "http_request.url.path", fQuery: "http_request.url.query_string",
	fURL: "http_request.url.url_string", fAction: "action_id", fDisposition: "disposition_id", fMFA: "is_mfa", fActor: "actor.process.file.path",
}

const (
	fClass = iota
	fType
	fActivity
	fProduct
	fFeature
	fProvider
	fOS
	fPath
	fQuery
	fURL
	fAction
	fDisposition
	fMFA
	fActor
)

type decoder struct {
	*jsonlog.Decoder
	slots        [len(needs)]int
	uri          web.URI
	verdict, mfa int // slots
	arena        []byte
}

// Next decodes an event.
func (d *decoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	n, err := d.Decoder.Next(buf, last, rec)
	if err != nil {
		return n, err
	}
	rec.Class = d.class(rec)
	d.arena = d.uri.SetURL(rec, d.text(rec, fPath), d.text(rec, fQuery), d.text(rec, fURL), d.arena[:0])
	if d.verdict >= 0 {
		d.set(rec, d.verdict, d.judged(rec))
	}
	if d.mfa >= 0 && rec.First(d.mfa) == nil {
		d.set(rec, d.mfa, yesNo(d.text(rec, fMFA)))
	}
	return n, nil
}

func (d *decoder) text(rec *event.Record, field int) []byte { return rec.Text(d.slots[field]) }

// set gives a field a value that is made of others; none if it is empty.
func (d *decoder) set(rec *event.Record, slot int, value string) {
	if value == "" {
		return
	}
	start := len(d.arena)
	d.arena = append(d.arena, value...)
	rec.Set(slot, d.arena[start:])
}

// class says what an event is: by its product, for the AWS logs whose own names rules have, and else by its class.
func (d *decoder) class(rec *event.Record) uint8 {
	product := d.text(rec, fProduct)
	if string(product) == "CloudTrail" || string(d.text(rec, fProvider)) == "CloudTrail" {
		return classCloudTrail
	}
	uid := d.text(rec, fClass)
	if uid == nil {
		if t := d.text(rec, fType); len(t) > 2 { // the class's number and two digits for the activity
			uid = t[:len(t)-2]
		}
	}
	switch string(uid) {
	case "6003", "3005":
		if string(product) == "Amazon EKS" {
			return classKubernetes
		}
		return classAPI
	case "3002":
		return classAuthentication
	case "4001":
		if string(d.text(rec, fFeature)) == "Flowlogs" || strings.EqualFold(string(product), "Amazon VPC") {
			return classFlow
		}
		if string(d.text(rec, fOS)) == osWindows && rec.First(d.slots[fActor]) != nil {
			return classWinNetwork
		}
		return classNetwork
	case "4002":
		return classHTTP
	case "4003":
		if string(product) == "Route 53" {
			return classRoute53
		}
		return classDNS
	case "2001", "2002", "2003", "2004":
		return classFinding
	}
	return d.host(rec, uid)
}

// host returns the class of what happened on a host, by its operating system.
func (d *decoder) host(rec *event.Record, uid []byte) uint8 {
	os := string(d.text(rec, fOS))
	activity := d.text(rec, fActivity)
	for _, k := range hostClasses {
		if k.uid == string(uid) && k.os == os && (k.activity == "" || k.activity == string(activity)) {
			return k.class
		}
	}
	return classOther
}

// judged says what became of traffic, in the words of VPC flow logs: action_id 1 is allowed and 2 denied, disposition_id 1
// allowed and 2 blocked, activity_id 5 refused and 6 traffic (class Network Activity).
func (d *decoder) judged(rec *event.Record) string {
	for _, f := range [...]struct {
		field            int
		accepted, denied string
	}{{fAction, "1", "2"}, {fDisposition, "1", "2"}, {fActivity, "6", "5"}} {
		switch string(d.text(rec, f.field)) {
		case f.accepted:
			return "ACCEPT"
		case f.denied:
			return "REJECT"
		}
	}
	return ""
}

// yesNo writes a boolean as CloudTrail does for MFAUsed.
func yesNo(text []byte) string {
	switch string(text) {
	case "true":
		return "Yes"
	case "false":
		return "No"
	}
	return ""
}
