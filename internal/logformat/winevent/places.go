package winevent

import (
	"github.com/gatehouse-sec/gatehouse/internal/jsonlog"
	"github.com/gatehouse-sec/gatehouse/internal/projection"
	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

//nolint:gochecknoglobals // constant data
var (
	config   = newConfig(places)
	exported = newConfig(func(field string) []string { return under("result.", places(field)) }) // Splunk's searches
)

func newConfig(places func(string) []string) jsonlog.Config {
	return jsonlog.Config{
		Wrappers: []string{"Events", "Records", "results"},
		Places:   places,
		Times:    []string{"TimeCreated", "UtcTime", "EventTime"},
		Options:  projection.Options{Embedded: []string{"Payload"}},
	}
}

// system is where the parts of an event's System section stand: their names there, and what they are called where the
// section was flattened. XML attributes are written in several ways.
//
//nolint:gochecknoglobals // constant data
var system = map[string]struct{ inside, flat []string }{
	"EventID":             {[]string{"EventID", "EventID.#text"}, []string{"EventId", "EventCode", "event_id"}},
	"Channel":             {[]string{"Channel"}, []string{"LogName", "log_name"}},
	"Provider_Name":       {attribute("Provider", "Name"), []string{"Provider_Name", "ProviderName", "Provider", "SourceName", "source_name"}},
	"Computer":            {[]string{"Computer"}, []string{"ComputerName", "computer_name", "Hostname", "MachineName"}},
	"TimeCreated":         {attribute("TimeCreated", "SystemTime"), []string{"TimeCreated", "SystemTime", "@timestamp", "_time"}},
	"EventRecordID":       {[]string{"EventRecordID"}, []string{"EventRecordId", "RecordNumber", "record_number"}},
	"Level":               {[]string{"Level"}, []string{"level"}},
	"Task":                {[]string{"Task"}, nil},
	"Opcode":              {[]string{"Opcode"}, nil},
	"Keywords":            {[]string{"Keywords"}, []string{"keywords"}},
	"Execution_ProcessID": {attribute("Execution", "ProcessID"), []string{"ExecutionProcessID"}},
	"UserID":              {attribute("Security", "UserID"), []string{"UserID"}},
	"Message":             {[]string{"Message"}, []string{"message", "RenderingInfo.Message", "Event.RenderingInfo.Message"}},
}

// userData is the names of the elements that UserData has for the events that rules ask for.
//
//nolint:gochecknoglobals // constant data
var userData = []string{
	"EventXML", "RuleAndFileData", "LogFileCleared", "Operation_ClientFailure", "Operation_TemporaryEssStarted",
	"Operation_ESStoConsumerBinding", "CertNotificationData", "DocumentPrinted", "EventData",
}

// splunk is what Splunk calls the parts of process creations, which it reads off the message.
//
//nolint:gochecknoglobals // constant data
var splunk = map[string]string{
	"NewProcessName": "New_Process_Name", "ParentProcessName": "Creator_Process_Name", "NewProcessId": "New_Process_ID",
	"CommandLine": "Process_Command_Line",
}

func attribute(element, name string) []string {
	return []string{element + ".#attributes." + name, element + "_attributes." + name, element + ".@" + name, element + "." + name}
}

// places returns the paths that a field may stand under.
func places(field string) []string {
	if s, ok := system[field]; ok {
		out := append([]string(nil), s.flat...)
		for _, name := range s.inside {
			out = append(out, name, "System."+name, "Event.System."+name)
		}
		return out
	}
	out := inData(field)
	for _, other := range windows.Spellings(field) {
		out = append(out, inData(other)...)
	}
	if other, ok := splunk[field]; ok {
		out = append(out, other)
	}
	if field == "Data" { // values without names; a list of names and values is there too
		out = append(out, "EventData.Data.#text", "Event.EventData.Data.#text", "Payload.EventData.Data", "event_data.param1", "event_data.param2", "event_data.param3")
	}
	return out
}

func inData(name string) []string {
	out := []string{name, "EventData." + name, "Event.EventData." + name, "event_data." + name, "user_data." + name}
	for _, element := range userData {
		out = append(out, "UserData."+element+"."+name, "Event.UserData."+element+"."+name)
	}
	return out
}

// under adds the paths that lie under a key as well.
func under(key string, paths []string) []string {
	out := paths
	for _, p := range paths {
		out = append(out, key+p)
	}
	return out
}
