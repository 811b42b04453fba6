"""One of the six patients has no diagnosis.

The dict has an entry for each patient, the healthy ones included. See unit 06, section
'Exercise 6.3'.
"""

diagnosis = {
    "A": "SoftmaxWithLoss",
    "B": "Affine2",
    "D": "Affine1",
    "E": "Relu1",
    "F": "Affine2",
}
