"""backward works for arrays only.

A plain number has no method copy. The layer must take both kinds, and nothing has to be
copied here. See unit 03, section 'From node to layer'.
"""


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        return dout.copy(), dout.copy()
