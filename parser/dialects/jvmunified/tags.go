package jvmunified

import (
	"bytes"
	"strings"
)

// firstTags are the words that a tag set of HotSpot begins with: those of src/hotspot/share/logging/logTag.hpp, JDK
// 9 to 28, that the sources use in the first place.
var firstTags = words(`aot arguments attach barrier biasedlocking blocks breakpoint bytecode cds class codecache
	compilation constantpool container continuations cpu cracr crac datacreation deoptimization downcall ergo event
	exceptions execution fasttrap finalizer foreign gc handshake heapdump heapsampling hotswap iklass indy init
	inlining interpreter itables jfr jit jni jvmci jvmti lambda library link loader logging malloc membername memops
	metaspace methodhandles module monitorinflation monitormismatch native nestmates nmethod nmt numa objecttagging
	oopmap oopstorage os pagesize perf placeholders preview protectiondomain record redefine reflect resolve safepoint
	sealed semaphore setting smr stackbarrier stackmap stackwalk startuptime stringdedup stringtable stub subclass
	symboltable synchronization system table thread time timer tlab tracking training trimnative upcall
	valuebasedclasses verification vmmutex vmoperation vmthread vtables vtablestubs warning witnesses`)

// idle are the tags whose messages never say anything about the size of the heap. They are most of a log.
var idle = words(`age alloc barrier classhisto codecache cset director freelist free humongous ihop liveness load mark
	marking mmu nmethod numa patch plab refine region reloc remset safepoint stats stringdedup stringtable sweep
	task thread tlab tracking verify vmthread start exit`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// knownTag reports whether the first word of a tag set is one of HotSpot's.
func knownTag(tags []byte) bool {
	first, _, _ := bytes.Cut(tags, []byte{','})
	return firstTags[string(first)]
}

// topic is what the messages of a tag set can be about.
type topic uint8

const (
	other     topic = iota // claimed, and nothing to read
	untagged               // no tags: the message itself must say what it is
	gcLine                 // the collections
	metaOOM                // the block about metaspace that could not be allocated
	osLine                 // threads, containers
	arguments              // the command line
)

// maxTags bounds the memory for tag sets.
const maxTags = 512

// tagInfo is what is known about a tag set.
type tagInfo struct {
	topic topic
	known bool // its first word is one of HotSpot's
	many  bool // it has several words
}

// info returns what is known about a tag set. Most lines have one that was seen before.
func (d *decoder) info(tags []byte) tagInfo {
	if tags == nil {
		return tagInfo{topic: untagged}
	}
	if t, ok := d.tags[string(tags)]; ok {
		return t
	}
	t := tagInfo{newTopic(string(tags)), knownTag(tags), bytes.IndexByte(tags, ',') > 0}
	if len(d.tags) < maxTags {
		d.tags[string(tags)] = t
	}
	return t
}

// evident reports whether the decorations alone prove that the JVM wrote the line: tags that it knows beside
// something else, or any tags where clock and level stand as it writes them.
func (d *decorations) evident(tags tagInfo) bool {
	if d.tags == nil {
		return false
	}
	return d.stamped && d.level != nil || tags.known && (tags.many || d.n > 1)
}

func newTopic(tags string) topic {
	list := strings.Split(tags, ",")
	switch {
	case tags == "":
		return untagged
	case list[0] == "arguments":
		return arguments
	case list[0] == "os" && tags != "os":
		return osLine
	case list[len(list)-1] == "oom":
		return metaOOM
	case list[0] != "gc":
		return other
	case tags == "gc,start":
		return gcLine
	}
	for _, tag := range list[1:] {
		if idle[tag] {
			return other
		}
	}
	return gcLine
}
