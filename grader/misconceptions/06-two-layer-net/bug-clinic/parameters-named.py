"""Parameters are named in place of layers.

A diagnosis is the name of a layer, since one layer can spoil several parameters, and a ReLU
has none. See unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "W1",
    "B": "W1",
    "C": "healthy",
    "D": "b1",
    "E": "W1",
    "F": "W2",
}
