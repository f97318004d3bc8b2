package event_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

var (
	at   = event.Pos{File: "gctrace.log", Line: 34}
	wall = time.Date(2026, 11, 22, 19, 36, 40, 120_000_000, time.UTC).UnixNano()
)

var jvm = &event.JVMReport{
	PID: 7, Error: "Out of Memory Error (allocation.cpp:44)", Frame: "V", Version: "21.0.13+1", Platform: "linux-amd64", Collector: event.G1, Uptime: event.Took(7508744 * time.Microsecond), Starting: true,
	Native:     event.NativeRequest{Call: "malloc", Size: unit.Known(8), For: "AllocateHeap"},
	Heap:       event.Space{Used: unit.Known(1), Committed: unit.Known(2), Reserved: unit.Known(3)},
	Young:      event.Space{Used: unit.Known(4)},
	Old:        event.Space{Used: unit.Known(5)},
	Metaspace:  event.Space{Used: unit.Known(6)},
	ClassSpace: event.Space{Used: unit.Known(7)},
	HeapBase:   0xfc000000, OopsMode: "32-bit", HeapOOMs: 3002, MetaspaceOOMs: 2, ClassSpaceOOMs: 3, StackOverflows: 4,
	Threads: event.JVMThreads{Java: 9, VM: 8, Stacks: unit.Known(unit.MiB), Groups: []event.ThreadGroup{{Name: "pool-#", Count: 3}}},
	Process: event.JVMProcess{
		Virtual: unit.Known(1), RSS: unit.Known(2), PeakRSS: unit.Known(3), Anon: unit.Known(4), File: unit.Known(5), Shmem: unit.Known(0),
		Swapped: unit.Known(6), CHeap: unit.Known(7), CHeapRetained: unit.Known(8), Private: unit.Known(9),
	},
	Limits: event.JVMLimits{
		AddressSpace: unit.Known(1), Data: unit.Known(2), Processes: 3, ThreadsMax: 4, PIDMax: 5, MaxMapCount: 6, Maps: 7, DeletedMaps: 8,
	},
	Machine: event.JVMMachine{
		Physical: unit.Known(1), Free: unit.Known(2), SwapTotal: unit.Known(3), SwapFree: unit.Known(4), MemTotal: unit.Known(5), MemFree: unit.Known(6),
		Available: unit.Known(7), CommitLimit: unit.Known(8), CommittedAS: unit.Known(9), Balloon: unit.Known(10), Cached: unit.Known(11), Shmem: unit.Known(12), Slabs: unit.Known(13),
	},
	Container: event.JVMContainer{
		Type: "cgroupv2", Limit: unit.Known(1), Swap: unit.Known(2), Usage: unit.Known(3), MaxUsage: unit.Known(4), RSS: unit.Known(5), Cache: unit.Known(6), Tasks: 7, TasksMax: 8,
	},
	NMT: []event.NMTCategory{{Name: "Total", Reserved: 10, Committed: 9}, {Name: "Other", Reserved: 3, Committed: 2}},
}

