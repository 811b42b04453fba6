"""A tuple in place of a list."""


def topological_order(nodes):
    done = ()
    while len(done) < len(nodes):
        ready = [n for n in nodes if n not in done and not set(nodes[n][1]) & (set(nodes) - set(done))]
        done = done + (ready[0],)
    return done
