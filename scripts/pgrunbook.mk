# The runbook as targets of make: include this file in a Makefile.
#
#   DBNAME = shop
#   PGSNAP_STORE = /backups/shop
#   include pgrunbook.mk
#
#   make backup     a snapshot
#   make verify     the newest snapshot, restored into a private cluster and proved
#   make rehearse   the pending migrations on a copy of the newest snapshot: locks, times, window
#   make migrate    snapshot, proof, migrations, checks: one pipeline; what fails stops what follows
#   make check      whether the database is healthy
#   make lost       what was written since the newest snapshot, and a rollback would lose
#   make rollback   the newest snapshot in the database's place; asks for CONFIRM=DBNAME
#
# Connections as psql makes them: DBNAME may be a name, a key=value string or a URI; PGHOST and the rest count.
# Passwords belong into ~/.pgpass or PGPASSFILE, not here.

SHELL := /bin/bash

DBNAME ?= $(PGDATABASE)
PGSNAP_STORE ?=
MIGRATIONS ?= migrations
# What make check and the end of make migrate look at; empty: everything.
CHECKS ?=
# The records of a run, for `pgcheckpoint report`.
RUN_RECORDS ?= run.jsonl
RUN_REPORT ?= run.html

export PGSNAP_STORE

.PHONY: backup verify rehearse migrate check lost rollback pgrunbook-settings

pgrunbook-settings:
	@test -n '$(DBNAME)' || { echo 'pgrunbook.mk: set DBNAME or PGDATABASE' >&2; exit 2; }
	@test -n '$(PGSNAP_STORE)' || { echo 'pgrunbook.mk: set PGSNAP_STORE' >&2; exit 2; }

backup: pgrunbook-settings
	pgsnap create -d '$(DBNAME)'

verify: pgrunbook-settings
	pgverify restore latest

rehearse: pgrunbook-settings
	pgverify restore latest -- pgshift apply --trace --dir '$(MIGRATIONS)'

migrate: pgrunbook-settings
	pgsnap create -d '$(DBNAME)' \
	  | pgverify restore - \
	  | pgshift apply - --dir '$(MIGRATIONS)' -d '$(DBNAME)' \
	  | pgcheckpoint run - $(CHECKS) -d '$(DBNAME)' >'$(RUN_RECORDS)'; \
	status=$$?; pgcheckpoint report '$(RUN_RECORDS)' >'$(RUN_REPORT)'; \
	echo 'pgrunbook.mk: $(RUN_REPORT) shows the run' >&2; exit $$status

check: pgrunbook-settings
	pgcheckpoint run $(CHECKS) -d '$(DBNAME)'

lost: pgrunbook-settings
	pgverify compare latest '$(DBNAME)' --rows

rollback: pgrunbook-settings
	@test '$(CONFIRM)' = '$(DBNAME)' || { echo 'pgrunbook.mk: this replaces all of $(DBNAME): say CONFIRM=$(DBNAME)' >&2; exit 4; }
	pgsnap restore latest -d '$(DBNAME)' --create --clean --force
