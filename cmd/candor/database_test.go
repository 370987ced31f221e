// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"candor/postgres"
)

// cluster is a PostgreSQL server of the test's own, to be killed.
type cluster struct {
	dir, bin, port string
	as             *syscall.Credential
	settings       []string
	cmd            *exec.Cmd
	exited         chan error
}

// newCluster makes and starts a server. It does wait for the disk: what it
// acknowledged must survive its death.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	require.NoError(t, err)
	require.NotEmpty(t, found, "no PostgreSQL server is installed: `make test` installs one")
	dir, err := os.MkdirTemp("", "candor-pg-") //nolint:usetesting // the server runs as another user, who could not reach t.TempDir
	require.NoError(t, err)
	k := &cluster{dir: dir, bin: filepath.Dir(found[len(found)-1]), port: freePort(t)}
	if os.Getuid() == 0 { // a server does not run as root
		k.as = credential(t, "postgres")
		require.NoError(t, os.Chown(dir, int(k.as.Uid), int(k.as.Gid)))
	}
	t.Cleanup(func() {
		k.kill()
		require.NoError(t, os.RemoveAll(dir))
	})
	out, err := k.command("initdb", "-D", dir+"/data", "-U", "candor", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8").CombinedOutput()
	require.NoError(t, err, string(out))
	k.start(t)
	return k
}

func credential(t *testing.T, name string) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup(name)
	require.NoError(t, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	require.NoError(t, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	require.NoError(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (k *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(k.bin, name), args...) //nolint:noctx // ended by kill
	cmd.Dir = "/"
	if k.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: k.as}
	}
	return cmd
}

// start starts the server and waits until it answers. The children of a killed
// one die by themselves, and until then a new one refuses to start.
func (k *cluster) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var exited chan error
	for {
		if exited == nil {
			k.cmd = k.command("postgres", "-D", k.dir+"/data", "-p", k.port, "-c", "unix_socket_directories="+k.dir,
				"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100")
			for _, setting := range k.settings {
				k.cmd.Args = append(k.cmd.Args, "-c", setting)
			}
			require.NoError(t, k.cmd.Start())
			cmd, ended := k.cmd, make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			exited = ended
		}
		if k.command("pg_isready", "-h", "127.0.0.1", "-p", k.port).Run() == nil {
			k.exited = exited
			return
		}
		select {
		case <-exited: //nolint:errcheck // killed: its error says so
			exited = nil
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the database never came up")
		}
	}
}

// kill is kill -9 of the postmaster.
func (k *cluster) kill() {
	if k.cmd != nil {
		_ = k.cmd.Process.Kill()
		<-k.exited //nolint:errcheck // killed: its error says so
		k.cmd = nil
	}
}

func (k *cluster) url() string {
	return fmt.Sprintf("postgres://candor@127.0.0.1:%s/candor?sslmode=disable", k.port)
}

func (k *cluster) createDatabase(t *testing.T) {
	t.Helper()
	out, err := k.command("createdb", "-h", "127.0.0.1", "-p", k.port, "-U", "candor", "candor").CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, postgres.Migrate(t.Context(), k.url()))
	require.NoError(t, postgres.MigrateKeystore(t.Context(), k.url()))
}

// streamClient has a time limit beyond every test's.
var streamClient = &http.Client{Timeout: 10 * time.Minute}

// TestDatabase_killed_under_load kills PostgreSQL while customers write. Whoever
// got an answer to their message finds it once; nobody is told that their token
// is wrong; the gateway heals by itself.
func TestDatabase_killed_under_load(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.createDatabase(t)
	s := siteOn(t, k.url())
	gateway := s.start(t)
	c := newClient(func() string { return gateway.url })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()

	w := startWriters(ctx, c)
	stream := readStream(ctx, t, gateway.url, c)
	for range 3 {
		w.awaitOne(ctx)
		k.kill()
		require.NoError(t, awaitUnready(ctx, gateway.url), "/readyz says that the database is away")
		k.start(t)
	}
	sent, err := w.stop()
	require.NoError(t, err)
	require.NoError(t, stream(), "an open stream stays open, or ends with an event that says why")
	c.allEnd(ctx, t, sent)
	s.check(t)
	t.Logf("3 kills of the database, %d messages, none lost", len(sent))

	// The control: on a database that acknowledges what is not on the disk yet the same judge finds what was lost.
	k.kill()
	k.settings = []string{"synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB"}
	k.start(t)
	lost := k.loses(ctx, t, c)
	require.Error(t, lost)
	require.Regexp(t, "0 messages of the customer|: 40[14] ", lost.Error())
}

// loses kills the database under load until the judge finds that something is missing, ten times at most.
func (k *cluster) loses(ctx context.Context, t *testing.T, c *client) (err error) {
	t.Helper()
	for range 10 {
		w := startWriters(ctx, c)
		w.awaitOne(ctx)
		k.kill()
		k.start(t)
		sent, failed := w.stop()
		err = failed
		for _, o := range sent {
			_, ended := c.ends(ctx, o)
			err = errors.Join(err, ended)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func awaitUnready(ctx context.Context, base string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
		if err != nil {
			return err
		}
		response, err := streamClient.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusServiceUnavailable {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// readStream keeps a stream of events open through the kills and gives what
// became of it: nothing but an explicit end is right.
func readStream(ctx context.Context, t *testing.T, base string, c *client) func() error {
	t.Helper()
	o, err := writeOnce(ctx, c, "stream")
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+o.path("/events"), nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+o.Token)
	response, err := streamClient.Do(request) //nolint:bodyclose // closed by the reader below
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		defer response.Body.Close()
		seen := make([]byte, 0, 4096)
		chunk := make([]byte, 4096)
		for {
			n, err := response.Body.Read(chunk)
			seen = append(seen, chunk[:n]...)
			if err != nil {
				done <- endedWell(string(seen), err)
				return
			}
		}
	}()
	return func() error {
		select {
		case err := <-done:
			return err
		default:
			return nil // still open
		}
	}
}

// endedWell says what is wrong with a stream that is over: its last event says why, or there is an error.
func endedWell(seen string, err error) error {
	events := strings.Split(strings.TrimSpace(seen), "\n\n")
	if last := events[len(events)-1]; strings.HasPrefix(last, "event: error\n") || strings.HasPrefix(last, "retry: ") {
		return nil
	}
	return fmt.Errorf("ended without a word: %w", err)
}

func TestDatabase_judge_of_streams_can_fail(t *testing.T) {
	t.Parallel()
	const snapshot = "event: conversation.updated\ndata: {}\n\n"
	require.NoError(t, endedWell(snapshot+"event: error\ndata: {}\n\n", io.EOF))
	require.Error(t, endedWell(snapshot, io.EOF))
	require.Error(t, endedWell("event: error\ndata: {}\n\n"+snapshot+"event: mess", io.ErrUnexpectedEOF))
}
