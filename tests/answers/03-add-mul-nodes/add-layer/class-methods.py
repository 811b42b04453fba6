"""Class methods."""


class AddLayer:
    @classmethod
    def forward(cls, x, y):
        return x + y

    @classmethod
    def backward(cls, dout):
        return [dout] * 2
