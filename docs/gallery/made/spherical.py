from numpy import cos, multiply, negative, sin


def block(r, t, p, values, grads):
    t_1 = cos(p)
    t_2 = sin(t)
    t_3 = sin(p)
    t_4 = cos(t, out=grads[2][0])
    t_5 = r*t_2
    x = multiply(t_1, t_5, out=values[0])
    grads[1][2][...] = x
    y = multiply(t_3, t_5, out=values[1])
    z = multiply(r, t_4, out=values[2])
    multiply(t_1, t_2, out=grads[0][0])
    multiply(t_1, z, out=grads[0][1])
    negative(y, out=grads[0][2])
    multiply(t_2, t_3, out=grads[1][0])
    multiply(t_3, z, out=grads[1][1])
    negative(t_5, out=grads[2][1])
    grads[2][2][...] = 0.0
