"""Exercises as calculus textbooks set them, each with the answer at the back.

A line is ``formula -> answer``; every answer is written as such books print it.
"""

EXERCISES = """
# polynomials and powers
3x^2 - 5x + 7 -> 6x - 5
x^5 - 3x^3 + 2x -> 5x^4 - 9x^2 + 2
4x^3 - x^2/2 + 6 -> 12x^2 - x
x^10/10 - x^5/5 -> x^9 - x^4
(2x + 1)^2 -> 4*(2x + 1)
7x^4 - 2x^-3 -> 28x^3 + 6/x^4
1/x -> -1/x^2
1/x^2 -> -2/x^3
3/x^4 -> -12/x^5
x + 1/x -> 1 - 1/x^2
sqrt(x) -> 1/(2*sqrt(x))
1/sqrt(x) -> -1/(2*x^(3/2))
x*sqrt(x) -> 3*sqrt(x)/2
x^(2/3) -> 2/(3*x^(1/3))
x^(5/3) - x^(2/3) -> (5x - 2)/(3*x^(1/3))
cbrt(x) -> 1/(3*cbrt(x)^2)
4sqrt(x) + 5/x -> 2/sqrt(x) - 5/x^2
x^pi -> pi*x^(pi - 1)
2x^3 - 3x^2 - 12x -> 6x^2 - 6x - 12
x^4/4 + x^3/3 + x^2/2 + x -> x^3 + x^2 + x + 1
a x^2 + b x + c -> 2a x + b
(x - a)^3 -> 3*(x - a)^2
x^3*(x - 1) -> x^2*(4x - 3)
(x - 2)(x + 3) -> 2x + 1
(x^2 + 1)(x^2 - 1) -> 4x^3
(3x - 1)(2x + 5) -> 12x + 13
(x + 1)(x + 2)(x + 3) -> 3x^2 + 12x + 11
sqrt(x)*(x - 1) -> (3x - 1)/(2*sqrt(x))
(x^2 - 1)/x -> 1 + 1/x^2
(x^3 + 1)/x^2 -> 1 - 2/x^3
(x^2 + 4x + 3)/sqrt(x) -> (3x^2 + 4x - 3)/(2*x^(3/2))
# quotients
x/(x + 1) -> 1/(x + 1)^2
(x - 1)/(x + 1) -> 2/(x + 1)^2
(2x + 3)/(x^2 - 4) -> -2*(x^2 + 3x + 4)/(x^2 - 4)^2
x^2/(x + 1) -> x*(x + 2)/(x + 1)^2
1/(x^2 + 1) -> -2x/(x^2 + 1)^2
x/(x^2 + 1) -> (1 - x^2)/(x^2 + 1)^2
(x^2 + 1)/(x^2 - 1) -> -4x/(x^2 - 1)^2
(x^2 - 1)/(x^2 + 1) -> 4x/(x^2 + 1)^2
(3x - 2)/(5x + 1) -> 13/(5x + 1)^2
(x^3)/(x - 1) -> x^2*(2x - 3)/(x - 1)^2
x^3/(1 - x^2) -> x^2*(3 - x^2)/(1 - x^2)^2
(1 - x)/(1 + x)^2 -> (x - 3)/(x + 1)^3
sqrt(x)/(1 + x) -> (1 - x)/(2*sqrt(x)*(x + 1)^2)
(1 + sqrt(x))/(1 - sqrt(x)) -> 1/(sqrt(x)*(1 - sqrt(x))^2)
1/(x^4 + x^2 + 1) -> -2x*(2x^2 + 1)/(x^4 + x^2 + 1)^2
a/(b + x) -> -a/(b + x)^2
(a x + b)/(c x + d) -> (a d - b c)/(c x + d)^2
x/(a + b x) -> a/(a + b x)^2
# chain rule
(x^2 + 1)^10 -> 20x*(x^2 + 1)^9
(3x - 5)^4 -> 12*(3x - 5)^3
(x^3 - x)^5 -> 5*(x^3 - x)^4*(3x^2 - 1)
(1 - x)^7 -> -7*(1 - x)^6
1/(2x + 1)^3 -> -6/(2x + 1)^4
sqrt(1 - x^2) -> -x/sqrt(1 - x^2)
sqrt(x^2 + 1) -> x/sqrt(x^2 + 1)
sqrt(4x + 1) -> 2/sqrt(4x + 1)
sqrt(2x) -> 1/sqrt(2x)
sqrt(x^3 + 3x) -> 3*(x^2 + 1)/(2*sqrt(x^3 + 3x))
1/sqrt(1 - x^2) -> x/(1 - x^2)^(3/2)
1/sqrt(x^2 + a^2) -> -x/(x^2 + a^2)^(3/2)
x*sqrt(1 - x^2) -> (1 - 2x^2)/sqrt(1 - x^2)
x*sqrt(x^2 + 1) -> (2x^2 + 1)/sqrt(x^2 + 1)
x/sqrt(x^2 + 1) -> 1/(x^2 + 1)^(3/2)
x/sqrt(1 - x^2) -> 1/(1 - x^2)^(3/2)
x^2*sqrt(x + 1) -> x*(5x + 4)/(2*sqrt(x + 1))
(x^2 + 1)^3*(2x - 1)^4 -> 2*(x^2 + 1)^2*(2x - 1)^3*(10x^2 - 3x + 4)
(x + 1)^2*(x - 2)^3 -> (x + 1)*(x - 2)^2*(5x - 1)
x^2*(1 - x)^5 -> x*(1 - x)^4*(2 - 7x)
(2x + 1)^3*(3x - 2)^2 -> 6*(2x + 1)^2*(3x - 2)*(5x - 1)
((x - 1)/(x + 1))^2 -> 4*(x - 1)/(x + 1)^3
((2x + 1)/(x - 3))^4 -> -28*(2x + 1)^3/(x - 3)^5
sqrt((1 + x)/(1 - x)) -> 1/((1 - x)^2*sqrt((1 + x)/(1 - x)))
sqrt(x + sqrt(x)) -> (1 + 2*sqrt(x))/(4*sqrt(x)*sqrt(x + sqrt(x)))
(x + sqrt(x))^3 -> 3*(x + sqrt(x))^2*(1 + 1/(2*sqrt(x)))
cbrt(x^2 + 1) -> 2x/(3*cbrt(x^2 + 1)^2)
(x^2 + 3x)^(1/3) -> (2x + 3)/(3*(x^2 + 3x)^(2/3))
(a^2 - x^2)^(3/2) -> -3x*sqrt(a^2 - x^2)
(1 + x^4)^(3/4) -> 3x^3/(1 + x^4)^(1/4)
x/(x^2 + 1)^2 -> (1 - 3x^2)/(x^2 + 1)^3
x^3/(x^2 + 1)^3 -> 3x^2*(1 - x^2)/(x^2 + 1)^4
1/(1 + 1/x) -> 1/(x + 1)^2
# trigonometric functions
sin(3x) -> 3cos(3x)
cos(x^2) -> -2x*sin(x^2)
sin(x)^2 -> 2sin(x)*cos(x)
cos(x)^3 -> -3cos(x)^2*sin(x)
sin(x)*cos(x) -> cos(x)^2 - sin(x)^2
x*sin(x) -> sin(x) + x*cos(x)
x*cos(x) -> cos(x) - x*sin(x)
x^2*sin(x) -> x*(2sin(x) + x*cos(x))
x^2*cos(x) - 2x*sin(x) - 2cos(x) -> -x^2*sin(x)
sin(x)/x -> (x*cos(x) - sin(x))/x^2
cos(x)/x -> -(x*sin(x) + cos(x))/x^2
x/sin(x) -> (sin(x) - x*cos(x))/sin(x)^2
sin(x)/cos(x) -> 1/cos(x)^2
cos(x)/sin(x) -> -1/sin(x)^2
sin(x)/(1 + cos(x)) -> 1/(1 + cos(x))
cos(x)/(1 + sin(x)) -> -1/(1 + sin(x))
(1 + cos(x))/sin(x) -> -(1 + cos(x))/sin(x)^2
(1 - cos(x))/(1 + cos(x)) -> 2sin(x)/(1 + cos(x))^2
sin(x)/(sin(x) + cos(x)) -> 1/(sin(x) + cos(x))^2
1/(1 + sin(x)) -> -cos(x)/(1 + sin(x))^2
1/cos(x) -> sin(x)/cos(x)^2
1/sin(x) -> -cos(x)/sin(x)^2
tan(x) -> tan(x)^2 + 1
tan(2x) -> 2*(tan(2x)^2 + 1)
tan(x)^2 -> 2tan(x)*(tan(x)^2 + 1)
tan(x) - x -> tan(x)^2
x*tan(x) -> tan(x) + x*(tan(x)^2 + 1)
cot(x) -> -cot(x)^2 - 1
cot(x) + x -> -cot(x)^2
sec(x) -> sec(x)*tan(x)
sec(x)^2 -> 2sec(x)^2*tan(x)
csc(x) -> -csc(x)*cot(x)
csc(2x) -> -2csc(2x)*cot(2x)
sec(x)*tan(x) -> sec(x)*(2tan(x)^2 + 1)
x*sec(x) -> sec(x)*(x*tan(x) + 1)
x^2*sec(x) -> x*sec(x)*(x*tan(x) + 2)
sin(x)*tan(x) -> cos(x)*tan(x) + sin(x)*(tan(x)^2 + 1)
sin(cos(x)) -> -cos(cos(x))*sin(x)
sin(sqrt(x)) -> cos(sqrt(x))/(2*sqrt(x))
sqrt(sin(x)) -> cos(x)/(2*sqrt(sin(x)))
sin(1/x) -> -cos(1/x)/x^2
x*sin(1/x) -> sin(1/x) - cos(1/x)/x
x^2*sin(1/x) -> 2x*sin(1/x) - cos(1/x)
sin(x)^3*cos(x)^2 -> sin(x)^2*cos(x)*(3cos(x)^2 - 2sin(x)^2)
sin(3x)*cos(5x) -> 3cos(3x)*cos(5x) - 5sin(3x)*sin(5x)
cos(sin(x^2)) -> -2x*cos(x^2)*sin(sin(x^2))
sin(x)^2 + cos(x)^2 -> 0
sin(a x + b) -> a*cos(a x + b)
A*cos(ω*t - φ_0) by t -> -A*ω*sin(ω*t - φ_0)
tan(x)/x -> (x*(tan(x)^2 + 1) - tan(x))/x^2
tan(x^2 + 1) -> 2x*(tan(x^2 + 1)^2 + 1)
sqrt(1 + cos(x)) -> -sin(x)/(2*sqrt(1 + cos(x)))
sqrt(tan(x)) -> (tan(x)^2 + 1)/(2*sqrt(tan(x)))
sin(x)^n -> n*cos(x)*sin(x)^(n - 1)
# inverse trigonometric functions
asin(x) -> 1/sqrt(1 - x^2)
acos(x) -> -1/sqrt(1 - x^2)
atan(x) -> 1/(1 + x^2)
asin(2x) -> 2/sqrt(1 - 4x^2)
asin(x/a) -> 1/(a*sqrt(1 - x^2/a^2))
atan(x/a) -> a/(a^2 + x^2)
atan(3x) -> 3/(9x^2 + 1)
atan(1/x) -> -1/(x^2 + 1)
atan(sqrt(x)) -> 1/(2*sqrt(x)*(x + 1))
asin(sqrt(x)) -> 1/(2*sqrt(x)*sqrt(1 - x))
x*atan(x) -> atan(x) + x/(x^2 + 1)
x*asin(x) + sqrt(1 - x^2) -> asin(x)
x*asin(x) -> asin(x) + x/sqrt(1 - x^2)
x*atan(x) - ln(x^2 + 1)/2 -> atan(x)
atan(x)^2 -> 2atan(x)/(x^2 + 1)
asin(x)^2 -> 2asin(x)/sqrt(1 - x^2)
(1 + x^2)*atan(x) -> 2x*atan(x) + 1
atan(x)/x -> 1/(x*(x^2 + 1)) - atan(x)/x^2
atan((x - 1)/(x + 1)) -> 1/(x^2 + 1)
acos(1/x) -> 1/(x^2*sqrt(1 - 1/x^2))
atan(e^x) -> e^x/(e^(2x) + 1)
asin(x) + acos(x) -> 0
1/atan(x) -> -1/((x^2 + 1)*atan(x)^2)
# exponentials and logarithms
e^x -> e^x
e^(3x) -> 3e^(3x)
e^(-x) -> -e^(-x)
e^(-x^2) -> -2x*e^(-x^2)
x*e^x -> (x + 1)*e^x
x^2*e^x -> x*(x + 2)*e^x
x*e^(-x) -> (1 - x)*e^(-x)
x^2*e^(-x) -> x*(2 - x)*e^(-x)
(x^2 - 2x + 2)*e^x -> x^2*e^x
e^x/x -> (x - 1)*e^x/x^2
e^x/(1 + e^x) -> e^x/(1 + e^x)^2
1/(1 + e^(-x)) -> e^(-x)/(1 + e^(-x))^2
(e^x - 1)/(e^x + 1) -> 2e^x/(e^x + 1)^2
(e^x - e^(-x))/2 -> (e^x + e^(-x))/2
(e^x - e^(-x))/(e^x + e^(-x)) -> 4/(e^x + e^(-x))^2
e^sqrt(x) -> e^sqrt(x)/(2*sqrt(x))
e^(1/x) -> -e^(1/x)/x^2
e^sin(x) -> cos(x)*e^sin(x)
e^x*sin(x) -> e^x*(sin(x) + cos(x))
e^x*cos(x) -> e^x*(cos(x) - sin(x))
e^(a x)*sin(b x) -> e^(a x)*(a*sin(b x) + b*cos(b x))
e^(-x)*sin(2x) -> e^(-x)*(2cos(2x) - sin(2x))
e^(-x/2)*cos(x) -> -e^(-x/2)*(2sin(x) + cos(x))/2
2^x -> 2^x*ln(2)
10^(-x) -> -10^(-x)*ln(10)
3^(x^2) -> 2x*3^(x^2)*ln(3)
x*2^x -> 2^x*(x*ln(2) + 1)
e^(e^x) -> e^(e^x)*e^x
sqrt(1 + e^x) -> e^x/(2*sqrt(1 + e^x))
ln(x) -> 1/x
ln(2x) -> 1/x
ln(x^2) -> 2/x
ln(x^2 + 1) -> 2x/(x^2 + 1)
ln(5x + 3) -> 5/(5x + 3)
ln(sin(x)) -> cos(x)/sin(x)
ln(cos(x)) -> -sin(x)/cos(x)
ln(ln(x)) -> 1/(x*ln(x))
ln(x)^2 -> 2ln(x)/x
ln(x)^3 -> 3ln(x)^2/x
x*ln(x) -> ln(x) + 1
x*ln(x) - x -> ln(x)
x^2*ln(x) -> x*(2ln(x) + 1)
x^3*ln(x) -> x^2*(3ln(x) + 1)
x^n*ln(x) -> x^(n - 1)*(n*ln(x) + 1)
ln(x)/x -> (1 - ln(x))/x^2
ln(x)/x^2 -> (1 - 2ln(x))/x^3
x/ln(x) -> (ln(x) - 1)/ln(x)^2
1/ln(x) -> -1/(x*ln(x)^2)
sqrt(ln(x)) -> 1/(2x*sqrt(ln(x)))
sqrt(x)*ln(x) -> (ln(x) + 2)/(2*sqrt(x))
ln(sqrt(x)) -> 1/(2x)
ln(1/x) -> -1/x
ln((1 + x)/(1 - x)) -> 2/(1 - x^2)
ln((x - 1)/(x + 1)) -> 2/((x - 1)*(x + 1))
ln(x + sqrt(x^2 + 1)) -> 1/sqrt(x^2 + 1)
ln(x + sqrt(x^2 - 1)) -> 1/sqrt(x^2 - 1)
ln(sqrt(x^2 + 1)) -> x/(x^2 + 1)
ln(sec(x) + tan(x)) -> sec(x)
ln(tan(x)) -> (tan(x)^2 + 1)/tan(x)
ln(1 + e^x) -> e^x/(1 + e^x)
ln(e^x + e^(-x)) -> (e^x - e^(-x))/(e^x + e^(-x))
ln(1 + 1/x) -> -1/(x*(x + 1))
ln(|x|) -> 1/x
e^x*ln(x) -> e^x*(ln(x) + 1/x)
log(x, 2) -> 1/(x*ln(2))
sin(ln(x)) -> cos(ln(x))/x
cos(ln(x)) -> -sin(ln(x))/x
x*(sin(ln(x)) + cos(ln(x))) -> 2cos(ln(x))
x*ln(x)^2 -> ln(x)*(ln(x) + 2)
# powers with the variable above
x^x -> x^x*(ln(x) + 1)
x^(2x) -> 2x^(2x)*(ln(x) + 1)
x^sin(x) -> x^sin(x)*(cos(x)*ln(x) + sin(x)/x)
sin(x)^x -> sin(x)^x*(ln(sin(x)) + x*cos(x)/sin(x))
x^(1/x) -> x^(1/x)*(1 - ln(x))/x^2
x^ln(x) -> 2x^ln(x)*ln(x)/x
(ln(x))^x -> ln(x)^x*(ln(ln(x)) + 1/ln(x))
(1 + 1/x)^x -> (1 + 1/x)^x*(ln(1 + 1/x) - 1/(x + 1))
x^e^x -> x^(e^x)*e^x*(ln(x) + 1/x)
a^x*x^a -> a^x*x^(a - 1)*(a + x*ln(a))
# hyperbolic functions and their inverses
sinh(x) -> cosh(x)
cosh(3x) -> 3sinh(3x)
tanh(x) -> 1 - tanh(x)^2
sinh(x)^2 -> 2sinh(x)*cosh(x)
x*cosh(x) - sinh(x) -> x*sinh(x)
x*sinh(x) - cosh(x) -> x*cosh(x)
ln(cosh(x)) -> sinh(x)/cosh(x)
ln(sinh(x)) -> cosh(x)/sinh(x)
sinh(x)/cosh(x) -> 1/cosh(x)^2
tanh(x)^2 -> 2tanh(x)*(1 - tanh(x)^2)
e^x*sinh(x) -> e^x*(sinh(x) + cosh(x))
cosh(x)^2 - sinh(x)^2 -> 0
sech(x) -> -sech(x)*tanh(x)
csch(x) -> -csch(x)*coth(x)
coth(x) -> 1 - coth(x)^2
asinh(x) -> 1/sqrt(x^2 + 1)
acosh(x) -> 1/(sqrt(x - 1)*sqrt(x + 1))
atanh(x) -> 1/(1 - x^2)
asinh(2x) -> 2/sqrt(4x^2 + 1)
x*asinh(x) - sqrt(x^2 + 1) -> asinh(x)
x*atanh(x) + ln(1 - x^2)/2 -> atanh(x)
atan(sinh(x)) -> 1/cosh(x)
atan(tanh(x)) -> (1 - tanh(x)^2)/(1 + tanh(x)^2)
sinh(ln(x)) -> cosh(ln(x))/x
tanh(x/2) -> (1 - tanh(x/2)^2)/2
# of several kinds
e^x*(x^2 + 1)*sin(x) -> e^x*((x + 1)^2*sin(x) + (x^2 + 1)*cos(x))
x*e^x*sin(x) -> e^x*(x*sin(x) + sin(x) + x*cos(x))
x^2*e^x*ln(x) -> x*e^x*(x*ln(x) + 2ln(x) + 1)
x*sqrt(9 - x^2)/2 + 9*asin(x/3)/2 -> sqrt(9 - x^2)
e^(-x)*(x^2 + 2x + 2) -> -x^2*e^(-x)
sin(x)*e^(cos(x)) -> e^cos(x)*(cos(x) - sin(x)^2)
e^(-x^2/2)/sqrt(2pi) -> -x*e^(-x^2/2)/sqrt(2pi)
x*e^(-x^2) -> (1 - 2x^2)*e^(-x^2)
(x - μ)^2/(2σ^2) by x -> (x - μ)/σ^2
1/(1 + (x/a)^2) -> -2a^2*x/(a^2 + x^2)^2
G*m*M/r^2 by r -> -2*G*m*M/r^3
x*|x| -> 2|x|
|x^2 - 1| -> 2x*sign(x^2 - 1)
"""
