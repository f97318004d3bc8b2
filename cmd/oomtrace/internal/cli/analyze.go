package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"oomtrace"
	"oomtrace/cmd/oomtrace/internal/input"
	"oomtrace/parser/unit"
	"oomtrace/report"
	"oomtrace/report/csv"
	"oomtrace/report/picture"
	"oomtrace/report/terminal"
	"oomtrace/timeline"
)

// analyzeFlags are the flags of analyze, as given.
type analyzeFlags struct {
	limit     limitValue
	threshold float64
	profiles  []string
	env       []string
	service   string
	start     string
	logZone   string
	zone      string

	outputs  []string
	format   string
	static   bool
	redact   bool
	noReport bool
	open     bool
	force    bool

	quiet    bool
	verbose  bool
	strict   bool
	exitCode bool
	color    string
}

// limitValue is the flag value of --limit; it keeps the text for the note on bare capitals.
type limitValue struct {
	size unit.Bytes
	text string
}

// Set reads the text of the flag.
func (v *limitValue) Set(text string) error {
	v.text = text
	return v.size.Set(text)
}

// Type names the value in help.
func (v *limitValue) Type() string { return v.size.Type() }

// String returns the text as it was given.
func (v *limitValue) String() string { return v.text }

func (v *limitValue) known() unit.Size {
	if v.text == "" {
		return unit.Size{}
	}
	return unit.Known(v.size)
}

// declare adds the flags under the headings of the help. It is the one place where flags of analyze are named.
func (f *analyzeFlags) declare(set *pflag.FlagSet) {
	group := func(title string, add func()) {
		before := map[string]bool{}
		set.VisitAll(func(f *pflag.Flag) { before[f.Name] = true })
		add()
		set.VisitAll(func(f *pflag.Flag) {
			if !before[f.Name] {
				f.Annotations = map[string][]string{groupKey: {title}}
			}
		})
	}
	set.SortFlags = false
	group("What to judge", func() {
		set.VarP(&f.limit, "limit", "l", "memory limit: 4GiB, 4Gi, 4096M, 4g (default: from the OOM event)")
		set.Float64Var(&f.threshold, "threshold", 70, "line that must not be crossed for good, in percent (default 70)")
		set.StringArrayVarP(&f.profiles, "profile", "p", nil, "heap profile, may be repeated; two or more give growth")
		set.StringArrayVar(&f.env, "env", nil, "environment of the dead process: GOMEMLIMIT, NODE_OPTIONS; may be repeated")
		set.StringVar(&f.service, "service", "", "name in the report (default: from the log)")
		set.StringVar(&f.start, "start", "", "clock time of the first line, RFC 3339, if the log has none")
		set.StringVar(&f.logZone, "log-tz", "", "zone of time stamps that name none, as dmesg -T prints them (default UTC)")
		set.StringVar(&f.zone, "tz", "UTC", "zone for display (default UTC)")
	})
	group("What to write", func() {
		set.StringArrayVarP(&f.outputs, "output", "o", nil, ".html .md .json .svg .png .csv, may be repeated, - for stdout")
		set.StringVarP(&f.format, "format", "f", "text", "text, json, markdown, html: what goes to stdout (default text)")
		set.BoolVar(&f.static, "static", false, "HTML without scripts, for mail and Jenkins")
		set.BoolVar(&f.redact, "redact", false, "leave out raw lines and all names: files, hosts, containers, processes")
		set.BoolVar(&f.noReport, "no-report", false, "write no HTML report; the default is FILE.oomtrace.html")
		set.BoolVar(&f.open, "open", false, "open the HTML report")
		set.BoolVar(&f.force, "force", false, "overwrite files that oomtrace did not make")
	})
	group("How it behaves", func() {
		set.BoolVarP(&f.quiet, "quiet", "q", false, "print only the verdict line")
		set.BoolVarP(&f.verbose, "verbose", "v", false, "list damaged lines, and how much of each file was understood")
		set.BoolVar(&f.strict, "strict", false, "fail if any line is damaged")
		set.BoolVar(&f.exitCode, "exit-code", false, "exit 10 if a memory death was found, 0 if not")
		set.StringVar(&f.color, "color", "auto", "auto, always, never (default auto; NO_COLOR is respected)")
	})
}

