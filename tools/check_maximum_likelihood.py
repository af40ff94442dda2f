import numpy as np
from dataclasses import dataclass
from scipy.optimize import minimize
from mixture_likelihood import DATA, Array, Model, prior, score

FAMILIES = {
    "NormalInverseGaussian": 1,
    "VarianceGamma": 1,
    "NormalInverseGamma": 1,
    "GeneralizedHyperbolic": 2,
}

@dataclass(frozen=True)
class Coordinates:
    family: str
    d: int

    def shape(self, logs):
        first = np.exp(logs[0])
        if self.family == "NormalInverseGaussian":
            return first, first + 1, np.array([[first], [first]])
        if self.family == "VarianceGamma":
            return first, 0.0, np.array([[first], [0.0]])
        if self.family == "NormalInverseGamma":
            return 0.0, first, np.array([[0.0], [first]])
        second = np.exp(logs[1])
        return first, second, np.diag([first, second])

    def model(self, x):
        d = self.d
        gamma = x[d:2*d]
        L = np.zeros((d, d)); L[np.tril_indices(d)] = x[2*d:2*d+d*(d+1)//2]
        i = np.arange(d); L[i, i] = np.exp(L[i, i])
        a, b, _ = self.shape(x[2*d+d*(d+1)//2:])
        return Model(x[:d] - gamma, gamma, L, a, b)

    def evaluate(self, x, rows):
        m = self.model(x)
        s = score(m, rows)
        f = s.factor.copy(); i = np.arange(self.d); f[i, i] *= m.factor[i, i]
        J = self.shape(x[2*self.d+self.d*(self.d+1)//2:])[2]
        sh = np.array([s.a, s.b]); sh[~(J != 0).any(1)] = 0
        g = np.concatenate([s.mu, s.gamma - s.mu, f[np.tril_indices(self.d)], sh @ J])
        return s.log_likelihood, g

def hessian(c, x, rows, h=1e-5):
    cols = []
    for e in np.eye(len(x)):
        cols.append((c.evaluate(x+h*e, rows)[1]-c.evaluate(x-h*e, rows)[1])/(2*h))
    H = np.array(cols); return (H+H.T)/2

def maximise(c, x, rows, verbose=True):
    n = len(rows)
    import time; t=time.time()
    def f(x):
        l, g = c.evaluate(x, rows); return -l/n, -g/n
    with np.errstate(all="raise", under="ignore"):
        r = minimize(f, x, jac=True, method="BFGS", options=dict(gtol=1e-7, maxiter=2000))
    x = r.x; 
    if verbose: print("   bfgs", r.nit, r.nfev, -r.fun*n, np.abs(r.jac).max(), r.message, time.time()-t, 'logs', x[-2:])
    H = hessian(c, x, rows)
    for k in range(6):
        l, g = c.evaluate(x, rows)
        step = np.linalg.solve(-H, g)
        if verbose: print("   newton", k, l, g@step/2, np.abs(g).max(), np.linalg.eigvalsh(H).max())
        x = x + step
    if verbose: print("  ", time.time()-t)
    return x, l

if __name__ == "__main__":
    import sys
    for name in sys.argv[1:]:
        X = DATA[name](); n, d = X.shape
        mean = X.mean(0); C = np.linalg.cholesky((X-mean).T@(X-mean)/n)
        rows = np.linalg.solve(C, (X-mean).T).T
        shift = -n*np.log(np.diag(C)).sum()
        for fam, k in FAMILIES.items():
            print(name, fam)
            c = Coordinates(fam, d)
            rng = np.random.default_rng(1)
            for st in range(2):
                x0 = np.concatenate([np.zeros(2*d+d*(d+1)//2), np.ones(k)]) + st*.1*rng.standard_normal(2*d+d*(d+1)//2+k)
                try:
                    x, l = maximise(c, x0, rows)
                except FloatingPointError as e: print("   FPE", e); continue
                m = c.model(x)
                print("  LL %.9f" % (l+shift), "a %.6g b %.6g p %.6g"%(m.a, m.b, m.p))
