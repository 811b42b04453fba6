"""From the results back, then turned round."""


def topological_order(nodes):
    left = dict(nodes)
    order = []
    while left:
        used = {i for op, inputs in left.values() for i in inputs}
        for name in [n for n in left if n not in used]:
            order.append(name)
            del left[name]
    return order[::-1]
