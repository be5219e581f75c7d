package itemjson_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/crypto"
)

func TestItemsAreReadAsTheSDKReadsThem(t *testing.T) {
	const text = `{"s":{"S":"a\u00e9\ud83d\ude00\\u"}, "n":{"N":"-1.50e3"}, "b":{"B":"AAH/"}, "yes":{"BOOL":true}, "no":{"BOOL":false}, "null":{"NULL":true},
		"ss":{"SS":["b","a"]}, "ns":{"NS":["2","10"]}, "bs":{"BS":["AQ==",""]}, "l":{"L":[{"S":""},{"L":[]}]}, "m":{"M":{"":{"M":{}}}}, "":{"S":"x"}}`
	got, err := itemjson.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want, err := attributevalue.UnmarshalMapJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	written, err := itemjson.Append(nil, got)
	if err != nil {
		t.Fatal(err)
	}
	back, err := attributevalue.UnmarshalMapJSON(written)
	if err != nil || !reflect.DeepEqual(back, want) {
		t.Errorf("written, it is %s, %v", written, err)
	}
}

func TestWhatIsNoItemIsRefusedWithoutAWordOfIt(t *testing.T) {
	deep := strings.Repeat(`{"L":[`, 70) + strings.Repeat(`]}`, 70)
	for text, want := range map[string]string{
		``: "ends too early", `{`: "ends too early", `{"a":{"S":"canary"}`: "ends too early",
		`{"a":{"S":"can`: "ends too early",
		`canary`:         "not JSON", `{"a" "canary"}`: "not JSON", `{"a":{"S":"canary"}} x`: "unexpected text",
		`{"a":{"S":"canary"}}{}`: "unexpected text",
		`[]`:                     "not a JSON object", `"canary"`: "not a JSON object", `null`: "not a JSON object",
		`{"a":"canary"}`: `attribute "a": not an attribute value`, `{"a":{}}`: "not an attribute value",
		`{"a":{"S":"canary","N":"1"}}`:                   "not an attribute value",
		`{"a":{"S":"x"},"a":{"S":"canary"}}`:             `duplicate "a"`,
		`{"a":{"M":{"b":{"S":"x"},"b":{"S":"canary"}}}}`: `attribute "a": duplicate "b"`,
		`{"a":{"X":"canary"}}`:                           `unknown attribute type "X"`, `{"a":{"s":"canary"}}`: `unknown attribute type "s"`,
		`{"a":{"S":1}}`: "type S", `{"a":{"S":null}}`: "type S", `{"a":{"BOOL":"canary"}}`: "type BOOL",
		`{"a":{"NULL":false}}`: "must be true", `{"a":{"NULL":"canary"}}`: "type NULL",
		`{"a":{"N":"canary"}}`: "not a decimal number", `{"a":{"N":""}}`: "not a decimal number", `{"a":{"N":1}}`: "type N",
		`{"a":{"NS":["1","canary"]}}`: "not a decimal number",
		`{"a":{"B":"canary!"}}`:       "not base64", `{"a":{"B":"YR=="}}`: "not base64", `{"a":{"B":7}}`: "type B",
		`{"a":{"BS":["canary!"]}}`: "not base64",
		`{"a":{"SS":[]}}`:          "set is empty", `{"a":{"SS":["x",null]}}`: "type SS", `{"a":{"SS":"canary"}}`: "type SS",
		`{"a":{"L":{"S":"canary"}}}`: "type L", `{"a":{"L":["canary"]}}`: "not an attribute value",
		`{"a":{"M":"canary"}}`: "not a JSON object", `{"a":{"M":{"b":"canary"}}}`: "not an attribute value",
		`{"a":` + deep + `}`: "nested too deeply", "{\"a\":{\"S\":\"canary\xff\"}}": "not UTF-8",
		`{"a":{"S":"canary\ud800"}}`: "surrogate", `{"a":{"S":"\ud800\u0041"}}`: "surrogate",
		`{"a":{"S":"\udc00\ud800"}}`: "surrogate", `{"\ud83d":{"S":"canary"}}`: "surrogate",
	} {
		item, err := itemjson.Parse([]byte(text))
		if item != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, %v, want %s", text, item, err, want)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error shows a value: %v", text, err)
		}
	}
}

