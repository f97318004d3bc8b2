package report_test

import (
	"reflect"
	"testing"
	"time"

	"oomtrace/report"
)

// walk reports every string in a value that Clean would change.
func walk(t *testing.T, path string, v any) {
	t.Helper()
	walkValue(t, path, reflect.ValueOf(v))
}

func walkValue(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.Type() != reflect.TypeFor[*time.Location]() && !v.IsNil() {
			walkValue(t, path, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walkValue(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkValue(t, path+"[]", v.Index(i))
		}
	case reflect.String:
		if s := v.String(); report.Clean(s) != s {
			t.Errorf("%s is %q", path, s)
		}
	default:
	}
}
