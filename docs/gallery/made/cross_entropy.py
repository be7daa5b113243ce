from numpy import absolute, exp, inf, log, maximum, multiply, nan, negative, where


def block(z_1, z_2, z_3, value, grad):
    t_1 = maximum(maximum(z_1, z_2), z_3)
    t_2 = where(absolute(t_1) < inf, t_1, 0.0)
    t_3 = exp(z_1 - t_2)
    t_4 = exp(z_2 - t_2)
    t_5 = t_3 + t_4 + exp(z_3 - t_2)
    p = t_3/t_5
    L = negative(log(p), out=value)
    t_6 = where(p >= 0.0, -1.0/p, nan)/t_5
    t_7 = t_6*p
    multiply(-t_7, t_4, out=grad[1])
    multiply(t_6 - t_7, t_3, out=grad[0])
