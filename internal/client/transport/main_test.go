package transport_test

import (
	"os"
	"testing"
)

// children are what this program is as a child of its tests.
var children = map[string]func(){"proxy": proxyChild}

func TestMain(m *testing.M) {
	if child := children[os.Getenv("TRANSPORT_CHILD")]; child != nil {
		child()
		return
	}
	os.Exit(m.Run())
}
