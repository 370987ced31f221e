// SPDX-License-Identifier: MIT

package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"candor/internal/audit"
	"candor/internal/fault"
	"candor/postgres"
	"candor/prompts"
)

// inForce is the company as this process has it.
type inForce struct {
	company Company
	version int64 // 0: not read from the database
	wording prompts.Wording
}

// Wording is what is said to customers at this moment: the company's own texts
// over the built-in ones.
func (s *Service) Wording() prompts.Wording { return s.company.Load().wording }

// Company is what the company says of itself at this moment.
func (s *Service) Company() Company { return s.company.Load().company }

// SetCompany puts a company in force for this process, until a version is read.
func (s *Service) SetCompany(c Company) {
	s.company.Store(&inForce{company: c, wording: prompts.NewWording(c.Wording)})
}

// adopt puts a version in force for this process; an older one changes nothing.
func (s *Service) adopt(version int64, c Company) {
	next := &inForce{company: c, version: version, wording: prompts.NewWording(c.Wording)}
	for {
		now := s.company.Load()
		if now.version >= version || s.company.CompareAndSwap(now, next) {
			return
		}
	}
}

// CompanyVersion is what the company said of itself from a time on.
type CompanyVersion struct {
	Version int64 // 0: nothing was saved yet
	Company Company
	At      time.Time
	By      string // name of who saved it
}

// Change says who makes a change, and of what they saw.
type Change struct {
	By   Agent // the zero Agent: the operator, at a terminal
	Base int64 // the version that was changed; a newer one in force is a conflict
}

func (c Change) name() string {
	if c.By.ID == 0 {
		return cmp.Or(c.By.Name, "operator")
	}
	return c.By.Name
}

// LoadCompany reads the version in force.
func LoadCompany(ctx context.Context, db *pgxpool.Pool) (Company, error) {
	v, err := newest(ctx, db, 0)
	if errors.Is(err, pgx.ErrNoRows) {
		return Company{}, fault.Unavailable("company_not_set", "The company's name, hours and channels are not set yet.")
	}
	return v.Company, err
}

// newest reads the newest version, unless it is not newer than one that is known.
func newest(ctx context.Context, db *pgxpool.Pool, known int64) (CompanyVersion, error) {
	var v CompanyVersion
	err := db.QueryRow(ctx, `
		SELECT version, settings, created_at, created_by
		FROM company_versions
		WHERE version > $1
		ORDER BY version DESC
		LIMIT 1`, known).Scan(&v.Version, &v.Company, &v.At, &v.By)
	if err != nil {
		return v, fmt.Errorf("load the company: %w", err)
	}
	return v, nil
}

// CompanyInForce is the newest version. Where none was saved it has number 0 and
// is what this process was given.
func (s *Service) CompanyInForce(ctx context.Context) (CompanyVersion, error) {
	v, err := newest(ctx, s.db, 0)
	if errors.Is(err, pgx.ErrNoRows) {
		return CompanyVersion{Company: s.Company()}, nil
	}
	return v, postgres.Away(err)
}

// CompanyAt gives one version.
func (s *Service) CompanyAt(ctx context.Context, version int64) (CompanyVersion, error) {
	v := CompanyVersion{Version: version}
	err := s.db.QueryRow(ctx, "SELECT settings, created_at, created_by FROM company_versions WHERE version = $1", version).Scan(&v.Company, &v.At, &v.By)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, fault.NotFound("version_not_found", "There is no version %d of the settings.", version)
	}
	if err != nil {
		return v, postgres.Away(fmt.Errorf("read a version of the company: %w", err))
	}
	return v, nil
}

// CompanyVersions lists versions, newest first; below before, unless it is 0.
func (s *Service) CompanyVersions(ctx context.Context, before int64, limit int) ([]CompanyVersion, error) {
	rows, err := s.db.Query(ctx, `
		SELECT version, settings, created_at, created_by
		FROM company_versions
		WHERE $1 = 0 OR version < $1
		ORDER BY version DESC
		LIMIT $2`, before, limit)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("list versions of the company: %w", err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (CompanyVersion, error) {
		var v CompanyVersion
		return v, row.Scan(&v.Version, &v.Company, &v.At, &v.By)
	})
	return list, postgres.Away(err)
}

