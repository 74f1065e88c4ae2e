package sigma_test

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// utf16le is a second way to write a text in UTF-16, for tests to compare with.
func utf16le(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func base64Field(s string) string {
	return `{"f":"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"}`
}

// modifierSemantics are the modifiers in combination, and what is escaped, empty or a list.
var modifierSemantics = []semantic{
	{
		name:      "cased with equality, startswith and endswith",
		detection: `{a: {f|cased: Ab}, b: {g|startswith|cased: Ab}, c: {h|cased|endswith: Ab}, condition: a or b or c}`,
		match:     []string{`{"f":"Ab"}`, `{"g":"Abc"}`, `{"h":"cAb"}`},
		miss:      []string{`{"f":"ab"}`, `{"f":"Abc"}`, `{"g":"abc"}`, `{"h":"cab"}`, `{"g":"cAb"}`},
	},
	{
		name:      "cased with wildcards and with fieldref",
		detection: `{a: {f|cased: 'A*b?'}, b: {g|fieldref|cased: h}, condition: 1 of them}`,
		match:     []string{`{"f":"Axxbc"}`, `{"g":"Up","h":"Up"}`},
		miss:      []string{`{"f":"axxbc"}`, `{"f":"Axxb"}`, `{"g":"Up","h":"up"}`},
	},
	{
		name:      "fieldref with contains and startswith, before and behind",
		detection: `{a: {f|fieldref|contains: g}, b: {h|startswith|fieldref: g}, condition: a or b}`,
		match:     []string{`{"f":"an EXAMPLE.","g":"example"}`, `{"h":"exam","g":"Ex"}`},
		miss:      []string{`{"f":"exa","g":"example"}`, `{"h":"an ex","g":"ex"}`, `{"f":"x"}`},
	},
	{
		name:      "exists is about the field, not its value",
		detection: `{a: {f|exists: true}, b: {g|exists: false}, condition: a and b}`,
		match:     []string{`{"f":null}`, `{"f":""}`, `{"f":"x"}`},
		miss:      []string{`{}`, `{"f":"x","g":null}`, `{"f":"x","g":""}`},
	},
	{
		name:      "re with m and s",
		detection: `{a: {f|re|m: '^two$'}, b: {g|re|s: 'a.b'}, c: {h|re: '^two$'}, d: {i|re: 'a.b'}, condition: 1 of them}`,
		match:     []string{`{"f":"one\ntwo\nthree"}`, `{"g":"a\nb"}`, `{"h":"two"}`, `{"i":"axb"}`},
		miss:      []string{`{"h":"one\ntwo\nthree"}`, `{"i":"a\nb"}`, `{"f":"one two"}`},
	},
	{
		name:      "re with all",
		detection: `{s: {f|re|all: ['a[0-9]', 'b[0-9]']}, condition: s}`,
		match:     []string{`{"f":"b1 a2"}`},
		miss:      []string{`{"f":"a1"}`, `{"f":"A1 b2"}`},
	},
	{
		name:      "IPv6 networks, and IPv4 written as IPv6",
		detection: `{s: {f|cidr: ['fe80::/10', '192.0.2.0/24', '2001:db8::7']}, condition: s}`,
		match:     []string{`{"f":"fe80::1"}`, `{"f":"FEBF::1"}`, `{"f":"2001:0db8:0000::0007"}`, `{"f":["x","192.0.2.255"]}`},
		miss:      []string{`{"f":"fec0::1"}`, `{"f":"192.0.3.0"}`, `{"f":"2001:db8::8"}`, `{"f":"fe80"}`},
	},
	{
		name:      "none of some networks",
		detection: `{s: {f|cidr|neq: [10.0.0.0/8, 'fd00::/8']}, condition: s}`,
		match:     []string{`{"f":"8.8.8.8"}`, `{"f":"2001:db8::1"}`},
		miss:      []string{`{"f":"10.9.8.7"}`, `{"f":"fd12::1"}`},
	},
	{
		name:      "escaped backslashes before wildcards",
		detection: `{s: {f: ['a\\*', 'b\\\*', 'c\\\\d', '\?', 'e\\\f']}, condition: s}`,
		match:     []string{`{"f":"a\\xyz"}`, `{"f":"b\\*"}`, `{"f":"c\\\\d"}`, `{"f":"?"}`, `{"f":"e\\\\f"}`},
		miss:      []string{`{"f":"axyz"}`, `{"f":"b\\x"}`, `{"f":"c\\d"}`, `{"f":"x"}`, `{"f":"e\\f"}`},
	},
	{
		name:      "wide, then base64 at any offset, then contains",
		detection: `{s: {f|wide|base64offset|contains: ping}, condition: s}`,
		match:     []string{base64Field(utf16le("ping")), base64Field("x" + utf16le("ping")), base64Field("xy" + utf16le("ping x"))},
		miss:      []string{base64Field("ping"), base64Field(utf16le("pong")), `{"f":"ping"}`},
	},
	{
		name:      "utf16 has a byte order mark, base64 encodes the whole",
		detection: `{s: {f|utf16|base64: ping}, condition: s}`,
		match:     []string{base64Field("\xff\xfe" + utf16le("ping"))},
		miss:      []string{base64Field(utf16le("ping")), base64Field("\xff\xfe" + utf16le("pingx"))},
	},
	{
		name:      "utf16be",
		detection: `{s: {f|utf16be|base64|contains: hi}, condition: s}`,
		match:     []string{base64Field("\x00h\x00i")},
		miss:      []string{base64Field("h\x00i\x00")},
	},
	{
		name:      "windash is each of the dashes",
		detection: `{s: {f|windash|contains: ' -enc'}, condition: s}`,
		match:     []string{`{"f":"x -enc y"}`, `{"f":"x /ENC"}`, `{"f":"x –enc"}`, `{"f":"x —enc"}`, `{"f":"x ―enc"}`},
		miss:      []string{`{"f":"x enc"}`, `{"f":"x \\enc"}`},
	},
	{
		name:      "expand before and behind contains, with a wildcard in a value",
		detection: `{a: {f|expand|contains: '-%users%-'}, b: {g|contains|expand: '-%users%-'}, condition: a or b}`,
		match:     []string{`{"f":"x-alice-y"}`, `{"g":"-BxxB-"}`},
		miss:      []string{`{"f":"alice"}`, `{"g":"-carol-"}`},
	},
	{
		name:      "a percent sign that is escaped",
		detection: `{s: {f|expand: '\%users%'}, condition: s}`,
		match:     []string{`{"f":"%users%"}`},
		miss:      []string{`{"f":"alice"}`},
	},
	{
		name:      "minutes, months and days of the week's end",
		detection: `{s: {t|minute|lt: 5, t|month: [11, 12], t|day|gte: 30}, condition: s}`,
		match:     []string{`{"t":"2026-12-31T01:04:59Z"}`, `{"t":"2026-11-30T01:00:00Z"}`},
		miss:      []string{`{"t":"2026-12-31T01:05:00Z"}`, `{"t":"2026-10-31T01:00:00Z"}`, `{"t":"2026-12-29T01:00:00Z"}`},
	},
	{
		name:      "a list with null and with the empty text",
		detection: `{s: {f: [null, '', x]}, condition: s}`,
		match:     []string{`{}`, `{"f":null}`, `{"f":""}`, `{"f":"X"}`},
		miss:      []string{`{"f":"y"}`, `{"f":["y","z"]}`},
	},
	{
		name:      "a list of maps is or, each map is and",
		detection: `{s: [{f: a, g: b}, {h|contains: c}], condition: s}`,
		match:     []string{`{"f":"a","g":"b"}`, `{"h":"xcx"}`},
		miss:      []string{`{"f":"a"}`, `{"g":"b"}`, `{"f":"a","h":"x"}`},
	},
	{
		name:      "maps in a list look into one element each",
		detection: `{s: [{r.k: a, r.v: '1'}, {r.k: b, r.v: '2'}], condition: s}`,
		match:     []string{`{"r":[{"k":"x","v":"9"},{"k":"B","v":2}]}`},
		miss:      []string{`{"r":[{"k":"a","v":"2"},{"k":"b","v":"1"}]}`},
	},
	{
		name:      "keywords and maps in one list",
		detection: `{s: [needle, {f: x}], condition: s}`,
		match:     []string{`{"g":"a NEEDLE here"}`, `{"f":"x"}`},
		miss:      []string{`{"f":"y"}`, `{"needle":"y"}`},
	},
	{
		name:      "a single keyword, a keyword that is a number, one by re",
		detection: `{a: needle, b: [4711], c: {'|re': 'n[0-9]+x'}, condition: 1 of them}`,
		match:     []string{`{"g":"NEEDLE"}`, `{"g":"port 4711 ssh2"}`, `{"g":4711}`, `{"g":{"h":"an1x"}}`},
		miss:      []string{`{"g":"nx"}`, `{"g":471}`},
	},
	{
		name:      "precedence: or is looser than and, and than not",
		detection: `{a: {f: 1}, b: {g: 1}, c: {h: 1}, condition: a or b and not c}`,
		match:     []string{`{"f":1,"h":1}`, `{"g":1}`},
		miss:      []string{`{"g":1,"h":1}`, `{"h":1}`, `{}`},
	},
	{
		name:      "not 1 of a pattern, brackets, operators in capitals",
		detection: `{sel_a: {f: 1}, sel_b: {g: 1}, filter_x: {h: 1}, filter_y: {i: 1}, condition: ALL OF sel* AND NOT (1 of filter_* OR not sel_a)}`,
		match:     []string{`{"f":1,"g":1}`},
		miss:      []string{`{"f":1}`, `{"f":1,"g":1,"h":1}`, `{"f":1,"g":1,"i":1}`},
	},
	{
		name:      "a pattern that begins with _ means hidden selections",
		detection: `{_a: {f: 1}, _b: {f: 2}, a: {f: 3}, condition: 1 of _*}`,
		match:     []string{`{"f":1}`, `{"f":2}`},
		miss:      []string{`{"f":3}`},
	},
}
