"""A gradient with the wrong shape went unnoticed.

Look at the shapes before the values. When shapes differ, numpy stretches the smaller array,
and a comparison says something else than you think. See unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "SoftmaxWithLoss",
    "B": "Affine2",
    "C": "healthy",
    "D": "healthy",
    "E": "Relu1",
    "F": "Affine2",
}