// SaveCompany puts a new version in force whatever the last one was; by is who
// did it, for the record.
func SaveCompany(ctx context.Context, db *pgxpool.Pool, c Company, by string) error {
	if err := c.Check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		_, err := insertCompany(ctx, tx, c, Change{By: Agent{Name: by}}, "company.saved")
		return err
	})
}

// ChangeCompany puts a new version in force, for all gateways within seconds.
func (s *Service) ChangeCompany(ctx context.Context, c Company, change Change) (CompanyVersion, error) {
	return s.changeCompany(ctx, change, "company.saved", func(context.Context, pgx.Tx) (Company, error) { return c, nil })
}

// RestoreCompany puts what an earlier version said in force again, as a new one.
func (s *Service) RestoreCompany(ctx context.Context, version int64, change Change) (CompanyVersion, error) {
	return s.changeCompany(ctx, change, "company.restored", func(ctx context.Context, tx pgx.Tx) (Company, error) {
		var c Company
		err := tx.QueryRow(ctx, "SELECT settings FROM company_versions WHERE version = $1", version).Scan(&c)
		if errors.Is(err, pgx.ErrNoRows) {
			return c, fault.NotFound("version_not_found", "There is no version %d of the settings.", version)
		}
		return c, err
	})
}

func (s *Service) changeCompany(ctx context.Context, change Change, action string, read func(context.Context, pgx.Tx) (Company, error)) (CompanyVersion, error) {
	var saved CompanyVersion
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "LOCK TABLE company_versions IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return fmt.Errorf("hold the versions: %w", err)
		}
		var now int64
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM company_versions").Scan(&now); err != nil {
			return fmt.Errorf("find the version in force: %w", err)
		}
		if now != change.Base {
			return fault.Conflict("settings_changed", "Somebody else has changed the settings meanwhile: version %d is in force. Please look at it and change that one.", now)
		}
		c, err := read(ctx, tx)
		if err != nil {
			return err
		}
		if err := c.Check(); err != nil {
			return err
		}
		saved, err = insertCompany(ctx, tx, c, change, action)
		return err
	})
	if err != nil {
		return CompanyVersion{}, postgres.Away(err)
	}
	s.adopt(saved.Version, saved.Company)
	s.hub.Signal(Settings)
	return saved, nil
}

func insertCompany(ctx context.Context, tx pgx.Tx, c Company, change Change, action string) (CompanyVersion, error) {
	v := CompanyVersion{Company: c, By: change.name()}
	if err := logoKept(ctx, tx, c.Brand); err != nil {
		return v, err
	}
	var account *int64
	if change.By.ID != 0 {
		account = &change.By.ID
	}
	err := tx.QueryRow(ctx, "INSERT INTO company_versions (settings, created_by, account_id) VALUES ($1, $2, $3) RETURNING version, created_at",
		c, v.By, account).Scan(&v.Version, &v.At)
	if err != nil {
		return v, fmt.Errorf("save the company: %w", err)
	}
	return v, audit.Write(ctx, tx, audit.Entry{
		By: change.By.ID, Action: action, Subject: fmt.Sprintf("company/%d", v.Version), Detail: map[string]int64{"before": change.Base},
	})
}

// WatchCompany takes over every new version, also those that other gateways
// save, until ctx ends. The hub wakes it at once, and every two seconds when a
// signal was lost.
func (s *Service) WatchCompany(ctx context.Context) error {
	sub := s.hub.Subscribe(Settings)
	defer sub.Close()
	for {
		v, err := newest(ctx, s.db, s.company.Load().version)
		switch {
		case err == nil:
			s.adopt(v.Version, v.Company)
		case !errors.Is(err, pgx.ErrNoRows) && ctx.Err() == nil:
			s.log.Warn("the settings could not be read; what was read before holds", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-sub.C:
		}
	}
}
