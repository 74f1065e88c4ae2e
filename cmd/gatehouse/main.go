// Command gatehouse finds attacks in logs and mistakes in clouds, and helps to put them right.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gatehouse-sec/gatehouse/internal/app"
)

func main() { os.Exit(run()) }

// patience is how long an interrupted command may take to end by itself.
const patience = 2 * time.Second

func run() int {
	collectLate()
	_ = useLargePages() // a kernel that refuses is one on which all is as it was
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	done := make(chan int, 1)
	go func() { done <- app.Main(ctx, os.Args[1:], app.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}) }()
	select {
	case status := <-done:
		return status
	case <-ctx.Done():
		stop() // a second signal ends the program at once
	}
	select {
	case status := <-done:
		return status
	case <-time.After(patience): // a read that waits for a pipe or a terminal does not hear of the context
		fmt.Fprintln(os.Stderr, "gatehouse: interrupted")
		return 2
	}
}

// collectLate lets garbage lie for longer than Go does by itself, as long as there is little of it: reading makes some for
// each file, and keeps next to nothing. Where much is kept, as when millions of matches are correlated, it is collected as
// ever. GOGC and GOMEMLIMIT have the last word.
func collectLate() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	const percent, limit = 300, 1700 << 20
	debug.SetGCPercent(percent)
	debug.SetMemoryLimit(limit)
}
