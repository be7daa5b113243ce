from numpy import multiply, negative


def block(epsilon, sigma, r, value, grad):
    u_1 = sigma/r
    t_1 = u_1*u_1
    t_2 = t_1*u_1
    t_3 = t_2*t_2
    t_4 = 4.0*epsilon
    V = multiply(t_4, t_3*t_3 - t_3, out=value)
    t_5 = t_1*t_1*u_1
    negative((-t_4*(6.0*t_5) + t_4*(12.0*(t_5*t_5*u_1)))/r*u_1, out=grad[0])
