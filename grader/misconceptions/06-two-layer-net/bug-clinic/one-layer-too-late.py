"""The layer that received the wrong numbers is named.

douts are named after the layer that they left, not after the one that they reach next. See
unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "Affine2",
    "B": "Relu1",
    "C": "healthy",
    "D": "Affine1",
    "E": "Affine1",
    "F": "Affine2",
}