func analyzeCommand(s streams) *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:   "analyze [flags] FILE...",
		Short: "explain one crash and write a report",
		Long:  "Reads GC logs and crash logs, in any mix and order. FILE may be -, a .gz or a .zst.",
		Example: `oomtrace analyze gctrace.log --limit 4GiB
oomtrace analyze gctrace.log kern.log -o incident.html -o ticket.md -o chart.svg`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return analyze(cmd, s, &f, args)
		},
	}
	f.declare(cmd.Flags())
	return cmd
}

func analyze(cmd *cobra.Command, s streams, f *analyzeFlags, args []string) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	targets, err := f.targets(args)
	if err != nil {
		return err
	}
	if err := f.spareInputs(targets, args); err != nil {
		return err
	}
	if err := needFiles(cmd, s, args); err != nil {
		return err
	}
	if note := unit.Ambiguous(f.limit.text); note != "" {
		fmt.Fprintln(s.err, "note:", note)
	}
	inputs, cleanup := input.Rereadable(args, input.Until(cmd.Context(), s.in))
	defer cleanup()
	options.Profiles = input.Named(f.profiles, nil)
	options.Command = commandLine(cmd, args)
	progress := newProgress(s.err)
	model, broken := oomtrace.Analyze(cmd.Context(), progress.watch(inputs), options)
	progress.end()
	if cmd.Context().Err() != nil {
		return fail(Interrupted, "interrupted")
	}
	if model == nil {
		return &failure{Failed, broken}
	}
	if err := recognised(model); err != nil {
		return errors.Join(asFailure(broken), err)
	}
	return errors.Join(asFailure(broken), f.write(s, model, targets), f.asked(model))
}

// commandLine is how the program was called: the flags as they were set, then the files.
func commandLine(cmd *cobra.Command, args []string) []string {
	line := []string{"oomtrace", cmd.Name()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			if f.Value.Type() == "bool" {
				line = append(line, "--"+f.Name)
			} else {
				line = append(line, "--"+f.Name, v)
			}
		}
	})
	return append(line, args...)
}

// asFailure gives an error the status of a failed read or write.
func asFailure(err error) error {
	if err == nil {
		return nil
	}
	return &failure{Failed, err}
}

// options checks the flags that can be wrong and turns them into the options of the facade.
func (f *analyzeFlags) options() (oomtrace.Options, error) {
	var o oomtrace.Options
	zone, err := time.LoadLocation(f.zone)
	if err != nil || f.zone == "" {
		return o, fail(Usage, "--tz %q is not a time zone. Examples: UTC, Europe/Berlin, America/New_York", f.zone)
	}
	var logZone *time.Location
	if f.logZone != "" {
		if logZone, err = time.LoadLocation(f.logZone); err != nil {
			return o, fail(Usage, "--log-tz %q is not a time zone. Examples: UTC, Europe/Berlin, America/New_York", f.logZone)
		}
	}
	var start time.Time
	if f.start != "" {
		if start, err = time.Parse(time.RFC3339Nano, f.start); err != nil {
			return o, fail(Usage, "--start %q is not a time. Example: 2026-11-22T09:10:56Z", f.start)
		}
	}
	env := map[string]string{}
	for _, pair := range f.env {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return o, fail(Usage, "--env %q is not NAME=VALUE. Example: GOMEMLIMIT=3GiB", pair)
		}
		if err := timeline.CheckEnv(name, value); err != nil {
			return o, fail(Usage, "--env %q: %w", pair, err)
		}
		env[name] = value
	}
	if !(f.threshold >= 1 && f.threshold <= 100) { // so that NaN is refused too
		return o, fail(Usage, "--threshold %g is not between 1 and 100. Example: 70", f.threshold)
	}
	if !slices.Contains([]string{"text", "json", "markdown", "html"}, f.format) {
		return o, fail(Usage, "--format %q is not known. Use text, json, markdown or html.", f.format)
	}
	if !slices.Contains([]string{"auto", "always", "never"}, f.color) {
		return o, fail(Usage, "--color %q is not known. Use auto, always or never.", f.color)
	}
	return oomtrace.Options{
		Limit: f.limit.known(), Fraction: f.threshold / 100, Env: env, Start: start, LogZone: logZone,
		Service: f.service, Zone: zone, Redact: f.redact, Version: Version(),
	}, nil
}

