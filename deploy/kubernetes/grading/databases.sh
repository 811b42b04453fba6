#!/bin/bash
# Run once by the image, on an empty data folder: a role and its databases for the grader, one
# role and one database for the Hub, and a role that reads all of them for the backup. Nobody
# else may as much as connect.
set -euo pipefail

psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set grader="$GRADER_PASSWORD" --set hub="$HUB_PASSWORD" --set backup="$BACKUP_PASSWORD" <<'SQL'
CREATE ROLE grader LOGIN PASSWORD :'grader';
CREATE ROLE hub LOGIN PASSWORD :'hub';
CREATE ROLE backup LOGIN PASSWORD :'backup' IN ROLE pg_read_all_data;
CREATE DATABASE gradebook OWNER grader;
CREATE DATABASE classroom OWNER grader;
CREATE DATABASE hub OWNER hub;
REVOKE CONNECT ON DATABASE gradebook, classroom, hub, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE gradebook, classroom, hub TO backup;
SQL
