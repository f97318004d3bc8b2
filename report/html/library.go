package html

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:generate npm --prefix assets ci --no-audit --no-fund
//go:generate npm --prefix assets run build

//go:embed assets/LICENSES
var licenceFiles embed.FS

//go:embed assets/echarts.min.js.gz
var packedLibrary []byte

// library returns the chart library as it goes into a page. The licence notices that its authors ask for stand at its head.
var library = sync.OnceValue(func() string {
	r, err := gzip.NewReader(bytes.NewReader(packedLibrary))
	if err != nil {
		panic("html: embedded chart library: " + err.Error())
	}
	script, err := io.ReadAll(r)
	if err != nil {
		panic("html: embedded chart library: " + err.Error())
	}
	return string(script)
})

// works are the bundled parts and their licence texts, in the order in which Licenses prints them.
var works = []struct{ name, licence, file string }{
	{"Apache ECharts 6.1.0", "Apache-2.0", "echarts-LICENSE"},
	{"Apache ECharts 6.1.0, notice", "Apache-2.0", "echarts-NOTICE"},
	{"zrender 6.1.0", "BSD-3-Clause", "zrender-LICENSE"},
	{"d3, parts in ECharts", "BSD-3-Clause", "d3-LICENSE"},
	{"tslib 2.3.0", "0BSD", "tslib-LICENSE"},
	{"golang.org/x/image and the Go fonts, which draw the PNG", "BSD-3-Clause", "go-LICENSE"},
}

// Licenses returns the licence texts of the code that a report carries, each under its name.
func Licenses() string {
	var b strings.Builder
	for _, w := range works {
		text, err := licenceFiles.ReadFile("assets/LICENSES/" + w.file)
		if err != nil {
			panic("html: " + err.Error())
		}
		fmt.Fprintf(&b, "%s (%s)\n\n%s\n", w.name, w.licence, text)
	}
	return b.String()
}
