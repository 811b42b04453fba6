"""forward multiplies the inputs where it should add them.

The lines of the multiply layer were probably copied. The backward step is fine, only the
forward value is off. See the table in unit 03, section 'What each node must remember'.
"""


class AddLayer:
    def forward(self, x, y):
        return x * y

    def backward(self, dout):
        return dout, dout