// needFiles refuses a call without files, and says what the program waits for when it reads from a terminal.
func needFiles(cmd *cobra.Command, s streams, args []string) error {
	if len(args) == 0 {
		return fail(Usage, `no file given; use - for standard input. Run "oomtrace help %s" for examples.`, cmd.Name())
	}
	if slices.Contains(args, input.Stdin) && isTerminal(s.in) {
		fmt.Fprintln(s.err, "oomtrace: reading from the terminal; paste a log and press Ctrl-D, or give a file.")
	}
	return nil
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns returns how wide a terminal is; 80 where it does not tell, 0 where the stream is none.
func columns(stream any) int {
	if !isTerminal(stream) {
		return 0
	}
	if n, _, err := term.GetSize(int(stream.(*os.File).Fd())); err == nil && n > 0 {
		return n
	}
	return fullWidth
}

// target is one file to write.
type target struct {
	path   string // - is standard output
	format string
}

// formatsByExtension are the formats that -o picks.
var formatsByExtension = map[string]string{".html": "html", ".htm": "html", ".md": "markdown", ".json": "json", ".svg": "svg", ".png": "png", ".csv": "csv"}

// targets decides what is written where, and refuses paths whose extension says no format.
func (f *analyzeFlags) targets(args []string) ([]target, error) {
	var list []target
	for _, path := range f.outputs {
		if path == "-" {
			list = append(list, target{path, f.format})
			continue
		}
		format, ok := formatsByExtension[strings.ToLower(filepath.Ext(path))]
		if !ok {
			return nil, fail(Usage, "-o %s: the extension says no format. Use .html, .md, .json, .svg, .png or .csv.", path)
		}
		list = append(list, target{path, format})
	}
	if len(list) == 0 && !f.noReport && len(args) > 0 {
		list = append(list, target{reportName(args[0]), "html"})
	}
	if !slices.ContainsFunc(list, func(t target) bool { return t.path == "-" }) {
		list = append(list, target{"-", f.format})
	}
	return list, nil
}

// spareInputs refuses to write over what is to be read, under whatever name, and to write two documents into one file.
func (f *analyzeFlags) spareInputs(targets []target, args []string) error {
	read := slices.Concat(args, f.profiles)
	for i, t := range targets {
		if t.path == "-" {
			continue
		}
		if slices.ContainsFunc(targets[:i], func(other target) bool { return sameFile(t.path, other.path) }) {
			return fail(Usage, "-o %s is named twice", t.path)
		}
		if slices.ContainsFunc(read, func(name string) bool { return sameFile(t.path, name) }) {
			return fail(Usage, "-o %s would overwrite an input; choose another name", t.path)
		}
	}
	return nil
}

// sameFile reports whether two names lead to one file, existing or not.
func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// reportName is where the report of a log goes by default: the working directory.
func reportName(log string) string {
	if log == input.Stdin {
		log = "stdin"
	}
	base := filepath.Base(log)
	for _, suffix := range []string{".gz", ".zst", ".log", ".txt"} {
		base = strings.TrimSuffix(base, suffix)
	}
	return base + ".oomtrace.html"
}

// written is a file that was written.
type written struct {
	path string
	size int
}

// write lays the model out in every target, standard output last.
func (f *analyzeFlags) write(s streams, m *report.Model, targets []target) error {
	var done []written
	var errs []error
	for _, t := range targets {
		if t.path == "-" {
			continue
		}
		var b bytes.Buffer
		err := render(&b, t.format, m, f.static)
		if err == nil {
			err = f.save(t, b.Bytes())
		}
		if err != nil {
			errs = append(errs, fail(Failed, "cannot write %s: %w", t.path, err))
			continue
		}
		done = append(done, written{t.path, b.Len()})
	}
	for _, t := range targets {
		if t.path != "-" {
			continue
		}
		if err := f.print(s, t.format, m, done); err != nil {
			errs = append(errs, fail(Failed, "cannot write: %w", err))
		}
	}
	if f.open {
		errs = append(errs, openReport(done))
	}
	return errors.Join(errs...)
}

// print writes to standard output: the document that was asked for, or the summary for people.
func (f *analyzeFlags) print(s streams, format string, m *report.Model, done []written) error {
	if format != "text" {
		return render(s.out, format, m, f.static)
	}
	o := f.terminalOptions(s.columns)
	for _, w := range done {
		o.Wrote = append(o.Wrote, fmt.Sprintf("Wrote %s (%d kB).", w.path, (w.size+999)/1000))
	}
	return terminal.Write(s.out, m, o)
}

// fullWidth is the widest that text gets, so that a file and a pipe hold what a wide terminal shows.
const fullWidth = 80

// terminalOptions says what standard output can show; columns is 0 where it is no terminal.
func (f *analyzeFlags) terminalOptions(columns int) terminal.Options {
	tty := columns > 0
	o := terminal.Options{Width: fullWidth, Quiet: f.quiet, Verbose: f.verbose, ASCII: !utf8Locale()}
	if tty {
		o.Width = min(columns, fullWidth)
	}
	dumb := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	o.Color = f.color == "always" || f.color == "auto" && tty && !dumb
	return o
}

// utf8Locale reports whether the terminal can be expected to show block characters. An unset locale is taken to be able.
func utf8Locale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToUpper(os.Getenv(name)); v != "" {
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return true
}

// save writes a file, but never over one that oomtrace did not make.
func (f *analyzeFlags) save(t target, content []byte) error {
	info, err := os.Stat(t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.WriteFile(t.path, content, 0o644)
	case err != nil:
		return reason(err)
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file")
	case !f.force && info.Size() > 0:
		mine, err := ours(t)
		if err != nil {
			return reason(err)
		}
		if !mine {
			return errors.New("it exists and was not made by oomtrace; choose another -o or use --force")
		}
	}
	return reason(os.WriteFile(t.path, content, 0o644))
}

// reason takes the name of the file off an error, as the message names it already.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// edge is how much of either end of a file tells whether oomtrace wrote it.
const edge = 400

// ours reports whether a file was written by oomtrace in the same format.
func ours(t target) (bool, error) {
	file, err := os.Open(t.path)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, edge)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	head = head[:n]
	switch t.format {
	case "html", "svg", "png":
		return bytes.Contains(head, []byte(picture.Maker)), nil
	case "csv":
		return bytes.HasPrefix(head, []byte(csv.Header)), nil
	case "json":
		return bytes.Contains(head, []byte(`"schema": "`+report.Schema)), nil
	}
	if _, err := file.Seek(-int64(n), io.SeekEnd); err != nil {
		return false, err
	}
	tail, err := io.ReadAll(io.LimitReader(file, edge))
	return bytes.Contains(tail, []byte("\noomtrace ")), err
}

