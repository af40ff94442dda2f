"""Writes subordinator_tails.csv or subordinator_moments.csv: laws of Y by mpmath at 50 digits.

Every law is GIG(p, a, b), with b = 0 a gamma law and a = 0 an inverse gamma law. Integrals are over
t = log y. Moments are computed by the trapezoidal rule, halved until two results agree to 33
digits, or in closed form on the faces; tails by Gauss-Legendre panels, which are checked against
mpmath's incomplete gamma function where the law has one. Needs mpmath.

usage: python tests/data/make_subordinator_laws.py tails > tests/data/subordinator_tails.csv
       python tests/data/make_subordinator_laws.py moments > tests/data/subordinator_moments.csv
"""

import sys
from collections.abc import Callable, Iterator

import mpmath as mp

WORKING_DIGITS = 50
AGREEMENT = mp.mpf("1e-33")
WRITTEN_DIGITS = 20
LEAST = mp.mpf("1e-300")  # smaller tails are written as 0
NEGLIGIBLE_FALL = 110  # e^-110 = 2e-48
PANEL_FALL = 10
# The exponent's fall below its mode at the points of the tails: to 1e-300 and beyond.
FALLS = [0.01, 1, 12, 150, 680, 4000]
UNITS = [1.0, 1e-3, 250.0]
ORDERS = [-50.0, -3.0, -0.5, 0.0, 0.3, 2.0, 60.0, 1e4]
CONCENTRATIONS = [1e-6, 1e-2, 1.0, 30.0, 1e4]
SHAPES = [0.05, 0.3, 1.0, 2.5, 4.5, 20.0, 200.0, 1e6]
REAL_MOMENTS = [0.5, -1.7, 6.25]


def laws() -> Iterator[tuple[float, float, float]]:
    """Yield (p, a, b), exact doubles."""
    count = 0
    for p in ORDERS:
        for z in CONCENTRATIONS:
            unit = UNITS[count % len(UNITS)]
            count += 1
            yield p, z / unit, z * unit
    for alpha in SHAPES:
        yield alpha, 2.5, 0.0
        yield -alpha, 0.0, 2.5


class Law:
    """The law of t = log Y, unnormalised density exp(phi(t))."""

    def __init__(self, p: float, a: float, b: float) -> None:
        self.p, self.a, self.b = map(mp.mpf, (p, a, b))
        w = mp.sqrt(self.p**2 + self.a * self.b)
        self.mode = mp.log((self.p + w) / self.a) if p >= 0 else mp.log(self.b / (w - self.p))
        self.log_total = self.log_normaliser()

    def phi(self, t: mp.mpf) -> mp.mpf:
        return self.p * t - (self.a * mp.exp(t) + self.b * mp.exp(-t)) / 2

    def slope(self, t: mp.mpf) -> mp.mpf:
        return self.p - (self.a * mp.exp(t) - self.b * mp.exp(-t)) / 2

    def log_normaliser(self) -> mp.mpf:
        if self.b == 0:
            return mp.loggamma(self.p) + self.p * mp.log(2 / self.a)
        if self.a == 0:
            return mp.loggamma(-self.p) - self.p * mp.log(2 / self.b)
        top = self.phi(self.mode)
        return top + mp.log(self.trapezoid(lambda t: mp.exp(self.phi(t) - top)))

    def trapezoid(self, f: Callable[[mp.mpf], mp.mpf]) -> mp.mpf:
        """Return the integral over t of f, which is large near the mode."""
        width = 1 / mp.sqrt(mp.sqrt(self.p**2 + self.a * self.b))

        def side(start: mp.mpf, step: mp.mpf) -> mp.mpf:
            total, t, largest = mp.mpf(0), start, mp.mpf(0)
            while True:
                value = f(t)
                total += value
                largest = max(largest, abs(value))
                if abs(value) < largest * mp.mpf("1e-48") and abs(t - self.mode) > 4 * min(
                    width, 1
                ):
                    return total
                t += step

        step = min(width, mp.mpf(1)) / 2
        total = f(self.mode) + side(self.mode + step, step) + side(self.mode - step, -step)
        while True:
            between = side(self.mode + step / 2, step) + side(self.mode - step / 2, -step)
            if abs(between - total) <= AGREEMENT * abs(total):
                return step / 2 * (total + between)
            total += between
            step /= 2

    def mean_of(self, f: Callable[[mp.mpf], mp.mpf]) -> mp.mpf:
        return self.trapezoid(lambda t: f(t) * mp.exp(self.phi(t) - self.log_total))

    def moment(self, r: float) -> mp.mpf:
        """Return E[Y^r], inf where it does not exist."""
        if self.b == 0:
            exists = self.p + r > 0
            return mp.gammaprod([self.p + r], [self.p]) * (2 / self.a) ** r if exists else mp.inf
        if self.a == 0:
            exists = -self.p - r > 0
            return mp.gammaprod([-self.p - r], [-self.p]) * (self.b / 2) ** r if exists else mp.inf
        return self.mean_of(lambda t: mp.exp(mp.mpf(r) * t))

    def mean_log(self) -> mp.mpf:
        if self.b == 0:
            return mp.digamma(self.p) - mp.log(self.a / 2)
        if self.a == 0:
            return mp.log(self.b / 2) - mp.digamma(-self.p)
        return self.mean_of(lambda t: t)

    def log_tail(self, t0: mp.mpf, sign: int) -> mp.mpf:
        """Return log P(T > t0) for sign 1, log P(T < t0) for sign -1, on that side of the mode."""
        top = self.phi(t0)
        total, t = mp.mpf(0), t0
        while top - self.phi(t) < NEGLIGIBLE_FALL:
            length = mp.mpf(1)
            while self.phi(t) - self.phi(t + sign * length) > PANEL_FALL:
                length /= 2
            edge = t + sign * length
            panel = mp.quad(
                lambda u: mp.exp(self.phi(u) - top), sorted([t, edge]), method="gauss-legendre"
            )
            total += panel
            t = edge
        return top + mp.log(total) - self.log_total

    def point(self, fall: float, sign: int) -> float:
        """Return a y, of few digits, where phi has fallen by about this much."""
        top, low, high = self.phi(self.mode), mp.mpf(0), mp.mpf(1)
        while top - self.phi(self.mode + sign * high) < fall:
            high *= 2
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (
                (middle, high)
                if top - self.phi(self.mode + sign * middle) < fall
                else (low, middle)
            )
        return float(mp.nstr(mp.exp(self.mode + sign * high), 8))


