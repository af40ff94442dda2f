"""Writes fisher_information.csv: the information of a row, by integrating scores.

In the model's frame a row is (z_1, r), z_1 = sqrt(q) t and r = q (1 - t^2). The joint density of
log q, log Y and t is elementary; all the integrals are trapezoidal sums, of which the one over log
Y gives E[1/Y|x], E[Y|x] and the score of the shape: no Bessel function is used for them, nor a
moment of t. The steps are halved until two results agree to 1e-15 of the geometric mean of the two
diagonal entries. Sums are in long doubles of 64 bits (x86), the derivatives of the natural
parameters and their means in mpmath. Needs mpmath and numpy.

usage: python tests/data/make_fisher_information.py > tests/data/fisher_information.csv
"""

from dataclasses import dataclass

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

WORKING_DIGITS = 40
WRITTEN_DIGITS = 17
AGREEMENT = 1e-15
SHAPE_SHIFT = mp.mpf(0.1)  # the double
# A sum ends where the density has fallen by this many nats: there is room for its moments.
NEGLIGIBLE = 110.0
FARTHEST = 400.0  # of log Y from its mode
ROWS = 256  # at a time
# u = 1/lam or 1/alpha, and (p, log sqrt(ab)) of the GIG.
SHAPES = [
    ("NormalInverseGaussian", (2.0,)),
    ("NormalInverseGaussian", (0.05,)),
    ("NormalInverseGaussian", (1e-3,)),
    ("VarianceGamma", (1 / 3,)),
    ("NormalInverseGamma", (0.4,)),
    ("GeneralizedHyperbolic", (1.0, 0.0)),
    ("GeneralizedHyperbolic", (-2.0, -1.0)),
]
SKEWNESSES = [0.0, 0.5, 5.0]
DIMENSIONS = [1, 2, 3]

Array = NDArray[np.longdouble]


@dataclass
class Blocks:
    """The information on the scalars, on the vectors and on the traceless part."""

    scalars: Array
    vectors: Array
    traceless: Array  # (1, 1)

    def agrees_with(self, other: "Blocks") -> bool:
        """Return whether every entry is that of the other, in the scale of its diagonal."""
        for mine, theirs in zip(self.parts(), other.parts(), strict=True):
            root = np.sqrt(np.diag(mine))
            if not np.all(np.abs(mine - theirs) <= AGREEMENT * np.outer(root, root)):
                return False
        return True

    def parts(self) -> list[Array]:
        """Return the three of them."""
        return [self.scalars, self.vectors, self.traceless]

    def fields(self) -> list[str]:
        """Return the lower triangles, row by row."""
        return [
            " ".join(np.format_float_scientific(v, WRITTEN_DIGITS - 1) for v in part[lower])
            for part, lower in ((part, np.tril_indices(len(part))) for part in self.parts())
        ]


