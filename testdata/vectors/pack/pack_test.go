package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/normgen/normgen/testdata/vectors"
)

// 1.5 and 0.25 as little-endian float32, 0.1 as float64.
const (
	autogradJSON = `{"name":"batch_norm_0","op":"batch_norm","fill":"randn",
"attributes":{"eps":0.5,"momentum":null,"training":%TRAINING%,"affine":"wb","steps":1},
"inputs":[{"name":"x","dtype":"float32","dims":[1,1],"b64":"AADAPw=="},
 {"name":"w","dtype":"float32","dims":[1],"b64":"AACAPg=="},
 {"name":"running_mean","dtype":"float32","dims":[1],"b64":"AACAPg=="}],
"outputs":[{"name":"dw","dtype":"float64","dims":[1],"b64":"mpmZmZmZuT8="}]}`
	zooJSON = `{"format":"norm-golden/1","id":"a","op":"layernorm","class":"randn","attrs":{"eps":1e-5},
"inputs":{"x":{"shape":[1],"dtype":"f64","data":[%X%]},"gamma":{"shape":[1],"dtype":"f64","data":[2]}},
"expected":{"y":{"shape":[1],"dtype":"f64","data":[0.1]}},"err":{"torch32":{"y":null,"dx":0.5}}}`
)

func write(t *testing.T, x, training string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"zoo/a.json":      strings.ReplaceAll(zooJSON, "%X%", x),
		"autograd/b.json": strings.ReplaceAll(autogradJSON, "%TRAINING%", training),
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestReadSuites(t *testing.T) {
	cs, err := readSuites(write(t, "1.5", "true"))
	if err != nil {
		t.Fatal(err)
	}
	if len(cs) != 2 {
		t.Fatalf("%d cases", len(cs))
	}
	a, z := cs[0], cs[1]
	if a.Op != "batchnorm" || a.Steps[0].In["x"].Data[0] != 1.5 || a.Params["gamma"].Data[0] != 0.25 ||
		a.State["running_mean"].Data[0] != 0.25 || a.Steps[0].Want["dgamma"].Data[0] != 0.1 {
		t.Errorf("autograd: %+v", a)
	}
	if m, ok := a.Attrs["momentum"]; m != nil || !ok {
		t.Errorf("momentum is %v", m)
	}
	if z.Params["gamma"].Data[0] != 2 || z.Steps[0].Want["y"].Data[0] != 0.1 || z.Err32["y"] < 1e300 || z.Err32["dx"] != 0.5 {
		t.Errorf("zoo: %+v", z)
	}
}

func TestInferenceHasNoSteps(t *testing.T) {
	cs, err := readSuites(write(t, "1.5", "false"))
	if err != nil {
		t.Fatal(err)
	}
	if cs[0].Steps != nil || cs[0].Eval == nil {
		t.Errorf("%+v", cs[0])
	}
}

func TestRefusesWideInput(t *testing.T) {
	if _, err := readSuites(write(t, "0.1", "true")); err == nil {
		t.Error("an input that is not a float32 was accepted")
	}
}

func TestPackedIsWhatEncodeWrites(t *testing.T) {
	cs, err := readSuites(write(t, "1.5", "true"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := vectors.Encode(cs)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := vectors.Decode(b); err != nil || len(again) != 2 {
		t.Errorf("%d cases, %v", len(again), err)
	}
}

// A list of cases has them as they are packed.
func TestReadCases(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cases.json")
	for x, ok := range map[string]bool{"1.5": true, "0.1": false} {
		text := `[{"Suite":"onnx","ID":"a","Op":"l2norm","Attrs":{"eps":0},"State":null,"Eval":null,
"Steps":[{"In":{"x":{"Shape":[1],"Data":[` + x + `]}},"Want":{"y":{"Shape":[1],"Data":[0.1]}}}]}]`
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		cs, err := readCases(path)
		if (err == nil) != ok {
			t.Errorf("x = %s: %v", x, err)
		}
		if ok && (len(cs) != 1 || cs[0].Op != "l2norm" || cs[0].Float("eps") != 0 || cs[0].Steps[0].Want["y"].Data[0] != 0.1) {
			t.Errorf("%+v", cs)
		}
	}
}
