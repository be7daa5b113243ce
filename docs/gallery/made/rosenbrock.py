from numpy import add, multiply, subtract


def block(x, y, values, grads):
    u_1 = 1.0 - x
    t_1 = x*x
    t_2 = t_1 - y
    t_3 = 400.0*t_2
    df_du_1 = 2.0*u_1
    df_dx = subtract(x*t_3, df_du_1, out=values[0])
    add(800.0*t_1 + t_3, 2.0, out=grads[0][0])
    multiply(-200.0, t_2, out=values[1])
    t_4 = multiply(-400.0, x, out=grads[0][1])
    grads[1][0][...] = t_4
    grads[1][1][...] = 200.0
