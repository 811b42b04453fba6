"""functools.reduce forward and backward; biases found as rows of shape (1, M) are flattened."""

from functools import reduce

import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        shapes = {"W1": (input_size, hidden_size), "W2": (hidden_size, output_size)}
        self.params = {k: weight_init_std * np.random.standard_normal(s) for k, s in shapes.items()}
        self.params |= {"b1": np.zeros(hidden_size), "b2": np.zeros(output_size)}
        self.layers = OrderedDict(
            Affine1=Affine(self.params["W1"], self.params["b1"]),
            Relu1=Relu(),
            Affine2=Affine(self.params["W2"], self.params["b2"]),
        )
        self.lastLayer = SoftmaxWithLoss()

    def predict(self, x):
        return reduce(lambda out, layer: layer.forward(out), self.layers.values(), x)

    def loss(self, x, t):
        return self.lastLayer.forward(self.predict(x), t)

    def accuracy(self, x, t):
        one_hot = t if t.ndim == 2 else np.eye(len(self.params["b2"]))[t]
        scores = self.predict(x)
        return np.mean(scores[one_hot > 0] >= scores.max(axis=1))

    def gradient(self, x, t):
        self.loss(x, t)
        layers = reversed(tuple(self.layers.values()))
        reduce(lambda dout, layer: layer.backward(dout), layers, self.lastLayer.backward())
        grads = {}
        for key in self.params:
            layer = self.layers["Affine" + key[-1]]
            grads[key] = layer.dW if key.startswith("W") else layer.db.ravel()
        return grads

    def numerical_gradient(self, x, t):
        return {
            key: numerical_gradient(lambda w: self.loss(x, t), w) for key, w in self.params.items()
        }
