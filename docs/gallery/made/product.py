from numpy import add, cos, multiply, sin


def block(x, value, grad):
    t_1 = x*x
    t_2 = sin(x)
    y = multiply(t_1, t_2, out=value)
    add(t_1*cos(x), t_2*(2.0*x), out=grad[0])
