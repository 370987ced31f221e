// SPDX-License-Identifier: MIT

package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const saltSize = 16

// Key seals and opens the text of one customer.
type Key struct{ aead tink.AEAD }

// Seal encrypts content for one place, say "c/KX2…/m/7": ciphertext moved to
// another place does not open. The commitment is the SHA-256 of the content
// with a salt that is sealed beside it: it proves later what was said, and
// tells nothing once the key is gone.
func (k Key) Seal(place string, content []byte) (sealed, commitment []byte, err error) {
	salted := make([]byte, saltSize, saltSize+len(content))
	if _, err := rand.Read(salted); err != nil {
		return nil, nil, fmt.Errorf("make a salt: %w", err)
	}
	salted = append(salted, content...)
	sealed, err = k.aead.Encrypt(salted, []byte(place))
	if err != nil {
		return nil, nil, fmt.Errorf("seal: %w", err)
	}
	sum := sha256.Sum256(salted)
	return sealed, sum[:], nil
}

// Open decrypts what was sealed for place and gives the commitment anew, for
// comparison with the one in the record.
func (k Key) Open(place string, sealed []byte) (content, commitment []byte, err error) {
	salted, err := k.aead.Decrypt(sealed, []byte(place))
	if err != nil || len(salted) < saltSize {
		return nil, nil, errors.New("the sealed text does not open: it was changed or moved")
	}
	sum := sha256.Sum256(salted)
	return salted[saltSize:], sum[:], nil
}

// MasterKey encrypts the customers' keys. It is a Tink keyset, so that it can
// be rotated: new keys are encrypted under the primary, old ones still open.
type MasterKey struct{ aead tink.AEAD }

// NewMasterKey makes a master key in the text form that ParseMasterKey reads.
func NewMasterKey() (string, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", fmt.Errorf("make a master key: %w", err)
	}
	var raw bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&raw)); err != nil {
		return "", fmt.Errorf("write the master key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw.Bytes()), nil
}

// ParseMasterKey reads a key that NewMasterKey wrote.
func ParseMasterKey(text string) (MasterKey, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) == 0 {
		return MasterKey{}, errors.New("the master key is not readable: make one with `candor keygen`")
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return MasterKey{}, errors.New("the master key is not a Tink keyset: make one with `candor keygen`")
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return MasterKey{}, errors.New("the master key is not an AEAD keyset: make one with `candor keygen`")
	}
	return MasterKey{primitive}, nil
}
