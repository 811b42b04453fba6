"""Zeros in a gradient are taken for a fault.

Zeros alone prove nothing: ask where they come from, and whether a network that you trust
prints them too for these parameters and this batch. See unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "SoftmaxWithLoss",
    "B": "Affine2",
    "C": "Relu1",
    "D": "Affine1",
    "E": "Relu1",
    "F": "Affine2",
}
