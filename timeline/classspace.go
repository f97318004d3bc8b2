package timeline

import "oomtrace/parser/event"

// followClassSpace puts the class space in the place of all class metadata, in the runs of a JVM that died of a full class space
// and whose log shows it apart. What counts there is what is committed: a class loader has chunks of its own, and how full they
// are helps no other one.
func (t *Timeline) followClassSpace() {
	oom, ok := t.Death.Event.(*event.RuntimeOOM)
	if !ok || oom.Kind != event.OOMClassSpace {
		return
	}
	for _, r := range t.Runs {
		if r.Runtime == jvm && r.showsClassSpace() {
			r.ClassSpace = true
			for i := range r.Cycles.Len() {
				c := r.Cycles.At(i)
				c.Beside = c.Extra
			}
		}
	}
}

func (r *Run) showsClassSpace() bool {
	for i := range r.Cycles.Len() {
		if r.Cycles.At(i).Extra > 0 {
			return true
		}
	}
	return false
}
