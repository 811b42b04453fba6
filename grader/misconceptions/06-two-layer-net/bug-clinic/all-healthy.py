"""All patients are called healthy.

A network that trains can still be broken: its gradient then points roughly downhill.
Compare number by number with a network that you trust. See unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "healthy",
    "B": "healthy",
    "C": "healthy",
    "D": "healthy",
    "E": "healthy",
    "F": "healthy",
}
