// Package browsertest opens the HTML reports of all bundled incidents in a real browser. It is a module of its own, so that
// the program does not depend on what drives the browser. It needs Debian's chromium, and axe-core from npm:
//
//	npm ci && go test ./...
//
// The tests are skipped where either is missing, unless BROWSER=required.
package browsertest
