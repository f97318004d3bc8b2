package kernel

import (
	"bytes"
)

// header reads "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0".
func (d *decoder) header(r *record, at int) bool {
	tail := r.Text[at+len("oom-killer: "):]
	before, invoked := bytes.CutSuffix(r.Text[:at], []byte(" invoked "))
	if !bytes.HasPrefix(tail, []byte("gfp_mask=")) || !invoked && at > 0 {
		return false
	}
	rep := d.begin(r)
	rep.headed = true
	k := &rep.kill
	if invoked {
		k.Trigger.Name, rep.quoted = triggerName(before)
	}
	tree, err := d.caches.header.Parse(regular(tail))
	if err != nil {
		r.problem("the header of an out-of-memory report is cut or broken")
		return true
	}
	k.GFP = tree.Mask
	if tree.Order != nil {
		k.Order = tree.Order.int()
	}
	for _, a := range tree.Adjust {
		if a.Name == "oom_score_adj" {
			k.Trigger.ScoreAdj = a.Value.int()
		}
	}
	return true
}

// maxComm is the length of the longest name of a task (TASK_COMM_LEN without the NUL).
const maxComm = 15

// triggerName cuts the name of the task from what stands before " invoked". Where more stands there than a name
// can hold, some envelope was not taken off: the name is what follows the last mark that envelopes end with.
func triggerName(before []byte) (name string, quoted bool) {
	at := -1
	for _, mark := range []string{"kernel: ", "] ", ": "} {
		if i := bytes.LastIndex(before, []byte(mark)); len(before)-at-1 > maxComm && i >= 0 {
			at = i + len(mark) - 1
		}
	}
	if len(before)-at-1 > maxComm {
		at = bytes.LastIndexByte(before, ' ')
	}
	rest := before[at+1:]
	return clip(bytes.TrimSpace(rest)), at >= 0
}

// cpu reads "CPU: 0 UID: 0 PID: 161 Comm: java Not tainted 6.12.107+deb13-cloud-amd64 #1".
func (d *decoder) cpu(rep *report, r *record) bool {
	if rep.section != inTrace {
		return false
	}
	at := max(index(r.Text, "PID: "), index(r.Text, "Pid: "))
	end := max(index(r.Text, "Comm: "), index(r.Text, "comm: "))
	if at < 0 || end < at || end > at+100 {
		return false
	}
	tree, err := d.caches.cpu.Parse(r.Text[at : end+len("comm:")])
	if err != nil {
		return false
	}
	k := &rep.kill
	if k.Trigger.PID != 0 {
		return true
	}
	k.Trigger.PID = int(tree.PID.Int())
	comm, build := cutBuild(r.Text[end+len("comm: "):])
	if comm = bytes.TrimSpace(comm); len(comm) > 0 && len(comm) <= maxComm {
		k.Trigger.Name = string(comm)
	}
	k.Kernel = release(build)
	return true
}

// cutBuild cuts the rest of a CPU line where the name of the task ends.
func cutBuild(text []byte) (comm, build []byte) {
	end := -1
	for _, mark := range []string{" Not tainted ", " Tainted: ", " Kdump: "} {
		if i := bytes.LastIndex(text, []byte(mark)); i >= 0 && (end < 0 || i < end) {
			end = i
		}
	}
	if end < 0 {
		return nil, nil
	}
	return text[:end], text[end:]
}

// release finds the kernel release, the word before the number of the build: "6.12.107+deb13-cloud-amd64 #1".
func release(build []byte) string {
	if i := index(build, " #"); i >= 0 {
		build = build[:i]
	}
	build = bytes.TrimSpace(build)
	last := build[bytes.LastIndexByte(build, ' ')+1:]
	if len(last) == 0 || last[0]-'0' > 9 {
		return ""
	}
	return clip(last)
}

// cpuset reads "java cpuset=docker-… mems_allowed=0", which kernels before 5.0 print after the header.
func (d *decoder) cpuset(rep *report, r *record) bool {
	if rep.section != inTrace {
		return false
	}
	at, end := index(r.Text, "cpuset="), index(r.Text, " mems_allowed=")
	if at < 0 || end < at {
		return false
	}
	rep.container = ContainerID(clip(r.Text[at+len("cpuset=") : end]))
	return true
}

// suppress reads "oom_kill_process: 70 callbacks suppressed": so many reports are missing before the next one.
func (d *decoder) suppress(r *record, at int) bool {
	tree, err := d.caches.suppressed.Parse(bytes.TrimSpace(regular(r.Text[at:])))
	if err != nil {
		return false
	}
	d.suppressed = min(d.suppressed+tree.Count.Int(), 1<<40)
	return true
}
