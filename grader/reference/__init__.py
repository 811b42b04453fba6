"""What the grader knows and a student must not: the makers of recorded data."""
