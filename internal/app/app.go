// Package app is the command line: one file for each subcommand.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Streams are where the program reads from and writes to.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// Exit statuses.
const (
	exitClean    = 0 // nothing was found at or above the level asked for
	exitFindings = 1
	exitFailed   = 2 // wrong usage, or nothing could be read
)

// Version is the program's version.
const Version = "0.1.0"

// statusError ends the program with a status, after its message if it has one.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// hintError is an error that says what to do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

func hinted(hint, format string, args ...any) error {
	return &hintError{err: fmt.Errorf(format, args...), hint: hint}
}

// Main runs the command line and returns the exit status.
func Main(ctx context.Context, args []string, s Streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitClean
	}
	status := exitFailed
	if st, ok := errors.AsType[*statusError](err); ok {
		status = st.status
	}
	if msg := err.Error(); msg != "" {
		if errors.Is(err, context.Canceled) {
			msg = "interrupted"
		}
		fmt.Fprintf(s.Err, "gatehouse: %s\n", msg) //nolint:errcheck // there is nowhere else to say it
		if h, ok := errors.AsType[*hintError](err); ok {
			fmt.Fprintf(s.Err, "  %s\n", h.hint) //nolint:errcheck // likewise
		}
	}
	return status
}

func newRoot(s Streams) *cobra.Command {
	root := group(&cobra.Command{
		Use:   "gatehouse",
		Short: "Finds attacks in logs",
		Long: strings.TrimSpace(`
Gatehouse does a cloud security engineer's work: it reads logs and finds the attacks in them.

It needs no configuration and no network.`),
		Example: strings.Trim(`
  gatehouse detect /var/log
  gatehouse detect -o html --output-file report.html AWSLogs
  gatehouse top c-ip --where 'sc_status == 404' access.log
  gatehouse rules list --product aws
`, "\n"),
		Version:       Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	})
	// A command that only has others below it is run to say so; its help need not show it as one to be run.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return hinted("see: "+c.CommandPath()+" --help", "%w", err)
	})
	commands := []func(Streams) *cobra.Command{newDetect, newTop, newRules, newFormats}
	for _, c := range commands {
		root.AddCommand(c(s))
	}
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Example = "  gatehouse completion bash\n  gatehouse completion fish"
		}
	}
	return root
}

// terminal reports whether w is a terminal, and how wide it is.
func terminal(w io.Writer) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}

// colour reports whether to write in colour to w: only to a terminal that can show it, and not if NO_COLOR is set
// (https://no-color.org).
func colour(w io.Writer) bool {
	_, ok := terminal(w)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
