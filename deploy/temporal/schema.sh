#!/bin/sh
# Both databases of Temporal, created or brought up to the schema inside the tool. May be repeated.
# SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN come from the environment.
set -eu

bring_up() {
    export SQL_DATABASE="$1"
    temporal-sql-tool create-database --defaultdb postgres
    temporal-sql-tool setup-schema --version 0.0
    temporal-sql-tool update-schema --schema-name "postgresql/v12/$2"
}

bring_up temporal temporal
bring_up temporal_visibility visibility
