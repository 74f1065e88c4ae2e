package cloudtrail

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJavaMap(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{}`:                        `{}`,
		`[]`:                        `[]`,
		`{a=1, b=null, c=}`:         `{"a":"1","b":null,"c":""}`,
		`{a={b={c=d}}, e=[]}`:       `{"a":{"b":{"c":"d"}},"e":[]}`,
		`[{a=1}, {a=2}]`:            `[{"a":"1"},{"a":"2"}]`,
		`{l=[x, y z, ]}`:            `{"l":["x","y z",""]}`,
		`{t=one, two, u=a=b}`:       `{"t":"one, two","u":"a=b"}`,
		`{p={"Id":"a}, b=c"}, q=2}`: `{"p":"{\"Id\":\"a}, b=c\"}","q":"2"}`,
		`{w=C:\x "y" {z}}`:          `{"w":"C:\\x \"y\" {z}"}`,
		`{p={\"Id\": [1]}, q=C:\}`:  `{"p":"{\\\"Id\\\": [1]}","q":"C:\\"}`,
		`{u=say "hi, v=1}`:          `{"u":"say \"hi","v":"1"}`,
		"{n=a\nb\tc}":               `{"n":"a\nb\u0009c"}`,
	} {
		got, ok := appendJavaMap(nil, []byte(in))
		if !ok || string(got) != want {
			t.Errorf("%s became %s, %v, want %s", in, got, ok, want)
		}
	}
	for _, in := range []string{``, `text`, `{`, `{a`, `{a=1`, `{a=1}x`, `{=1}`, `[a`, strings.Repeat("{a=", 100) + strings.Repeat("}", 100), strings.Repeat("[", 100_000)} {
		if got, ok := appendJavaMap(nil, []byte(in)); ok {
			t.Errorf("%.20s is taken: %s", in, got)
		}
	}
}

// FuzzJavaMap wants of whatever is taken that it became JSON.
func FuzzJavaMap(f *testing.F) {
	f.Add(`{type=IAMUser, sessioncontext={attributes={mfaauthenticated=false}}, l=[{a=b}, {c="d"}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		if got, ok := appendJavaMap(nil, []byte(in)); ok && !json.Valid(got) {
			t.Errorf("%q became %q", in, got)
		}
	})
}
