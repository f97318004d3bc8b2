package main

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what scripts compare with")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"oomtrace": main})
}

// TestScript runs testdata/script/*.txtar: sessions with the program, one topic a file. $CRASHLOGS is the folder of
// bundled incidents.
func TestScript(t *testing.T) {
	crashlogs, err := filepath.Abs(filepath.Join("..", "..", "testdata", "crashlogs"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CRASHLOGS", crashlogs)
			env.Setenv("LC_ALL", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"repeat": repeat,
		},
	})
}

// status runs a command and compares its exit status: status 3 oomtrace analyze empty.log
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [arg...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("cannot run %v: %v", args[1:], err)
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// repeat writes a text many times into a file: repeat FILE N TEXT
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: repeat FILE N TEXT")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	ts.Check(err)
	n := 0
	for _, c := range args[1] {
		n = n*10 + int(c-'0')
	}
	block := make([]byte, 0, 1<<16+len(args[2]))
	for len(block) < 1<<16 {
		block = append(block, args[2]...)
	}
	per := len(block) / len(args[2])
	for ; n > per; n -= per {
		_, err := f.Write(block)
		ts.Check(err)
	}
	_, err = f.Write(block[:n*len(args[2])])
	ts.Check(err)
	ts.Check(f.Close())
}