class Shape:
    """The law of Y, GIG(p, a, b), from the doubles psi."""

    def __init__(self, family: str, psi: list[float]) -> None:
        self.family, self.psi = family, psi
        p, a, b = self.law(*map(mp.mpf, psi))
        self.p, self.a, self.b = p, a, b
        units = [tuple(int(k == j) for k in range(len(psi))) for j in range(len(psi))]
        self.slope = [
            [mp.diff(lambda *x, i=i: self.natural(*x)[i], tuple(psi), unit) for unit in units]
            for i in range(3)
        ]
        self.mean = [self.mean_score(j) for j in range(len(psi))]

    def law(self, *psi: mp.mpf) -> tuple[mp.mpf, mp.mpf, mp.mpf]:
        """Return p, a and b in the gauge of the shape."""
        if self.family == "GeneralizedHyperbolic":
            p, z = psi[0], mp.exp(psi[1])
            ratio = mp.besselk(p + 1, z) / mp.besselk(p, z)  # E[Y] = 1
            return p, z * ratio, z / ratio
        inverse = 1 / (mp.exp(psi[0]) - SHAPE_SHIFT)
        return {
            "NormalInverseGaussian": (-mp.mpf(1) / 2, inverse, inverse),
            "VarianceGamma": (inverse, 2 * inverse, mp.mpf(0)),
            "NormalInverseGamma": (-inverse, mp.mpf(0), 2 * inverse),
        }[self.family]

    def natural(self, *psi: mp.mpf) -> tuple[mp.mpf, mp.mpf, mp.mpf]:
        """Return the coefficients of 1/Y, Y and log Y in the log density."""
        p, a, b = self.law(*psi)
        return -b / 2, -a / 2, p - 1

    def kernel(self, tau: mp.mpf) -> mp.mpf:
        """Return the log density of log Y up to a constant."""
        return self.p * tau - (self.a * mp.exp(tau) + self.b * mp.exp(-tau)) / 2

    def mean_score(self, j: int) -> mp.mpf:
        """Return the mean of slope' (1/Y - 1, Y - 1, log Y)."""
        step = mp.mpf(1) / 64
        total, mass = mp.mpf(0), mp.mpf(0)
        for k in range(-64 * 64, 64 * 64):
            tau = k * step
            weight = mp.exp(self.kernel(tau) - self.kernel(mp.mpf(0)))
            statistics = (mp.expm1(-tau), mp.expm1(tau), tau)
            total += weight * sum(self.slope[i][j] * statistics[i] for i in range(3))
            mass += weight
        return total / mass


def long(value: mp.mpf) -> np.longdouble:
    """Return the nearest long double."""
    return np.longdouble(mp.nstr(value, 25))


