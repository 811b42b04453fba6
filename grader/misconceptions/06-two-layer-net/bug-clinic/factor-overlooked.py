"""A constant factor was taken for a matter of taste.

Gradients that are all too large by one factor point in the right direction, but they are
not the gradient of this loss. Find the first number on the way back that carries the
factor. See unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "healthy",
    "B": "Affine2",
    "C": "healthy",
    "D": "Affine1",
    "E": "Relu1",
    "F": "Affine2",
}
