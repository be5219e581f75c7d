package mappertest

import (
	"regexp"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

var decimal = regexp.MustCompile(`^[-+]?(\d+\.?\d*|\.\d+)([eE]([-+]?)\d+)?$`)

// storeNumber returns a number's normal form, or why the service would not
// have it.
func storeNumber(s string) (string, error) {
	n, err := crypto.NormalizeNumber(s)
	if err == nil {
		return n, nil
	}
	parts := decimal.FindStringSubmatch(s)
	if parts == nil {
		return "", invalid("The parameter cannot be converted to a numeric value")
	}
	digits := strings.Trim(strings.Replace(parts[1], ".", "", 1), "0")
	switch {
	case len(digits) > 38:
		return "", invalid("Attempting to store more than 38 significant digits in a Number")
	case parts[3] == "-" || parts[2] == "" && strings.HasPrefix(strings.TrimLeft(parts[1], "0"), "."):
		return "", invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return "", invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
}
