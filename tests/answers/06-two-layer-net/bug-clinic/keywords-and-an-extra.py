"""dict with keywords, and a note for a patient who does not exist."""

diagnosis = dict(
    A="SoftmaxWithLoss",
    B="Affine2",
    C="healthy",
    D="Affine1",
    E="Relu1",
    F="Affine2",
    G="not seen yet",
)
