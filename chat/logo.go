// SPDX-License-Identifier: MIT

package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"

	"candor/internal/fault"
	"candor/postgres"
)

// Logo is the picture in the head of the chat, by the hash of its bytes.
type Logo struct {
	Image  string `json:"image"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// logoUnused is how long a logo may wait to be named by the settings.
const logoUnused = 24 * time.Hour

var logoHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// KeepLogo keeps a picture that [upload.Logo] has drawn, until settings name it.
func (s *Service) KeepLogo(ctx context.Context, by int64, drawn []byte, size image.Point) (Logo, error) {
	sum := sha256.Sum256(drawn)
	logo := Logo{Image: hex.EncodeToString(sum[:]), Width: size.X, Height: size.Y}
	_, err := s.db.Exec(ctx, `
		INSERT INTO logos (hash, width, height, body, created_by) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hash) DO UPDATE SET created_at = now()`, logo.Image, logo.Width, logo.Height, drawn, by)
	if err != nil {
		return Logo{}, postgres.Away(fmt.Errorf("keep a logo: %w", err))
	}
	return logo, nil
}

// LogoImage gives the bytes of a logo, a PNG.
func (s *Service) LogoImage(ctx context.Context, hash string) ([]byte, error) {
	var body []byte
	err := s.db.QueryRow(ctx, "SELECT body FROM logos WHERE hash = $1", hash).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.NotFound("logo_not_found", "There is no such picture.")
	}
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("read a logo: %w", err))
	}
	return body, nil
}

// CleanLogos deletes those that no version of the settings names.
func (s *Service) CleanLogos(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `
		DELETE FROM logos l
		WHERE created_at < now() - $1::interval
			AND NOT EXISTS (SELECT FROM company_versions WHERE settings -> 'brand' -> 'logo' ->> 'image' = l.hash)`, logoUnused)
	if err != nil {
		return postgres.Away(fmt.Errorf("delete logos: %w", err))
	}
	return nil
}

// logoKept refuses settings that name a logo that is not there, or calls it
// larger or smaller than it is.
func logoKept(ctx context.Context, tx pgx.Tx, b Brand) error {
	if b.Logo == nil {
		return nil
	}
	var size Logo
	err := tx.QueryRow(ctx, "SELECT hash, width, height FROM logos WHERE hash = $1 FOR SHARE", b.Logo.Image).Scan(&size.Image, &size.Width, &size.Height)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("look for a logo: %w", err)
	}
	if size == *b.Logo {
		return nil
	}
	const message = "There is no such logo. Please upload it again."
	return fault.Invalid("company_invalid", message).In(fault.Field{Name: "brand.logo", Message: message})
}
