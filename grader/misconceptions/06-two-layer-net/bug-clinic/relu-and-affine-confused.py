"""ReLU and affine layer are taken for each other.

Compare what comes into a layer with what leaves it. The gradient that left the ReLU is the
upstream gradient of the first affine layer. See unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "SoftmaxWithLoss",
    "B": "Affine2",
    "C": "healthy",
    "D": "Relu1",
    "E": "Affine1",
    "F": "Affine2",
}
