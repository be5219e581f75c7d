package mostrecent_test

import (
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	store := &metastore.Store{}
	errtest.Golden(t, map[string]error{
		"no store":      second(mostrecent.New(nil, "k", time.Minute)),
		"material name": second(mostrecent.New(store, "a#b", time.Minute)),
		"time to live":  second(mostrecent.New(store, "k", 0)),
	})
}
