package launch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oomtrace/parser/dialects/launch"
	"oomtrace/parser/event"
)

// words reads NAME=VALUE, and arguments behind "--".
func words(t *testing.T, text []string) (all []launch.Word) {
	t.Helper()
	arguments := false
	for i, w := range text {
		word := launch.Word{Value: w, Pos: event.Pos{File: "pod", Line: i + 1}}
		if w == "--" {
			arguments = true
			continue
		}
		if !arguments {
			word.Name, word.Value, _ = strings.Cut(w, "=")
		}
		all = append(all, word)
	}
	return all
}

func TestSettings(t *testing.T) {
	for _, c := range []struct{ start, want []string }{
		{[]string{"GOMEMLIMIT=3GiB", "GOGC=50", "GODEBUG=gctrace=1,madvdontneed=1"}, []string{
			"1 go soft-limit GOMEMLIMIT=3GiB 3 GiB", "2 go gc-percent GOGC=50 unknown", "3 go flag GODEBUG=gctrace=1,madvdontneed=1 unknown",
		}},
		{[]string{"GOMEMLIMIT=off", "GOGC=off"}, []string{"1 go soft-limit GOMEMLIMIT=off unknown", "2 go gc-percent GOGC=off unknown"}},
		{[]string{"GOMEMLIMIT=512Mi"}, []string{"1 go soft-limit GOMEMLIMIT=512Mi unknown"}},
		{[]string{"GOMEMLIMIT=268435456"}, []string{"1 go soft-limit GOMEMLIMIT=268435456 256 MiB"}},
		{[]string{"GOMEMLIMIT=9223372036854775807"}, []string{"1 go soft-limit GOMEMLIMIT=9223372036854775807 unknown"}},
		{[]string{"GOMEMLIMIT=100000000TiB"}, []string{"1 go soft-limit GOMEMLIMIT=100000000TiB unknown"}},
		{[]string{"GOGC=lots", "GODEBUG=", "GODEBUG=PASSWORD", "MALLOC_ARENA_MAX=x"}, nil},
		{[]string{"MALLOC_ARENA_MAX=2"}, []string{"1  flag MALLOC_ARENA_MAX=2 unknown"}},
		{[]string{"_JAVA_OPTIONS=-Xmx3g", "JAVA_TOOL_OPTIONS=-Xmx1g -Dtoken=secret", "--", "java", "-Xmx2g", "-jar", "app.jar", "--password=secret"}, []string{
			"2 jvm max-heap -Xmx1g 1 GiB", "5 jvm max-heap -Xmx2g 2 GiB", "1 jvm max-heap -Xmx3g 3 GiB",
		}},
		{[]string{"JAVA_OPTS=-XX:MaxRAMPercentage=75.0 -XX:+UseG1GC -XX:MaxDirectMemorySize=64m -XX:OnOutOfMemoryError=secret"}, []string{
			"1 jvm flag -XX:MaxRAMPercentage=75.0 unknown", "1 jvm flag -XX:+UseG1GC unknown", "1 jvm max-direct -XX:MaxDirectMemorySize=64m 64 MiB",
		}},
		{[]string{"JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=$(SECRET) -XX:+UseG1GC=x -Xmx -XmxMuch -Xmx0"}, nil},
		{[]string{"NODE_OPTIONS=--max_old_space_size=512 --require=/secret.js", "--", "sh", "-c", "exec node '--max-old-space-size=1024' app.js"}, []string{
			"1 v8 max-heap --max_old_space_size=512 512 MiB", "5 v8 max-heap --max-old-space-size=1024 1 GiB",
		}},
		{[]string{"NODE_OPTIONS=--max-old-space-size=0 --max-old-space-size --max-semi-space-size=64"}, []string{"1 v8 flag --max-semi-space-size=64 unknown"}},
		{[]string{"PASSWORD=-Xmx1g", "DATABASE_URL=--max-old-space-size=5"}, nil},
		{[]string{"GOGC=" + strings.Repeat("0", 500) + "1", "GODEBUG=" + strings.Repeat("x", 500)}, nil},
	} {
		var got []string
		launch.Settings(words(t, c.start), func(s event.Setting) {
			got = append(got, fmt.Sprintf("%d %s %s %s %s", s.Pos.Line, s.Runtime, s.Name, s.Text, s.Size))
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%q:\ngot  %q\nwant %q", c.start, got, c.want)
		}
	}
}

func TestOf(t *testing.T) {
	for name, want := range map[string]bool{"GOMEMLIMIT": true, "_JAVA_OPTIONS": true, "": false, "PASSWORD": false, "gomemlimit": false} {
		if launch.Of(name) != want {
			t.Errorf("Of(%q) = %t", name, !want)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add("JAVA_TOOL_OPTIONS", "-Xmx512m -Dsecret=x")
	f.Add("GOMEMLIMIT", "1TiB")
	f.Add("", "node --max-old-space-size=4096")
	f.Fuzz(func(t *testing.T, name, value string) {
		launch.Settings([]launch.Word{{Name: name, Value: value}}, func(s event.Setting) {
			if size, known := s.Size.Get(); known && size < 0 {
				t.Errorf("%s=%q sets %d", name, value, size)
			}
		})
	})
}
