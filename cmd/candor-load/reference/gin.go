// SPDX-License-Identifier: MIT

package reference

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// Gin serves the least that a gateway can do, on gin: /copy hands the provider's
// stream on as it comes, /parse reads each event and sends it again with an id.
func Gin(provider string) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	upstream := newUpstream(provider)
	engine.POST("/copy", func(c *gin.Context) {
		upstream.pass(c, func(body io.Reader) { copyStream(c, body) })
	})
	engine.POST("/parse", func(c *gin.Context) {
		upstream.pass(c, func(body io.Reader) { parseStream(c, body) })
	})
	return engine
}

func (u upstream) pass(c *gin.Context, relay func(io.Reader)) {
	body, err := io.ReadAll(c.Request.Body) // first: a stream that begins before is cut, golang/go#40747
	if err == nil {
		var response *http.Response
		if response, err = u.ask(c.Request.Context(), body); err == nil {
			defer response.Body.Close()
			c.Header("Content-Type", "text/event-stream")
			relay(response.Body)
			return
		}
	}
	c.AbortWithStatus(http.StatusBadGateway)
}

func copyStream(c *gin.Context, body io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, err := c.Writer.Write(buffer[:n]); err != nil {
				return
			}
			c.Writer.Flush()
		}
		if err != nil {
			return
		}
	}
}

func parseStream(c *gin.Context, body io.Reader) {
	lines := bufio.NewReader(body)
	for id := 1; ; {
		line, err := lines.ReadBytes('\n')
		if data, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data: ")); ok {
			var event map[string]any
			if json.Unmarshal(data, &event) == nil {
				if data, err = json.Marshal(event); err != nil {
					return
				}
			}
			if _, err := fmt.Fprintf(c.Writer, "id: %d\ndata: %s\n\n", id, data); err != nil {
				return
			}
			c.Writer.Flush()
			id++
		}
		if err != nil {
			return
		}
	}
}
