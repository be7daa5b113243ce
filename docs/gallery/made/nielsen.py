from numpy import multiply, subtract, tanh


def block(
    x_1, x_2, w_111, w_121, b_1, w_211, w_221, b_2, w_311, w_321, b_3, value, grad,
):
    f_3 = tanh(w_111*x_1 + w_121*x_2 + b_1)
    f_2 = tanh(w_211*x_1 + w_221*x_2 + b_2)
    f_1 = tanh(w_311*f_3 + w_321*f_2 + b_3, out=value)
    d_b_3 = subtract(1.0, f_1*f_1, out=grad[8])
    multiply(d_b_3, f_3, out=grad[6])
    multiply(d_b_3, f_2, out=grad[7])
    d_b_2 = multiply(d_b_3*w_321, 1.0 - f_2*f_2, out=grad[5])
    multiply(d_b_2, x_2, out=grad[4])
    multiply(d_b_2, x_1, out=grad[3])
    d_b_1 = multiply(d_b_3*w_311, 1.0 - f_3*f_3, out=grad[2])
    multiply(d_b_1, x_2, out=grad[1])
    multiply(d_b_1, x_1, out=grad[0])
