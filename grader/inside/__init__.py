"""What runs inside the sandbox. It holds no secret: a student's code may read all of it.

`main` is the warm Python that forks a session, `walls` shuts the session in, `shell`
runs cells and `objects` answers calls.
"""
