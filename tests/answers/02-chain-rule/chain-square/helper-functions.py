"""Local derivatives as helper functions, the second by lambda."""

def d_square(t):
    return 2 * t


d_add = lambda x, y: 1

def chain_square(x, y):
    local_square = d_square(x + y)
    local_add = d_add(x, y)
    print("locals:", local_square, local_add)
    return local_square, local_add, local_square * local_add
