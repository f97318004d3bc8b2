package event

import "cmp"

// engineTitles are the names of engines in sentences, where they differ from those in JSON.
var engineTitles = map[Engine]string{
	Kubernetes: "Kubernetes", ECS: "ECS", Nomad: "Nomad", CloudRun: "Cloud Run", AppEngine: "App Engine", Lambda: "Lambda", Heroku: "Heroku",
	Slurm: "Slurm", YARN: "YARN",
}

// Title returns the name of the engine for a sentence.
func (e Engine) Title() string { return cmp.Or(engineTitles[e], string(e), "the engine") }
