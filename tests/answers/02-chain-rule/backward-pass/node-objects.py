"""A small class of nodes that hold value and gradient."""

class Node:
    def __init__(self, value):
        self.value = value
        self.grad = 0.0


def backward_pass(graph, values):
    nodes = {name: Node(v) for name, v in values.items()}
    names = list(graph)
    nodes[names[-1]].grad = 1.0
    for name in reversed(names):
        op, (left, right) = graph[name]
        node, a, b = nodes[name], nodes[left], nodes[right]
        if op == "+":
            a.grad += node.grad
            b.grad += node.grad
        else:
            a.grad += node.grad * b.value
            b.grad += node.grad * a.value
    return {name: node.grad for name, node in nodes.items()}
