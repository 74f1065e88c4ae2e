// Command bench measures what docs/benchmarks.md claims, and writes the table there.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/bench"
	"github.com/gatehouse-sec/gatehouse/internal/simulate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	peer := flags.Bool("peer", false, "be the peer that the two arguments name; bench calls itself so")
	program := flags.String("gatehouse", "bin/gatehouse", "the `program` to measure")
	sigma := flags.String("sigma", "../shared/corpus/sigma", "SigmaHQ's `rules`")
	size := flags.String("size", "500MB", "size of the logs")
	large := flags.String("large", "4GB", "size of the log that memory is measured with")
	addresses := flags.Int64("addresses", 10_000_000, "distinct addresses to correlate")
	rounds := flags.Int("rounds", 5, "how often each program runs")
	document := flags.String("out", "", "put the table into this `document` instead of printing it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *peer {
		return bench.Peer(flags.Arg(0), flags.Arg(1))
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cfg := bench.Config{
		Gatehouse: *program, Self: []string{self, "-peer"}, Dir: "build/bench", Rules: "rules", Sigma: *sigma,
		Addresses: *addresses, Rounds: *rounds, Progress: os.Stderr,
	}
	if _, err := os.Stat(*sigma); err != nil {
		cfg.Sigma = ""
	}
	if cfg.Size, err = simulate.ParseSize(*size); err != nil {
		return fmt.Errorf("-size %s: %w", *size, err)
	}
	if cfg.Large, err = simulate.ParseSize(*large); err != nil {
		return fmt.Errorf("-large %s: %w", *large, err)
	}
	if *document != "" {
		if _, err := placed(*document, ""); err != nil { // better now than when all is measured
			return err
		}
	}
	rows, err := bench.Run(ctx, cfg)
	if err != nil {
		return err
	}
	return write(bench.Table(rows, cfg, time.Now()), *document, out)
}

func write(table, document string, out io.Writer) error {
	if document == "" {
		_, err := io.WriteString(out, table)
		return err
	}
	text, err := placed(document, table)
	if err != nil {
		return err
	}
	return os.WriteFile(document, []byte(text), 0o600)
}

// placed returns the text of a document with the table in its place.
func placed(document, table string) (string, error) {
	text, err := os.ReadFile(document)
	if err != nil {
		return "", fmt.Errorf("-out takes a document that has a place for the table: %w", err)
	}
	put, err := bench.Put(string(text), table)
	if err != nil {
		return "", fmt.Errorf("%s: %w", document, err)
	}
	return put, nil
}
