// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 30 * time.Second
)

// process is a program of ours that runs beside this one.
type process struct {
	cmd    *exec.Cmd
	url    string
	stderr *tail
	exited chan struct{}
}

// startProcess runs a program that listens on address and waits until it prints ready.
func startProcess(path string, args, env []string, address, ready string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...), url: "http://" + address, stderr: &tail{}, exited: make(chan struct{})} //nolint:noctx,gosec // stopped by stop; named by the operator
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), env...), p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	answers := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), ready) {
				close(answers)
				break
			}
		}
		_, _ = io.Copy(io.Discard, out)
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	select {
	case <-answers:
		return p, nil
	case <-p.exited:
		return nil, fmt.Errorf("%s did not start: %s", filepath.Base(path), p.stderr)
	case <-time.After(startTimeout):
		p.stop()
		return nil, fmt.Errorf("%s did not start in time: %s", filepath.Base(path), p.stderr)
	}
}

// stop tells the process to stop, and kills it when it does not.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// runCommand runs a program to its end.
func runCommand(ctx context.Context, path string, args, env []string) error {
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // named by the operator
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", filepath.Base(path), args[0], err, lastLines(out))
	}
	return nil
}

// freeAddress is a loopback address at which nothing listens now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// cpu is the processor time that processes have used, all their threads together.
func cpu(pids ...int) time.Duration {
	var total time.Duration
	for _, pid := range pids {
		paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is a constant
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				continue // the thread has ended
			}
			used, _, _ := strings.Cut(string(raw), " ")
			n, _ := strconv.ParseInt(used, 10, 64)
			total += time.Duration(n)
		}
	}
	return total
}

// residentKiB is the memory that a process has, as Linux counts it.
func residentKiB(pid int) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		}
	}
	return 0, errors.New("the kernel does not say how much memory a process has")
}

// tail keeps the end of what a process prints.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailLength = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-tailLength):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return lastLines(t.text)
}

func lastLines(out []byte) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-5):], []byte("\n")))
}
