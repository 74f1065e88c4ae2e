package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-sec/gatehouse/internal/event"
	"github.com/gatehouse-sec/gatehouse/internal/ingest"
	"github.com/gatehouse-sec/gatehouse/internal/logformat"
	"github.com/gatehouse-sec/gatehouse/internal/logformat/linuxauth"
)

// faulty is a format whose decoder misbehaves at a certain line.
type faulty struct {
	linuxauth.Format
	panics bool
}

// NewDecoder returns such a decoder.
func (f faulty) NewDecoder(plan *logformat.Plan, file logformat.File) logformat.Decoder {
	return faultyDecoder{f.Format.NewDecoder(plan, file), f.panics}
}

type faultyDecoder struct {
	logformat.Decoder
	panics bool
}

// Next panics, or takes nothing.
func (d faultyDecoder) Next(buf []byte, last bool, rec *event.Record) (int, error) {
	if bytes.HasPrefix(buf, []byte("BOOM")) {
		if d.panics {
			panic("boom")
		}
		return 0, nil
	}
	return d.Decoder.Next(buf, last, rec)
}

// TestFaultyFormat: a mistake in a decoder costs the rest of its chunk and is told; no other file suffers.
func TestFaultyFormat(t *testing.T) {
	t.Parallel()
	a, _ := lineLog("a.log", 10)
	for _, panics := range []bool{true, false} {
		c, res := run(t, ingest.Config{Formats: []logformat.Format{faulty{panics: panics}}}, files{"a.log": a + "BOOM\n" + a, "b.log": a})
		if len(c.all) != 20 || len(res.Errors) != 1 || res.Errors[0].Name != "a.log" || res.Errors[0].Line != 11 || !strings.Contains(res.Errors[0].Err.Error(), "internal error") {
			t.Errorf("panics %v: %d records, %v", panics, len(c.all), res.Errors)
		}
	}
}

// TestCancelled: a context that ends ends the run, with its error.
func TestCancelled(t *testing.T) {
	t.Parallel()
	a, _ := lineLog("a.log", 1000)
	ctx, cancel := context.WithCancel(t.Context())
	src := files{}
	for i := range 50 {
		src[fmt.Sprint("a", i)] = a
	}
	_, err := ingest.Run(ctx, ingest.Config{Formats: formats(), Workers: 2, Opened: func(name string) {
		if name == "a3" {
			cancel()
		}
	}}, src, &collector{})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
