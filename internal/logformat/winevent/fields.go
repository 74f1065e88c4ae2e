package winevent

import (
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

//nolint:gochecknoglobals // constant data
var info = logformat.Info{
	Name: "winevent", Title: "Windows events in JSON",
	Fields: []logformat.Field{
		{Name: "EventID", Type: logformat.Integer, Doc: "what happened, by the provider's numbers"},
		{Name: "Channel", Doc: "log that it was written to: Security, Microsoft-Windows-Sysmon/Operational"},
		{Name: "Provider_Name", Doc: "component that wrote it: Microsoft-Windows-Security-Auditing"},
		{Name: "Computer", Doc: "host that it happened on"},
		{Name: "TimeCreated", Type: logformat.Time, Doc: "when it was written, UTC (SystemTime, or @timestamp of what sent it on)"},
		{Name: "UtcTime", Type: logformat.Time, Doc: "Sysmon: when it happened, UTC"},
		{Name: "EventTime", Type: logformat.Time, Doc: "NXLog: when it was written, in the host's own time zone"},
		{Name: "EventRecordID", Type: logformat.Integer, Doc: "running number within the log"},
		{Name: "Level", Doc: "1 critical to 5 verbose, or its name"},
		{Name: "Task", Doc: "task within the provider"},
		{Name: "Opcode", Doc: "step within the task"},
		{Name: "Keywords", Doc: "bits, or their names: 0x8010000000000000 is an audit failure"},
		{Name: "Execution_ProcessID", Type: logformat.Integer, Doc: "process that wrote it"},
		{Name: "UserID", Doc: "SID of the account that wrote it"},
		{Name: "Message", Doc: "the message, where it was rendered"},
		{Name: "EventType", Doc: "Sysmon's registry and WMI events: CreateKey, DeleteValue, SetValue, WmiFilterEvent"},
		{Name: "Data", Doc: "event data without names"},
		{Name: "Image", Doc: "Sysmon: program of the process that acts"},
		{Name: "CommandLine", Doc: "command line of a new process"},
		{Name: "ParentImage", Doc: "Sysmon: program of the parent process"},
		{Name: "ParentCommandLine", Doc: "Sysmon: command line of the parent process"},
		{Name: "User", Doc: "Sysmon: account of the process"},
		{Name: "NewProcessName", Doc: "Security 4688: program of a new process"},
		{Name: "ParentProcessName", Doc: "Security 4688: program of its parent"},
		{Name: "TargetFilename", Doc: "Sysmon: file that is made or changed"},
		{Name: "TargetObject", Doc: "Sysmon: registry key or value"},
		{Name: "Details", Doc: "Sysmon: what a registry value is set to"},
		{Name: "ImageLoaded", Doc: "Sysmon: library or driver that is loaded"},
		{Name: "DestinationIp", Type: logformat.IP, Doc: "Sysmon: address that is connected to"},
		{Name: "DestinationPort", Type: logformat.Integer, Doc: "Sysmon: its port"},
		{Name: "QueryName", Doc: "Sysmon, DNS client: name that is looked up"},
		{Name: "ScriptBlockText", Doc: "PowerShell 4104: the script"},
		{Name: "SubjectUserName", Doc: "Security: account that asks"},
		{Name: "TargetUserName", Doc: "Security: account that it is about"},
		{Name: "IpAddress", Type: logformat.IP, Doc: "Security: address that a logon comes from"},
		{Name: "LogonType", Type: logformat.Integer, Doc: "Security: 2 interactive, 3 network, 10 remote desktop"},
		{Name: "ServiceName", Doc: "System 7045: name of a new service"},
		{Name: "ImagePath", Doc: "System 7045: its command line"},
		{Name: "ThreatName", Doc: "Defender: what was found"},
		{Name: "", Open: true, Doc: "any other name of EventData or UserData"},
	},
	Classes: windows.Classes(nil, ""),
	Entities: []logformat.Entity{
		{Kind: logformat.Host, Fields: []string{"Computer"}},
		{Kind: logformat.Principal, Fields: []string{"User", "SubjectUserName", "TargetUserName"}},
		{Kind: logformat.SourceIP, Fields: []string{"IpAddress"}},
		{Kind: logformat.DestIP, Fields: []string{"DestinationIp"}},
	},
	Actor:    []string{"Computer"},
	Needs:    []string{"EventID", "Channel", "Provider_Name", "EventType", "Data", "TimeCreated", "UtcTime", "EventTime"},
	Keywords: []string{logformat.AllText},
}
