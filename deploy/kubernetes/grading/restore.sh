#!/bin/bash
# Put back the backup $1, or the newest: the databases and the folders are then as they were.
# Nothing else may use them meanwhile: README.md, "Restore".
set -euo pipefail

cd "$BACKUP"
name=${1:-$(find . -maxdepth 1 -type d -name '20*Z' -printf '%f\n' | sort | tail -n 1)}
[ -n "$name" ] || { echo "there is no backup in $BACKUP" >&2; exit 2; }
[ -d "$name" ] || { echo "there is no backup $name; there are:" >&2; ls >&2; exit 2; }
cd "$name"
sha256sum --quiet --check SHA256SUMS # before anything is touched

for database in $DATABASES; do
    pg_restore --clean --if-exists --exit-on-error --single-transaction \
        --dbname="$database" "$database.dump"
done
for folder in $FOLDERS; do
    find "$folder" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
    tar --extract --gzip --numeric-owner --file="$(basename "$folder").tar.gz" --directory="$folder"
done
echo "restored $name"
