package bulk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Checkpoint stores the progress of a run. Its methods are not called
// concurrently.
type Checkpoint interface {
	// Load returns the data that was saved last, or nil if there is none.
	Load(ctx context.Context) ([]byte, error)
	// Save replaces the saved data atomically: if it fails or the process ends,
	// the earlier data remains.
	Save(ctx context.Context, data []byte) error
	// Remove removes the saved data.
	Remove(ctx context.Context) error
}

// ErrCheckpoint is returned for a checkpoint that is damaged or belongs to another
// run, before the run begins. Remove the checkpoint to start over: items that
// were resealed are not written again.
var ErrCheckpoint = errors.New("unusable checkpoint")

// ErrTakenOver is returned if another run uses the same checkpoint. The other run
// continues; give each run a checkpoint of its own.
var ErrTakenOver = errors.New("checkpoint in use by another run")

// File returns a checkpoint in a file that only its owner can read. The directory
// must exist. Use one file for each run: unlike with [Item] and [Object], two runs
// that share one are not noticed.
func File(path string) Checkpoint { return file(path) }

type file string

func (f file) Load(context.Context) ([]byte, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && len(data) == 0 {
		data = []byte{} // the file exists, but is damaged
	}
	return data, err
}

func (f file) Save(_ context.Context, data []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(string(f)), "."+filepath.Base(string(f))+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name()) // best effort: the first error is returned
		}
	}()
	_, err = temporary.Write(data)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), string(f))
}

func (f file) Remove(context.Context) error {
	err := os.Remove(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// state is the progress of a run. A checkpoint stores it as JSON.
type state struct {
	Version   int       `json:"version"`
	Operation string    `json:"operation"`
	Table     string    `json:"table"`
	DryRun    bool      `json:"dryRun,omitempty"`
	Legends   bool      `json:"legends,omitempty"`
	Segments  int       `json:"segments"` // of the table
	Positions []segment `json:"positions"`
	Report    Report    `json:"report"`
	Groups    []Group   `json:"groups,omitempty"`
	Others    int64     `json:"others,omitempty"`
	// Sum is the SHA-256 of the JSON in which it is empty, in hex.
	Sum string `json:"sum"`
}

// segment is the progress in a segment of the table.
type segment struct {
	Number int  `json:"number"`
	Done   bool `json:"done,omitempty"`
	// After is the key after which the next page begins.
	After position `json:"after,omitempty"`
}

const stateVersion = 1

// encode returns the state as JSON.
func (s state) encode() ([]byte, error) {
	s.Sum = ""
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	s.Sum = hex.EncodeToString(sum[:])
	data, err = json.MarshalIndent(s, "", " ")
	return append(data, '\n'), err
}

// decodeState decodes a state, which must belong to the same run as fresh.
func decodeState(data []byte, fresh state) (state, error) {
	var s state
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return state{}, fmt.Errorf("%w: the checkpoint is damaged", ErrCheckpoint)
	}
	again, err := s.encode()
	if _, end := decoder.Token(); err != nil || !errors.Is(end, io.EOF) || !bytes.Equal(again, data) {
		return state{}, fmt.Errorf("%w: the checkpoint is damaged", ErrCheckpoint)
	}
	same := s.Version == fresh.Version && s.Operation == fresh.Operation && s.Table == fresh.Table &&
		s.DryRun == fresh.DryRun && s.Legends == fresh.Legends && s.Segments == fresh.Segments &&
		len(s.Positions) == len(fresh.Positions)
	for i := range s.Positions {
		same = same && s.Positions[i].Number == fresh.Positions[i].Number
	}
	if !same {
		return state{}, fmt.Errorf("%w: the checkpoint belongs to another run (%s of %q, %d segments, "+
			"%d of them in that run)",
			ErrCheckpoint, s.Operation, s.Table, s.Segments, len(s.Positions))
	}
	return s, nil
}

// position is a primary key, in DynamoDB JSON.
type position crypto.Item

// MarshalJSON writes the key.
func (p position) MarshalJSON() ([]byte, error) {
	all := make(map[string]any, len(p))
	for name, value := range p {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			all[name] = map[string]string{"S": v.Value}
		case *types.AttributeValueMemberN:
			all[name] = map[string]string{"N": v.Value}
		case *types.AttributeValueMemberB:
			all[name] = map[string][]byte{"B": v.Value}
		default:
			return nil, fmt.Errorf("key attribute %q: no key can have its type", name)
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (p *position) UnmarshalJSON(data []byte) error {
	var all map[string]struct {
		S, N *string
		B    []byte
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	*p = make(position, len(all))
	for name, v := range all {
		switch {
		case v.S != nil:
			(*p)[name] = &types.AttributeValueMemberS{Value: *v.S}
		case v.N != nil:
			(*p)[name] = &types.AttributeValueMemberN{Value: *v.N}
		case v.B != nil:
			(*p)[name] = &types.AttributeValueMemberB{Value: v.B}
		default:
			return fmt.Errorf("key attribute %q has no value", name)
		}
	}
	return nil
}
