"""Bias gradients of shape (1, M) are returned as they are."""

import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {}
        self.params["W1"] = weight_init_std * np.random.randn(input_size, hidden_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = weight_init_std * np.random.randn(hidden_size, output_size)
        self.params["b2"] = np.zeros(output_size)
        self.layers = OrderedDict()
        self.layers["Affine1"] = Affine(self.params["W1"], self.params["b1"])
        self.layers["Relu1"] = Relu()
        self.layers["Affine2"] = Affine(self.params["W2"], self.params["b2"])
        self.lastLayer = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.lastLayer.forward(self.predict(x), t)

    def accuracy(self, x, t):
        if t.ndim != 1:
            t = np.argmax(t, axis=1)
        return np.sum(np.argmax(self.predict(x), axis=1) == t) / len(t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.lastLayer.backward()
        grads = {}
        for name in ("Affine2", "Relu1", "Affine1"):
            layer = self.layers[name]
            upstream = np.array(dout)
            dout = layer.backward(dout)
            if name != "Relu1":
                grads["W" + name[-1]] = layer.dW
                grads["b" + name[-1]] = np.sum(upstream, axis=0, keepdims=True)
        return grads

    def numerical_gradient(self, x, t):
        grads = {}
        for key in ("W1", "b1", "W2", "b2"):
            grads[key] = numerical_gradient(lambda W: self.loss(x, t), self.params[key])
        return grads
