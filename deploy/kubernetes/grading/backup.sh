#!/bin/bash
# One backup: $BACKUP/<time>/ with a dump of each database and an archive of each folder.
set -euo pipefail
umask 077

cd "$BACKUP"
rm -rf .draft # of a run that was ended
mkdir .draft

# The dumps first. What is handed in is written to its file before its row, and never changed:
# so whatever the dump names is in the archive that is made after it.
for database in $DATABASES; do
    pg_dump --format=custom --file=".draft/$database.dump" "$database"
done
for folder in $FOLDERS; do
    # 1: a file of the course changed while it was read, which is no failure
    tar --create --gzip --numeric-owner --file=".draft/$(basename "$folder").tar.gz" \
        --directory="$folder" . || [ $? = 1 ]
done
(cd .draft && sha256sum -- * >SHA256SUMS)

# Only what is whole has a name.
sync .draft/*
name=$(date --utc +%Y-%m-%dT%H%M%SZ)
mv .draft "$name"
du -sh "$name"

# The newest $KEEP stay; names sort by time.
find . -maxdepth 1 -type d -name '20*Z' -printf '%f\n' | sort | head -n "-$KEEP" | xargs -r rm -rf
