"""Writes mixture_density.csv: log densities and posterior moments of four families, to 17 digits.

Evaluates the textbook's formulas (McNeil, Frey and Embrechts 2015, section 6.2) by Arb, and the
derivative of log K in its order by a central difference of step 2^-130. With i from 0,
Sigma_ij = 0.5^|i-j|, mu_i = i/8, gamma_i = (-1)^i g, x_i = mu_i + t (1 + i mod 3) rounded to a
double; g and t are columns. Needs python-flint.

usage: python tests/data/make_mixture_density.py > tests/data/mixture_density.csv
"""

from flint import arb, ctx

PRECISIONS = (600, 1200, 2400, 4800, 9600)  # bits, tried in turn
ORDER_STEP = arb(2) ** -130  # exact
DIGITS = 17
CERTAIN_BITS = 100

DIMENSIONS = (1, 2, 5, 50)
SKEWNESS = (0.0, 1e-8, 0.2, 3.0)
DISTANCES = (1e-9, 1e-4, 0.3, 4.0, 300.0, 1e7)
SHAPES = (0.05, 0.4, 0.5, 1.0, 1.5, 2.5, 25.3, 300.0)

# (p, a, b) of the law of Y.
LAWS = [("NormalInverseGaussian", (-0.5, lam, lam)) for lam in (1e-3, 0.1, 1.0, 30.0, 1e4)]
LAWS += [("VarianceGamma", (alpha, 2.0 * alpha, 0.0)) for alpha in SHAPES]
LAWS += [("NormalInverseGamma", (-alpha, 0.0, 2.0 * alpha)) for alpha in SHAPES]
LAWS += [
    ("GeneralizedHyperbolic", gig)
    for gig in (
        (-0.5, 1.0, 1.0),
        (0.0, 1e-6, 1e-6),
        (0.3, 1e6, 1e6),
        (1.0, 100.0, 1e-3),
        (3.0, 1e-8, 2.0),
        (-3.0, 1e-12, 4.0),
        (2.0, 3.0, 1e-12),
        (20.0, 1.0, 1.0),
        (-20.0, 1.0, 1.0),
        (150.0, 10.0, 0.1),
        (-1.7, 0.0, 2.0),
        (1.4, 2.0, 0.0),
    )
]
PLACES = [(g, t) for g in SKEWNESS for t in DISTANCES]
PLACES_PER_LAW = 4
STRIDE = 7  # coprime to the number of places, so that all are visited


def log_k(nu: arb, z: arb) -> arb:
    """Return log K_nu(z)."""
    return z.bessel_k(nu).log()


def log_integral(p: arb, a: arb, b: arb) -> arb:
    """Return the log of the integral of y^(p-1) exp(-(a y + b/y)/2) over y > 0."""
    if b == 0:
        return p.lgamma() + p * (2 / a).log()
    if a == 0:
        return (-p).lgamma() - p * (2 / b).log()
    return arb(2).log() + log_k(p, (a * b).sqrt()) + p / 2 * (b / a).log()


def moments(p: arb, a: arb, b: arb) -> tuple[arb, arb, arb]:
    """Return E[1/Y], E[Y], E[log Y] of GIG(p, a, b), b > 0; an infinite E[Y] as inf."""
    slope = (log_integral(p + ORDER_STEP, a, b) - log_integral(p - ORDER_STEP, a, b)) / (
        2 * ORDER_STEP
    )
    if a == 0:
        mean = b / 2 / (-p - 1) if -p > 1 else arb.pos_inf()
        return -p / (b / 2), mean, slope
    z, scale = (a * b).sqrt(), (b / a).sqrt()
    centre = z.bessel_k(p)
    return z.bessel_k(p - 1) / centre / scale, z.bessel_k(p + 1) / centre * scale, slope


def solve_sigma(v: list[arb]) -> list[arb]:
    """Return Sigma^-1 v: Sigma is an autoregression's, so that its inverse is tridiagonal."""
    d, r = len(v), arb(1) / 2
    out = []
    for i in range(d):
        at_edge = (i in (0, d - 1)) if d > 1 else None
        diagonal = arb(1) if d == 1 else (1 if at_edge else 1 + r * r) / (1 - r * r)
        value = diagonal * v[i]
        value -= sum((r / (1 - r * r) * v[j] for j in (i - 1, i + 1) if 0 <= j < d), arb(0))
        out.append(value)
    return out


def dot(u: list[arb], v: list[arb]) -> arb:
    """Return u'v."""
    return sum((x * y for x, y in zip(u, v, strict=True)), arb(0))


def values(gig: tuple[float, float, float], d: int, g: float, t: float) -> list[arb]:
    """Return log f(x), E[1/Y|x], E[Y|x], E[log Y|x]."""
    p, a, b = (arb(value) for value in gig)
    mu = [i / 8 for i in range(d)]
    centred = [arb(m + t * (1 + i % 3)) - arb(m) for i, m in enumerate(mu)]
    gamma = [arb(g if i % 2 == 0 else -g) for i in range(d)]
    weighted = solve_sigma(centred)
    posterior = p - arb(d) / 2, a + dot(gamma, solve_sigma(gamma)), b + dot(centred, weighted)
    log_det = (d - 1) * (arb(3) / 4).log()
    log_f = dot(gamma, weighted) - (d * (2 * arb.pi()).log() + log_det) / 2
    log_f += log_integral(*posterior) - log_integral(p, a, b)
    return [log_f, *moments(*posterior)]


def certain_values(gig: tuple[float, float, float], d: int, g: float, t: float) -> list[str]:
    """Return the values at 17 digits, from the first precision at which all are certain."""
    for precision in PRECISIONS:
        ctx.prec = precision
        out = values(gig, d, g, t)
        if all(v == arb.pos_inf() or v.rel_accuracy_bits() >= CERTAIN_BITS for v in out):
            return ["inf" if v == arb.pos_inf() else v.str(DIGITS, radius=False) for v in out]
    raise ArithmeticError(f"not enough bits: {gig}, d = {d}, g = {g}, t = {t}")


def main() -> None:
    """Write the table to the standard output."""
    print("family,p,a,b,d,g,t,log_density,E_inv_Y,E_Y,E_log_Y")
    index = 0
    for family, gig in LAWS:
        for d in DIMENSIONS:
            for _ in range(PLACES_PER_LAW):
                g, t = PLACES[index * STRIDE % len(PLACES)]
                index += 1
                fields = [family, *(repr(v) for v in (*gig, d, g, t))]
                print(",".join([*fields, *certain_values(gig, d, g, t)]))


if __name__ == "__main__":
    main()
