package prometheus

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"oomtrace/parser/event"
	"oomtrace/parser/unit"
)

// metric says what one metric means.
type metric struct {
	value   string // name of the value; empty where the metric is only a setting
	runtime string
	sum     bool // its series of one process add up
	when    func(*labels) bool
	also    *metric // what it means as well
	states  event.SettingName
}

// pools of a JVM that hold old objects, by how their names end or begin.
func oldPool(ls *labels) bool {
	pool := ls.get("id", "pool", "jvm_memory_pool_name")
	for _, part := range []string{"Old Gen", "Tenured Gen", "tenured", "Old Generation"} {
		if bytes.Contains(pool, []byte(part)) {
			return true
		}
	}
	return false
}

func area(kind string) func(*labels) bool {
	return func(ls *labels) bool {
		a := string(ls.get("area", "jvm_memory_type", "type"))
		return a == kind || kind == "nonheap" && a == "non_heap"
	}
}

func inSpace(space string) func(*labels) bool {
	return func(ls *labels) bool { return string(ls.get("space")) == space }
}

func direct(ls *labels) bool { return string(ls.get("id", "pool", "jvm_buffer_pool_name")) == "direct" }

func memory(ls *labels) bool { return string(ls.get("resource")) == "memory" }

const (
	golang = "go"
	jvm    = "jvm"
	v8     = "v8"
)

var (
	jvmUsed = &metric{value: event.ValueHeapAlloc, runtime: jvm, sum: true, when: area("heap"), also: &metric{
		value: event.ValueOldGen, runtime: jvm, when: oldPool, also: &metric{value: event.ValueNonHeap, runtime: jvm, sum: true, when: area("nonheap")},
	}}
	jvmCommitted = &metric{value: event.ValueHeapSys, runtime: jvm, sum: true, when: area("heap")}
	jvmMax       = &metric{value: event.ValueHeapLimit, runtime: jvm, sum: true, when: area("heap")}
	jvmOld       = &metric{value: event.ValueOldGen, runtime: jvm, when: oldPool}
	jvmOldLive   = &metric{value: event.ValueHeapLive, runtime: jvm, when: oldPool}
	jvmDirect    = &metric{value: event.ValueDirect, runtime: jvm, when: direct}
	jvmGCs       = &metric{value: event.ValueGCs, runtime: jvm, sum: true}
	nodeGCs      = &metric{value: event.ValueGCs, runtime: v8, sum: true}
	boxLimit     = &metric{value: event.ValueLimit, states: event.MemoryLimit}
	kubeLimit    = &metric{value: event.ValueLimit, states: event.MemoryLimit, when: memory}
)

func of(runtime, value string) *metric { return &metric{value: value, runtime: runtime} }

