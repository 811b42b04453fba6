"""Each gradient asks its users, with a memo that lives for one call."""

def backward_pass(graph, values):
    output = list(graph)[-1]
    memo = {output: 1.0}

    def grad(name):
        if name not in memo:
            total = 0.0
            for user, (op, (a, b)) in graph.items():
                if a == name:
                    total += grad(user) * (1 if op == "+" else values[b])
                if b == name:
                    total += grad(user) * (1 if op == "+" else values[a])
            memo[name] = total
        return memo[name]

    return {name: grad(name) for name in values}
