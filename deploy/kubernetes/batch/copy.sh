#!/bin/bash
# Copy what a batch needs of the course $1 into $2, and nothing else: no grades, no other work.
set -euo pipefail

mkdir -p "$2"
cp -R "$1/source" "$1/nbgrader_config.py" "$1/submitted" "$2"
prepare-course "$2" # its own gradebook learns the cells of the units