func TestAppendJSON(t *testing.T) {
	for _, c := range []struct {
		name string
		ev   event.Event
		want string
	}{
		{"gc of Go", &event.GC{
			Head: event.Head{
				Pos: at, Dialect: "gctrace", Stream: &event.Stream{Namespace: "shop", Pod: "cart-1", Container: "app", Pipe: "stderr"},
				Time: event.Time{Has: event.Wall | event.Process, Wall: wall, WallStep: time.Millisecond, Process: 1234 * time.Millisecond, Step: time.Millisecond},
			},
			Collector: event.Go, Scope: event.Whole, Cycle: 0, Numbered: true,
			Before: unit.Known(4 * unit.MiB), Peak: unit.Known(4 * unit.MiB), After: unit.Known(0), Live: unit.Known(0), Goal: unit.Known(5 * unit.MiB),
			Stacks: unit.Known(0), Globals: unit.Known(1), Pause: event.Took(42 * time.Microsecond), CPU: event.Took(time.Second), Wall: event.Took(0), Procs: 8, Step: unit.MiB,
		}, `{"type":"gc","source":{"file":"gctrace.log","line":34},"stream":"shop/cart-1/app stderr","process_seconds":1.234,"time":"2026-11-22T19:36:40.120Z","cycle":0,
			"dialect":"gctrace","collector":"go","scope":"whole","kind":null,"cause":null,"before_bytes":4194304,"peak_bytes":4194304,"after_bytes":0,"live_bytes":0,
			"previous_live_bytes":null,"goal_bytes":5242880,"committed_bytes":null,"capacity_bytes":null,"stacks_bytes":0,"globals_bytes":1,"old":null,"young":null,"metaspace":null,
			"pause_seconds":0.000042,"gc_cpu_seconds":1,"gc_wall_seconds":0,"procs":8,"goroutines":null,"step_bytes":1048576,"forced":false,"mended":false,"marking":null}`},
		{
			"gc with areas", &event.GC{Head: event.Head{Pos: at}, Forced: true, Old: event.Area{Before: unit.Known(3), After: unit.Known(2)}, ClassSpace: event.Area{Committed: unit.Known(7)}},
			`{"type":"gc","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"cycle":null,
			"dialect":null,"collector":null,"scope":null,"kind":null,"cause":null,"before_bytes":null,"peak_bytes":null,"after_bytes":null,"live_bytes":null,
			"previous_live_bytes":null,"goal_bytes":null,"committed_bytes":null,"capacity_bytes":null,"stacks_bytes":null,"globals_bytes":null,
			"old":{"before_bytes":3,"after_bytes":2,"committed_bytes":null},"young":null,"metaspace":null,"class_space":{"before_bytes":null,"after_bytes":null,"committed_bytes":7},
			"pause_seconds":null,"gc_cpu_seconds":null,"gc_wall_seconds":null,"procs":null,"goroutines":null,"step_bytes":null,"forced":true,"mended":false,"marking":null}`,
		},
		{"kill", &event.Kill{
			Head: event.Head{Pos: at, Dialect: "kernel", Time: event.Time{Has: event.Boot, Boot: 242031013 * time.Microsecond, Step: time.Microsecond}},
			Host: "node1", Kernel: "6.12.43+deb13-amd64", Constraint: event.ConstraintMemcg, Trigger: event.Task{PID: 612, Name: "svc"}, GFP: "0xcc0(GFP_KERNEL)",
			OOMMemcg: "/kubepods/pod1", TaskMemcg: "/kubepods/pod1/c1", Usage: unit.Known(unit.GiB), Limit: unit.Known(unit.GiB), FailCount: 0, SwapUsage: unit.Known(0),
			Stats: []event.Stat{{Name: "anon", Size: 7}, {Name: "file", Size: 0}, {Name: "anon", Size: 9}}, Victims: []event.Victim{{PID: 612, Name: "svc", HasUID: true, Anon: unit.Known(5), ScoreAdj: -997, HasAdj: true}},
			Tasks: []event.Task{{PID: 612, Name: "svc", RSS: unit.Known(6)}}, Page: unit.Known(4096), UsageAt: event.Pos{File: "gctrace.log", Line: 36},
		}, `{"type":"oom-kill","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"kernel","kernel_seconds":242.031013,
			"host":"node1","kernel":"6.12.43+deb13-amd64","constraint":"memcg","global":false,"trigger":{"pid":612,"name":"svc"},"gfp_mask":"0xcc0(GFP_KERNEL)","order":0,
			"oom_memcg":"/kubepods/pod1","task_memcg":"/kubepods/pod1/c1","usage_bytes":1073741824,"limit_bytes":1073741824,"failcnt":0,"swap":{"usage_bytes":0,"limit_bytes":null},
			"stats":{"anon":7,"file":0},"victims":[{"pid":612,"name":"svc","uid":0,"total_vm_bytes":null,"anon_bytes":5,"file_bytes":null,"shmem_bytes":null,"oom_score_adj":-997}],
			"tasks":[{"pid":612,"name":"svc","rss_bytes":6,"total_vm_bytes":null,"oom_score_adj":0}],"page_bytes":4096,"page_assumed":false,"ram_bytes":null,"no_killable_process":false,"limit_lowered":false,"suppressed":null,"repeats":1,"pod_uid":null,"container_id":null,
			"usage_source":{"file":"gctrace.log","line":36},"constraint_source":null,"killed_source":null}`},
		{
			"kill without a victim", &event.Kill{Repeats: 3, PageAssumed: true, RAM: unit.Known(8192), NoKillable: true, Lowered: true, Suppressed: 70},
			`{"type":"oom-kill","source":null,"stream":null,"process_seconds":null,"time":null,"dialect":null,"kernel_seconds":null,
			"host":null,"kernel":null,"constraint":null,"global":false,"trigger":null,"gfp_mask":null,"order":null,"oom_memcg":null,"task_memcg":null,"usage_bytes":null,"limit_bytes":null,
			"failcnt":null,"swap":null,"stats":{},"victims":[],"tasks":[],"page_bytes":null,"page_assumed":true,"ram_bytes":8192,"no_killable_process":true,"limit_lowered":true,"suppressed":70,"repeats":3,"pod_uid":null,"container_id":null,
			"usage_source":null,"constraint_source":null,"killed_source":null}`,
		},
		{
			"setting", &event.Setting{Head: event.Head{Pos: at, Dialect: "jvm-unified"}, Runtime: "jvm", Name: event.MaxHeap, Text: "Heap Max Capacity: 64M", Size: unit.Known(64 * unit.MiB)},
			`{"type":"setting","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"jvm-unified","runtime":"jvm","name":"max-heap",
			"text":"Heap Max Capacity: 64M","bytes":67108864,"pid":null}`,
		},
		{
			"runtime out of memory", &event.RuntimeOOM{Head: event.Head{Pos: at, Dialect: "gocrash"}, Runtime: "go", Kind: event.OOMThreads, Message: "thread exhaustion", Bound: 10000},
			`{"type":"runtime-oom","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"gocrash","runtime":"go","kind":"threads",
			"message":"thread exhaustion","requested_bytes":null,"in_use_bytes":null,"bound":10000,"fatal":null,"pid":null}`,
		},
		{
			"fatal out of memory", &event.RuntimeOOM{Head: event.Head{Pos: at, Dialect: "java-oom"}, Runtime: "jvm", Kind: event.OOMMetaspace, Message: "Metaspace", Fatal: true},
			`{"type":"runtime-oom","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"java-oom","runtime":"jvm","kind":"metaspace",
			"message":"Metaspace","requested_bytes":null,"in_use_bytes":null,"bound":null,"fatal":true,"pid":null}`,
		},
		{
			"end", &event.ProcessEnd{Head: event.Head{Pos: at, Dialect: "gocrash"}, Kind: event.EndExit, HasCode: true, PID: 7},
			`{"type":"process-end","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"gocrash","runtime":null,"kind":"exit",
			"message":null,"signal":null,"exit_code":0,"pid":7}`,
		},
		{
			"dump", &event.Dump{Head: event.Head{Pos: at, Dialect: "gocrash"}, Runtime: "go", Kind: "goroutine-dump", Lines: 12, Goroutines: 3, Cut: true},
			`{"type":"crash-dump","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"gocrash","runtime":"go","kind":"goroutine-dump",
			"lines":12,"goroutines":3,"cut":true,"jvm":null}`,
		},
		{
			"dump of a JVM that says nothing", &event.Dump{Head: event.Head{Pos: at, Dialect: "hs_err"}, Runtime: "jvm", Kind: "hs_err", Lines: 2, JVM: &event.JVMReport{}},
			`{"type":"crash-dump","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"hs_err","runtime":"jvm","kind":"hs_err",
			"lines":2,"goroutines":0,"cut":false,"jvm":{"pid":null,"error":null,"frame":null,"version":null,"platform":null,"collector":null,"uptime_seconds":null,"starting":false,
			"native_request":null,"heap":null,"young":null,"old":null,"metaspace":null,"class_space":null,"heap_base":null,"oops_mode":null,
			"java_heap_errors":null,"metaspace_errors":null,"class_space_errors":null,"stack_overflow_errors":null,
			"threads":{"java":null,"vm":null,"stacks_bytes":null,"groups":[]},"process":null,"limits":null,"machine":null,"container":null,"nmt":[]}}`,
		},
		{
			"dump of a JVM", &event.Dump{Head: event.Head{Pos: at, Dialect: "hs_err"}, Runtime: "jvm", Kind: "hs_err", Lines: 952, JVM: jvm},
			`{"type":"crash-dump","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"hs_err","runtime":"jvm","kind":"hs_err",
			"lines":952,"goroutines":0,"cut":false,"jvm":{"pid":7,"error":"Out of Memory Error (allocation.cpp:44)","frame":"V","version":"21.0.13+1","platform":"linux-amd64","collector":"g1","uptime_seconds":7.508744,"starting":true,
			"native_request":{"call":"malloc","bytes":8,"for":"AllocateHeap"},"heap":{"used_bytes":1,"committed_bytes":2,"reserved_bytes":3},"young":{"used_bytes":4,"committed_bytes":null,"reserved_bytes":null},
			"old":{"used_bytes":5,"committed_bytes":null,"reserved_bytes":null},"metaspace":{"used_bytes":6,"committed_bytes":null,"reserved_bytes":null},
			"class_space":{"used_bytes":7,"committed_bytes":null,"reserved_bytes":null},"heap_base":4227858432,"oops_mode":"32-bit",
			"java_heap_errors":3002,"metaspace_errors":2,"class_space_errors":3,"stack_overflow_errors":4,
			"threads":{"java":9,"vm":8,"stacks_bytes":1048576,"groups":[{"name":"pool-#","count":3}]},
			"process":{"virtual_bytes":1,"rss_bytes":2,"peak_rss_bytes":3,"anon_bytes":4,"file_bytes":5,"shmem_bytes":0,"swapped_bytes":6,"c_heap_bytes":7,"c_heap_retained_bytes":8,"private_bytes":9},
			"limits":{"address_space_bytes":1,"data_bytes":2,"processes":3,"threads_max":4,"pid_max":5,"max_map_count":6,"maps":7,"deleted_maps":8},
			"machine":{"physical_bytes":1,"free_bytes":2,"swap_total_bytes":3,"swap_free_bytes":4,"mem_total_bytes":5,"mem_free_bytes":6,"available_bytes":7,
			"commit_limit_bytes":8,"committed_as_bytes":9,"balloon_bytes":10,"cached_bytes":11,"shmem_bytes":12,"slab_bytes":13},
			"container":{"type":"cgroupv2","limit_bytes":1,"swap_limit_bytes":2,"usage_bytes":3,"max_usage_bytes":4,"rss_bytes":5,"cache_bytes":6,"tasks":7,"tasks_max":8},
			"nmt":[{"name":"Total","reserved_bytes":10,"committed_bytes":9},{"name":"Other","reserved_bytes":3,"committed_bytes":2}]}}`,
		},
		{
			"sample", &event.Sample{Head: event.Head{Pos: at, Dialect: "gctrace"}, Values: []event.Value{{Name: "inuse_bytes", V: 1 << 40}, {Name: "used_ratio", V: 0.25}, {Name: "none", V: math.NaN()}, {Name: "tiny", V: 1e-9}, {Name: "tiny", V: 2}}},
			`{"type":"sample","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"gctrace","runtime":null,
			"values":{"inuse_bytes":1099511627776,"used_ratio":0.25,"none":null,"tiny":1e-09}}`,
		},
		{
			"problem", &event.Problem{Head: event.Head{Pos: at, Dialect: "gctrace"}, Message: "column 7", Text: "gc x"},
			`{"type":"problem","source":{"file":"gctrace.log","line":34},"stream":null,"process_seconds":null,"time":null,"dialect":"gctrace","message":"column 7","text":"gc x"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := event.AppendJSON([]byte("before "), c.ev)
			if err != nil {
				t.Fatal(err)
			}
			want := "before " + strings.NewReplacer("\n", "", "\t", "").Replace(c.want)
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if marshalled, err := json.Marshal(c.ev); err != nil || string(marshalled) != want[len("before "):] {
				t.Errorf("json.Marshal: %s, %v", marshalled, err)
			}
		})
	}
}

func TestAppendJSONRefusesNil(t *testing.T) {
	if _, err := event.AppendJSON(nil, nil); err == nil {
		t.Error("no error for a nil event")
	}
}

func TestHostileText(t *testing.T) {
	for in, want := range map[string]string{
		"</script>":           `"\u003c/script\u003e"`,
		"a\x1b[31m\x00\u009b": `"a\u001b[31m\u0000\u009b"`,
		"q\" b\\ \n\r\t":      `"q\" b\\ \n\r\t"`,
		"\xff ü 日本":           `"\ufffd ü 日本"`,
		"\u202e\u2028😀":       `"\u202e\u2028😀"`,
		"\U000e0041":          `"\udb40\udc41"`,
		"cut \xe6\x97":        `"cut \ufffd\ufffd"`,
	} {
		got, err := event.AppendJSON(nil, &event.Problem{Text: in})
		if err != nil || !strings.HasSuffix(string(got), `"text":`+want+"}") {
			t.Errorf("text %q: got %s, %v, want %s", in, got, err, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("gc 1 @0.1s \x1b[0m\xff\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		line, err := event.AppendJSON(nil, &event.Problem{Text: s})
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Text *string }
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		want := string([]rune(s))
		if s == "" {
			if got.Text != nil {
				t.Errorf("an empty text came back as %q", *got.Text)
			}
		} else if *got.Text != want {
			t.Errorf("%q came back as %q", want, *got.Text)
		}
	})
}

func TestWallPrecision(t *testing.T) {
	for step, want := range map[time.Duration]string{
		0:                      "2026-11-22T19:36:40.12Z",
		time.Minute:            "2026-11-22T19:36:40Z",
		time.Second:            "2026-11-22T19:36:40Z",
		100 * time.Millisecond: "2026-11-22T19:36:40.1Z",
		time.Microsecond:       "2026-11-22T19:36:40.120000Z",
		time.Nanosecond:        "2026-11-22T19:36:40.120000000Z",
	} {
		got := string(event.Time{Has: event.Wall, Wall: wall, WallStep: step}.AppendWall(nil))
		if got != want {
			t.Errorf("step %v: got %s, want %s", step, got, want)
		}
	}
}

func TestStreamString(t *testing.T) {
	for _, c := range []struct {
		stream *event.Stream
		want   string
	}{
		{nil, ""},
		{&event.Stream{Pipe: "stderr"}, "stderr"},
		{&event.Stream{Host: "node1", Unit: "svc", PID: 42}, "node1 svc[42]"},
		{&event.Stream{Namespace: "shop", Pod: "cart-1", Container: "app", ContainerID: "0123", Pipe: "stdout"}, "shop/cart-1/app stdout"},
		{&event.Stream{ContainerID: "0123456789ab"}, "0123456789ab"},
		{&event.Stream{PID: 42}, "[42]"},
		{&event.Stream{OwnPID: 927, Isolate: "3f8d9970"}, "pid 927 isolate 3f8d9970"},
		{&event.Stream{Pod: "cart-1", Pipe: "stdout", OwnPID: 1}, "cart-1 stdout pid 1"},
	} {
		if got := c.stream.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestAppendJSONAllocatesNothing(t *testing.T) {
	var ev event.Event = &event.GC{Head: event.Head{Pos: at, Time: event.Time{Has: event.Wall, Wall: wall}}, Pause: event.Took(1)}
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf, _ = event.AppendJSON(buf[:0], ev) }); n != 0 {
		t.Errorf("%v allocations an event", n)
	}
}
