"""The layer with the wrong dW is blamed.

A wrong dW needs not be the fault of its layer: the layer may have been handed wrong
numbers. Follow douts from the loss and look for the first that differs. See unit 06,
section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "Affine2",
    "B": "Affine1",
    "C": "healthy",
    "D": "Affine1",
    "E": "Affine1",
    "F": "Affine2",
}
