"""The names are not written as in the task.

The names are compared letter by letter, with capitals and numbers. See unit 06, section
'Exercise 6.3'.
"""

diagnosis = {
    "A": "softmax_with_loss",
    "B": "affine2",
    "C": "Healthy",
    "D": "affine1",
    "E": "relu",
    "F": "affine2",
}
