package main

import (
	"bytes"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := run([]string{"-kind", "sshd", "-size", "20KB", "-seed", "7"}, out); err != nil {
			t.Fatal(err)
		}
	}
	if a.Len() < 20_000 || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("%d and %d bytes that differ", a.Len(), b.Len())
	}
	for _, args := range [][]string{{"-size", "lots"}, {"-kind", "novel"}, {"-kind", "sshd", "-aws", t.TempDir()}, {"-colour"}} {
		if err := run(args, &a); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
