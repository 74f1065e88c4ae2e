package ecs

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

// also is where else a field may stand: fields that an older or newer integration names otherwise, and what Winlogbeat's
// modules move out of winlog.event_data. What lies below a name here is looked for below the other names too.
//
//nolint:gochecknoglobals // constant data
var also = map[string][]string{
	"source.address":       {"source.ip", "client.ip"},
	"process.command_line": {"process.title"},
	"url.domain":           {"destination.domain", "host.header"},
	"winlog.event_id":      {"event.code"},
	"winlog.computer_name": {"host.name"},
	"auditd.data":          {"auditd.log"},
	"auditd.message_type":  {"auditd.log.record_type"},
	"dll.path":             {"file.path"},
	"host.os.type":         {"host.os.family"},

	// Winlogbeat's Sysmon, Security and PowerShell modules.
	"winlog.event_data.Image":               {"process.executable"},
	"winlog.event_data.NewProcessName":      {"process.executable"},
	"winlog.event_data.SourceImage":         {"process.executable"},
	"winlog.event_data.CommandLine":         {"process.command_line"},
	"winlog.event_data.CurrentDirectory":    {"process.working_directory"},
	"winlog.event_data.ParentImage":         {"process.parent.executable"},
	"winlog.event_data.ParentProcessName":   {"process.parent.executable"},
	"winlog.event_data.ParentCommandLine":   {"process.parent.command_line"},
	"winlog.event_data.ParentProcessId":     {"process.parent.pid"},
	"winlog.event_data.OriginalFileName":    {"process.pe.original_file_name", "file.pe.original_file_name"},
	"winlog.event_data.Company":             {"process.pe.company", "file.pe.company"},
	"winlog.event_data.Description":         {"process.pe.description", "file.pe.description"},
	"winlog.event_data.Product":             {"process.pe.product", "file.pe.product"},
	"winlog.event_data.FileVersion":         {"process.pe.file_version", "file.pe.file_version"},
	"winlog.event_data.User":                {"user.name"},
	"winlog.event_data.TargetFilename":      {"file.path"},
	"winlog.event_data.ImageLoaded":         {"file.path"},
	"winlog.event_data.PipeName":            {"file.name"},
	"winlog.event_data.Signed":              {"file.code_signature.signed"},
	"winlog.event_data.Signature":           {"file.code_signature.subject_name"},
	"winlog.event_data.SignatureStatus":     {"file.code_signature.status"},
	"winlog.event_data.TargetObject":        {"registry.path"},
	"winlog.event_data.Details":             {"registry.data.strings"},
	"winlog.event_data.QueryName":           {"dns.question.name"},
	"winlog.event_data.SourceIp":            {"source.ip"},
	"winlog.event_data.SourcePort":          {"source.port"},
	"winlog.event_data.SourceHostname":      {"source.domain"},
	"winlog.event_data.DestinationIp":       {"destination.ip"},
	"winlog.event_data.DestinationPort":     {"destination.port"},
	"winlog.event_data.DestinationHostname": {"destination.domain"},
	"winlog.event_data.Protocol":            {"network.transport"},
	"winlog.event_data.ScriptBlockText":     {"powershell.file.script_block_text"},
	"winlog.event_data.IpAddress":           {"source.ip"},
	"winlog.event_data.Data":                {"winlog.event_data.param1", "winlog.event_data.param2", "winlog.event_data.param3"},
}

// raw is where the fields of CloudTrail stand in the event as it was, which is kept as text under event.original.
//
//nolint:gochecknoglobals // constant data
var raw = func() map[string][]string {
	out := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(cloudtrail)) {
		out[cloudtrail[name]] = append(out[cloudtrail[name]], "event.original."+name)
	}
	return out
}()

// places returns the paths that a field may stand under.
func places(field string) []string {
	switch field {
	case "cs-uri", "cs-uri-stem", "cs-uri-query", "action": // made of others
		return nil
	}
	out := []string{field}
	for i := len(field); i > 0; i = strings.LastIndexByte(field[:i], '.') {
		for _, other := range slices.Concat(also[field[:i]], raw[field[:i]]) {
			out = append(out, other+field[i:])
		}
	}
	if name, ok := strings.CutPrefix(field, below); ok {
		for _, other := range windows.Spellings(name) {
			out = append(out, below+other)
		}
		for _, element := range [...]string{"EventXML", "RuleAndFileData", "LogFileCleared"} {
			out = append(out, "winlog.user_data."+element+"."+name)
		}
		out = append(out, "winlog.user_data."+name)
	}
	return out
}

// below goes before the names of a Windows event's own data.
const below = "winlog.event_data."
