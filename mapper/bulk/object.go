package bulk

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"
)

// ObjectStore stores objects under keys, such as a bucket of Amazon S3. A version
// identifies the content of an object, like an entity tag (ETag) of S3.
type ObjectStore interface {
	// Get returns an object and its version. If there is none, it returns "" as
	// the version, or an error with the code NoSuchKey. It must return what the
	// last Put stored, not an older version.
	Get(ctx context.Context, key string) (data []byte, version string, err error)
	// Put stores an object on condition that version is still that of the
	// stored object or, for "", that there is none. It returns the new version.
	// If the condition is not met, nothing is stored and the error wraps
	// [ErrTakenOver], or has the code PreconditionFailed,
	// ConditionalRequestConflict or NoSuchKey.
	Put(ctx context.Context, key string, data []byte, version string) (newVersion string, err error)
	// Delete deletes an object on condition that it has this version, with
	// errors like those of Put.
	Delete(ctx context.Context, key, version string) error
}

// Object returns a checkpoint in an object of a store. If two runs use the object
// at the same time, one of them ends with [ErrTakenOver] when it next saves its
// progress.
//
// The checkpoint can be used for one run at a time. Requests that fail for a
// temporary reason are repeated.
func Object(store ObjectStore, key string) Checkpoint {
	return &object{store: store, key: key, run: rand.Text()}
}

// object is a checkpoint whose data begins with a line that is different for each
// Save of each run. So a run recognizes its own data after a reply was lost.
type object struct {
	store   ObjectStore
	key     string
	run     string
	saves   int
	version string
}

const firstLine = "ddbenc checkpoint of run "

// Load returns the data that was saved last.
func (o *object) Load(ctx context.Context) (data []byte, err error) {
	o.version = ""
	err = o.try(ctx, func() (err error) {
		data, o.version, err = o.get(ctx)
		return err
	})
	if err != nil || o.version == "" {
		return nil, err
	}
	line, state, ok := bytes.Cut(data, []byte("\n"))
	if !ok || !bytes.HasPrefix(line, []byte(firstLine)) {
		return nil, fmt.Errorf("%w: it is not a checkpoint", ErrCheckpoint)
	}
	return state, nil
}

// Save replaces the data.
func (o *object) Save(ctx context.Context, data []byte) error {
	o.saves++
	line := fmt.Sprintf("%s%s, %d\n", firstLine, o.run, o.saves)
	data = append([]byte(line), data...)
	return o.try(ctx, func() error {
		version, err := o.store.Put(ctx, o.key, data, o.version)
		switch {
		case err == nil && version == "":
			return fmt.Errorf("%w: the store returned no version", ErrCheckpoint)
		case err == nil:
			o.version = version
			return nil
		case !changed(err):
			return err
		}
		// An earlier attempt may have stored the data without a reply.
		stored, version, getErr := o.get(ctx)
		switch {
		case getErr != nil:
			return getErr
		case version == o.version:
			return errUnchanged(err)
		case version == "" || !bytes.Equal(stored, data):
			return taken(err)
		}
		o.version = version
		return nil
	})
}

// errUnchanged is for a condition that failed although it is met now: another
// request was in progress. It is temporary, so it hides the error of the service.
func errUnchanged(err error) error {
	return fmt.Errorf("the store was busy with another request: %v", err)
}

// taken returns err as an ErrTakenOver.
func taken(err error) error {
	if errors.Is(err, ErrTakenOver) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrTakenOver, err)
}

// Remove deletes the object.
func (o *object) Remove(ctx context.Context) error {
	if o.version == "" {
		return nil
	}
	return o.try(ctx, func() error {
		err := o.store.Delete(ctx, o.key, o.version)
		if !changed(err) {
			return err
		}
		_, version, getErr := o.get(ctx)
		switch {
		case getErr != nil || version == "": // deleted, perhaps by an earlier attempt
			return getErr
		case version == o.version:
			return errUnchanged(err)
		}
		return taken(err)
	})
}

// get is Get with an object that is missing reported in one way.
func (o *object) get(ctx context.Context) ([]byte, string, error) {
	data, version, err := o.store.Get(ctx, o.key)
	if hasCode(err, "NoSuchKey") {
		return nil, "", nil
	}
	return data, version, err
}

// try repeats a request after temporary errors.
func (o *object) try(ctx context.Context, do func() error) error {
	return try(ctx, newPace(0), func() (float64, error) { return 0, do() })
}

// changed reports whether a request failed because the object is not the expected
// one.
func changed(err error) bool {
	return errors.Is(err, ErrTakenOver) || hasCode(err, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
}

// hasCode reports whether a service returned one of the codes.
func hasCode(err error, codes ...string) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, code := range codes {
		if strings.EqualFold(api.ErrorCode(), code) {
			return true
		}
	}
	return false
}
