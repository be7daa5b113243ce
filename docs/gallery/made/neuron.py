from numpy import multiply, subtract, tanh


def block(w_1, x_1, w_2, x_2, b, value, grad):
    u_1 = w_1*x_1 + w_2*x_2 + b
    y = tanh(u_1, out=value)
    d_u_1 = subtract(1.0, y*y, out=grad[2])
    multiply(d_u_1, x_2, out=grad[1])
    multiply(d_u_1, x_1, out=grad[0])
