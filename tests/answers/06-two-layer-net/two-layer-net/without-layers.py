"""No layer objects: numpy formulas that read params at each call."""

import numpy as np


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        rng = np.random.default_rng()
        self.params = OrderedDict(
            W1=weight_init_std * rng.standard_normal((input_size, hidden_size)),
            b1=np.zeros(hidden_size),
            W2=weight_init_std * rng.standard_normal((hidden_size, output_size)),
            b2=np.zeros(output_size),
        )

    def _forward(self, x):
        p = self.params
        a = np.matmul(x, p["W1"]) + p["b1"]
        z = np.where(a > 0, a, 0)
        return a, z, np.matmul(z, p["W2"]) + p["b2"]

    @staticmethod
    def _softmax(s):
        e = np.exp(s - s.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def predict(self, x):
        return self._forward(x)[-1]

    def loss(self, x, t):
        y = self._softmax(self.predict(x))
        return -np.sum(t * np.log(y + 1e-7)) / len(x)

    def accuracy(self, x, t):
        winners = np.argmax(self.predict(x), axis=1)
        return float(np.mean(winners == (t if t.ndim == 1 else np.argmax(t, axis=1))))

    def gradient(self, x, t):
        a, z, s = self._forward(x)
        d2 = (self._softmax(s) - t) / x.shape[0]
        d1 = np.einsum("nc,hc->nh", d2, self.params["W2"]) * (a > 0)
        return {"W1": x.T.dot(d1), "b1": d1.sum(0), "W2": z.T.dot(d2), "b2": d2.sum(0)}

    def numerical_gradient(self, x, t):
        grads = {}
        for name in self.params:
            grads[name] = numerical_gradient(lambda w: self.loss(x, t), self.params[name])
        return grads
