package auditd

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// The system calls' numbers, a line each, of three ABIs.
var (
	//go:embed syscalls_x86_64.txt
	numbersX86 string
	//go:embed syscalls_i386.txt
	numbersI386 string
	//go:embed syscalls_aarch64.txt
	numbersARM string
)

// syscallNames returns the names of the system calls of an ABI, by number; nil if the ABI is not known here. ABIs are
// written as in a record's arch (AUDIT_ARCH_* in linux/audit.h).
func syscallNames(arch []byte) [][]byte {
	switch string(arch) {
	case "c000003e":
		return namesX86()
	case "40000003":
		return namesI386()
	case "c00000b7":
		return namesARM()
	}
	return nil
}

//nolint:gochecknoglobals // constant tables, read when they are first asked for
var (
	namesX86  = sync.OnceValue(func() [][]byte { return byNumber(numbersX86) })
	namesI386 = sync.OnceValue(func() [][]byte { return byNumber(numbersI386) })
	namesARM  = sync.OnceValue(func() [][]byte { return byNumber(numbersARM) })
)

func byNumber(table string) [][]byte {
	var names [][]byte
	for line := range strings.Lines(table) {
		number, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			continue // a test reads every line
		}
		for len(names) <= n {
			names = append(names, nil)
		}
		names[n] = []byte(name)
	}
	return names
}

// syscallName returns the name of a system call by the ABI and its number; nil if they are not known.
func syscallName(arch, number []byte) []byte {
	names := syscallNames(arch)
	if len(number) > 4 || !decimal(number) {
		return nil
	}
	n := 0
	for _, c := range number {
		n = n*10 + int(c-'0')
	}
	if n >= len(names) {
		return nil
	}
	return names[n]
}
