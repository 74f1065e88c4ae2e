package ecs

import (
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

// also is where else a field may stand: fields that an older or newer integration names otherwise, and what Winlogbeat's
// modules move out of winlog.event_data. What lies below a name here is looked for below the other names too.
//
//nolint:gochecknoglobals // constant data
var also = map[string][]string{
	"source.address":       {"source.ip", "client.ip"},
	"event.action":         {"event.original.eventName"},
	"event.provider":       {"event.original.eventSource"},
	"process.command_line": {"process.title"},
	"url.domain":           {"destination.domain", "host.header"},
	"winlog.event_id":      {"event.code"},
	"winlog.computer_name": {"host.name"},
	"auditd.data":          {"auditd.log"},
	"auditd.message_type":  {"auditd.log.record_type"},
	"dll.path":             {"file.path"},
	"host.os.type":         {"host.os.family"},

	// The raw CloudTrail event, where it was kept.
	"aws.cloudtrail.flattened.request_parameters":    {"event.original.requestParameters"},
	"aws.cloudtrail.flattened.response_elements":     {"event.original.responseElements"},
	"aws.cloudtrail.flattened.additional_eventdata":  {"event.original.additionalEventData"},
	"aws.cloudtrail.flattened.service_event_details": {"event.original.serviceEventDetails"},
	"aws.cloudtrail.flattened.insight_details":       {"event.original.insightDetails"},
	"aws.cloudtrail.user_identity.arn":               {"event.original.userIdentity.arn"},
	"aws.cloudtrail.user_identity.type":              {"event.original.userIdentity.type"},
	"aws.cloudtrail.error_code":                      {"event.original.errorCode"},
	"aws.cloudtrail.recipient_account_id":            {"event.original.recipientAccountId"},

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

// places returns the paths that a field may stand under.
func places(field string) []string {
	switch field {
	case "cs-uri", "cs-uri-stem", "cs-uri-query", "action": // made of others
		return nil
	}
	out := []string{field}
	for i := len(field); i > 0; i = strings.LastIndexByte(field[:i], '.') {
		for _, other := range also[field[:i]] {
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