func TestWhatIsWrittenIsWhatWasReadAndPrintable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		item := crypto.Item{s: &types.AttributeValueMemberM{Value: crypto.Item{"k": &types.AttributeValueMemberSS{Value: []string{s}}, s: &types.AttributeValueMemberB{Value: []byte(s)}}}}
		written, err := itemjson.Append(nil, item)
		if err != nil {
			t.Fatal(err)
		}
		back, err := itemjson.Parse(written)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, item) {
			t.Fatalf("%s is %v", written, back)
		}
		if !json.Valid(written) || strings.ContainsAny(string(written), "\x1b\x7f\n\r\t\u202e\u0085\u2028") {
			t.Fatalf("not printable: %q", written)
		}
	})
}

func TestTextThatIsNoUnicodeIsNotWritten(t *testing.T) {
	for _, v := range []types.AttributeValue{
		&types.AttributeValueMemberS{Value: "\xff"},
		&types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "\xff"}}},
		&types.AttributeValueMemberM{Value: crypto.Item{"\xff": &types.AttributeValueMemberS{}}}, nil,
	} {
		if _, err := itemjson.Append(nil, crypto.Item{"a": v}); err == nil {
			t.Errorf("%v was written", v)
		}
	}
}

// read returns what a Reader makes of an input: "where id" for an item, with a
// * if it was wrapped, or the error.
func read(in io.Reader) (all []string) {
	r := itemjson.NewReader(in)
	for range 100 {
		record, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			all = append(all, err.Error())
			if _, ok := err.(*itemjson.Error); !ok {
				return all
			}
		default:
			mark := ""
			if record.Wrapped {
				mark = "*"
			}
			line, err := itemjson.Append(nil, record.Item)
			all = append(all, fmt.Sprint(record.Where, mark, " ", string(line), err))
		}
	}
	return append(all, "no end")
}

