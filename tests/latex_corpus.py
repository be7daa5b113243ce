# ruff: noqa: E501
r"""Formulas of textbooks and papers in LaTeX, each with what it means in Python.

A line is ``latex ::: python``. Names are those of the graph; ``lambda`` is ``lam``.
Written by hand from memory: the meaning is no output of any program.
"""

from __future__ import annotations

CORPUS = r"""
# statistics and probability
\frac{1}{\sigma\sqrt{2\pi}} \exp\left(-\frac{(x-\mu)^2}{2\sigma^2}\right) ::: exp(-(x-mu)**2/(2*sigma**2))/(sigma*sqrt(2*pi))
\frac{1}{\sigma\sqrt{2\pi}} e^{-\frac{1}{2}\left(\frac{x-\mu}{\sigma}\right)^2} ::: exp(-((x-mu)/sigma)**2/2)/(sigma*sqrt(2*pi))
\frac{1}{\sqrt{2\pi\sigma^2}}\,e^{-(x-\mu)^2/(2\sigma^2)} ::: exp(-(x-mu)**2/(2*sigma**2))/sqrt(2*pi*sigma**2)
\lambda e^{-\lambda x} ::: lam*exp(-lam*x)
1 - e^{-\lambda x} ::: 1-exp(-lam*x)
\frac{\lambda^k e^{-\lambda}}{k!} ::: lam**k*exp(-lam)/gamma(k+1)
\binom{n}{3} p^3 (1-p)^{n-3} ::: n*(n-1)*(n-2)/6*p**3*(1-p)**(n-3)
\frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha-1} e^{-\beta x} ::: beta**alpha/gamma(alpha)*x**(alpha-1)*exp(-beta*x)
\frac{k}{\lambda}\left(\frac{x}{\lambda}\right)^{k-1} e^{-(x/\lambda)^k} ::: k/lam*(x/lam)**(k-1)*exp(-(x/lam)**k)
\frac{\alpha x_m^\alpha}{x^{\alpha+1}} ::: alpha*x_m**alpha/x**(alpha+1)
\frac{1}{\pi\gamma\left[1+\left(\frac{x-x_0}{\gamma}\right)^2\right]} ::: 1/(pi*gamma*(1+((x-x_0)/gamma)**2))
\frac{1}{2b}\exp\left(-\frac{|x-\mu|}{b}\right) ::: exp(-abs(x-mu)/b)/(2*b)
\frac{x}{\sigma^2} e^{-x^2/(2\sigma^2)} ::: x/sigma**2*exp(-x**2/(2*sigma**2))
\frac{e^{-(x-\mu)/s}}{s\,\left(1+e^{-(x-\mu)/s}\right)^2} ::: exp(-(x-mu)/s)/(s*(1+exp(-(x-mu)/s))**2)
\frac{1}{x\sigma\sqrt{2\pi}}\exp\left(-\frac{(\ln x-\mu)^2}{2\sigma^2}\right) ::: exp(-(log(x)-mu)**2/(2*sigma**2))/(x*sigma*sqrt(2*pi))
\frac{1}{2}\left[1+\operatorname{erf}\left(\frac{x-\mu}{\sigma\sqrt{2}}\right)\right] ::: (1+erf((x-mu)/(sigma*sqrt(2))))/2
\frac{\Gamma\left(\frac{\nu+1}{2}\right)}{\sqrt{\nu\pi}\,\Gamma\left(\frac{\nu}{2}\right)}\left(1+\frac{t^2}{\nu}\right)^{-\frac{\nu+1}{2}} ::: gamma((nu+1)/2)/(sqrt(nu*pi)*gamma(nu/2))*(1+t**2/nu)**(-(nu+1)/2)
\frac{x^{k/2-1}e^{-x/2}}{2^{k/2}\Gamma(k/2)} ::: x**(k/2-1)*exp(-x/2)/(2**(k/2)*gamma(k/2))
\frac{\bar{x}-\mu_0}{s/\sqrt{n}} ::: (x_bar-mu_0)/(s/sqrt(n))
\sqrt{\frac{\hat{p}(1-\hat{p})}{n}} ::: sqrt(p_hat*(1-p_hat)/n)
\hat{p} + z\sqrt{\frac{\hat{p}(1-\hat{p})}{n}} ::: p_hat+z*sqrt(p_hat*(1-p_hat)/n)
-p\log_2 p - (1-p)\log_2(1-p) ::: -p*log(p)/log(2)-(1-p)*log(1-p)/log(2)
p \ln\frac{p}{q} + (1-p)\ln\frac{1-p}{1-q} ::: p*log(p/q)+(1-p)*log((1-p)/(1-q))
\frac{P_1 P_2}{P_1 P_2 + (1-P_2)\,Q} ::: P_1*P_2/(P_1*P_2+(1-P_2)*Q)
\ln\frac{p}{1-p} ::: log(p/(1-p))
e^{\mu t + \frac{\sigma^2 t^2}{2}} ::: exp(mu*t+sigma**2*t**2/2)
\left(\frac{p}{1-(1-p)e^t}\right)^r ::: (p/(1-(1-p)*exp(t)))**r
\frac{1}{2\pi\sigma_1\sigma_2\sqrt{1-\rho^2}} ::: 1/(2*pi*sigma_1*sigma_2*sqrt(1-rho**2))
\exp\left(-\exp\left(-\frac{x-\mu}{\beta}\right)\right) ::: exp(-exp(-(x-mu)/beta))
\frac{\left(O-E\right)^2}{E} ::: (O-E)**2/E
# machine learning
\frac{1}{1+e^{-x}} ::: 1/(1+exp(-x))
\frac{1}{1+e^{-(wx+b)}} ::: 1/(1+exp(-(w*x+b)))
\tanh\left(w_1 x_1 + w_2 x_2 + b\right) ::: tanh(w_1*x_1+w_2*x_2+b)
\frac{e^x-e^{-x}}{e^x+e^{-x}} ::: (exp(x)-exp(-x))/(exp(x)+exp(-x))
\max(0, x) ::: max(0,x)
\max(\alpha x, x) ::: max(alpha*x,x)
\ln\left(1+e^x\right) ::: log(1+exp(x))
x\cdot\frac{1}{1+e^{-\beta x}} ::: x/(1+exp(-beta*x))
\frac{x}{2}\left(1+\operatorname{erf}\frac{x}{\sqrt{2}}\right) ::: x/2*(1+erf(x/sqrt(2)))
-y\log\hat{y} - (1-y)\log(1-\hat{y}) ::: -y*log(y_hat)-(1-y)*log(1-y_hat)
\frac{1}{2}(y-\hat{y})^2 ::: (y-y_hat)**2/2
\left(y - \hat{y}\right)^2 + \lambda w^2 ::: (y-y_hat)**2+lam*w**2
\max\left(0, 1 - y\,(w x + b)\right) ::: max(0,1-y*(w*x+b))
\begin{cases} \frac{1}{2} a^2 & \text{if } |a| \le \delta \\ \delta\left(|a| - \frac{1}{2}\delta\right) & \text{otherwise} \end{cases} ::: a**2/2 if abs(a)<=delta else delta*(abs(a)-delta/2)
\begin{cases} x & x > 0 \\ \alpha\,\left(e^x - 1\right) & x \leq 0 \end{cases} ::: x if x>0 else alpha*(exp(x)-1)
\frac{e^{z_1}}{e^{z_1}+e^{z_2}+e^{z_3}} ::: exp(z_1)/(exp(z_1)+exp(z_2)+exp(z_3))
-\ln\frac{e^{z_1}}{e^{z_1}+e^{z_2}} ::: -log(exp(z_1)/(exp(z_1)+exp(z_2)))
\log\left(\cosh\left(y-\hat{y}\right)\right) ::: log(cosh(y-y_hat))
-\alpha\,(1-p)^{\gamma}\log p ::: -alpha*(1-p)**gamma*log(p)
\exp\left(-\gamma\,\left((x_1-y_1)^2+(x_2-y_2)^2\right)\right) ::: exp(-gamma*((x_1-y_1)**2+(x_2-y_2)**2))
\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} ::: (x-mu)/sqrt(sigma**2+epsilon)
\theta - \frac{\eta}{\sqrt{v}+\epsilon} m ::: theta-eta/(sqrt(v)+epsilon)*m
\beta_1 m + (1-\beta_1)\,g ::: beta_1*m+(1-beta_1)*g
\frac{\hat{m}}{1-\beta^t} ::: m_hat/(1-beta**t)
\frac{x_1 y_1 + x_2 y_2}{\sqrt{x_1^2+x_2^2}\sqrt{y_1^2+y_2^2}} ::: (x_1*y_1+x_2*y_2)/(sqrt(x_1**2+x_2**2)*sqrt(y_1**2+y_2**2))
\frac{2 P R}{P + R} ::: 2*P*R/(P+R)
\frac{1}{2}\left(\mu^2 + \sigma^2 - \ln\sigma^2 - 1\right) ::: (mu**2+sigma**2-log(sigma**2)-1)/2
x\tanh\left(\ln\left(1+e^x\right)\right) ::: x*tanh(log(1+exp(x)))
\frac{x}{1+|x|} ::: x/(1+abs(x))
# mechanics
\frac12 m v^2 ::: m*v**2/2
v_0 t + \tfrac12 a t^2 ::: v_0*t+a*t**2/2
\sqrt{2 g h} ::: sqrt(2*g*h)
2\pi\sqrt{\frac{L}{g}} ::: 2*pi*sqrt(L/g)
G\frac{m_1 m_2}{r^2} ::: G*m_1*m_2/r**2
-\frac{G M m}{r} ::: -G*M*m/r
\sqrt{\frac{2GM}{R}} ::: sqrt(2*G*M/R)
A e^{-\gamma t}\cos(\omega t+\varphi) ::: A*exp(-gamma*t)*cos(omega*t+varphi)
\frac{1}{2} k x^2 + \frac{1}{4} \lambda x^4 ::: k*x**2/2+lam*x**4/4
\frac{F_0/m}{\sqrt{(\omega_0^2-\omega^2)^2+(2\zeta\omega_0\omega)^2}} ::: F_0/m/sqrt((omega_0**2-omega**2)**2+(2*zeta*omega_0*omega)**2)
\frac{v_0^2 \sin 2\theta}{g} ::: v_0**2*sin(2*theta)/g
x\tan\theta - \frac{g x^2}{2 v_0^2 \cos^2\theta} ::: x*tan(theta)-g*x**2/(2*v_0**2*cos(theta)**2)
v_e \ln\frac{m_0}{m_f} ::: v_e*log(m_0/m_f)
\sqrt{\frac{m g}{c}}\tanh\left(\sqrt{\frac{g c}{m}}\,t\right) ::: sqrt(m*g/c)*tanh(sqrt(g*c/m)*t)
\frac{p^2}{2m} + \frac{1}{2} m\omega^2 x^2 ::: p**2/(2*m)+m*omega**2*x**2/2
\frac{L^2}{2 m r^2} - \frac{k}{r} ::: L**2/(2*m*r**2)-k/r
a\cosh\left(\frac{x}{a}\right) ::: a*cosh(x/a)
\frac{a\,(1-e_0^2)}{1+e_0\cos\theta} ::: a*(1-e_0**2)/(1+e_0*cos(theta))
\frac{1}{2}\rho v^2 C_d A ::: rho*v**2*C_d*A/2
\frac{8\mu L Q}{\pi r^4} ::: 8*mu*L*Q/(pi*r**4)
p + \frac12\rho v^2 + \rho g h ::: p+rho*v**2/2+rho*g*h
6\pi\eta r v ::: 6*pi*eta*r*v
\frac{\rho v L}{\mu} ::: rho*v*L/mu
# electricity, waves, optics
\frac{1}{4\pi\varepsilon_0}\frac{q_1 q_2}{r^2} ::: q_1*q_2/(4*pi*varepsilon_0*r**2)
V_0\,\left(1-e^{-t/(RC)}\right) ::: V_0*(1-exp(-t/(R*C)))
\frac{1}{\sqrt{LC}} ::: 1/sqrt(L*C)
\sqrt{R^2+\left(\omega L-\frac{1}{\omega C}\right)^2} ::: sqrt(R**2+(omega*L-1/(omega*C))**2)
I_0\,\left(e^{\frac{V}{n V_T}}-1\right) ::: I_0*(exp(V/(n*V_T))-1)
\frac{\mu_0 I}{2\pi r} ::: mu_0*I/(2*pi*r)
\frac{R_1 R_2}{R_1+R_2} ::: R_1*R_2/(R_1+R_2)
\left(\frac{1}{R_1}+\frac{1}{R_2}\right)^{-1} ::: 1/(1/R_1+1/R_2)
20\log_{10}\frac{V_2}{V_1} ::: 20*log(V_2/V_1)/log(10)
A\sin(kx-\omega t) ::: A*sin(k*x-omega*t)
2A\cos\left(\frac{\omega_1-\omega_2}{2}t\right)\sin\left(\frac{\omega_1+\omega_2}{2}t\right) ::: 2*A*cos((omega_1-omega_2)/2*t)*sin((omega_1+omega_2)/2*t)
\arcsin\left(\frac{n_1\sin\theta_1}{n_2}\right) ::: asin(n_1*sin(theta_1)/n_2)
I_0\,\left(\frac{\sin\beta}{\beta}\right)^2 ::: I_0*(sin(beta)/beta)**2
I_0\cos^2\theta ::: I_0*cos(theta)**2
\left(\frac{n_1-n_2}{n_1+n_2}\right)^2 ::: ((n_1-n_2)/(n_1+n_2))**2
(n-1)\left(\frac{1}{R_1}-\frac{1}{R_2}\right) ::: (n-1)*(1/R_1-1/R_2)
f_0\frac{c+v}{c-u} ::: f_0*(c+v)/(c-u)
\frac{1}{\sqrt{1-\frac{v^2}{c^2}}} ::: 1/sqrt(1-v**2/c**2) if v<c else nan
\frac{u+v}{1+\frac{uv}{c^2}} ::: (u+v)/(1+u*v/c**2)
\sqrt{p^2c^2+m^2c^4} ::: sqrt(p**2*c**2+m**2*c**4)
# thermodynamics and quantum physics
\frac{8\pi h\nu^3}{c^3}\frac{1}{e^{\frac{h\nu}{k_B T}}-1} ::: 8*pi*h*nu**3/c**3/(exp(h*nu/(k_B*T))-1)
\frac{2hc^2}{\lambda^5}\frac{1}{e^{\frac{hc}{\lambda k_B T}}-1} ::: 2*h*c**2/lam**5/(exp(h*c/(lam*k_B*T))-1)
\sigma T^4 ::: sigma*T**4
\frac{nRT}{V-nb}-\frac{an^2}{V^2} ::: n*R*T/(V-n*b)-a*n**2/V**2
4\epsilon\left[\left(\frac{\sigma}{r}\right)^{12} - \left(\frac{\sigma}{r}\right)^{6}\right] ::: 4*epsilon*((sigma/r)**12-(sigma/r)**6)
D\left(1-e^{-a(r-r_0)}\right)^2 ::: None
D\,\left(1-e^{-a\,(r-r_0)}\right)^2 ::: D*(1-exp(-a*(r-r_0)))**2
A e^{-\frac{E_a}{RT}} ::: A*exp(-E_a/(R*T))
\frac{1}{e^{(E-\mu)/(k T)}+1} ::: 1/(exp((E-mu)/(k*T))+1)
\frac{1}{e^{\frac{E-\mu}{kT}}-1} ::: 1/(exp((E-mu)/(k*T))-1)
4\pi\left(\frac{m}{2\pi k T}\right)^{3/2} v^2 e^{-\frac{mv^2}{2kT}} ::: 4*pi*(m/(2*pi*k*T))**1.5*v**2*exp(-m*v**2/(2*k*T))
-kT\ln\left(2\cosh\frac{\mu B}{kT}\right) ::: -k*T*log(2*cosh(mu*B/(k*T)))
\coth x - \frac{1}{x} ::: coth(x)-1/x
3R\,\left(\frac{\theta}{T}\right)^2\frac{e^{\theta/T}}{\left(e^{\theta/T}-1\right)^2} ::: 3*R*(theta/T)**2*exp(theta/T)/(exp(theta/T)-1)**2
1-\frac{T_c}{T_h} ::: 1-T_c/T_h
n C_v\ln\frac{T_2}{T_1}+nR\ln\frac{V_2}{V_1} ::: n*C_v*log(T_2/T_1)+n*R*log(V_2/V_1)
\frac{\hbar^2 k^2}{2m} ::: hbar**2*k**2/(2*m)
\frac{n^2\pi^2\hbar^2}{2mL^2} ::: n**2*pi**2*hbar**2/(2*m*L**2)
\sqrt{\frac{2}{L}}\sin\left(\frac{n\pi x}{L}\right) ::: sqrt(2/L)*sin(n*pi*x/L)
\left(\frac{m\omega}{\pi\hbar}\right)^{1/4} e^{-\frac{m\omega x^2}{2\hbar}} ::: (m*omega/(pi*hbar))**0.25*exp(-m*omega*x**2/(2*hbar))
\frac{1}{\sqrt{\pi a_0^3}}e^{-r/a_0} ::: exp(-r/a_0)/sqrt(pi*a_0**3)
R_H\,\left(\frac{1}{n_1^2}-\frac{1}{n_2^2}\right) ::: R_H*(1/n_1**2-1/n_2**2)
N_0 e^{-\lambda t} ::: N_0*exp(-lam*t)
N_0\,2^{-t/T} ::: N_0*2**(-t/T)
\frac{h}{m c}(1-\cos\theta) ::: h/(m*c)*(1-cos(theta))
E_0 - \frac{R T}{n F_0}\ln Q ::: E_0-R*T/(n*F_0)*log(Q)
\frac{V_{\mathrm{max}} S}{K_m + S} ::: V_max*S/(K_m+S)
\frac{x^n}{K^n + x^n} ::: x**n/(K**n+x**n)
\frac{V_{\max}S}{K_m\left(1+\frac{I}{K_i}\right)+S} ::: None
\frac{K_a c}{1+K_a c} ::: K_a*c/(1+K_a*c)
pK_a + \log_{10}\frac{A}{H} ::: p*K_a+log(A/H)/log(10)
# biology, economics, finance
r N\left(1-\frac{N}{K}\right) ::: r*N*(1-N/K)
\frac{K}{1+\left(\frac{K-N_0}{N_0}\right)e^{-rt}} ::: K/(1+(K-N_0)/N_0*exp(-r*t))
\alpha x - \beta x y ::: alpha*x-beta*x*y
r x(1-x) ::: r*x*(1-x)
\frac{a x}{1+a h x} ::: a*x/(1+a*h*x)
A K^{\alpha} L^{1-\alpha} ::: A*K**alpha*L**(1-alpha)
\frac{c^{1-\gamma}-1}{1-\gamma} ::: (c**(1-gamma)-1)/(1-gamma)
\left(a K^{\rho}+(1-a)L^{\rho}\right)^{\frac{1}{\rho}} ::: (a*K**rho+(1-a)*L**rho)**(1/rho)
P\,\left(1+\frac{r}{n}\right)^{nt} ::: P*(1+r/n)**(n*t)
P e^{rt} ::: P*exp(r*t)
\frac{C}{r}\left(1-\frac{1}{(1+r)^n}\right) ::: C/r*(1-1/(1+r)**n)
\frac{P r}{1-(1+r)^{-n}} ::: P*r/(1-(1+r)**(-n))
\frac{\ln(S/K)+\left(r+\frac{\sigma^2}{2}\right)T}{\sigma\sqrt{T}} ::: (log(S/K)+(r+sigma**2/2)*T)/(sigma*sqrt(T))
S_0\exp\left(\left(\mu-\frac{\sigma^2}{2}\right)t+\sigma W_t\right) ::: S_0*exp((mu-sigma**2/2)*t+sigma*W_t)
\frac{D_1}{r-g} ::: D_1/(r-g)
\frac{\mu - r_f}{\sigma} ::: (mu-r_f)/sigma
e^{-rT}\left(F_0 N - K M\right) ::: exp(-r*T)*(F_0*N-K*M)
\alpha + \beta\ln x ::: alpha+beta*log(x)
a x^{b} ::: a*x**b
# analysis and geometry
\frac{x^2}{1+x} ::: x**2/(1+x)
\sqrt{x^2+y^2} ::: sqrt(x**2+y**2)
\sqrt[3]{x^2+1} ::: (x**2+1)**(1/mpf(3))
\sqrt{1-x^2} ::: sqrt(1-x**2) if x<1 else nan
\arctan\frac{y}{x} ::: atan(y/x)
\ln\left(x+\sqrt{x^2+1}\right) ::: log(x+sqrt(x**2+1))
\frac{1}{2}\ln\frac{1+x}{2-x} ::: log((1+x)/(2-x))/2
x^x ::: x**x
x^{\sin x} ::: x**sin(x)
e^{x^2} ::: exp(x**2)
e^{-x}\sin^2 x ::: exp(-x)*sin(x)**2
\sin\left(\cos\left(\tan x\right)\right) ::: sin(cos(tan(x)))
\frac{\sin x}{x} ::: sin(x)/x
\sec x\tan x ::: tan(x)/cos(x)
\csc x + \cot x ::: 1/sin(x)+1/tan(x)
\sinh x\cosh y ::: sinh(x)*cosh(y)
\tanh^2 x + \operatorname{sech}^2 x ::: mpf(1)+0*x
\frac{x+\frac{1}{x}}{x-\frac{1}{y}} ::: (x+1/x)/(x-1/y)
\cfrac{1}{1+\cfrac{1}{1+x}} ::: 1/(1+1/(1+x))
\left|x-y\right| ::: abs(x-y)
\left\lfloor 3x \right\rfloor + x ::: floor(3*x)+x
\frac{4}{3}\pi r^3 ::: 4*pi*r**3/3
\pi r\left(r+\sqrt{h^2+r^2}\right) ::: pi*r*(r+sqrt(h**2+r**2))
\sqrt{s(s+a)(s+b)} ::: sqrt(s*(s+a)*(s+b))
\sqrt{s\,(s+a)(s+b)} ::: sqrt(s*(s+a)*(s+b))
\sqrt{a^2+b^2-2ab\cos\gamma} ::: sqrt(a**2+b**2-2*a*b*cos(gamma))
\arccos\left(\frac{a^2+b^2-c^2}{2ab}\right) ::: acos((a**2+b**2-c**2)/(2*a*b)) if abs(a**2+b**2-c**2)<2*a*b else nan
\frac{ax+b}{cx+d} ::: (a*x+b)/(c*x+d)
\frac{a x+b}{c x+g} ::: (a*x+b)/(c*x+g)
\frac{-b+\sqrt{b^2+4ac}}{2a} ::: (-b+sqrt(b**2+4*a*c))/(2*a)
x^3-3xy^2 ::: x**3-3*x*y**2
(1-x)^2+100\left(y-x^2\right)^2 ::: (1-x)**2+100*(y-x**2)**2
\left(x^2+y-11\right)^2+\left(x+y^2-7\right)^2 ::: (x**2+y-11)**2+(x+y**2-7)**2
20+x^2-10\cos(2\pi x) ::: 20+x**2-10*cos(2*pi*x)
-20e^{-0.2\sqrt{\frac{x^2+y^2}{2}}} ::: -20*exp(-0.2*sqrt((x**2+y**2)/2))
\sum_{k=0}^{4}\frac{x^k}{k!} ::: 1+x+x**2/2+x**3/6+x**4/24
\sum_{k=1}^{3}\frac{\sin(kx)}{k} ::: sin(x)+sin(2*x)/2+sin(3*x)/3
\prod_{k=1}^{3}(x-k) ::: (x-1)*(x-2)*(x-3)
\frac{1}{2}\sum_{i=1}^{2}\sum_{j=1}^{2} x^{i+j} ::: (x**2+2*x**3+x**4)/2
a_0+\sum_{n=1}^{2} n\cos(nx) ::: a_0+cos(x)+2*cos(2*x)
\log_b x ::: log(x)/log(b) if abs(b-1)>0.01 else nan
\ln|\cos x| ::: log(abs(cos(x)))
2^{x}+x^{2} ::: 2**x+x**2
10^{-x/10} ::: mpf(10)**(-x/10)
\Gamma(x+1) ::: gamma(x+1)
\frac{\Gamma(a)\Gamma(b)}{\Gamma(a+b)} ::: gamma(a)*gamma(b)/gamma(a+b)
\operatorname{erfc}\left(\frac{x}{2\sqrt{Dt}}\right) ::: erfc(x/(2*sqrt(D*t)))
\frac{1}{\sqrt{4\pi Dt}}e^{-\frac{x^2}{4Dt}} ::: exp(-x**2/(4*D*t))/sqrt(4*pi*D*t)
\frac{Q}{4\pi r}\operatorname{erfc}(r) ::: Q/(4*pi*r)*erfc(r)
\begin{cases} x^2 & x < 0.5 \\ x & \text{otherwise} \end{cases} ::: x**2 if x<0.5 else x
\min(x, y)\,\max(x, 2y) ::: min(x,y)*max(x,2*y)
\exp{\left(-x\right)} + \sin{\left(y\right)} ::: exp(-x)+sin(y)
\mathbf{w}\,x + \mathbf{b} ::: w*x+b
\bar{x}^2 - \overline{y} ::: x_bar**2-y_bar
\dot{x}^2 + \omega^2 x^2 ::: x_dot**2+omega**2*x**2
m\ddot{x} + k x ::: m*x_ddot+k*x
\tilde{\theta}_1 \cdot \vec{v} ::: theta_tilde_1*v_vec
x_{i,j} - x_{i,j+1} ::: None
V_0\left(1-e^{-t/(RC)}\right) ::: None
\frac{a(1-e_0^2)}{1+e_0\cos\theta} ::: None
\frac{e^{x}}{2(e^{x}+1)} ::: exp(x)/(2*(exp(x)+1))
x\sin^{-1}(y) ::: None
x_1(y_1 + 1) ::: None
x_{12}(1 + y_{12}) ::: None
x_{12}(1 - x_{12}) ::: x_12*(1-x_12)
\hat{p}(1 - p) ::: None
\frac{dy}{dx} + y ::: None
\mathbf{a}^\top \mathbf{b} ::: None
x_{1,2}\,x_{2,1} ::: x_1_2*x_2_1
$$\frac{a}{b} \times c$$ ::: a/b*c
\[ a \div b + c \] ::: a/b+c
\(x^{2}\) ::: x**2
\begin{align} E &= m c^2 \end{align} ::: m*c**2
\begin{aligned} z &= u^2 + v \\ u &= \sin x \\ v &= u x \end{aligned} ::: sin(x)**2+sin(x)*x
z = y^3; \; y = \frac{x}{2} ::: (x/2)**3
"""

LINES = [
    [part.strip() for part in line.split(":::")]
    for line in CORPUS.strip().splitlines()
    if line and not line.startswith("#")
]
FORMULAS = dict(LINES)
"""LaTeX -> its meaning, or None where it is read in two ways and refused."""
