from numpy import multiply, tanh


def block(
    x_1, x_2, w_111, w_121, b_1, w_211, w_221, b_2, w_311, w_321, b_3, w_411, w_421,
    b_4, w_511, w_521, b_5, value, grad,
):
    f_5 = tanh(w_111*x_1 + w_121*x_2 + b_1)
    f_4 = tanh(w_211*x_1 + w_221*x_2 + b_2)
    f_3 = tanh(w_311*f_5 + w_321*f_4 + b_3)
    f_2 = tanh(w_411*f_5 + w_421*f_4 + b_4)
    f_1 = tanh(w_511*f_3 + w_521*f_2 + b_5, out=value)
    t_1 = 1.0 - f_1*f_1
    multiply((t_1*w_521*(1.0 - f_2*f_2)*w_411 + t_1*w_511*(1.0 - f_3*f_3)*w_311)*(1.0 - f_5*f_5), x_1, out=grad[0])
