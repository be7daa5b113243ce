from numpy import exp, multiply


def block(A, E_a, R, T, value, grad):
    t_1 = R*T
    u_1 = -E_a/t_1
    k = multiply(A, exp(u_1), out=value)
    multiply(-k/t_1*u_1, R, out=grad[0])
