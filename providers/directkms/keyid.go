package directkms

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

const (
	dataKeySize = 32   // bytes
	maxWrapped  = 6144 // bytes; the longest ciphertext of KMS
)

// isGenerated reports whether a reply of KMS has a data key of the requested
// key.
func isGenerated(asked string, out *kms.GenerateDataKeyOutput) bool {
	return sameKey(asked, aws.ToString(out.KeyId)) && len(out.Plaintext) == dataKeySize && isWrapped(out.CiphertextBlob)
}

// isDecrypted is like isGenerated, for a data key that KMS unwrapped.
func isDecrypted(asked string, out *kms.DecryptOutput) bool {
	algorithm := out.EncryptionAlgorithm
	return sameKey(asked, aws.ToString(out.KeyId)) && len(out.Plaintext) == dataKeySize &&
		(algorithm == "" || algorithm == types.EncryptionAlgorithmSpecSymmetricDefault)
}

func isWrapped(b []byte) bool { return len(b) > 0 && len(b) <= maxWrapped }

// sameKey reports whether the ARN in a reply of KMS is that of the requested
// key, which may be named by its ARN, its ID or the ARN of a related
// multi-Region key. An alias stands for some key in its own account and Region.
// Only KMS knows which one, and it has checked that.
func sameKey(asked, answered string) bool {
	if asked == answered {
		return true
	}
	reply, err := arn.Parse(answered)
	if err != nil || reply.Service != "kms" || !strings.HasPrefix(reply.Resource, "key/") {
		return false
	}
	if !arn.IsARN(asked) {
		return strings.HasPrefix(asked, "alias/") || reply.Resource == "key/"+asked
	}
	want, err := arn.Parse(asked)
	if err != nil {
		return false
	}
	if strings.HasPrefix(want.Resource, "alias/") {
		want.Resource = reply.Resource
	}
	if reply == want {
		return true
	}
	reply.Region = want.Region
	return strings.HasPrefix(want.Resource, "key/mrk-") && reply == want
}
