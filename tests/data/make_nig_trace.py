"""Writes nig_trace.csv: trajectories of three update rules on the 200 rows of nig_rows.csv.

This is a second implementation at 40 digits, after the formulas of docs and headers and without the
library's devices. It has raw moments, the textbook M-step, the closed forms of K_{1/2}, K_{3/2},
K_{5/2} (d = 2), and no gauge: nothing is ever rescaled. Each line holds the gauge-free numbers of
the model shown after a batch of 40 rows: mu, E[Y] gamma, E[Y] Sigma, E[Y] E[1/Y]; batch 0 is the
initial model (default_init). Needs mpmath.

usage: python tests/data/make_nig_trace.py > tests/data/nig_trace.csv
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mpmath as mp

WORKING_DIGITS = 40
BATCH = 40
SHRUNK_VARIANCE = mp.mpf("1.5")  # of the isotropic target
SHRINKAGE = mp.mpf("0.5")  # tau
EWMA_WEIGHT = mp.mpf("0.25")
ROBBINS_MONRO_TAU0 = 10

Rows = list[mp.matrix]


@dataclass
class Eta:
    """E[1/Y], E[Y], E[X], E[X/Y], E[XX'/Y]; the first two as numbers."""

    inv_y: mp.mpf
    y: mp.mpf
    x: mp.matrix
    x_inv_y: mp.matrix
    xx_inv_y: mp.matrix

    def blend(self, other: "Eta", c: mp.mpf) -> "Eta":
        """Return (1 - c) self + c other."""
        mine, yours = vars(self), vars(other)
        return Eta(**{name: (1 - c) * mine[name] + c * yours[name] for name in mine})


@dataclass
class Model:
    """A normal inverse Gaussian law."""

    mu: mp.matrix
    gamma: mp.matrix
    sigma: mp.matrix
    mu_ig: mp.mpf
    lam: mp.mpf

    def eta(self) -> Eta:
        """Return the model's own expectation parameters."""
        inv_y, y = 1 / self.mu_ig + 1 / self.lam, self.mu_ig
        xx = self.sigma + inv_y * self.mu * self.mu.T + y * self.gamma * self.gamma.T
        xx += self.mu * self.gamma.T + self.gamma * self.mu.T
        return Eta(inv_y, y, self.mu + y * self.gamma, inv_y * self.mu + self.gamma, xx)

    def e_step(self, rows: Rows) -> Eta:
        """Return the mean of the rows' posterior moments."""
        inverse = self.sigma**-1
        a = self.lam / self.mu_ig**2 + (self.gamma.T * inverse * self.gamma)[0]
        total = Eta(mp.mpf(0), mp.mpf(0), mp.zeros(2, 1), mp.zeros(2, 1), mp.zeros(2, 2))
        for k, row in enumerate(rows):
            b = self.lam + ((row - self.mu).T * inverse * (row - self.mu))[0]
            z = mp.sqrt(a * b)
            w = mp.sqrt(a / b) * (1 + 3 / z + 3 / z**2) / (1 + 1 / z)
            y = mp.sqrt(b / a) / (1 + 1 / z)
            total = total.blend(Eta(w, y, row, w * row, w * row * row.T), mp.mpf(1) / (k + 1))
        return total

    def gauge_free(self) -> list[mp.mpf]:
        """Return mu, E[Y] gamma, E[Y] Sigma (three entries), E[Y] E[1/Y]."""
        gamma, sigma = self.mu_ig * self.gamma, self.mu_ig * self.sigma
        shape = 1 + self.mu_ig / self.lam
        return [*self.mu, *gamma, sigma[0, 0], sigma[0, 1], sigma[1, 1], shape]


def m_step(eta: Eta) -> Model:
    """Return the model by the textbook's differences."""
    determinant = 1 - eta.inv_y * eta.y
    mu = (eta.x - eta.y * eta.x_inv_y) / determinant
    gamma = (eta.x_inv_y - eta.inv_y * eta.x) / determinant
    sigma = eta.xx_inv_y - eta.x_inv_y * mu.T - mu * eta.x_inv_y.T
    sigma += eta.inv_y * mu * mu.T - eta.y * gamma * gamma.T
    return Model(mu, gamma, sigma, eta.y, 1 / (eta.inv_y - 1 / eta.y))


def mean(values: list[mp.matrix]) -> mp.matrix:
    """Return the mean of equal-shaped matrices."""
    return sum(values[1:], values[0]) / len(values)


def default_init(rows: Rows) -> Model:
    """Return the model with the data's moments, as default_init.hpp writes it."""
    m = mean(rows)
    covariance = mean([(x - m) * (x - m).T for x in rows])
    root = mp.cholesky(covariance)
    whitened = [root**-1 * (x - m) for x in rows]
    q = [(v.T * v)[0] for v in whitened]
    b = sum(value**2 for value in q) / len(rows)
    t = mean([value * v for value, v in zip(q, whitened, strict=True)])
    d = 2
    t *= max(0, 1 - mp.mpf(2 * d * (d + 2)) / (len(rows) * (t.T * t)[0]))
    v = b / (d * (d + 2)) - 1 - 4 * (t.T * t)[0] / (d * (d + 2) ** 2)
    gamma = root * t / ((d + 2) * v)
    return Model(m - gamma, gamma, covariance - v * gamma * gamma.T, mp.mpf(1), 1 / v)


def batches(rows: Rows) -> Iterator[Rows]:
    """Yield the batches in order."""
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]