def write(values: list[float], numbers: list[mp.mpf]) -> None:
    fields = [repr(v) for v in values] + [
        mp.nstr(x if abs(x) > LEAST else mp.mpf(0), WRITTEN_DIGITS) for x in numbers
    ]
    print(",".join(fields), flush=True)


def write_tails() -> None:
    print("p,a,b,y,log_prob,log_cdf,log_sf")
    for p, a, b in laws():
        law = Law(p, a, b)
        for sign in (-1, 1):
            for fall in FALLS:
                y = law.point(fall, sign)
                if not 1e-290 < y < 1e290:
                    continue
                t = mp.log(mp.mpf(y))
                outer = law.log_tail(t, sign)
                if (a == 0 or b == 0) and 0.1 < abs(p) < 1000 and fall < 200:
                    x = law.a * y / 2 if b == 0 else law.b / (2 * mp.mpf(y))
                    is_lower = (sign < 0) == (b == 0)
                    ends = (0, x) if is_lower else (x, mp.inf)
                    second = mp.log(mp.gammainc(abs(law.p), *ends, regularized=True))
                    assert abs(second - outer) < mp.mpf("1e-30") * max(1, abs(outer)), (p, a, b, y)
                inner = mp.log1p(-mp.exp(outer))
                tails = [outer, inner] if sign < 0 else [inner, outer]
                write([p, a, b, y], [law.phi(t) - t - law.log_total, *tails])


def write_moments() -> None:
    names = ["moment_half", "moment_minus_1.7", "moment_6.25"]
    print("p,a,b,e_inv_y,e_y,e_log_y,second,third,fourth,entropy," + ",".join(names))
    for p, a, b in laws():
        law = Law(p, a, b)
        m = [mp.mpf(1)] + [law.moment(k) for k in (1, 2, 3, 4)]
        cumulants = [
            m[2] - m[1] ** 2,
            m[3] - 3 * m[2] * m[1] + 2 * m[1] ** 3,
            m[4] - 4 * m[3] * m[1] - 3 * m[2] ** 2 + 12 * m[2] * m[1] ** 2 - 6 * m[1] ** 4,
        ]
        cumulants = [
            c if mp.isfinite(raw) else mp.inf for c, raw in zip(cumulants, m[2:], strict=True)
        ]
        inverse, mean_log = law.moment(-1), law.mean_log()
        exponent = (law.p - 1) * mean_log
        exponent -= (law.a * m[1] if a > 0 else 0) / 2 + (law.b * inverse if b > 0 else 0) / 2
        real = [law.moment(r) for r in REAL_MOMENTS]
        write([p, a, b], [inverse, m[1], mean_log, *cumulants, law.log_total - exponent, *real])


if __name__ == "__main__":
    mp.mp.dps = WORKING_DIGITS + 30  # near the Gaussian limit the cumulants cancel
    {"tails": write_tails, "moments": write_moments}[sys.argv[1]]()