// openReport shows the HTML report with the program that the system has for it.
func openReport(done []written) error {
	i := slices.IndexFunc(done, func(w written) bool { return strings.HasSuffix(w.path, ".html") })
	if i < 0 {
		return fail(Failed, "--open: no HTML report was written")
	}
	name := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if name == "" {
		name = "xdg-open"
	}
	if err := exec.CommandContext(context.Background(), name, done[i].path).Start(); err != nil {
		return fail(Failed, "--open: cannot start %s: %w", name, err)
	}
	return nil
}

// recognised fails where no line of any input was understood: there is nothing to report then.
func recognised(m *report.Model) error {
	lines, read, name, first, more := 0, 0, "", "", ""
	for _, in := range m.Inputs {
		if !in.Ignored {
			return nil
		}
		if in.Note == report.Unreadable {
			continue
		}
		read++
		lines += in.Lines
		if len(in.Notes) > 0 {
			more += "\n" + in.File + ": " + strings.Join(in.Notes, "; ")
		}
		if name == "" {
			name = in.File
		}
		if first == "" && in.First != "" && in.Note != report.Binary {
			name, first = in.File, "\nFirst line: "+in.First
		}
	}
	if read == 0 {
		return nothing
	}
	if read > 1 {
		name = fmt.Sprintf("%s and the other inputs have", name)
	} else {
		name += " has"
	}
	text := fmt.Sprintf("%s no line that looks like a GC or crash log (%s lines read).%s%s", name, unit.Thousands(int64(lines)), first, more)
	return fail(Nothing, "%s\nRun \"oomtrace formats\" to see what is understood.", text)
}

// nothing is the failure of a run whose inputs all failed, each with a message of its own.
var nothing = &failure{Failed, errors.New("")}

// asked turns what was found into the exit status that a flag asks for.
func (f *analyzeFlags) asked(m *report.Model) error {
	damaged := 0
	for _, in := range m.Inputs {
		damaged += in.Damaged
	}
	switch {
	case f.strict && damaged > 0:
		return fail(Damaged, "%d damaged records and --strict; run with -v to see them", damaged)
	case f.exitCode && m.Verdict.Crash:
		return &failure{Died, errors.New("")}
	}
	return nil
}
