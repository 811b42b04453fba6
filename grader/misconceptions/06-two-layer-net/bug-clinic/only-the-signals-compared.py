"""Only the gradients between the layers were compared.

An affine layer makes three gradients: one for the layer before it, two for its own
parameters. All three can be wrong by themselves. See unit 06, section 'Exercise 6.3'.
"""

diagnosis = {
    "A": "SoftmaxWithLoss",
    "B": "Affine2",
    "C": "healthy",
    "D": "healthy",
    "E": "Relu1",
    "F": "healthy",
}
