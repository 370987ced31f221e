// SPDX-License-Identifier: MIT

package chat

// Forge posts a message past every check, for records that must be found wrong.
func (l *Locked) Forge(m Message) error {
	_, err := l.post(m)
	return err
}
