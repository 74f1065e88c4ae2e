package web_test

import (
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/web"
)

func TestSplitRequest(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][3]string{
		"GET / HTTP/1.1":             {"GET", "/", "HTTP/1.1"},
		"GET /a b HTTP/1.1":          {"GET", "/a b", "HTTP/1.1"},
		"GET /":                      {"GET", "/", ""},
		"GET /a b":                   {"GET", "/a b", ""},
		"GET  HTTP/1.0":              {"GET", "", "HTTP/1.0"},
		"-":                          {"", "", ""},
		"":                           {"", "", ""},
		"- - -":                      {"", "", ""},
		"\x16\x03\x01":               {"", "\x16\x03\x01", ""},
		"quitequitequitelong0123 /":  {"quitequitequitelong0123", "/", ""},
		"muchtoolongtobethemethod /": {"", "muchtoolongtobethemethod /", ""},
	} {
		method, target, version := web.SplitRequest([]byte(line))
		if got := [3]string{string(method), string(target), string(version)}; got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestSplitEndpoint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"192.0.2.1:80":            {"192.0.2.1", "80"},
		"192.0.2.1":               {"192.0.2.1", ""},
		"[2001:db8::9]:443":       {"2001:db8::9", "443"},
		"[2001:db8::9]":           {"2001:db8::9", ""},
		"2001:db8::9:443":         {"2001:db8::9", "443"},
		"2001:db8:0:1:2:3:4:5:80": {"2001:db8:0:1:2:3:4:5", "80"},
		"2001:db8:0:1:2:3:4:5":    {"2001:db8:0:1:2:3:4:5", ""},
		"host:80":                 {"host", "80"},
		"-":                       {"", ""},
		":":                       {":", ""},
		"":                        {"", ""},
	} {
		addr, port := web.SplitEndpoint([]byte(text))
		if got := [2]string{string(addr), string(port)}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
