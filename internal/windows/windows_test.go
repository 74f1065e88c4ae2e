package windows_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/windows"
)

func TestClass(t *testing.T) {
	t.Parallel()
	classes := windows.Classes(nil, "data.")
	if len(classes) > 256 {
		t.Fatalf("%d classes; a record's class is one byte", len(classes))
	}
	const sysmon = "Microsoft-Windows-Sysmon/Operational"
	for _, c := range []struct{ channel, provider, id, kind, want string }{
		{sysmon, "", "1", "", "process_creation"},
		{sysmon, "", "12", "CreateKey", "registry_add"},
		{sysmon, "", "12", "DeleteKey", "registry_delete"},
		{sysmon, "", "12", "DeleteValue", "registry_delete"},
		{sysmon, "", "12", "INFO", "registry_event"},
		{sysmon, "", "13", "SetValue", "registry_set"},
		{sysmon, "", "999", "", "sysmon"},
		{sysmon, "", "", "", "sysmon"},
		{sysmon, "", "1x", "", "sysmon"},
		{sysmon, "", "65537", "", "sysmon"},
		{"", "Microsoft-Windows-Sysmon", "3", "", "network_connection"},
		{"Security", "Microsoft-Windows-Sysmon", "1", "", "security"},
		{"Security", "", "4688", "", "process_creation"},
		{"Security", "", "4624", "", "security"},
		{"Microsoft-Windows-PowerShell/Operational", "", "4104", "", "ps_script"},
		{"Windows PowerShell", "", "400", "", "ps_classic_start"},
		{"Nobody's", "Microsoft-Windows-Sysmon", "1", "", "event"},
		{"", "", "1", "", "event"},
	} {
		got := classes[windows.Class([]byte(c.channel), []byte(c.provider), []byte(c.id), []byte(c.kind))]
		if got.Name != c.want {
			t.Errorf("%+v is of class %s", c, got.Name)
		}
	}
}

// TestClasses wants of every class that its log sources are distinct and that its fields lead to an event's data.
func TestClasses(t *testing.T) {
	t.Parallel()
	type key struct{ product, service, category string }
	for _, c := range windows.Classes(map[string]string{"EventID": "id"}, "data.") {
		seen := map[key]bool{}
		for _, s := range c.Sources {
			k := key{s.Product, s.Service, s.Category}
			if seen[k] || s.Product == "" || s.Fields["EventID"] != "id" || s.Default != "data." {
				t.Errorf("%s: source %+v", c.Name, s)
			}
			seen[k] = true
		}
		if c.Name == "process_creation" && c.Sources[0].Service == "security" && c.Sources[1].Fields["Image"] != "data.NewProcessName" {
			t.Errorf("Image of 4688 is %s", c.Sources[1].Fields["Image"])
		}
	}
}

func TestClassAllocatesNothing(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the whole process allocates
	channel, id, kind := []byte("Microsoft-Windows-Sysmon/Operational"), []byte("12"), []byte("DeleteKey")
	if n := testing.AllocsPerRun(100, func() { windows.Class(channel, nil, id, kind) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
