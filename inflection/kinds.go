package inflection

// The verdict kinds.
const (
	Leak              Kind = "leak"
	Step              Kind = "step"
	Spike             Kind = "spike"
	UndersizedLimit   Kind = "undersized-limit"
	GoalOvershoot     Kind = "goal-overshoot"
	Thrash            Kind = "thrash"
	OffHeap           Kind = "off-heap"
	Healthy           Kind = "healthy"
	Neighbour         Kind = "neighbour"
	ParentLimit       Kind = "parent-limit"
	NodePressure      Kind = "node-pressure"
	SharedMemory      Kind = "shared-memory"
	PageCache         Kind = "page-cache"
	KernelMemory      Kind = "kernel-memory"
	LimitLowered      Kind = "limit-lowered"
	CrashLoop         Kind = "crash-loop"
	AddressSpace      Kind = "address-space"
	ThreadLimit       Kind = "thread-limit"
	StackOverflow     Kind = "stack-overflow"
	KilledFromOutside Kind = "killed-from-outside"
	NotAnOOM          Kind = "not-an-oom"
	Undetermined      Kind = "undetermined"
)
