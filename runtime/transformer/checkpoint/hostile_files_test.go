package checkpoint

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// file is a header of its true length, and data.
func file(header, data string) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), data...)
}

// length is a file that states a length of its header.
func length(n uint64, rest string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, n), rest...)
}

const eight = "\x00\x00\x80\x3f\x00\x00\x00\x40" // 1 and 2

// w is a header with a tensor w that is as it should be, and more.
func w(more string) string {
	return `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}` + more + `}`
}

// tensor is a header with w alone, of which one field is replaced.
func tensor(field, value string) []byte {
	fields := map[string]string{"dtype": `"F32"`, "shape": "[2]", "data_offsets": "[0,8]"}
	fields[field] = value
	return file(fmt.Sprintf(`{"w":{"dtype":%s,"shape":%s,"data_offsets":%s}}`, fields["dtype"], fields["shape"], fields["data_offsets"]), eight)
}

// own is a header as Save writes it, but for some entries of the metadata.
func own(entries string) []byte {
	return file(w(`,"__metadata__":{`+entries+`}`), eight)
}

const (
	formatEntry = `"format":"normgen.1"`
	digestEntry = `"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`
)

// hostile lists files of all kinds that are refused, and a part of the error.
// Those of the first list are no safetensors files that could be read.
var hostile = []struct {
	name string
	data []byte
	want string
}{
	{"empty", nil, "the file has 0 bytes"},
	{"no length", []byte("\x08\x00\x00\x00\x00\x00\x00"), "the file has 7 bytes"},
	{"no header", length(0, ""), "the header is not a JSON object"},
	{"length 2^64-1", length(1<<64-1, "{}"), "a header of 18446744073709551615 bytes"},
	{"length that wraps", length(1<<64-8, "{}"), "a header of 18446744073709551608 bytes"},
	{"length 2^63", length(1<<63, "{}"), "at most 1048576 are read"},
	{"length above the limit", length(maxHeader+1, strings.Repeat(" ", maxHeader+1)), "at most 1048576 are read"},
	{"length above the file", length(3, "{}"), "a header of 3 bytes, of which the file has 2"},
	{"length of the limit, no file", length(maxHeader, "{}"), "of which the file has 2"},

	{"no JSON", file("<xml/>", ""), "not a JSON object"},
	{"an array", file("[]", ""), "not a JSON object"},
	{"null", file("null", ""), "not a JSON object"},
	{"space in front", file(" "+w(""), eight), "not a JSON object"},
	{"cut JSON", file(w("")[:30], eight), "unexpected EOF"},
	{"no end", file(`{"w":`, ""), "EOF"},
	{"no comma", file(`{"w":{} "v":{}}`, ""), "the header:"},
	{"two values", file(w("")+"{}", eight), "the header:"},
	{"NUL as padding", file(w("")+"\x00", eight), "the header:"},
	{"not UTF-8", file("{\"w\xff\":{}}", ""), "not UTF-8"},
	{"a lone surrogate", file(`{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\ufffd":{}}`, eight), "comes twice"},
	{"deep arrays", file(strings.Repeat("[", 1<<19), ""), "not a JSON object"},
	{"deep objects", file(strings.Repeat(`{"a":`, 1<<17), ""), `tensor "a"`},
	{"deep shape", tensor("shape", strings.Repeat("[", 1<<19)), `tensor "w"`},
	{"deep metadata", file(`{"__metadata__":`+strings.Repeat(`{"a":`, 1<<17), ""), `tensor "__metadata__"`},

	{"name twice", file(w(`,"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), eight), `the name "w" comes twice`},
	{"name twice, escaped", file(w(`,"\u0077":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), eight), `the name "w" comes twice`},
	{"field twice", file(`{"w":{"dtype":"I64","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, eight), `tensor "w": the name "dtype" comes twice`},
	{"metadata twice", file(w(`,"__metadata__":{},"__metadata__":{}`), eight), `"__metadata__" comes twice`},
	{"entry twice", file(w(`,"__metadata__":{"a":"","a":""}`), eight), `the name "a" comes twice`},
	{"entry is a number", file(w(`,"__metadata__":{"a":1}`), eight), "where a string or an array"},
	{"entry is an array", file(w(`,"__metadata__":{"a":[1]}`), eight), "expected string type"},
	{"metadata is a string", file(w(`,"__metadata__":"a"`), eight), `where an object belongs`},
	{"no name", file(w(`,"":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`), eight), "a name of 0 bytes"},
	{"long name", file(w(`,"`+strings.Repeat("n", maxName+1)+`":{}`), eight), "a name of 1025 bytes"},
	{"name of a megabyte", file(`{"`+strings.Repeat("n", maxHeader-10)+`":{}}`, ""), "a name of 1048566 bytes"},

	{"tensor is null", file(`{"w":null}`, ""), `tensor "w": "<nil>" where an object belongs`},
	{"tensor is a string", file(`{"w":"F32"}`, ""), `where an object belongs`},
	{"tensor is an array", file(`{"w":[]}`, ""), `where an object belongs`},
	{"no fields", file(`{"w":{}}`, ""), `tensor "w": invalid keys`},
	{"no type", file(`{"w":{"shape":[2],"data_offsets":[0,8]}}`, eight), `tensor "w"`},
	{"no shape", file(`{"w":{"dtype":"F32","data_offsets":[0,8]}}`, eight), `tensor "w"`},
	{"no offsets", file(`{"w":{"dtype":"F32","shape":[2]}}`, eight), `tensor "w"`},
	{"another field", file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"stride":[1]}}`, eight), `tensor "w"`},
	{"field of another case", file(`{"w":{"Dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, eight), `tensor "w"`},

	{"unknown type", tensor("dtype", `"F8_E4M3"`), `tensor "w": invalid DType`},
	{"type of another case", tensor("dtype", `"f32"`), `tensor "w": invalid DType`},
	{"type of a megabyte", tensor("dtype", `"`+strings.Repeat("F", 1<<20-100)+`"`), `tensor "w": invalid DType`},
	{"type is a number", tensor("dtype", "4"), `tensor "w": "4" where a string`},
	{"type is null", tensor("dtype", "null"), `tensor "w"`},
	{"type too wide", tensor("dtype", `"F64"`), `tensor "w": it has 8 bytes; 2 elements of F64 have 16`},

	{"shape is a string", tensor("shape", `"2"`), `tensor "w"`},
	{"shape is a number", tensor("shape", "2"), `tensor "w"`},
	{"shape is null", tensor("shape", "null"), `tensor "w"`},
	{"shape of strings", tensor("shape", `["2"]`), `tensor "w": "2" where a number`},
	{"shape of shapes", tensor("shape", "[[2]]"), `tensor "w": "[" where a number`},
	{"negative dimension", tensor("shape", "[-2]"), `tensor "w"`},
	{"two negative dimensions", tensor("shape", "[-1,-2]"), `tensor "w"`},
	{"fraction", tensor("shape", "[2.5]"), `tensor "w"`},
	{"exponent", tensor("shape", "[2e0]"), `tensor "w"`},
	{"minus zero", tensor("shape", "[-0]"), `tensor "w"`},
	{"leading zero", tensor("shape", "[02]"), "the header:"},
	{"dimension 2^64", tensor("shape", "[18446744073709551616]"), `tensor "w"`},
	{"dimension 2^31", tensor("shape", "[2147483648]"), `tensor "w": a dimension of 2147483648`},
	{"a million digits", tensor("shape", "["+strings.Repeat("9", 1<<20-100)+"]"), `tensor "w": a number of 1048476 digits`},
	{"product wraps to 2", tensor("shape", "[2147483647,2147483647,2147483647]"), `tensor "w"`},
	{"product wraps to 0", tensor("shape", "[1073741824,1073741824,16]"), `tensor "w": shape`},
	{"2^41 elements", tensor("shape", "[2097152,1048576]"), `tensor "w": shape [2097152 1048576] has more than 1099511627776 elements`},
	{"9 dimensions", tensor("shape", "[2,1,1,1,1,1,1,1,1]"), `tensor "w": an array of more than 8 numbers`},
	{"500,000 dimensions", tensor("shape", "[1"+strings.Repeat(",1", 500000)+"]"), `tensor "w": an array of more than 8 numbers`},
	{"too few elements", tensor("shape", "[1]"), `tensor "w": it has 8 bytes; 1 elements of F32 have 4`},
	{"too many elements", tensor("shape", "[3]"), `tensor "w": it has 8 bytes; 3 elements of F32 have 12`},
	{"0 elements", tensor("shape", "[2,0]"), `tensor "w": it has 8 bytes; 0 elements`},

	{"one offset", tensor("data_offsets", "[8]"), `tensor "w"`},
	{"three offsets", tensor("data_offsets", "[0,8,8]"), `tensor "w"`},
	{"negative offset", tensor("data_offsets", "[-8,0]"), `tensor "w"`},
	{"offsets reversed", tensor("data_offsets", "[8,0]"), `tensor "w": its data is from byte 8 to 0`},
	{"offsets that wrap", tensor("data_offsets", "[18446744073709551612,4]"), `tensor "w": its data is from byte`},
	{"data above the file", tensor("data_offsets", "[8,16]"), `tensor "w": its data is from byte 8, where`},
	{"gap in front", file(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, eight), `tensor "w": its data is from byte 4`},
	{"overlap", file(w(`,"v":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), eight), `tensor "v": its data is from byte 4, where the tensor before it ends at 8`},
	{"same data", file(w(`,"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), eight), `tensor "w": its data is from byte 0`},
	{"gap", file(w(`,"v":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}`), eight+eight), `tensor "v": its data is from byte 12`},
	{"cut data", file(w(""), eight[:7]), "the tensors have 8 bytes and the file 7"},
	{"no data", file(w(""), ""), "the tensors have 8 bytes and the file 0"},
	{"data behind", file(w(""), eight+"\x00"), "the tensors have 8 bytes and the file 9"},
	{"data of nothing", file("{}", eight), "the tensors have 0 bytes and the file 8"},
}

// unfit are safetensors files that are not those that are wanted: w, of two float32
// numbers.
var unfit = []struct {
	name string
	data []byte
	want string
}{
	{"nothing", file("{}", ""), `tensor "w" is missing`},
	{"another name", file(strings.Replace(w(""), `"w"`, `"W"`, 1), eight), `tensor "w" is missing`},
	{"one more", file(w(`,"v":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`), eight), `tensor "v" is not known here`},
	{"another shape", file(strings.Replace(w(""), "[2]", "[1,1,2,1,2,0]", 1), ""), "it has 8 bytes"},
	{"two dimensions", file(`{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}`, eight+eight), `tensor "w" has shape [2 2]`},
	{"integers", tensor("dtype", `"I32"`), `tensor "w"`},
	{"truth values", file(`{"w":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, "\x00\x01"), `tensor "w"`},
	{"12,000 tensors", many(12000), "is not known here"},
}

