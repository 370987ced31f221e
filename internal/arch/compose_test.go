// SPDX-License-Identifier: MIT

package arch_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// project reads a compose file with the specification's own library, which validates it against the schema.
func project(t *testing.T, text string, environment ...string) *types.Project {
	t.Helper()
	details := types.ConfigDetails{
		WorkingDir:  t.TempDir(),
		ConfigFiles: []types.ConfigFile{{Filename: "docker-compose.yml", Content: []byte(text)}},
		Environment: types.NewMapping(environment),
	}
	loaded, err := loader.LoadWithContext(t.Context(), details)
	require.NoError(t, err)
	return loaded
}

// checkCompose names what a deployment must not do without.
func checkCompose(p *types.Project) []string {
	var found []string
	report := func(ok bool, format string, args ...any) {
		if !ok {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	report(slices.Equal(slices.Sorted(maps.Keys(p.Services)), []string{"gateway", "migrate", "postgres"}), "services are %v", p.ServiceNames())
	postgres, gateway, migrate := p.Services["postgres"], p.Services["gateway"], p.Services["migrate"]
	report(strings.HasPrefix(postgres.Image, "pgvector/pgvector:") && !strings.HasSuffix(postgres.Image, ":latest"), "the database's image is %s", postgres.Image)
	report(gateway.Image == migrate.Image && gateway.Build != nil && gateway.Build.Context == migrate.Build.Context, "gateway and migrate are two images")
	report(slices.ContainsFunc(postgres.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == types.VolumeTypeVolume && v.Target == "/var/lib/postgresql/data"
	}), "the database's files are in no volume")
	report(migrate.DependsOn["postgres"].Condition == types.ServiceConditionHealthy, "migrate does not wait for the database")
	report(gateway.DependsOn["migrate"].Condition == types.ServiceConditionCompletedSuccessfully, "gateway does not wait for the migrations")
	report(gateway.HealthCheck != nil && slices.Equal(gateway.HealthCheck.Test, []string{"CMD", "/candor", "healthcheck"}), "gateway's health is not checked")
	report(postgres.HealthCheck != nil && slices.Contains(postgres.HealthCheck.Test, "pg_isready"), "the database's health is not checked")
	report(len(postgres.Ports) == 0, "the database can be reached from outside")
	report(gateway.ReadOnly && slices.Equal(gateway.CapDrop, []string{"ALL"}), "gateway may change its own files or has capabilities")
	for _, port := range gateway.Ports {
		report(port.HostIP == "127.0.0.1", "port %s is open to the network without TLS before it", port.Published)
	}
	return append(found, checkSecrets(p)...)
}

// checkSecrets names secrets that stand in the file itself and secrets that are not read from one.
func checkSecrets(p *types.Project) []string {
	var found []string
	for _, service := range p.Services {
		for key, value := range service.Environment {
			secret := strings.Contains(key, "PASSWORD") || strings.Contains(key, "KEY") || strings.HasSuffix(key, "_URL") || strings.HasSuffix(key, "URL_FILE")
			switch {
			case !secret:
			case !strings.HasSuffix(key, "_FILE"):
				found = append(found, fmt.Sprintf("%s: %s stands in the file or the environment", service.Name, key))
			case !slices.ContainsFunc(service.Secrets, func(s types.ServiceSecretConfig) bool { return "/run/secrets/"+s.Source == *value }):
				found = append(found, fmt.Sprintf("%s: %s names no secret of the service", service.Name, key))
			}
		}
	}
	for name, secret := range p.Secrets {
		if secret.File == "" {
			found = append(found, fmt.Sprintf("secret %s is not read from a file", name))
		}
	}
	return found
}

func TestCompose_is_a_deployment(t *testing.T) {
	t.Parallel()
	require.Empty(t, checkCompose(project(t, file(t, "docker-compose.yml"))))
}

func TestCompose_serves_the_demo_on_request_only(t *testing.T) {
	t.Parallel()
	text := file(t, "docker-compose.yml")
	require.Equal(t, types.ShellCommand{"serve"}, project(t, text).Services["gateway"].Command)
	require.Equal(t, types.ShellCommand{"serve", "--demo"}, project(t, text, "CANDOR_SERVE_FLAGS=--demo").Services["gateway"].Command)
}

func TestCompose_creates_the_keystore_beside_the_database(t *testing.T) {
	t.Parallel()
	loaded := project(t, file(t, "docker-compose.yml"))
	config := loaded.Services["postgres"].Configs[0]
	require.Equal(t, "CREATE DATABASE candor_keys", loaded.Configs[config.Source].Content)
	require.True(t, strings.HasPrefix(config.Target, "/docker-entrypoint-initdb.d/"))
}

// Each of the secrets is one that `make secrets` makes.
func TestCompose_secrets_are_generated(t *testing.T) {
	t.Parallel()
	script := file(t, "scripts/secrets")
	for name, secret := range project(t, file(t, "docker-compose.yml")).Secrets {
		require.True(t, strings.HasSuffix(secret.File, "/.data/secrets/"+name), secret.File)
		require.Contains(t, script, "keep "+name)
	}
}

func TestCheckCompose_finds(t *testing.T) {
	t.Parallel()
	text := file(t, "docker-compose.yml")
	for name, change := range map[string][2]string{
		"a password in the file":         {"POSTGRES_PASSWORD_FILE: /run/secrets/postgres_password", "POSTGRES_PASSWORD: candor"},
		"a secret that is not mounted":   {"secrets: [postgres_password]", "secrets: [database_url]"},
		"a secret from the environment":  {"file: .data/secrets/master_key", "environment: MASTER_KEY"},
		"an unchecked gateway":           {`["CMD", "/candor", "healthcheck"]`, `["NONE"]`},
		"a start before the migrations":  {"condition: service_completed_successfully", "condition: service_started"},
		"a port open to the world":       {"127.0.0.1:8080:8080", "8080:8080"},
		"a moving database image":        {"pgvector:0.8.0-pg17", "pgvector:latest"},
		"files that die with their host": {"- postgres:/var/lib/postgresql/data", "- /srv/db:/var/lib/postgresql/data"},
		"a writable gateway":             {"read_only: true", "read_only: false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(text, change[0], change[1], 1)
			require.NotEqual(t, text, changed)
			require.NotEmpty(t, checkCompose(project(t, changed)))
		})
	}
}
