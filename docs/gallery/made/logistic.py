from numpy import abs, exp, log1p, maximum, multiply, subtract


def logistic(u):
    """1/(1 + exp(-u)); exp may overflow, and 1/inf is right."""
    return 1.0 / (1.0 + exp(-u))


def softplus(u):
    """log(1 + exp(u)) that never overflows."""
    return maximum(u, 0.0) + log1p(exp(-abs(u)))


def block(t, w, x, b, value, grad):
    u = w*x + b
    p = logistic(u)
    t_1 = -u
    t_2 = 1.0 - t
    L = subtract(-t*-softplus(t_1), t_2*-softplus(u), out=value)
    d_u = subtract(t_2*p, t*logistic(t_1), out=grad[1])
    multiply(d_u, x, out=grad[0])