// many is a valid file of n tensors and w, which fill the header.
func many(n int) []byte {
	var more strings.Builder
	for i := range n {
		fmt.Fprintf(&more, `,"v%d":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}`, i)
	}
	return file(w(more.String()), eight)
}

// notOurs are safetensors files that Save has not written.
var notOurs = []struct {
	name string
	data []byte
	want string
}{
	{"no metadata", file(w(""), eight), `the format is ""`},
	{"PyTorch's", own(`"format":"pt"`), `the format is "pt"`},
	{"version 2", own(`"format":"normgen.2",` + digestEntry), `the format is "normgen.2": checkpoints of normgen have "normgen.1"`},
	{"no digest", own(formatEntry), "no digest of 64 digits"},
	{"short digest", own(formatEntry + `,"sha256":"aa"`), "no digest of 64 digits"},
	{"wrong digest", own(formatEntry + "," + digestEntry), "it is damaged"},
	{"blank digest", own(formatEntry + `,"sha256":"` + blank + `"`), "it is damaged"},
	{"digest twice", own(formatEntry + "," + digestEntry + `,"note.n":"` + strings.Repeat("a", 64) + `"`), "the digest is not in one place"},
	{"escaped digest", own(formatEntry + `,"sha256":"\u0061` + strings.Repeat("a", 63) + `"`), "the digest is not in one place"},
	{"negative counter", own(formatEntry + "," + digestEntry + `,"counter.step":"-1"`), `counter "step" is "-1"`},
	{"counter 2^64", own(formatEntry + "," + digestEntry + `,"counter.step":"18446744073709551616"`), `counter "step" is "18446744073709551616"`},
	{"fraction", own(formatEntry + "," + digestEntry + `,"counter.step":"1.0"`), `counter "step" is "1.0"`},
	{"no number", own(formatEntry + "," + digestEntry + `,"counter.step":""`), `counter "step" is ""`},
	{"hexadecimal", own(formatEntry + "," + digestEntry + `,"counter.step":"0x1"`), `counter "step" is "0x1"`},
	{"unknown entry", own(formatEntry + "," + digestEntry + `,"code":"rm"`), `an entry "code"`},
}