// known are the metrics that are read. Of two metrics that mean the same the first one of a scrape counts.
var known = map[string]*metric{
	"process_resident_memory_bytes": of("", event.ValueRSS),
	"process_memory_usage_bytes":    of("", event.ValueRSS),
	"process_start_time_seconds":    of("", event.ValueStarted),

	// client_golang collectors.NewGoCollector, prometheus/go_collector.go; the longer names are of runtime/metrics.
	"go_memstats_heap_alloc_bytes":         of(golang, event.ValueHeapAlloc),
	"go_memory_classes_heap_objects_bytes": of(golang, event.ValueHeapAlloc),
	"go_memstats_heap_inuse_bytes":         of(golang, event.ValueHeapInUse),
	"go_memstats_heap_sys_bytes":           of(golang, event.ValueHeapSys),
	"go_memstats_next_gc_bytes":            of(golang, event.ValueNextGC),
	"go_gc_heap_goal_bytes":                of(golang, event.ValueNextGC),
	"go_memory_gc_goal_bytes":              of(golang, event.ValueNextGC),
	"go_gc_heap_live_bytes":                of(golang, event.ValueHeapLive),
	"go_memstats_sys_bytes":                of(golang, event.ValueRuntimeSys),
	"go_memory_classes_total_bytes":        of(golang, event.ValueRuntimeSys),
	"go_memstats_stack_inuse_bytes":        of(golang, event.ValueStacks),
	"go_memory_classes_heap_stacks_bytes":  of(golang, event.ValueStacks),
	"go_memstats_last_gc_time_seconds":     of(golang, event.ValueLastGC),
	"go_gc_duration_seconds_count":         of(golang, event.ValueGCs),
	"go_gc_cycles_total_gc_cycles_total":   of(golang, event.ValueGCs),
	"go_goroutines":                        of(golang, event.ValueGoroutines),
	"go_sched_goroutines_goroutines":       of(golang, event.ValueGoroutines),
	"go_goroutine_count":                   of(golang, event.ValueGoroutines),
	"go_threads":                           of(golang, event.ValueThreads),
	"go_gc_gogc_percent":                   {runtime: golang, states: event.FlagName},
	"go_config_gogc_percent":               {runtime: golang, states: event.FlagName},
	"go_gc_gomemlimit_bytes":               {runtime: golang, states: event.SoftLimit},
	"go_memory_limit_bytes":                {runtime: golang, states: event.SoftLimit},
	"go_info":                              {runtime: golang, states: event.VersionName},

	// client_java 0.x and 1.x, micrometer, OpenTelemetry.
	"jvm_memory_used_bytes":                 jvmUsed,
	"jvm_memory_bytes_used":                 jvmUsed,
	"jvm_memory_committed_bytes":            jvmCommitted,
	"jvm_memory_bytes_committed":            jvmCommitted,
	"jvm_memory_max_bytes":                  jvmMax,
	"jvm_memory_bytes_max":                  jvmMax,
	"jvm_memory_limit_bytes":                jvmMax,
	"jvm_memory_pool_used_bytes":            jvmOld,
	"jvm_memory_pool_bytes_used":            jvmOld,
	"jvm_memory_pool_collection_used_bytes": jvmOldLive,
	"jvm_memory_used_after_last_gc_bytes":   {value: event.ValueHeapLive, runtime: jvm, sum: true, when: area("heap")},
	"jvm_gc_live_data_size_bytes":           of(jvm, event.ValueHeapLive),
	"jvm_buffer_memory_used_bytes":          jvmDirect,
	"jvm_buffer_pool_used_bytes":            jvmDirect,
	"jvm_threads_live_threads":              of(jvm, event.ValueThreads),
	"jvm_threads_current":                   of(jvm, event.ValueThreads),
	"jvm_gc_collection_seconds_count":       jvmGCs,
	"jvm_gc_pause_seconds_count":            jvmGCs,
	"jvm_info":                              {runtime: jvm, states: event.VersionName},

	// prom-client of Node.js, lib/metrics.
	"nodejs_heap_size_used_bytes":       of(v8, event.ValueHeapAlloc),
	"nodejs_heap_size_total_bytes":      of(v8, event.ValueHeapSys),
	"nodejs_external_memory_bytes":      of(v8, event.ValueDirect),
	"nodejs_heap_space_size_used_bytes": {value: event.ValueOldGen, runtime: v8, when: inSpace("old")},
	"nodejs_gc_duration_seconds_count":  nodeGCs,
	"nodejs_version_info":               {runtime: v8, states: event.VersionName},

	// cAdvisor metrics/prometheus.go. Its "rss" is the anonymous memory of the group.
	"container_memory_rss":                            of("", event.ValueAnon),
	"container_memory_working_set_bytes":              of("", event.ValueWorkingSet),
	"container_memory_usage_bytes":                    of("", event.ValueUsage),
	"container_memory_max_usage_bytes":                of("", event.ValuePeakUsage),
	"container_memory_cache":                          of("", event.ValueFile),
	"container_memory_swap":                           of("", event.ValueSwap),
	"container_memory_kernel_usage":                   of("", event.ValueKernel),
	"container_oom_events_total":                      of("", event.ValueOOMKills),
	"container_threads":                               of("", event.ValueThreads),
	"container_start_time_seconds":                    of("", event.ValueStarted),
	"container_spec_memory_limit_bytes":               boxLimit,
	"kube_pod_container_resource_limits":              kubeLimit,
	"kube_pod_container_resource_limits_memory_bytes": boxLimit,
	"kube_pod_container_status_restarts_total":        of("", event.ValueRestarts),

	// node_exporter collector/meminfo.go.
	"node_memory_MemTotal_bytes":     of("", event.ValueTotal),
	"node_memory_MemAvailable_bytes": of("", event.ValueAvailable),
	"node_memory_SwapFree_bytes":     of("", event.ValueSwapFree),
}

// add puts a value into a sample, if the metric counts with these labels.
func (m *metric) add(s *event.Sample, ls *labels, v float64) {
	for ; m != nil; m = m.also {
		if m.runtime != "" {
			s.Runtime = m.runtime
		}
		if m.value == "" || m.when != nil && !m.when(ls) || !(v >= 0) || math.IsInf(v, 0) || m.states == event.MemoryLimit && !bounded(v) {
			continue
		}
		m.put(s, v)
	}
}

