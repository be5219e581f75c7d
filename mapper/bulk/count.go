package bulk

import (
	"context"
	"fmt"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
)

// count counts a page, reports its failures and saves the checkpoint.
func (w *walk) count(ctx context.Context, s *segment, p page, outcomes []outcome) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.state.Report
	r.Items += int64(len(outcomes))
	r.Pages++
	r.ReadUnits += p.units
	for i, o := range outcomes {
		r.WriteUnits += o.units
		if err := w.emitItem(p.items[i], o); err != nil {
			return err
		}
		switch {
		case o.failure != nil:
			r.Failed++
			if w.failures != nil {
				if err := w.failures(*o.failure); err != nil {
					return fmt.Errorf("report a failed item: %w", err)
				}
			}
		case o.gone:
			r.Gone++
		case o.resealed:
			r.Resealed++
		}
		if o.group != nil {
			w.countIn(*o.group)
		}
	}
	w.state.Report = r
	s.After, s.Done = p.next, len(p.next) == 0
	if err := w.save(ctx); err != nil {
		return fmt.Errorf("save the checkpoint: %w", err)
	}
	w.show()
	return nil
}

// emitItem passes an item on as it is to be stored: as it was read, unless it was
// resealed.
func (w *walk) emitItem(item crypto.Item, o outcome) error {
	if w.emit == nil {
		return nil
	}
	if o.resealed {
		item = o.sealed
	}
	if err := w.emit(item); err != nil {
		return fmt.Errorf("write an item: %w", err)
	}
	return nil
}

// save saves the checkpoint, even if ctx has ended.
func (w *walk) save(ctx context.Context) error {
	if w.checkpoint == nil {
		return nil
	}
	w.state.Groups = w.sortedGroups()
	data, err := w.state.encode()
	if err != nil {
		return err
	}
	return w.checkpoint.Save(context.WithoutCancel(ctx), data)
}

// show calls the progress function.
func (w *walk) show() {
	if w.progress == nil {
		return
	}
	p := Progress{Report: w.state.Report, Elapsed: time.Since(w.began), Segments: len(w.state.Positions)}
	for _, s := range w.state.Positions {
		if s.Done {
			p.SegmentsDone++
		}
	}
	p.ItemsPerSecond = float64(p.Items-w.before) / max(p.Elapsed.Seconds(), 1e-9)
	w.progress(p)
}
