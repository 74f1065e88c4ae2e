package report

import (
	"cmp"
	"encoding/json"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/attack"
	"github.com/gatehouse-sec/gatehouse/internal/finding"
)

// ocsfVersion is the version of the Open Cybersecurity Schema Framework (schema.ocsf.io) that OCSF writes.
const ocsfVersion = "1.9.0"

// OCSF writes a Detection Finding (class 2004) per finding, each a JSON object on a line of its own, which is how
// collectors take OCSF in; a JSON array would have to be read as a whole.
func OCSF(w io.Writer, r *Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, f := range r.sorted() {
		if err := enc.Encode(ocsfOf(&f, r)); err != nil {
			return err
		}
	}
	return nil
}

// The classes and objects of the schema, with the attributes that are filled in here.
type (
	ocsfFinding struct {
		ActivityID   int              `json:"activity_id"`
		ActivityName string           `json:"activity_name"`
		CategoryUID  int              `json:"category_uid"`
		CategoryName string           `json:"category_name"`
		ClassUID     int              `json:"class_uid"`
		ClassName    string           `json:"class_name"`
		TypeUID      int64            `json:"type_uid"`
		TypeName     string           `json:"type_name"`
		Time         int64            `json:"time"`
		StartTime    int64            `json:"start_time,omitempty"`
		EndTime      int64            `json:"end_time,omitempty"`
		SeverityID   int              `json:"severity_id"`
		Severity     string           `json:"severity"`
		StatusID     int              `json:"status_id"`
		Status       string           `json:"status"`
		ConfidenceID int              `json:"confidence_id"`
		Confidence   string           `json:"confidence"`
		IsAlert      bool             `json:"is_alert"`
		Message      string           `json:"message"`
		Count        int              `json:"count"`
		Metadata     ocsfMetadata     `json:"metadata"`
		FindingInfo  ocsfInfo         `json:"finding_info"`
		Evidences    []ocsfEvidence   `json:"evidences"`
		Observables  []ocsfObservable `json:"observables,omitempty"`
		Resources    []ocsfResource   `json:"resources,omitempty"`
		Remediation  *ocsfRemediation `json:"remediation,omitempty"`
		Cloud        *ocsfCloud       `json:"cloud,omitempty"`
		Unmapped     ocsfUnmapped     `json:"unmapped"`
	}
	ocsfMetadata struct {
		Version   string      `json:"version"`
		Product   ocsfProduct `json:"product"`
		Profiles  []string    `json:"profiles,omitempty"`
		LogName   string      `json:"log_name,omitempty"`
		EventCode string      `json:"event_code,omitempty"`
	}
	ocsfProduct struct {
		Name    string `json:"name"`
		Vendor  string `json:"vendor_name"`
		Version string `json:"version,omitempty"`
	}
	ocsfInfo struct {
		UID         string       `json:"uid"`
		Title       string       `json:"title"`
		Desc        string       `json:"desc,omitempty"`
		Analytic    ocsfAnalytic `json:"analytic"`
		Attacks     []ocsfAttack `json:"attacks,omitempty"`
		CreatedTime int64        `json:"created_time"`
		FirstSeen   int64        `json:"first_seen_time,omitempty"`
		LastSeen    int64        `json:"last_seen_time,omitempty"`
		DataSources []string     `json:"data_sources,omitempty"`
		Events      int          `json:"related_events_count"`
	}
	ocsfAnalytic struct {
		Name     string `json:"name"`
		UID      string `json:"uid,omitempty"`
		TypeID   int    `json:"type_id"`
		Type     string `json:"type"`
		Category string `json:"category,omitempty"`
		Desc     string `json:"desc,omitempty"`
	}
	ocsfAttack struct {
		Tactic       *ocsfNamed `json:"tactic,omitempty"`
		Technique    *ocsfNamed `json:"technique,omitempty"`
		SubTechnique *ocsfNamed `json:"sub_technique,omitempty"`
		Version      string     `json:"version"`
	}
	ocsfNamed struct {
		UID  string `json:"uid"`
		Name string `json:"name,omitempty"`
	}
	ocsfEvidence struct {
		Name        string        `json:"name"`
		Data        any           `json:"data,omitempty"`
		SrcEndpoint *ocsfEndpoint `json:"src_endpoint,omitempty"`
		DstEndpoint *ocsfEndpoint `json:"dst_endpoint,omitempty"`
		Actor       *ocsfActor    `json:"actor,omitempty"`
		HTTPRequest *ocsfRequest  `json:"http_request,omitempty"`
		Device      *ocsfDevice   `json:"device,omitempty"`
	}
	ocsfEndpoint struct {
		IP       string `json:"ip,omitempty"`
		Hostname string `json:"hostname,omitempty"`
		Name     string `json:"name,omitempty"`
	}
	ocsfActor struct {
		User ocsfUser `json:"user"`
	}
	ocsfUser struct {
		Name string `json:"name"`
	}
	ocsfRequest struct {
		UserAgent string `json:"user_agent"`
	}
	ocsfDevice struct {
		Hostname string `json:"hostname,omitempty"`
		Name     string `json:"name,omitempty"`
		TypeID   int    `json:"type_id"`
	}
	ocsfObservable struct {
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
		Value  string `json:"value"`
	}
	ocsfResource struct {
		UID    string `json:"uid"`
		RoleID int    `json:"role_id"`
		Role   string `json:"role"`
	}
	ocsfRemediation struct {
		Desc       string   `json:"desc"`
		References []string `json:"references,omitempty"`
	}
	ocsfCloud struct {
		Provider string       `json:"provider"`
		Account  *ocsfAccount `json:"account,omitempty"`
		Region   string       `json:"region,omitempty"`
	}
	ocsfAccount struct {
		UID    string `json:"uid"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfUnmapped struct {
		Key            []string `json:"key,omitempty"`
		Correlation    string   `json:"correlation,omitempty"`
		RuleFile       string   `json:"rule_file,omitempty"`
		Tags           []string `json:"tags,omitempty"`
		References     []string `json:"references,omitempty"`
		FalsePositives []string `json:"false_positives,omitempty"`
		Notes          []string `json:"notes,omitempty"`
	}
	// ocsfRecord is the data of an evidence: a matched event.
	ocsfRecord struct {
		File      string `json:"log_file"`
		Line      int    `json:"line,omitempty"`
		Offset    int64  `json:"offset"`
		Time      int64  `json:"time,omitempty"`
		Raw       string `json:"raw"`
		Truncated bool   `json:"truncated,omitempty"`
		Rule      string `json:"rule,omitempty"`
	}
)

func ocsfOf(f *finding.Finding, r *Report) *ocsfFinding {
	o := &ocsfFinding{
		ActivityID: 1, ActivityName: "Create", CategoryUID: 2, CategoryName: "Findings", ClassUID: 2004, ClassName: "Detection Finding",
		TypeUID: 200401, TypeName: "Detection Finding: Create",
		Time: r.Now.UnixMilli(), StartTime: millis(f.First), EndTime: millis(f.Last),
		SeverityID: int(f.Severity) + 1, Severity: ocsfSeverity(f.Severity), StatusID: 1, Status: "New", Confidence: "Unknown",
		IsAlert: f.Severity >= finding.Medium, Message: f.Rule.Title, Count: max(f.Count, 1),
		Metadata: ocsfMetadata{
			Version: ocsfVersion, Product: ocsfProduct{Name: "Gatehouse", Vendor: "Gatehouse", Version: r.Version},
			LogName: f.Format, EventCode: f.Rule.ID,
		},
		FindingInfo: ocsfInfo{
			UID: f.Fingerprint, Title: f.Rule.Title, Desc: f.Rule.Description,
			Analytic: ocsfAnalytic{Name: f.Rule.Title, UID: f.Rule.ID, TypeID: 1, Type: "Rule", Category: f.Rule.Correlation, Desc: f.Rule.Description},
			Attacks:  ocsfAttacks(&f.Rule), CreatedTime: r.Now.UnixMilli(), FirstSeen: millis(f.First), LastSeen: millis(f.Last), Events: f.Count,
		},
		Unmapped: ocsfUnmapped{
			Key: f.Key, Correlation: f.Rule.Correlation, RuleFile: f.Rule.File, Tags: f.Rule.Tags, References: f.Rule.References,
			FalsePositives: f.Rule.FalsePositives, Notes: f.Notes,
		},
	}
	if f.Format != "" {
		o.FindingInfo.DataSources = []string{f.Format}
	}
	if f.Rule.Next != "" {
		o.Remediation = &ocsfRemediation{Desc: f.Rule.Next, References: links(f.Rule.References)}
	}
	o.addEntities(f.Entities)
	for _, e := range f.Evidence {
		o.Evidences = append(o.Evidences, ocsfEvidence{Name: "matched event", Data: ocsfRecord{
			File: e.File, Line: e.Line, Offset: e.Offset, Time: millis(e.Time), Raw: e.Raw, Truncated: e.Truncated, Rule: e.Rule,
		}})
	}
	if o.Evidences == nil {
		o.Evidences = []ocsfEvidence{}
	}
	return o
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func ocsfSeverity(s finding.Severity) string {
	name := s.String()
	return strings.ToUpper(name[:1]) + name[1:]
}

// ocsfAttacks pairs each technique with those of the rule's tactics that it serves, and names tactics without a
// technique alone.
func ocsfAttacks(rule *finding.Rule) []ocsfAttack {
	var out []ocsfAttack
	used := map[string]bool{}
	for _, t := range rule.Techniques {
		for _, p := range placesOf(t.ID, rule.Tactics) {
			used[p] = true
			a := ocsfAttack{Version: attack.Version}
			if p != "" {
				a.Tactic = &ocsfNamed{UID: p, Name: tacticName(p, rule.Tactics)}
			}
			if parent, _, sub := strings.Cut(t.ID, "."); sub {
				a.Technique = &ocsfNamed{UID: parent, Name: attack.Name(parent)}
				a.SubTechnique = &ocsfNamed{UID: t.ID, Name: attack.Name(t.ID)}
			} else {
				a.Technique = &ocsfNamed{UID: t.ID, Name: t.Name}
			}
			out = append(out, a)
		}
	}
	for _, t := range rule.Tactics {
		if !used[t.ID] {
			out = append(out, ocsfAttack{Tactic: &ocsfNamed{UID: t.ID, Name: t.Name}, Version: attack.Version})
		}
	}
	return out
}

// addEntities puts the most frequent entity of each kind into the attributes that the schema has for it, and all of them
// into the observables, whose names point to these attributes.
func (o *ocsfFinding) addEntities(ents []finding.Entity) {
	ev := ocsfEvidence{Name: "entities"}
	for _, kind := range entityKinds {
		for i, v := range values(ents, kind) {
			if i == 0 {
				ev.add(kind, v)
			}
			if kind == "resource" {
				o.Resources = append(o.Resources, ocsfResource{UID: v, RoleID: 3, Role: "Affected"})
			}
			o.Observables = append(o.Observables, observableOf(kind, v))
		}
	}
	if ev.SrcEndpoint != nil || ev.DstEndpoint != nil || ev.Actor != nil || ev.Device != nil {
		o.Evidences = append(o.Evidences, ev)
	}
	o.addCloud(ents)
}

func (ev *ocsfEvidence) add(kind, value string) {
	switch kind {
	case "source_ip":
		ev.SrcEndpoint = endpointOf(value)
	case "dest_ip":
		ev.DstEndpoint = endpointOf(value)
	case "principal":
		ev.Actor = &ocsfActor{ocsfUser{value}}
	case "user_agent":
		ev.HTTPRequest = &ocsfRequest{value}
	case "host":
		e := endpointOf(value)
		ev.Device = &ocsfDevice{Hostname: e.Hostname, Name: cmp.Or(e.Name, e.IP)}
	}
}

// endpointOf puts what logs write as an address where it belongs: CloudTrail names the AWS service that called, for one.
func endpointOf(s string) *ocsfEndpoint {
	switch addressKind(s) {
	case "ip":
		return &ocsfEndpoint{IP: s}
	case "hostname":
		return &ocsfEndpoint{Hostname: s}
	}
	return &ocsfEndpoint{Name: s}
}

func addressKind(s string) string {
	if _, err := netip.ParseAddr(s); err == nil {
		return "ip"
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "name"
		}
	}
	return "hostname"
}

// observableOf says of an entity what type of observable it is (dictionary of the schema, "observable").
func observableOf(kind, value string) ocsfObservable {
	ob := ocsfObservable{Value: value, TypeID: 99}
	address := func(at string) {
		ob.Name = at + "." + addressKind(value)
		switch addressKind(value) {
		case "ip":
			ob.TypeID, ob.Type = 2, "IP Address"
		case "hostname":
			ob.TypeID, ob.Type = 1, "Hostname"
		default:
			ob.Type = "Name"
		}
	}
	switch kind {
	case "source_ip":
		address("evidences.src_endpoint")
	case "dest_ip":
		address("evidences.dst_endpoint")
	case "host":
		address("evidences.device")
		if ob.TypeID == 2 {
			ob.Name = "evidences.device.name"
		}
	case "principal":
		ob.Name, ob.TypeID, ob.Type = "evidences.actor.user.name", 4, "User Name"
	case "user_agent":
		ob.Name, ob.TypeID, ob.Type = "evidences.http_request.user_agent", 16, "HTTP User-Agent"
	case "resource":
		ob.Name, ob.TypeID, ob.Type = "resources.uid", 10, "Resource UID"
	case "account":
		ob.Name, ob.TypeID, ob.Type = "cloud.account.uid", 35, "Account UID"
	case "region":
		ob.Name, ob.Type = "cloud.region", "Region"
	}
	return ob
}

// addCloud applies the cloud profile where an account has the form of an AWS account's number.
func (o *ocsfFinding) addCloud(ents []finding.Entity) {
	accounts := values(ents, "account")
	if len(accounts) == 0 || len(accounts[0]) != 12 || strings.Trim(accounts[0], "0123456789") != "" {
		return
	}
	o.Cloud = &ocsfCloud{Provider: "AWS", Account: &ocsfAccount{UID: accounts[0], TypeID: 10, Type: "AWS Account"}}
	if regions := values(ents, "region"); len(regions) > 0 {
		o.Cloud.Region = regions[0]
	}
	o.Metadata.Profiles = []string{"cloud"}
}