func TestAReaderTakesItemsInTheShapesThatTheyComeIn(t *testing.T) {
	const a, b = `{"id":{"S":"a"}}`, `{"id":{"S":"b"}}`
	pretty := func(s string) string { return strings.ReplaceAll(s, ":", ":\n  ") }
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":                {"", nil},
		"blank lines":            {"\n \r\n", nil},
		"one":                    {a, []string{"line 1 " + a}},
		"lines":                  {"\n" + a + "\r\n\n" + b + "\n", []string{"line 2 " + a, "line 4 " + b}},
		"with a byte order mark": {"\ufeff" + a, []string{"line 1 " + a}},
		"wrapped": {`{"Item":` + a + "}\n" + `{"ConsumedCapacity":null,"Item":` + b + "}",
			[]string{"line 1* " + a, "line 2* " + b}},
		"over lines": {pretty(a) + "\n\n" + pretty(`{"Item":`+b+`}`) + a,
			[]string{"line 1 " + a, "line 5* " + b, "line 8 " + a}},
		"a page": {pretty(`{"Items":[` + a + `,` + b + `],"Count":2,"ScannedCount":2}`),
			[]string{"line 1, item 1 " + a, "line 1, item 2 " + b}},
		"an array": {`[` + a + `,` + b + "]\n" + a,
			[]string{"line 1, item 1 " + a, "line 1, item 2 " + b, "line 2 " + a}},
		"an array over lines": {pretty(`[`+a+`,`+b+`]`) + "\n" + a,
			[]string{"line 1, item 1 " + a, "line 1, item 2 " + b, "line 6 " + a}},
		"an empty array": {"[]\n" + a, []string{"line 2 " + a}},
		"an array with something else": {`[` + a + `,7,[` + a + `],` + b + `]`,
			[]string{"line 1, item 1 " + a, "line 1, item 2: not a JSON object", "line 1, item 3: not a JSON object",
				"line 1, item 4 " + b}},
		"a cut array": {`[` + a + `,` + "\n",
			[]string{"line 1, item 1 " + a, "line 1, item 2: not JSON (it ends too early)"}},
		"an array with a comma more": {`[` + a + `,]` + "\n" + b,
			[]string{"line 1, item 1 " + a, "line 1, item 2: not JSON (at byte 19)", "line 2 " + b}},
		"an array without a comma": {`[` + a + b + `]` + "\n" + b,
			[]string{"line 1, item 1 " + a, "line 1, item 2: not JSON (at byte 18)", "line 2 " + b}},
		"something behind an array": {`[` + a + `] 7` + "\n" + b,
			[]string{"line 1, item 1 " + a, "line 1: unexpected text after the item", "line 2 " + b}},
		"two values on a line": {a + b + "\n" + b, []string{"line 1: unexpected text after the item", "line 2 " + b}},
		"a page behind its count": {`{"Count":1,"ConsumedCapacity":{"CapacityUnits":0.5},"Items":[` + a + `]}`,
			[]string{"line 1, item 1 " + a}},
		"a page twice": {`{"Items":[` + a + `],"Items":[` + b + `]}` + "\n" + b,
			[]string{"line 1, item 1 " + a, `line 1: duplicate "Items"`, "line 2 " + b}},
		"an item nested too deeply": {`{"a":` + strings.Repeat("[", 1000) + "\n" + a,
			[]string{"line 1: nested too deeply", "line 2 " + a}},
		"a page over lines, cut": {"{\n\"Items\":[\n" + a + ",\n" + `{"a":`,
			[]string{"line 1, item 1 " + a, "line 1, item 2: not JSON (it ends too early)"}},
		"an empty page": {`{"Items":[]}` + "\n" + a, []string{"line 2 " + a}},
		"a page with something else": {`{"Items":[7,` + a + `]}`,
			[]string{"line 1, item 1: not a JSON object", "line 1, item 2 " + a}},
		"an attribute Item":           {`{"Item":{"S":"x"}}`, []string{`line 1 {"Item":{"S":"x"}}`}},
		"an attribute Item, a map":    {`{"Item":{"M":` + a + `}}`, []string{`line 1 {"Item":{"M":` + a + `}}`}},
		"an attribute Items":          {`{"Items":{"L":[]}}`, []string{`line 1 {"Items":{"L":[]}}`}},
		"an item with an attribute M": {`{"Item":{"M":{"S":"x"}}}`, []string{`line 1* {"M":{"S":"x"}}`}},
		"an item with Item and others": {`{"Item":{"S":"x"},"a":{"S":"y"}}`,
			[]string{`line 1 {"Item":{"S":"x"},"a":{"S":"y"}}`}},
		"a bad line between good ones": {a + "\n{\"id\":\n" + `{"id":7}` + "\n" + b,
			[]string{"line 1 " + a, "line 2: not JSON (it ends too early)",
				`line 3: attribute "id": not an attribute value such as {"S":"text"}`, "line 4 " + b}},
		"a bad first line":            {"x\n" + a, []string{"line 1: not JSON (at byte 1)", "line 2 " + a}},
		"a cut first line":            {`{"id":{"S":"a"`, []string{"line 1: not JSON (it ends too early)"}},
		"a cut first line and others": {`{"id":{"S":"a"` + "\n" + b, []string{"line 2: not JSON"}},
		"half a surrogate pair": {`{"a":{"S":"\ud800"}}` + "\n" + a,
			[]string{"line 1: not Unicode: unpaired surrogate", "line 2 " + a}},
	} {
		if got := read(strings.NewReader(c.in)); !reflect.DeepEqual(trim(got), c.want) {
			t.Errorf("%s: got %q, want %q", name, trim(got), c.want)
		}
		if got := read(iotest.OneByteReader(strings.NewReader(c.in))); !reflect.DeepEqual(trim(got), c.want) {
			t.Errorf("%s, byte by byte: got %q, want %q", name, trim(got), c.want)
		}
	}
}

// trim takes off the nil error.
func trim(all []string) []string {
	for i, s := range all {
		all[i] = strings.TrimSuffix(s, "<nil>")
	}
	return all
}

