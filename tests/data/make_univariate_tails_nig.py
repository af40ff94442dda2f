"""Writes univariate_tails_nig.csv: both tails of one-dimensional NIG laws, by mpmath at 50 digits.

P(X <= x) is the integral over t = log y of Phi((x - mu - gamma y) / (sigma sqrt(y))) f_Y(y) y, by
the trapezoidal rule, halved until two results agree to 33 digits. The smaller tail is checked
against the integral of the Bessel-function density, a second formula, to 15 digits, and the larger
one by their sum. Needs mpmath.

usage: python tests/data/make_univariate_tails.py > tests/data/univariate_tails_nig.csv
"""

import itertools
from collections.abc import Callable

import mpmath as mp

WORKING_DIGITS = 50
AGREEMENT = mp.mpf("1e-33")
CROSS_CHECK_DIGITS = 25
CROSS_CHECK = mp.mpf("1e-15")
WRITTEN_DIGITS = 20
# (mu, sigma, mu_ig) go round with the laws; gamma is in units of sigma / mu_ig.
SETTINGS = itertools.cycle([(0.0, 1.0, 1.0), (0.25, 2.0, 0.5), (-3.0, 0.01, 4.0)])
TAIL_WEIGHTS = [0.01, 0.1, 1.0, 10.0]
GAMMAS = [0.0, 0.5, -2.0, 8.0, 20.0]
LEFT_LEVELS = itertools.cycle(["1e-2", "1e-6", "1e-20", "1e-100", "1e-290"])
RIGHT_LEVELS = itertools.cycle(["1e-3", "1e-9", "1e-40", "1e-200"])


class Law:
    """The law of mu + gamma Y + sigma sqrt(Y) Z, Y inverse Gaussian, from exact doubles."""

    def __init__(self, mu: float, gamma: float, sigma: float, mu_ig: float, lam: float) -> None:
        self.parameters = (mu, gamma, sigma, mu_ig, lam)
        self.mu, self.gamma, self.sigma, self.mu_ig, self.lam = map(mp.mpf, self.parameters)

    def tail(self, x: mp.mpf, sign: int) -> mp.mpf:
        """Return P(X <= x) for sign 1 and P(X > x) for sign -1."""
        c, g = sign * (x - self.mu) / self.sigma, sign * self.gamma / self.sigma

        def integrand(t: mp.mpf) -> mp.mpf:
            y = mp.exp(t)
            phi = mp.erfc(-(c / mp.sqrt(y) - g * mp.sqrt(y)) / mp.sqrt(2)) / 2
            log_density = -self.lam * (y - self.mu_ig) ** 2 / (2 * self.mu_ig**2 * y)
            return phi * mp.sqrt(self.lam / (2 * mp.pi * y)) * mp.exp(log_density)

        return trapezoid(integrand)

    def density(self, x: mp.mpf) -> mp.mpf:
        """Return the density at x by its Bessel function."""
        deviation = (x - self.mu) / self.sigma
        a = self.lam / self.mu_ig**2 + (self.gamma / self.sigma) ** 2
        b = self.lam + deviation**2
        constant = mp.sqrt(self.lam) / (mp.pi * self.sigma) * mp.exp(self.lam / self.mu_ig)
        skew = mp.exp(deviation * self.gamma / self.sigma)
        return constant * skew * mp.besselk(1, mp.sqrt(a * b)) * mp.sqrt(a / b)

    def tail_of_density(self, x: mp.mpf, sign: int) -> mp.mpf:
        """Return the same tail as the integral over w of the density at x -+ sd e^w."""
        unit = self.deviation()
        with mp.workdps(CROSS_CHECK_DIGITS):
            return trapezoid(
                lambda w: self.density(x - sign * unit * mp.exp(w)) * unit * mp.exp(w),
                agreement=CROSS_CHECK / 100,
            )

    def deviation(self) -> mp.mpf:
        """Return the standard deviation."""
        return mp.sqrt(self.mu_ig * self.sigma**2 + self.gamma**2 * self.mu_ig**3 / self.lam)

    def quantile(self, level: mp.mpf, sign: int) -> float:
        """Return an x, of few digits, whose tail is about `level`."""
        step = self.deviation()
        x = self.mu + self.gamma * self.mu_ig
        for _ in range(12):
            while self.tail(x - sign * step, sign) > level:
                x -= sign * step
                step *= mp.mpf("1.5")
            step /= 2
        return float(mp.nstr(x, 6))


def trapezoid(f: Callable[[mp.mpf], mp.mpf], agreement: mp.mpf = AGREEMENT) -> mp.mpf:
    """Return the integral of a positive, single-peaked f over the real line."""
    peak = max((mp.mpf(k) / 4 for k in range(-120, 121)), key=f)
    negligible = f(peak) * agreement / 10**6

    def side(start: mp.mpf, step: mp.mpf) -> mp.mpf:
        total, t = mp.mpf(0), start
        while (value := f(t)) > negligible:
            total += value
            t += step
        return total

    step = mp.mpf("0.125")
    total = f(peak) + side(peak + step, step) + side(peak - step, -step)
    while True:
        between = side(peak + step / 2, step) + side(peak - step / 2, -step)
        if abs(between - total) < agreement * total:
            return step / 2 * (total + between)
        total += between
        step /= 2


def main() -> None:
    """Write the table to the standard output."""
    mp.mp.dps = WORKING_DIGITS
    print("mu,gamma,sigma,mu_ig,lam,x,cdf,sf")
    for tail_weight, skew in itertools.product(TAIL_WEIGHTS, GAMMAS):
        mu, sigma, mu_ig = next(SETTINGS)
        law = Law(mu, skew * sigma / mu_ig, sigma, mu_ig, mu_ig / tail_weight)
        centre = float(mp.nstr(law.mu + law.gamma * law.mu_ig, 6))
        left = law.quantile(mp.mpf(next(LEFT_LEVELS)), 1)
        right = law.quantile(mp.mpf(next(RIGHT_LEVELS)), -1)
        for x in (left, centre, right):
            tails = [law.tail(mp.mpf(x), sign) for sign in (1, -1)]
            smaller, sign = min(zip(tails, (1, -1), strict=True))
            assert abs(law.tail_of_density(mp.mpf(x), sign) / smaller - 1) < CROSS_CHECK
            assert abs(sum(tails) - 1) < AGREEMENT
            numbers = [repr(p) for p in (*law.parameters, x)]
            print(",".join(numbers + [mp.nstr(t, WRITTEN_DIGITS) for t in tails]), flush=True)


if __name__ == "__main__":
    main()
