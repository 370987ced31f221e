// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"candor/chat"
	"candor/internal/fault"
)

// companyCommand shows or sets what the company says of itself.
func companyCommand(ctx context.Context, args []string, io streams) error {
	if len(args) == 0 {
		return usageError("say what to do: show or set FILE")
	}
	set := flags("company "+args[0], io)
	if err := parse(set, args[1:]); err != nil {
		return err
	}
	a, err := openApp(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	switch {
	case args[0] == "show" && set.NArg() == 0:
		return a.showCompany(ctx, io)
	case args[0] == "set" && set.NArg() == 1:
		return a.setCompany(ctx, io, set.Arg(0))
	}
	return usageError("use show, or set FILE (- reads from standard input)")
}

func (a *app) showCompany(ctx context.Context, io streams) error {
	v, err := a.chat.CompanyInForce(ctx)
	if err != nil {
		return err
	}
	if v.Version == 0 {
		return fault.NotFound("company_not_set", "The company is not set yet: candor company set FILE")
	}
	encoder := json.NewEncoder(io.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v.Company)
}

// setCompany puts what a file says in force, or says everything that is wrong with it.
func (a *app) setCompany(ctx context.Context, io streams, path string) error {
	company, err := readCompany(io.in, path)
	if err != nil {
		return err
	}
	now, err := a.chat.CompanyInForce(ctx)
	if err != nil {
		return err
	}
	saved, err := a.chat.ChangeCompany(ctx, company, chat.Change{Base: now.Version})
	if f, is := fault.Of(err); is && len(f.Fields) > 0 {
		for _, field := range f.Fields {
			fmt.Fprintf(io.err, "%s: %s\n", field.Name, field.Message)
		}
		return errReported
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "Version %d is in force; gateways take it over within seconds.\n", saved.Version)
	return nil
}

func readCompany(in io.Reader, path string) (chat.Company, error) {
	raw, err := readInput(in, path)
	if err != nil {
		return chat.Company{}, err
	}
	var company chat.Company
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&company); err != nil {
		return company, fmt.Errorf("read the company: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return company, errors.New("read the company: there is something behind the JSON value")
	}
	return company, nil
}

// readInput reads a file, or standard input for "-".
func readInput(in io.Reader, path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(path) //nolint:gosec // the operator names the file
}
