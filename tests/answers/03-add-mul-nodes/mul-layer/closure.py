"""forward leaves a function behind that backward calls."""


class MulLayer:
    def forward(self, x, y):
        self._back = lambda dout: (dout * y, dout * x)
        return x * y

    def backward(self, dout):
        return self._back(dout)