// put adds a value to the one of the same name, or appends it.
func (m *metric) put(s *event.Sample, v float64) {
	for i := range s.Values {
		if s.Values[i].Name == m.value {
			if m.sum {
				s.Values[i].V += v
			}
			return
		}
	}
	s.Values = append(s.Values, event.Value{Name: m.value, V: v})
}

// merge adds the values of another sample of the metric.
func (m *metric) merge(into, from *event.Sample) {
	for _, v := range from.Values {
		for x := m; x != nil; x = x.also {
			if x.value == v.Name {
				x.put(into, v.V)
			}
		}
	}
}

// bounded reports whether a limit is one: 0 and -1 stand for none, and so do cgroup's largest numbers.
func bounded(v float64) bool { return v > 0 && v < 1<<60 }

// setting returns what a metric states beside its value, or nil.
func (m *metric) setting(ls *labels, v float64) *event.Setting {
	if m.when != nil && !m.when(ls) {
		return nil
	}
	switch m.states {
	case event.FlagName:
		return &event.Setting{Runtime: m.runtime, Name: m.states, Text: "GOGC=" + strconv.FormatFloat(v, 'f', -1, 64)}
	case event.SoftLimit, event.MemoryLimit:
		if !bounded(v) {
			return nil
		}
		return &event.Setting{Runtime: m.runtime, Name: m.states, Text: strconv.FormatFloat(v, 'f', -1, 64), Size: unit.Known(unit.Bytes(v))}
	case event.VersionName:
		version := string(ls.get("version", "runtime"))
		if version == "" {
			return nil
		}
		return &event.Setting{Runtime: m.runtime, Name: m.states, Text: version}
	case event.MaxHeap, event.InitialHeap, event.RegionSize, event.MaxMetaspace, event.MaxClassSpace, event.MaxDirect, event.CollectorName:
	}
	return nil
}

// names makes streams of labels and keeps one of each.
type names struct {
	streams map[event.Stream]*event.Stream
}

func newNames() *names { return &names{streams: map[event.Stream]*event.Stream{}} }

// stream returns the writer that labels name: a container, or what was scraped. Without any it is the writer of the line.
func (n *names) stream(outer *event.Stream, ls *labels) *event.Stream {
	if len(ls.list) == 0 {
		return outer
	}
	var s event.Stream
	s.Namespace = string(ls.get("namespace", "kubernetes_namespace", "exported_namespace"))
	s.Pod = string(ls.get("pod", "pod_name", "kubernetes_pod_name", "exported_pod"))
	s.Container = string(ls.get("container", "container_name", "exported_container"))
	s.PodUID = string(ls.get("uid"))
	if id := string(ls.get("id")); strings.HasPrefix(id, "/") {
		s.ContainerID, s.PodUID = containerID(id), podUID(id)
		if s.Container == "" && s.Pod == "" {
			s.Container = string(ls.get("name"))
		}
	}
	if (s == event.Stream{}) || s.Pod == "" && s.Container == "" && s.ContainerID == "" {
		s.Host, s.Unit = string(ls.get("instance")), string(ls.get("job"))
	}
	if (s == event.Stream{}) {
		return outer
	}
	if known, ok := n.streams[s]; ok {
		return known
	}
	if len(n.streams) >= maxStreams {
		clear(n.streams)
	}
	n.streams[s] = &s
	return &s
}

// aggregate reports whether a series of cAdvisor is of more than one container, or of the sandbox of a pod: those have an id
// and no name, or the name POD.
func (n *names) aggregate(ls *labels) bool {
	id := ls.get("id")
	if len(id) == 0 || id[0] != '/' {
		return string(ls.get("container", "container_name")) == "POD"
	}
	c := ls.get("container", "container_name", "name")
	return len(c) == 0 || string(c) == "POD"
}

// containerID returns the last 64 hexadecimal digits of a cgroup path.
func containerID(path string) string {
	last := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".scope")
	id := last[strings.LastIndexAny(last, "-:")+1:]
	if len(id) == 64 && strings.Trim(id, "0123456789abcdef") == "" {
		return id
	}
	return ""
}

// podUID returns the UID of the pod that a cgroup path names.
func podUID(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		at := strings.LastIndex(part, "pod")
		if at < 0 {
			continue
		}
		uid := strings.ReplaceAll(strings.TrimSuffix(part[at+len("pod"):], ".slice"), "_", "-")
		if (len(uid) == 36 || len(uid) == 32) && strings.Trim(uid, "0123456789abcdef-") == "" {
			return uid
		}
	}
	return ""
}
