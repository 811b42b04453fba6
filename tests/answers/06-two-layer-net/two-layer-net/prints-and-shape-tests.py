"""Prints, asserts and a warning in the methods; copies of the inputs and of the results."""

import warnings

import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        print("building", input_size, hidden_size, output_size)
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
        out = np.array(x, dtype=float)
        for name, layer in self.layers.items():
            out = layer.forward(out)
            print(name, out.shape)
        return out

    def loss(self, x, t):
        assert len(x) == len(t)
        loss = self.lastLayer.forward(self.predict(x), t)
        if loss > 100:
            warnings.warn("a large loss")
        return float(loss)

    def accuracy(self, x, t):
        t = np.asarray(t)
        if t.ndim > 1:
            t = np.nonzero(t)[1]
        y = np.argsort(self.predict(x), axis=1)[:, -1]
        return sum(int(a == b) for a, b in zip(y, t)) / len(y)

    def gradient(self, x, t):
        print("loss", self.loss(x, t))
        warnings.warn("one sweep back")
        dout = self.lastLayer.backward(dout=1)
        for name in reversed(self.layers):
            dout = self.layers[name].backward(dout)
        affine1, affine2 = self.layers["Affine1"], self.layers["Affine2"]
        grads = OrderedDict()
        grads["W2"], grads["b2"] = affine2.dW.copy(), affine2.db.copy()
        grads["W1"], grads["b1"] = affine1.dW.copy(), affine1.db.copy()
        return dict(grads)

    def numerical_gradient(self, x, t):
        grads = dict.fromkeys(self.params)
        for name in grads:
            grads[name] = numerical_gradient(lambda _ignored: self.loss(x, t), self.params[name], 1e-6)
        return grads
