package mapper_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/tags"
)

func TestDeclaration_SaysWhatIsWrong(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		e := f.encryptor(t, 1)
		type NoKey struct {
			Text string `dynamo:"text"`
		}
		type BadTag struct {
			ID string `dynamo:"id,hash" ddbenc:"encrypt"`
		}
		for name, c := range map[string]struct {
			option mapper.Option
			says   string
			tag    bool
		}{
			"no partition key":  {mapper.TableOf[NoKey]("t", e), "no field has the table's partition key", false},
			"a bad tag":         {mapper.TableOf[BadTag]("t", e), "BadTag: field ID", true},
			"a bad second type": {mapper.TableOf[Note]("t", e, mapper.WithType[BadTag]()), "BadTag: field ID", true},
			"no name":           {mapper.TableOf[Note]("", e), "empty table name", false},
			"no logical name": {mapper.TableOf[Note]("t", e, mapper.WithLogicalName("")),
				"empty logical table name", false},
			"no encryptor": {mapper.TableOf[Note]("t", nil), "no encryptor", false},
			"a projection of no index": {mapper.TableOf[Note]("t", e, mapper.WithIndexProjection("by-body")),
				"no struct tag declares the index", false},
		} {
			db, err := mapper.New(newWorld(t, f).spy, c.option)
			wantError(t, err, crypto.ErrPolicy)
			var tag *tags.Error
			if err == nil || db != nil || !containsAny(err.Error(), c.says) || errors.As(err, &tag) != c.tag {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestDeclaration_RefusesMistakes(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		e := f.encryptor(t, 1)
		type NoKey struct{ Text string }
		type BadTag struct {
			ID string `dynamo:"id,hash" ddbenc:"encrypt"`
		}
		type InContext struct {
			ID   string `dynamo:"id,hash"`
			Plan string `ddbenc:"sign,context"`
		}
		type Reserved struct {
			ID   string `dynamo:"id,hash"`
			Sign []byte `dynamo:"*amzn-ddb-map-sig*" ddbenc:"none"`
		}
		type ReservedSDK struct {
			ID   string `dynamo:"id,hash"`
			Foot []byte `dynamo:"aws_dbe_foot" ddbenc:"none"`
		}
		reserved := mapper.TableOf[Reserved]("t", e)
		if f.name == dbesdkFormat.name {
			reserved = mapper.TableOf[ReservedSDK]("t", e)
		}
		type Conflict struct {
			Owner  string `dynamo:"person,hash"`
			Number int    `dynamo:"num,range"`
			Text   string `dynamo:"body" ddbenc:"sign"`
		}
		for name, option := range map[string]mapper.Option{
			"no partition key":    mapper.TableOf[NoKey]("t", e),
			"a bad tag":           mapper.TableOf[BadTag]("t", e),
			"context":             mapper.TableOf[InContext]("t", e),
			"reserved name":       reserved,
			"types in conflict":   mapper.TableOf[Note]("t", e, mapper.WithType[Conflict]()),
			"a bad second type":   mapper.TableOf[Note]("t", e, mapper.WithType[BadTag]()),
			"no name":             mapper.TableOf[Note]("", e),
			"no logical name":     mapper.TableOf[Note]("t", e, mapper.WithLogicalName("")),
			"no encryptor":        mapper.TableOf[Note]("t", nil),
			"no second encryptor": mapper.TableOf[Note]("t", e, mapper.WithReaders(nil)),
			"undeclared context":  mapper.TableOf[Note]("t", e, mapper.WithUndeclared(crypto.SignInContext)),
		} {
			_, err := mapper.NewClient(newWorld(t, f).spy, option)
			if want := !(f.context && strings.Contains(name, "context")); errors.Is(err, crypto.ErrPolicy) != want {
				t.Errorf("%s: got %v, want ErrPolicy: %v", name, err, want)
			}
		}
		_, err := mapper.NewClient(newWorld(t, f).spy, mapper.TableOf[Note]("t", e),
			mapper.TableOf[Note]("arn:aws:dynamodb:eu-west-1:1:table/t", e))
		wantError(t, err, crypto.ErrPolicy)
		if _, err := mapper.NewClient(nil); err == nil {
			t.Error("no client is accepted")
		}
		if _, err := mapper.NewClient(newWorld(t, f).client, mapper.TableOf[Note]("t", e)); err == nil {
			t.Error("a client on a client is accepted")
		}
		if _, err := mapper.NewClient(newWorld(t, f).spy, mapper.WithParallelism(0)); err == nil {
			t.Error("no parallelism is accepted")
		}
	})
}