func TestAReaderEndsWithItsInput(t *testing.T) {
	broken := errors.New("broken pipe")
	for _, begin := range []string{"", `{"id":{"S":"a"}}` + "\n", `{"id":`} {
		r := itemjson.NewReader(io.MultiReader(strings.NewReader(begin), iotest.ErrReader(broken)))
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, broken) {
			t.Errorf("after %q: %v", begin, err)
		}
	}
	long := io.MultiReader(strings.NewReader(`{"id":{"S":"`), io.LimitReader(zeros{}, 20<<20))
	if got := read(long); len(got) == 0 || !strings.Contains(got[0], "line 1: more than") {
		t.Errorf("a long line: %.200q", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// No input makes the reader panic or go on for ever, and what it takes it
// writes and takes again.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{`{"id":{"S":"a"}}`, `{"Item":{"id":{"N":"1"}}}`, `{"Items":[{"b":{"B":"AA=="}}]}`,
		"{\n}", `{"a":{"S":"\ud83d\ude00"}}` + "\n{", `{"a":{"M":{"b":{"SS":["x"]}}}}`,
		`[{"a":{"BOOL":true}},7]`, `{"Count":1,"Items":[{"a":{"NULL":true}}],"ScannedCount":1e3}`, "[\n{}\n]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := itemjson.Parse(data); err == nil != json.Valid(data) &&
			(err == nil || strings.Contains(err.Error(), "not JSON")) {
			t.Fatalf("%q: %v, valid JSON: %v", data, err, json.Valid(data))
		}
		r := itemjson.NewReader(strings.NewReader(string(data)))
		for n := 0; ; n++ {
			record, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if _, ok := err.(*itemjson.Error); err != nil && !ok {
				return // gzip that is damaged
			}
			if n > len(data)+2 {
				if strings.HasPrefix(string(data), "\x1f\x8b") {
					return // a little gzip is a lot of items
				}
				t.Fatal("no end")
			}
			if err != nil {
				continue
			}
			line, err := itemjson.Append(nil, record.Item)
			if err != nil {
				t.Fatal(err)
			}
			back, err := itemjson.Parse(line)
			if err != nil || !reflect.DeepEqual(back, record.Item) {
				t.Fatalf("%s is %v, %v", line, back, err)
			}
		}
	})
}

func TestReader_TakesGzip(t *testing.T) {
	var b bytes.Buffer
	// two members, as tools that append write
	for _, part := range []string{`{"id":{"S":"a"}}` + "\n", `{"id":{"S":"b"}}`} {
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(part))
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := trim(read(&b)), []string{`line 1 {"id":{"S":"a"}}`,
		`line 2 {"id":{"S":"b"}}`}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(`{"id":{"S":"a"}}` + "\n"))
	_ = z.Flush()
	if got := read(&b); len(got) != 2 || got[1] != io.ErrUnexpectedEOF.Error() {
		t.Errorf("a cut file: got %q", got)
	}
	if got := read(strings.NewReader("\x1f\x8bx")); len(got) != 1 || !strings.Contains(got[0], "EOF") {
		t.Errorf("a cut header: got %q", got)
	}
}

// repeated is a text many times over, which takes no memory.
type repeated struct {
	text string
	at   int
	left int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.left == 0 {
			return n, io.EOF
		}
		c := copy(p[n:], r.text[r.at:])
		n, r.at = n+c, r.at+c
		if r.at == len(r.text) {
			r.at, r.left = 0, r.left-1
		}
	}
	return n, nil
}

func TestReader_TakesLittleMemoryForHostileInput(t *testing.T) {
	const item = `{"id":{"S":"a"}}`
	of := func(before, text string, times int, after string) io.Reader {
		return io.MultiReader(strings.NewReader(before), &repeated{text: text, left: times}, strings.NewReader(after))
	}
	for name, c := range map[string]struct {
		in      io.Reader
		most    uint64 // MiB
		results int
	}{
		"lists in lists":            {of(`{"a":{"L":[`, `{"L":[`, 15<<20/6, "\n"+item), 1, 2},
		"arrays in arrays":          {of("", "[", 15<<20, "\n"+item), 1, 2},
		"objects in objects":        {of(`{"a":`, `{"a":`, 15<<20/5, "\n"+item), 1, 2},
		"newlines":                  {of("{", "\n", 2<<20, ""), 1, 1},
		"newlines between items":    {of("", "\n", 2<<20, item), 1, 1},
		"spaces in an item":         {of("{", " ", 2<<20, item[1:]), 1, 1},
		"a long string":             {of(`{"id":{"S":"`, "x", 17<<20, `"}}`+"\n"+item), 100, 2},
		"a long number":             {of(`{"Count":`, "1", 16<<20, "\n"+item), 1, 2},
		"many elements":             {of(`{"id":{"L":[{"S":""}`, `,{"S":""}`, 4<<20/9, `]}}`+"\n"+item), 110, 2},
		"many items in one page":    {of("["+item, ","+item, 1000, "]"), 4, 1001},
		"many members beside Items": {of(`{"Items":[]`, `,"a":1`, 4<<20/6, "}\n"+item), 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := itemjson.NewReader(c.in)
			results := 0
			for ; ; results++ {
				if _, err := r.Next(); errors.Is(err, io.EOF) {
					break
				}
			}
			runtime.ReadMemStats(&after)
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > c.most || results != c.results {
				t.Errorf("%d MiB were allocated, at most %d should be; %d results, want %d", took, c.most, results, c.results)
			}
		})
	}
}
