"""The layers in a list, nudges by a nested def, gradients collected by position."""

import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {}
        sizes = [input_size, hidden_size, output_size]
        for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:]), start=1):
            self.params["W" + str(i)] = weight_init_std * np.random.randn(n_in, n_out)
            self.params["b" + str(i)] = np.zeros(n_out)
        self.affine1 = Affine(self.params["W1"], self.params["b1"])
        self.affine2 = Affine(self.params["W2"], self.params["b2"])
        self.layers = [self.affine1, Relu(), self.affine2]
        self.loss_layer = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        y = self.predict(x)
        loss = self.loss_layer.forward(y, t)
        return loss

    def accuracy(self, x, t):
        y = self.predict(x)
        hits = 0
        for row, target in zip(y, t):
            label = target if t.ndim == 1 else np.argmax(target)
            if np.argmax(row) == label:
                hits += 1
        return hits / len(x)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.loss_layer.backward()
        i = len(self.layers) - 1
        while i >= 0:
            dout = self.layers[i].backward(dout)
            i -= 1
        return dict(
            W1=self.affine1.dW, b1=self.affine1.db, W2=self.affine2.dW, b2=self.affine2.db
        )

    def numerical_gradient(self, x, t):
        def f(W):
            return self.loss(x, t)

        grads = {}
        grads["W1"] = numerical_gradient(f, self.params["W1"])
        grads["b1"] = numerical_gradient(f, self.params["b1"])
        grads["W2"] = numerical_gradient(f, self.params["W2"])
        grads["b2"] = numerical_gradient(f, self.params["b2"])
        return grads
