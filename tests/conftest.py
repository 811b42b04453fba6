"""What pytest must not collect: answers of students are data."""

collect_ignore_glob = ["answers/*", "attacks/*", "seed/*"]
