#!/bin/sh
# Create or update Temporal's two databases. Safe to run at every start.
set -eu
SQL_PASSWORD="$(cat /run/secrets/temporal_postgres_password)"
export SQL_PASSWORD

for store in temporal temporal_visibility; do
  temporal-sql-tool --db "$store" create
  # Fails if the tables exist; real problems show up in update-schema.
  temporal-sql-tool --db "$store" setup-schema --version 0.0 || true
done
schemas=/etc/temporal/schema/postgresql/v12
temporal-sql-tool --db temporal update-schema --schema-dir "$schemas/temporal/versioned"
temporal-sql-tool --db temporal_visibility update-schema --schema-dir "$schemas/visibility/versioned"
