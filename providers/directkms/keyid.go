package directkms

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// dataKeySize is the size of a data key, in bytes.
const dataKeySize = 32

// checkReply refuses a reply of KMS that is not for the key that was asked
// for, or does not hold a data key.
func checkReply(asked, answered string, plaintext []byte) error {
	if !sameKey(asked, answered) {
		return fmt.Errorf("the reply is from another key (%s)", answered)
	}
	if len(plaintext) != dataKeySize {
		return errors.New("the reply holds no data key")
	}
	return nil
}

// sameKey reports whether a key's ARN, as KMS returns it, is that of the key
// that was asked for: by ARN, by ID, or by a related multi-Region key's ARN.
// What an alias stands for only KMS knows, and it has checked that.
func sameKey(asked, answered string) bool {
	if asked == answered {
		return true
	}
	if strings.HasPrefix(asked, "alias/") || strings.Contains(asked, ":alias/") {
		return arn.IsARN(answered)
	}
	reply, err := arn.Parse(answered)
	if err != nil {
		return false
	}
	if !arn.IsARN(asked) {
		return reply.Resource == "key/"+asked
	}
	want, err := arn.Parse(asked)
	if err != nil {
		return false
	}
	reply.Region = want.Region
	return strings.HasPrefix(want.Resource, "key/mrk-") && reply == want
}
