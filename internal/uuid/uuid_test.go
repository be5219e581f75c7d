package uuid_test

import (
	"regexp"
	"testing"

	"github.com/ddbenc/ddbenc/internal/uuid"
)

func TestRandomUUIDsAreOfVersionFourAndParse(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := make(map[uuid.UUID]bool)
	for range 100 {
		u := uuid.New()
		if !form.MatchString(u.String()) || seen[u] {
			t.Errorf("%v has not the form, or comes twice", u)
		}
		seen[u] = true
		if back, ok := uuid.Parse(u.String()); !ok || back != u {
			t.Errorf("%v becomes %v", u, back)
		}
	}
}

func TestOtherSpellingsDoNotParse(t *testing.T) {
	const good = "e9ce18a3-edb5-4272-9f86-1cacb7997ff6"
	if _, ok := uuid.Parse(good); !ok {
		t.Error("a UUID does not parse")
	}
	for _, text := range []string{
		"", "-", "E9CE18A3-EDB5-4272-9F86-1CACB7997FF6", "e9ce18a3edb542729f861cacb7997ff6", "e9ce18a3-edb5-4272-9f86-1cacb7997ff",
		good + "0", good + "-", " " + good, "{" + good + "}", "e9ce18a-3edb5-4272-9f86-1cacb7997ff6", "g9ce18a3-edb5-4272-9f86-1cacb7997ff6",
	} {
		if _, ok := uuid.Parse(text); ok {
			t.Errorf("%q parses", text)
		}
	}
}
