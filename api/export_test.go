// SPDX-License-Identifier: MIT

package api

// Routes lists every route there is, as "METHOD /path".
func (s *Server) Routes() []string {
	var list []string
	for _, r := range s.engine.Routes() {
		list = append(list, r.Method+" "+r.Path)
	}
	return list
}
