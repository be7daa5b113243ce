from numpy import divide, exp, multiply, negative, subtract


def block(x, m, s, value, grad):
    u_1 = x - m
    t_1 = s*s
    u_2 = -0.5*(u_1*u_1)/t_1
    t_2 = exp(u_2)
    p = divide(0.3989422804014327*t_2, s, out=value)
    t_3 = 0.3989422804014327*(1.0/s)*t_2/t_1
    subtract(-t_3*u_2*(2.0*s), p/s, out=grad[2])
    d_u_1 = multiply(-0.5*t_3, 2.0*u_1, out=grad[0])
    negative(d_u_1, out=grad[1])
