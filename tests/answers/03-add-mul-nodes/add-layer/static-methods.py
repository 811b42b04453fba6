"""Static methods: there is nothing to remember."""


class AddLayer:
    @staticmethod
    def forward(x, y):
        return x + y

    @staticmethod
    def backward(dout):
        return dout, dout
