"""Kahn's algorithm with a queue."""

from collections import deque


def topological_order(nodes):
    waiting = {name: sum(i in nodes for i in nodes[name][1]) for name in nodes}
    users = {name: [] for name in nodes}
    for name, (op, inputs) in nodes.items():
        for i in inputs:
            if i in nodes:
                users[i].append(name)
    queue = deque(name for name in nodes if waiting[name] == 0)
    order = []
    while queue:
        name = queue.popleft()
        order.append(name)
        for user in users[name]:
            waiting[user] -= 1
            if waiting[user] == 0:
                queue.append(user)
    return order
