from numpy import multiply, tanh


def block(
    x_1, x_2, w_111, w_121, b_1, w_211, w_221, b_2, w_311, w_321, b_3, value, grad,
):
    f_3 = tanh(w_111*x_1 + w_121*x_2 + b_1)
    f_2 = tanh(w_211*x_1 + w_221*x_2 + b_2)
    f_1 = tanh(w_311*f_3 + w_321*f_2 + b_3, out=value)
    multiply((1.0 - f_1*f_1)*w_311*(1.0 - f_3*f_3), x_1, out=grad[0])
