"""The engine that some exercises ask a student to write.

Nothing here is for a notebook. `course.gradient` and `course.graph` are the
public doors, and `course._switch` closes them while a notebook is graded.
"""
