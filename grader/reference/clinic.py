"""Make ``course/datasets/clinic.npz``: six networks, some with one broken layer.

``python -m grader.reference.clinic`` writes the file. The release holds the numbers
alone: broken code would tell which of its lines is wrong, and so what is right.

Every network passes two batches and the second is recorded, since one fault shows
only then.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

DATASET = Path(__file__).resolve().parents[2] / "course" / "datasets" / "clinic.npz"
BATCH, INPUTS, HIDDEN, OUTPUTS = 5, 6, 4, 4  # HIDDEN == OUTPUTS: a transposed W2 fits
# Far from the kink of the ReLU, where a numerical gradient would be wrong as well.
KINK_MARGIN = 0.05
# A loss with log(y + 1e-7) has another numerical gradient where y is tiny.
LEAST_PROBABILITY = 0.05


class Affine:
    """A right affine layer."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T


class Relu:
    """A right ReLU layer."""

    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, dout):
        return dout * self.on


class SoftmaxWithLoss:
    """A right softmax with cross entropy; nobody asks these networks for the loss."""

    def forward(self, z, t):
        exp = np.exp(z - z.max(axis=1, keepdims=True))
        self.y, self.t = exp / exp.sum(axis=1, keepdims=True), t

    def backward(self):
        return (self.y - self.t) / len(self.t)


class NoBatchMean(SoftmaxWithLoss):
    """Leaves out the division by the size of the batch."""

    def backward(self):
        return self.y - self.t


class NotTransposed(Affine):
    """Forgets to transpose W on the way back; a square W hides it from the shapes."""

    def backward(self, dout):
        super().backward(dout)
        return dout @ self.W


class BiasNotSummed(Affine):
    """Hands on the rows of ``dout`` as the gradient of the bias."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.copy()
        return dx


class FirstInputKept(Affine):
    """Keeps the input of its first call for ever."""

    def forward(self, x):
        if not hasattr(self, "x"):
            self.x = x
        return x @ self.W + self.b


class MaskInverted(Relu):
    """Closes the gate where it was open."""

    def backward(self, dout):
        return dout * ~self.on


# patient: (the layer that is replaced, by what); None for a network without a fault.
PLANTED = {
    "A": ("SoftmaxWithLoss", NoBatchMean),
    "B": ("Affine2", NotTransposed),
    "C": None,
    "D": ("Affine1", BiasNotSummed),
    "E": ("Relu1", MaskInverted),
    "F": ("Affine2", FirstInputKept),
}
DIAGNOSIS = {name: fault[0] if fault else "healthy" for name, fault in PLANTED.items()}


def _true_class_probability(params, x, t) -> np.ndarray:
    hidden = np.maximum(x @ params["W1"] + params["b1"], 0)
    last = SoftmaxWithLoss()
    last.forward(hidden @ params["W2"] + params["b2"], t)
    return (last.y * t).sum(axis=1)


def _draw(rng: np.random.Generator, dead_unit: bool):
    """Return parameters and two batches whose gates are mixed and far from the kink.

    With ``dead_unit`` the last hidden unit is off for every row, so that a right
    gradient holds a column of zeros and looks ill.
    """
    while True:
        params = {
            "W1": rng.normal(size=(INPUTS, HIDDEN)),
            "b1": rng.normal(size=HIDDEN),
            "W2": rng.normal(size=(HIDDEN, OUTPUTS)),
            "b2": rng.normal(size=OUTPUTS),
        }
        batches = [
            (rng.normal(size=(BATCH, INPUTS)), np.eye(OUTPUTS)[rng.permutation(BATCH) % OUTPUTS])
            for _ in range(2)
        ]
        params = {key: (0.7 * value).round(2) for key, value in params.items()}
        batches = [(x.round(2), t) for x, t in batches]
        z = np.concatenate([x @ params["W1"] + params["b1"] for x, _ in batches])
        on = (z[-BATCH:] > 0).mean(axis=0)
        awake = on[:-1] if dead_unit else on
        mixed = (awake > 0).all() and (awake < 1).all() and (not dead_unit or on[-1] == 0)
        usual = min(_true_class_probability(params, x, t).min() for x, t in batches)
        if mixed and np.abs(z).min() > KINK_MARGIN and usual > LEAST_PROBABILITY:
            return params, batches


def _record(params, batches, fault) -> dict[str, np.ndarray]:
    """Run both batches through one network and return what it printed for the second."""
    kinds = {
        "Affine1": Affine,
        "Relu1": Relu,
        "Affine2": Affine,
        "SoftmaxWithLoss": SoftmaxWithLoss,
    }
    if fault:
        kinds[fault[0]] = fault[1]
    layers = {
        "Affine1": kinds["Affine1"](params["W1"], params["b1"]),
        "Relu1": kinds["Relu1"](),
        "Affine2": kinds["Affine2"](params["W2"], params["b2"]),
    }
    last = kinds["SoftmaxWithLoss"]()
    for x, t in batches:
        out = x
        for layer in layers.values():
            out = layer.forward(out)
        last.forward(out, t)
        dout = last.backward()
        printed = {"x": x, "t": t, "douts/SoftmaxWithLoss": dout}
        for name, layer in reversed(layers.items()):
            dout = layer.backward(dout)
            printed[f"douts/{name}"] = dout
    for number in "12":
        printed[f"grads/W{number}"] = layers[f"Affine{number}"].dW
        printed[f"grads/b{number}"] = layers[f"Affine{number}"].db
    return printed | {f"params/{key}": value for key, value in params.items()}


def records() -> dict[str, np.ndarray]:
    """Return the whole file as ``{"A/params/W1": array, ...}``; the same on every call."""
    arrays = {}
    for number, (name, fault) in enumerate(PLANTED.items()):
        params, batches = _draw(np.random.default_rng([6, number]), dead_unit=fault is None)
        printed = _record(params, batches, fault)
        arrays |= {f"{name}/{key}": printed[key] for key in sorted(printed)}
    return arrays


def main() -> None:
    """Write the file."""
    np.savez_compressed(DATASET, **records())
    print(f"wrote {DATASET}")


if __name__ == "__main__":
    main()
