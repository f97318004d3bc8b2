// Package html writes the report as one HTML file that loads nothing: markup, styles, a drawn timeline that needs no
// script, and the chart library for those who want to zoom. Log text is hostile; see Write for how it is kept harmless.
package html
