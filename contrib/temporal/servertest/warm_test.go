package servertest

import (
	_ "go.temporal.io/sdk/worker"
	_ "go.temporal.io/server/temporaltest"
	"testing"
)

func TestX(t *testing.T) {}
