// Command loggen makes logs: realistic, made up, the same for the same seed, of any size.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gatehouse-sec/gatehouse/internal/simulate"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "loggen:", err)
		os.Exit(2)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("loggen", flag.ContinueOnError)
	kind := flags.String("kind", "cloudtrail", "what to make: "+strings.Join(simulate.Kinds(), ", "))
	size := flags.String("size", "10MB", "how much, as in 500MB or 2GB; whole records are written, so it comes out a little larger")
	seed := flags.Uint64("seed", 1, "the same seed makes the same log")
	bucket := flags.String("aws", "", "write CloudTrail as AWS delivers it, .json.gz files in folders, under this `folder`")
	day := flags.String("day", "", "write a whole day of all logs with attacks in them, and labels.jsonl that says which, into this `folder`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	n, err := simulate.ParseSize(*size)
	if err != nil {
		return fmt.Errorf("-size %s: %w", *size, err)
	}
	if *day != "" {
		labels, err := simulate.Day(*day, *seed, simulate.Start())
		if err == nil {
			_, err = fmt.Fprintf(out, "%d attacks are hidden in %s\n", len(labels), *day)
		}
		return err
	}
	s, err := simulate.New(*kind, *seed, simulate.Start())
	if err != nil {
		return err
	}
	if *bucket != "" {
		return s.Deliver(*bucket, n)
	}
	w := bufio.NewWriter(out)
	if err := s.Write(w, n); err != nil {
		return err
	}
	return w.Flush()
}