def nodes(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of step from low to high, which are exact doubles."""
    return [k * step for k in range(int(low / step) - 1, int(high / step) + 2)]


def sphere(d: int, step: float) -> tuple[Array, Array]:
    """Return 1 - t and weights: nodes of (1 - t^2)^{(d-3)/2} dt, with t = tanh x, or 1 and -1."""
    if d == 1:
        return np.array([0, 2], np.longdouble), np.ones(2, np.longdouble)
    x = np.array(nodes(-48.0 / (d - 1), 48.0 / (d - 1) + 6.0, step), np.longdouble)
    v = (2 / (1 + np.exp(2 * x))).astype(np.longdouble)
    return v, np.cosh(x) ** (1 - d)


@dataclass
class Posterior:
    """The law of s = log q and the moments of Y given it, at nodes."""

    s: Array
    density: Array
    w: Array  # E[1/Y|x]
    y: Array  # E[Y|x]
    of_shape: list[Array]  # the scores


def posterior(shape: Shape, g: float, d: int, s: Array, step: float) -> Posterior:
    """Return it by sums over log Y = mode + width sinh(x)."""
    p = long(shape.p) - np.longdouble(d) / 2
    q = np.exp(s)
    a, b = long(shape.a) + np.longdouble(g) ** 2, long(shape.b) + q
    w = np.sqrt(p * p + a * b)  # the curvature at the mode
    far = (np.abs(p) + w) / 2
    near = a * b / (4 * far)
    of_y, of_inverse = (far, near) if p > 0 else (near, far)  # a y / 2, b / (2 y) at the mode
    mode = np.log(2 * of_y / a if p > 0 else b / (2 * of_inverse))
    # g sqrt(q) - w, of which both may be large and close to each other
    kappa = np.longdouble(g) * np.sqrt(q)
    difference = -(p * p + long(shape.a) * b + (a - long(shape.a)) * long(shape.b)) / (kappa + w)
    log_density = np.longdouble(d) / 2 * s + p * mode + difference
    log_size = log_density - (np.log1p(w) + (d - 1) * np.log1p(kappa)) / 2  # after both integrals
    log_density -= log_density.max()
    kept = log_size > log_size.max() - NEGLIGIBLE
    s, w, of_y, of_inverse, mode, log_density = (
        v[kept] for v in (s, w, of_y, of_inverse, mode, log_density)
    )
    width = 1 / np.sqrt(1 + w)
    end = float(np.arcsinh(FARTHEST / width.min()))
    x = np.array(nodes(-end, end, step), np.longdouble)
    parts = []
    for k in range(0, len(s), ROWS):
        rows = slice(k, k + ROWS)
        u = width[rows, None] * np.sinh(x)
        inside = np.abs(u) < FARTHEST
        u = np.where(inside, u, 0)
        exponent = p * u - of_y[rows, None] * np.expm1(u) - of_inverse[rows, None] * np.expm1(-u)
        weight = np.where(inside, np.exp(exponent), 0) * width[rows, None] * np.cosh(x)
        mass = weight.sum(axis=1)
        tau = mode[rows, None] + u
        statistics = (np.expm1(-tau), np.expm1(tau), tau)
        columns = [mass * np.exp(log_density[rows])]
        columns += [(weight * np.exp(v)).sum(axis=1) / mass for v in (-tau, tau)]
        for j in range(len(shape.psi)):
            score = sum(long(shape.slope[i][j]) * statistics[i] for i in range(3))
            columns.append((weight * (score - long(shape.mean[j]))).sum(axis=1) / mass)
        parts.append(columns)
    density, inv_y, y, *of_shape = (np.concatenate(v) for v in zip(*parts, strict=True))
    return Posterior(s, density, inv_y, y, of_shape)


def information(shape: Shape, g: float, d: int, step: float) -> Blocks:
    """Return the information by sums with this step in log q, log Y and the angle."""
    at = posterior(shape, g, d, np.array(nodes(-300.0, 200.0, step), np.longdouble), step)
    v, weight = sphere(d, step)
    t = 1 - v
    sizes = (len(at.of_shape) + (4 if d > 1 else 3), 3 * (d > 1), int(d > 2))
    parts = [np.zeros((size, size), np.longdouble) for size in sizes]
    total = np.longdouble(0)
    for i, q in enumerate(np.exp(at.s)):
        w, y = at.w[i], at.y[i]
        z = np.sqrt(q)
        mass = at.density[i] * weight * np.exp(-g * z * v)
        total += mass.sum()
        z1, r = z * t, q * v * (2 - v)
        lag = w * z1 - g
        scores = [lag, z1 - y * g, (w * z1**2 - 2 * z1 * g + y * g**2 - 1) / 2]
        if d > 1:
            scores.append((w * r - (d - 1)) / 2)
        scores += [np.full_like(t, value[i]) for value in at.of_shape]
        parts[0] += products(scores, mass)
        if d > 1:
            across = [np.full_like(t, w), np.ones_like(t), lag]
            parts[1] += products(across, mass * r) / (d - 1)
        if d > 2:
            parts[2] += (mass * (w * r) ** 2).sum() / (2 * (d - 1) * (d + 1))
    return Blocks(*(part / total for part in parts))


def products(columns: list[Array], weight: Array) -> Array:
    """Return the weighted sums of products of any two columns."""
    matrix = np.array(columns)
    return (matrix * weight) @ matrix.T


def main() -> None:
    """Write the table to the standard output."""
    mp.mp.dps = WORKING_DIGITS
    print("family,psi,g,d,scalars,vectors,traceless")
    for k, (family, given) in enumerate(SHAPES):
        is_gig = family == "GeneralizedHyperbolic"
        psi = [float(v if is_gig else mp.log(v + SHAPE_SHIFT)) for v in given]
        shape = Shape(family, psi)
        for j, g in enumerate(SKEWNESSES):
            d = DIMENSIONS[(j + k) % 3]
            step = 0.125
            finer = information(shape, g, d, step)
            is_accurate = False
            while not is_accurate:
                blocks, step = finer, step / 2
                finer = information(shape, g, d, step)
                is_accurate = finer.agrees_with(blocks)
            fields = [family, " ".join(map(repr, psi)), repr(g), str(d), *finer.fields()]
            print(",".join(fields), flush=True)


if __name__ == "__main__":
    main()
