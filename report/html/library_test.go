package html

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestLibraryIsTheOneThatWasBuilt(t *testing.T) {
	recorded, err := os.ReadFile("assets/echarts.min.js.sha256")
	if err != nil {
		t.Fatal(err)
	}
	want, _, _ := strings.Cut(string(recorded), " ")
	sum := sha256.Sum256([]byte(library()))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("echarts.min.js.gz has sha256 %s, echarts.min.js.sha256 says %s: run go generate ./report/html", got, want)
	}
}

func TestLibraryIsSafeToInline(t *testing.T) {
	if bad := regexp.MustCompile(`(?i:</script|<!--)|\beval\(|\bFunction\(`).FindString(library()); bad != "" {
		t.Errorf("the chart library contains %q", bad)
	}
}

// The library loads nothing: the addresses in it are names of XML namespaces, or stand in the notices at its head.
func TestLibraryNamesNoAddress(t *testing.T) {
	_, code, ok := strings.Cut(library(), "*/")
	if !ok {
		t.Fatal("the chart library has no licence notice at its head")
	}
	for _, address := range regexp.MustCompile(`(?i)\b(?:https?|wss?|ftp)://[^"'\s]*`).FindAllString(code, -1) {
		if !strings.HasPrefix(address, "http://www.w3.org/") {
			t.Errorf("address in the chart library: %q", address)
		}
	}
}

func TestNoticesTravelWithTheLibrary(t *testing.T) {
	head, _, _ := strings.Cut(library(), "*/")
	for _, name := range []string{"echarts-NOTICE", "zrender-LICENSE", "d3-LICENSE"} {
		text, err := os.ReadFile("assets/LICENSES/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(head, strings.TrimSpace(string(text))) {
			t.Errorf("the head of the library lacks the text of %s", name)
		}
	}
}

func TestLicenses(t *testing.T) {
	got := Licenses()
	for _, want := range []string{
		"Apache License\n", "Copyright 2017-2026 The Apache Software Foundation",
		"Copyright (c) 2017, Baidu Inc.", "Copyright 2010-2016 Mike Bostock", "Copyright (c) Microsoft Corporation",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("Licenses() lacks %q", want)
		}
	}
}
