"""Nudges with a loop of its own and h = 1e-4; the forward pass of gradient by hand."""

import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {
            "W1": np.random.randn(input_size, hidden_size) * weight_init_std,
            "b1": np.zeros((hidden_size,)),
            "W2": np.random.randn(hidden_size, output_size) * weight_init_std,
            "b2": np.zeros((output_size,)),
        }
        self.layers = OrderedDict(
            [
                ("Affine1", Affine(self.params["W1"], self.params["b1"])),
                ("Relu1", Relu()),
                ("Affine2", Affine(self.params["W2"], self.params["b2"])),
            ]
        )
        self.lastLayer = SoftmaxWithLoss()

    def predict(self, x):
        x = self.layers["Affine1"].forward(x)
        x = self.layers["Relu1"].forward(x)
        return self.layers["Affine2"].forward(x)

    def loss(self, x, t):
        return self.lastLayer.forward(self.predict(x), t)

    def accuracy(self, x, t):
        classes = np.arange(self.params["b2"].size)
        targets = t if t.ndim == 1 else t @ classes
        return np.count_nonzero(self.predict(x).argmax(axis=1) == targets) / x.shape[0]

    def gradient(self, x, t):
        scores = self.predict(x)
        self.lastLayer.forward(scores, t)
        d = self.lastLayer.backward(1)
        d = self.layers["Affine2"].backward(d)
        d = self.layers["Relu1"].backward(d)
        self.layers["Affine1"].backward(d)
        return {
            key: getattr(self.layers["Affine" + key[1]], "d" + key[0]) for key in self.params
        }

    def numerical_gradient(self, x, t):
        h = 1e-4
        grads = {}
        for key, p in self.params.items():
            grads[key] = np.zeros_like(p)
            it = np.nditer(p, flags=["multi_index"], op_flags=["readwrite"])
            while not it.finished:
                i = it.multi_index
                keep = p[i]
                p[i] = float(keep) + h
                f1 = self.loss(x, t)
                p[i] = float(keep) - h
                f2 = self.loss(x, t)
                grads[key][i] = (f1 - f2) / (2 * h)
                p[i] = keep
                it.iternext()
        return grads
