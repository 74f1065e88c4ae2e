package windows

// group is the events of a service that make up one of Sigma's categories, or several.
type group struct {
	service    string
	ids        []uint16
	eventType  string // "" is whatever type
	categories []string
	// fields maps the names that Sigma's category has, which are Sysmon's, to those of the event where it is not Sysmon's.
	fields map[string]string
}

// groups lists them; of two for one id the first whose type fits counts. Sysmon's ids are those of Microsoft's Sysmon page,
// section "Events"; what each category asks for is in Sigma's "Logsource Definitions".
//
//nolint:gochecknoglobals // constant data
var groups = []group{
	{service: "sysmon", ids: []uint16{1}, categories: []string{"process_creation"}},
	{service: "sysmon", ids: []uint16{2}, categories: []string{"file_change"}},
	{service: "sysmon", ids: []uint16{3}, categories: []string{"network_connection"}},
	{service: "sysmon", ids: []uint16{4, 16}, categories: []string{"sysmon_status"}},
	{service: "sysmon", ids: []uint16{5}, categories: []string{"process_termination"}},
	{service: "sysmon", ids: []uint16{6}, categories: []string{"driver_load"}},
	{service: "sysmon", ids: []uint16{7}, categories: []string{"image_load"}},
	{service: "sysmon", ids: []uint16{8}, categories: []string{"create_remote_thread"}},
	{service: "sysmon", ids: []uint16{9}, categories: []string{"raw_access_thread"}},
	{service: "sysmon", ids: []uint16{10}, categories: []string{"process_access"}},
	{service: "sysmon", ids: []uint16{11}, categories: []string{"file_event"}},
	{service: "sysmon", ids: []uint16{12}, eventType: "CreateKey", categories: []string{"registry_add", "registry_event"}},
	{service: "sysmon", ids: []uint16{12}, eventType: "DeleteKey", categories: []string{"registry_delete", "registry_event"}},
	{service: "sysmon", ids: []uint16{12}, eventType: "DeleteValue", categories: []string{"registry_delete", "registry_event"}},
	{service: "sysmon", ids: []uint16{12}, categories: []string{"registry_event"}},
	{service: "sysmon", ids: []uint16{13}, categories: []string{"registry_set", "registry_event"}},
	{service: "sysmon", ids: []uint16{14}, categories: []string{"registry_rename", "registry_event"}},
	{service: "sysmon", ids: []uint16{15}, categories: []string{"create_stream_hash"}},
	{service: "sysmon", ids: []uint16{17, 18}, categories: []string{"pipe_created"}},
	{service: "sysmon", ids: []uint16{19, 20, 21}, categories: []string{"wmi_event"}},
	{service: "sysmon", ids: []uint16{22}, categories: []string{"dns_query"}},
	{service: "sysmon", ids: []uint16{23, 26}, categories: []string{"file_delete"}},
	{service: "sysmon", ids: []uint16{24}, categories: []string{"clipboard_capture"}},
	{service: "sysmon", ids: []uint16{25}, categories: []string{"process_tampering"}},
	{service: "sysmon", ids: []uint16{27}, categories: []string{"file_block_executable"}},
	{service: "sysmon", ids: []uint16{28}, categories: []string{"file_block_shredding"}},
	{service: "sysmon", ids: []uint16{29}, categories: []string{"file_executable_detected"}},
	{service: "sysmon", ids: []uint16{255}, categories: []string{"sysmon_error"}},

	{service: linuxSysmon, ids: []uint16{1}, categories: []string{"process_creation"}},
	{service: linuxSysmon, ids: []uint16{3}, categories: []string{"network_connection"}},
	{service: linuxSysmon, ids: []uint16{11}, categories: []string{"file_event"}},
	{service: linuxSysmon, ids: []uint16{23}, categories: []string{"file_delete"}},

	{service: "security", ids: []uint16{4688}, categories: []string{"process_creation"}, fields: map[string]string{
		"Image": "NewProcessName", "ParentImage": "ParentProcessName", "User": "SubjectUserName", "LogonId": "SubjectLogonId",
		"ProcessId": "NewProcessId", "ParentProcessId": "ProcessId", "IntegrityLevel": "MandatoryLabel",
	}},
	{service: "powershell", ids: []uint16{4103}, categories: []string{"ps_module"}},
	{service: "powershell", ids: []uint16{4104}, categories: []string{"ps_script"}},
	{service: "powershell-classic", ids: []uint16{400}, categories: []string{"ps_classic_start"}},
	{service: "powershell-classic", ids: []uint16{600}, categories: []string{"ps_classic_provider_start"}},
	{service: "powershell-classic", ids: []uint16{800}, categories: []string{"ps_classic_script"}},
	// What Defender found or did about it (Microsoft, "Review event logs and error codes to troubleshoot Defender Antivirus").
	{service: "windefend", ids: []uint16{1006, 1007, 1008, 1015, 1116, 1117, 1118, 1119}, categories: []string{"antivirus"}, fields: map[string]string{
		"Signature": "ThreatName", "Filename": "Path",
	}},
}

// Spellings returns how else the name of an event's data may be written: Defender's have spaces in the events themselves.
func Spellings(name string) []string { return spellings[name] }

//nolint:gochecknoglobals // constant data
var spellings = map[string][]string{
	"ThreatName":   {"Threat Name", "Threat_Name"},
	"ProcessName":  {"Process Name"},
	"NewValue":     {"New Value", "New_Value"},
	"OldValue":     {"Old Value", "Old_Value"},
	"SourceName":   {"Source Name"},
	"Feature_Name": {"Feature Name"},
}
