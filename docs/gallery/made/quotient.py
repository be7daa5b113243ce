from numpy import divide, subtract


def block(x, value, grad):
    t_1 = x - 3.0
    y = divide(x*x + 1.0, t_1, out=value)
    subtract(1.0/t_1*(2.0*x), y/t_1, out=grad[0])
