package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A full export has its files in the folder data beside the manifest:
//
//	AWSDynamoDB/01693685827463-2d8752fd/manifest-files.json
//	AWSDynamoDB/01693685827463-2d8752fd/data/….json.gz
//
// Incremental exports share a folder data beside their own folders.
const (
	filesManifest   = "manifest-files.json"
	summaryManifest = "manifest-summary.json"
	maxSummary      = 1 << 20
)

// entry is a line of the manifest of files.
type entry struct {
	ItemCount     *int64 `json:"itemCount"`
	MD5Checksum   string `json:"md5Checksum"`
	DataFileS3Key string `json:"dataFileS3Key"`
}

// readManifest sets the files that the manifest of a folder lists. Without a
// manifest, there are none.
func (s *Source) readManifest(folder string) error {
	f, err := os.Open(filepath.Join(folder, filesManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	seen := make(map[string]bool)
	for decoder := json.NewDecoder(f); ; {
		var e entry
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		name := path.Base(e.DataFileS3Key)
		switch {
		case err != nil:
			return fmt.Errorf("%s: line %d is not the JSON of a data file", f.Name(), len(s.files)+1)
		case e.DataFileS3Key == "" || !filepath.IsLocal(name) || e.ItemCount == nil || *e.ItemCount < 0 ||
			e.MD5Checksum == "":
			return fmt.Errorf("%s: line %d lacks the name, the item count or the checksum of a data file", f.Name(),
				len(s.files)+1)
		case seen[name]:
			return fmt.Errorf("%s: data file %s is listed twice", f.Name(), name)
		}
		seen[name] = true
		found, err := locate(folder, name)
		if err != nil {
			return err
		}
		s.files = append(s.files, file{found, *e.ItemCount, e.MD5Checksum})
		s.Total += *e.ItemCount
	}
	if s.files == nil {
		return fmt.Errorf("%s lists no data files", f.Name())
	}
	return s.checkSummary(folder)
}

// locate finds a data file.
func locate(folder, name string) (string, error) {
	for _, candidate := range []string{
		filepath.Join(folder, "data", name), filepath.Join(folder, name), filepath.Join(folder, "..", "data", name),
	} {
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("%w: data file %s is neither in %s nor in the folder data beside it", ErrManifest, name,
		filepath.Join(folder, "data"))
}

// checkSummary compares the summary of an export, if it is there.
func (s *Source) checkSummary(folder string) error {
	f, err := os.Open(filepath.Join(folder, summaryManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSummary))
	if err != nil {
		return err
	}
	var summary struct {
		ItemCount    *int64 `json:"itemCount"`
		OutputFormat string `json:"outputFormat"`
	}
	switch err := json.Unmarshal(bytes.TrimSpace(data), &summary); {
	case err != nil:
		return fmt.Errorf("%s is not the JSON of a summary", f.Name())
	case summary.OutputFormat != "" && summary.OutputFormat != "DYNAMODB_JSON":
		return fmt.Errorf("%s: the export has the format %q: export as DYNAMODB_JSON", f.Name(), summary.OutputFormat)
	case summary.ItemCount != nil && *summary.ItemCount != s.Total:
		return fmt.Errorf("%w: the data files have %d items, and the summary says %d", ErrManifest, s.Total,
			*summary.ItemCount)
	}
	return nil
}

// list sets the files of a folder that has no manifest, by their names.
func (s *Source) list(folder string) error {
	for _, dir := range []string{folder, filepath.Join(folder, "data")} {
		entries, err := os.ReadDir(dir)
		if err != nil && !(dir != folder && errors.Is(err, fs.ErrNotExist)) {
			return err
		}
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), ".gz")
			items := path.Ext(name) == ".json" || path.Ext(name) == ".jsonl"
			if e.IsDir() || strings.HasPrefix(name, "manifest-") || !items {
				continue
			}
			s.files = append(s.files, file{filepath.Join(dir, e.Name()), -1, ""})
		}
	}
	return nil
}
