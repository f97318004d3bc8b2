package cli

import (
	"fmt"
	"io"

	"oomtrace/report"
	"oomtrace/report/csv"
	"oomtrace/report/html"
	"oomtrace/report/json"
	"oomtrace/report/markdown"
	"oomtrace/report/picture"
)

// render writes the model in a format of formatsByExtension.
func render(w io.Writer, format string, m *report.Model, static bool) error {
	switch format {
	case "html":
		return html.Write(w, m, html.Options{Static: static})
	case "json":
		return json.Write(w, m)
	case "markdown":
		return markdown.Write(w, m)
	case "csv":
		return csv.Write(w, m)
	case "png":
		return picture.PNG(w, m)
	case "svg":
		if _, err := io.WriteString(w, html.Marker+"\n"); err != nil {
			return err
		}
		return picture.SVG(w, m, picture.Options{Alone: true})
	}
	return fmt.Errorf("no such format: %s", format)
}
