"""Taxes each fruit apart and sums the two gradients of the tax."""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    def line(price, n):
        count_node, tax_node = MulLayer(), MulLayer()
        cost = tax_node.forward(count_node.forward(price, n), tax)
        dsubtotal, dtax = tax_node.backward(1)
        return cost, count_node.backward(dsubtotal), dtax

    cost_a, (dapple, dn_apple), dtax_a = line(apple, n_apple)
    cost_o, (dorange, dn_orange), dtax_o = line(orange, n_orange)
    return cost_a + cost_o, dapple, dn_apple, dorange, dn_orange, dtax_a + dtax_o
