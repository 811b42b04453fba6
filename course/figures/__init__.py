"""The pictures of the course: each displays in a notebook, with a caption and words for it.

>>> from course import figures
>>> figures.training_loop().title
'The training loop'

A picture is inline SVG in the colours of the page, light or dark. `graph_picture` draws any
computational graph; `subplots` and `plot` do the same service for matplotlib. Nothing here computes
what an exercise asks for: the numbers in the pictures are written down, not worked out.
"""

from ._activations import activation_curves
from ._affine_softmax import affine_graph, softmax_with_loss_graph
from ._any_graph import graph_picture
from ._chain_rule import chain_rule_1, chain_rule_2, chain_rule_3, path_sum
from ._network import training_loop, two_layer_net_graph
from ._nodes import backprop_add, backprop_mul, relu_node, sigmoid_graph, sigmoid_node
from ._picture import Picture
from ._plots import plot, subplots
from ._shopping import apple_graph, fruit_graph, local_node

__all__ = [
    "Picture",
    "activation_curves",
    "affine_graph",
    "apple_graph",
    "backprop_add",
    "backprop_mul",
    "chain_rule_1",
    "chain_rule_2",
    "chain_rule_3",
    "fruit_graph",
    "graph_picture",
    "local_node",
    "path_sum",
    "plot",
    "relu_node",
    "sigmoid_graph",
    "sigmoid_node",
    "softmax_with_loss_graph",
    "subplots",
    "training_loop",
    "two_layer_net_graph",
]
