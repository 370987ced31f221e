# shellcheck shell=bash
# What the scripts beside this file share. Sourced, never run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=$root/.data
pg_oldest=15        # oldest PostgreSQL that is used
vector_oldest=0.7   # oldest pgvector that is used: halfvec came with it
export root data

# Progress goes to standard error, so that a script's result can be captured.
say() { printf 'candor: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# as_root COMMAND... runs a command as root: directly, or through sudo.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root and there is no sudo here; run it as root, then try again: $*"
	fi
}

# at_least A B: is version A the same as B or newer?
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# pg_major BIN prints the major version of the server in the folder BIN.
pg_major() { "$1/postgres" -V | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

# vector_version BIN prints the version of pgvector that the server in BIN would load; nothing if it has none.
vector_version() {
	sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$("$1/pg_config" --sharedir)/extension/vector.control" 2>/dev/null || true
}

# pg_bins prints the folders of all servers on this machine that are new enough, newest first.
pg_bins() {
	local bin
	{
		printf '%s\n' /usr/lib/postgresql/*/bin /usr/local/lib/candor/postgresql-*/bin | sort -rV
		pg_config --bindir 2>/dev/null || true
	} | while read -r bin; do
		if [ -x "$bin/initdb" ] && [ -x "$bin/pg_config" ] && [ "$(pg_major "$bin")" -ge "$pg_oldest" ]; then
			printf '%s\n' "$bin"
		fi
	done
}

# pg_bin prints the folder of the server to use, the newest one that has pgvector; fails if there is none.
pg_bin() {
	local bin
	while read -r bin; do
		if at_least "$(vector_version "$bin")" "$vector_oldest"; then
			printf '%s\n' "$bin"
			return 0
		fi
	done < <(pg_bins)
	return 1
}

# browser prints the name of a Chromium that runs; fails if there is none. Ubuntu's chromium-browser may be
# a stub that only says where to get the real one, hence the question for a version.
browser() {
	local name
	for name in chromium chromium-browser google-chrome google-chrome-stable headless-shell; do
		if command -v "$name" >/dev/null && timeout 20 "$name" --version 2>/dev/null | grep -qE '^(Google Chrome|Chromium|HeadlessChrome) '; then
			printf '%s\n' "$name"
			return 0
		fi
	done
	return 1
}