def ewma(init: Model, rows: Rows) -> Iterator[Model]:
    """Yield the models of EWMAUpdate(0.25)."""
    eta, model = init.eta(), init
    for batch in batches(rows):
        eta = eta.blend(model.e_step(batch), EWMA_WEIGHT)
        model = m_step(eta)
        yield model


def shrunk_robbins_monro(init: Model, rows: Rows) -> Iterator[Model]:
    """Yield the models of Shrinkage(RobbinsMonroUpdate(10), eta0_isotropic(init, 1.5), 0.5)."""
    isotropic = SHRUNK_VARIANCE * mp.eye(2)
    eta0 = Model(init.mu, init.gamma, isotropic, init.mu_ig, init.lam).eta()
    eta, model = init.eta(), init
    for step, batch in enumerate(batches(rows)):
        eta = eta.blend(model.e_step(batch), mp.mpf(1) / (ROBBINS_MONRO_TAU0 + step))
        model = m_step(eta.blend(eta0, SHRINKAGE / (1 + SHRINKAGE)))
        yield model


def polyak_ruppert(init: Model, rows: Rows) -> Iterator[Model]:
    """Yield the models of PolyakRuppertUpdate(exponent=0.6, n0=16)."""
    n0 = mp.mpf(16)
    eta, model, learned = init.eta(), init, 0
    reported = eta

    def scale() -> mp.mpf:
        return n0 ** (mp.mpf(2) / 5) * (learned + n0) ** (mp.mpf(3) / 5)

    for batch in batches(rows):
        parts = int(mp.ceil(2 * len(batch) / scale()))
        for k in range(parts):
            part = batch[len(batch) * k // parts : len(batch) * (k + 1) // parts]
            eta = eta.blend(model.e_step(part), min(mp.mpf(1), len(part) / scale()))
            model = m_step(eta)
            learned += len(part)
            share = mp.mpf(2 * len(part)) / (learned + len(part))  # 1 for the first part
            reported = reported.blend(eta, share)
        yield m_step(reported)


RULES: dict[str, Callable[[Model, Rows], Iterator[Model]]] = {
    "ewma": ewma,
    "shrunk_robbins_monro": shrunk_robbins_monro,
    "polyak_ruppert": polyak_ruppert,
}


def main() -> None:
    """Write the trace to the standard output."""
    mp.mp.dps = WORKING_DIGITS
    with (Path(__file__).parent / "nig_rows.csv").open() as file:
        numbers = list(csv.reader(file))[1:]
    rows = [mp.matrix([mp.mpf(float(value)) for value in row]) for row in numbers]
    init = default_init(rows)
    print("rule,batch,mu_0,mu_1,gamma_0,gamma_1,sigma_00,sigma_01,sigma_11,y_inv_y")
    for name, rule in RULES.items():
        for batch, model in enumerate([init, *rule(init, rows)]):
            print(f"{name},{batch}," + ",".join(mp.nstr(v, 17) for v in model.gauge_free()))


if __name__ == "__main__":
    main()
