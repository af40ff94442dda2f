"""Writes univariate_tails.csv: both tails of one-dimensional mixtures of all four families.

X = mu + gamma Y + sigma sqrt(Y) Z with Y ~ GIG(p, a, b), parameters exact doubles. By Arb at 256
bits
or more:

1. P(X <= x) as the integral over t = log y of Phi((x - mu - gamma y)/(sigma sqrt(y))) f_Y(y) y, and
   P(X > x) likewise, by the trapezoidal rule, its step halved until two results agree to AGREEMENT:
   as the rule converges geometrically, the finer of the two is right to about the square of that.
   The two must sum to 1 to SUM_CHECK (where neither is below ONE_SIDED).
2. The smaller one again, as the integral over x of the density with its Bessel function, by the
same
   rule in variables that send the ends of each smooth piece to infinity: they must agree to
   CROSS_CHECK.

The second is slow and wants a + (gamma/sigma)^2 > 0: it is done for --check only. Needs
python-flint.

usage: python tests/data/make_univariate_tails.py [--check] [FAMILY ...] >
tests/data/univariate_tails.csv
"""

import itertools
import math
import sys
from collections.abc import Callable, Iterator

from flint import arb, ctx

BITS = 256
LEAST = arb(2) ** (-BITS // 2)
MOST_BITS = 32 * BITS
AGREEMENT = 1e-19
NEGLIGIBLE = 1e-36
CROSS_CHECK = 1e-16
SUM_CHECK = 1e-22
ONE_SIDED = 0.05  # below, the other tail is 1 less this one
WRITTEN_DIGITS = 20
FIRST_STEP = 0.25
HALVINGS = 8
ZERO, ONE, HALF = arb(0), arb(1), arb(1) / 2

# (mu, sigma) go round with the laws; gamma is in units of sigma / sqrt(mode of log Y).
SETTINGS = itertools.cycle([(0.0, 1.0), (0.25, 2.0), (-3.0, 0.01)])
LEVELS = itertools.cycle([1e-300, 1e-6, 1e-100, 1e-2, 1e-298, 1e-40, 1e-14])
SKEWS = (0.0, 0.5, -8.0)
FEW_SKEWS = (-0.7, 6.0)
GAMMAS = (0.05, 0.3, 1.06, 5.0, 200.0)
INVERSE_GAMMAS = (0.6, 1.5, 3.0, 50.0)
# mean 1 and lam = 1 / tail weight
TAIL_WEIGHTS = (0.01, 0.1, 1.0, 10.0, 1e-4, 1e-8)
GENERALISED = (
    (2.0, 1.5, 0.7),
    (-1.7, 0.3, 2.0),
    (0.0, 1.0, 1.0),
    (0.4, 0.5, 1e-9),
    (3.0, 2.0, 1e-14),
    (-0.8, 1e-9, 1.0),
    (-2.5, 1e-14, 3.0),
    (30.0, 10.0, 4.0),
    (-60.0, 3.0, 100.0),
    (1.0, 3e4, 2e4),
)


def log_phi(u: float) -> float:
    """Return log Phi(u) to a few digits, for the search of peaks and quantiles."""
    if u > -25.0:
        return math.log(math.erfc(-u / math.sqrt(2.0)) / 2.0)
    return -u * (u / 2.0) - math.log(-u) - 0.5 * math.log(2.0 * math.pi)


class Law:
    """The law of mu + gamma Y + sigma sqrt(Y) Z, from exact doubles."""

    def __init__(self, p: float, a: float, b: float, mu: float, gamma: float, sigma: float) -> None:
        self.doubles = (p, a, b, mu, gamma, sigma)
        self.p, self.a, self.b, self.mu, self.gamma, self.sigma = map(arb, self.doubles)
        self.unit = mode_of_y(p, a, b)
        if b == 0.0:
            self.log_constant = self.p * (self.a / 2).log() - self.p.lgamma()
        elif a == 0.0:
            self.log_constant = -self.p * (self.b / 2).log() - (-self.p).lgamma()
        else:
            z = (self.a * self.b).sqrt()
            self.log_constant = (
                self.p / 2 * (self.a / self.b).log() - (2 * z.bessel_k(self.p)).log()
            )

    def tail(self, x: float, sign: int) -> arb:
        """Return P(X <= x) for sign 1 and P(X > x) for sign -1, by the first way."""
        p, a, b, mu, gamma, sigma = self.doubles
        c, g = sign * (x - mu) / sigma, sign * gamma / sigma
        exact_c, exact_g = sign * (arb(x) - self.mu) / self.sigma, sign * self.gamma / self.sigma
        base = math.log(self.unit)
        half_a, half_b = a * self.unit / 2, b / self.unit / 2

        def height(s: float) -> float:
            root = math.exp((s + base) / 2)
            weight = (p - half_a + half_b) * s - half_a * rest(s) - half_b * rest(-s)
            return weight + log_phi(c / root - g * root)

        def integrand(s: arb) -> arb:
            t = s + base
            root = (t / 2).exp()
            y = root * root
            phi = (-(exact_c / root - exact_g * root) / arb(2).sqrt()).erfc() / 2
            return phi * (self.log_constant + self.p * t - (self.a * y + self.b / y) / 2).exp()

        return trapezoid(integrand, height)

    def density(self, offset: arb) -> arb:
        """Return the density at mu + offset by its Bessel function."""
        deviation, g = offset / self.sigma, self.gamma / self.sigma
        a, b = self.a + g * g, self.b + deviation * deviation
        z, order = (a * b).sqrt().mid(), self.p - HALF
        bessel = enclosed_bessel(order, z)
        log_rest = self.log_constant + deviation * g + order / 2 * (b / a).log()
        return 2 * bessel * log_rest.exp() / (self.sigma * (2 * arb.pi()).sqrt())

    def tail_of_density(self, x: float, sign: int) -> arb:
        """Return the same tail as the integral of the density: beyond x.

        Split at mu where it is unbounded.
        """
        start = arb(x) - self.mu
        scale = max(abs(x - self.doubles[3]), self.width())
        total = ZERO
        if sign * (x - self.doubles[3]) > 0:
            total += self.piece(start)
            start = ZERO
            scale = self.width()
        return total + self.half_line(start, -sign, scale)

    def width(self) -> float:
        """Return the order of the deviation of X."""
        _, _, _, _, gamma, sigma = self.doubles
        return sigma * math.sqrt(self.unit) + abs(gamma) * self.unit

    def half_line(self, start: arb, direction: int, scale: float) -> arb:
        """Return the integral of the density from mu + start on.

        X = mu + start + direction scale e^w.
        """

        def integrand(w: arb) -> arb:
            jump = scale * w.exp()
            return self.density(start + direction * jump) * jump

        near, away = float(start), direction * scale
        return trapezoid(integrand, lambda w: self.log_density(near + away * math.exp(w)) + w)

    def piece(self, length: arb) -> arb:
        """Return the integral between mu and mu + length, x = mu + length / (1 + e^-w)."""

        def integrand(w: arb) -> arb:
            fraction = 1 / (1 + (-w).exp())
            other = 1 / (1 + w.exp())
            return self.density(length * fraction) * abs(length) * fraction * other

        size = float(length)

        def height(w: float) -> float:
            fraction, other = 1.0 / (1.0 + math.exp(-w)), 1.0 / (1.0 + math.exp(w))
            return self.log_density(size * fraction) + math.log(fraction) + math.log(other)

        return trapezoid(integrand, height)

    def log_density(self, offset: float) -> float:
        """Return the logarithm of the density at mu + offset up to a constant, roughly.

        By Debye's leading term.
        """
        p, a, b, _, gamma, sigma = self.doubles
        deviation, g = offset / sigma, gamma / sigma
        over, under, order = b + deviation * deviation, a + g * g, abs(p - 0.5)
        z = math.sqrt(over * under) + 1e-300
        w = math.hypot(order, z)
        bend = order * math.asinh(order / z) - (w - deviation * g) - math.log(w + 0.1) / 2
        return bend + (p - 0.5) / 2 * math.log(over / under + 1e-300)

    def log_level(self, x: float, sign: int) -> float:
        """Return the logarithm of a tail to a few digits.

        By a coarse sum of the first integral in doubles.
        """
        p, a, b, mu, gamma, sigma = self.doubles
        c, g = sign * (x - mu) / sigma, sign * gamma / sigma
        base = math.log(self.unit)
        half_a, half_b = a * self.unit / 2, b / self.unit / 2

        def height(s: float) -> float:
            root = math.exp((s + base) / 2)
            weight = (p - half_a + half_b) * s - half_a * rest(s) - half_b * rest(-s)
            return weight + log_phi(c / root - g * root)

        peak, width = find_peak(height)
        return height(peak) + math.log(width)

    def quantile(self, level: float, sign: int) -> float:
        """Return an x, of few digits, whose tail is about level."""
        centre = self.doubles[3] + self.doubles[4] * self.unit
        reference = self.log_level(centre + sign * 1e3 * self.width(), sign)
        low, high = -600.0, 600.0
        for _ in range(40):
            w = (low + high) / 2
            x = centre + sign * self.width() * math.sinh(w)
            if self.log_level(x, sign) - reference > math.log(level):
                high = w
            else:
                low = w
        return float(f"{centre + sign * self.width() * math.sinh(low):.6g}")


def enclosed_bessel(order: arb, z: arb) -> arb:
    """Return K_order(z) to at least BITS / 2 bits.

    Its series cancel where z is neither small nor large.
    """
    before = ctx.prec
    value = z.bessel_k(order)
    while not value.rad() < abs(value.mid()) * LEAST and ctx.prec < MOST_BITS:
        ctx.prec *= 2
        value = z.bessel_k(order)
    ctx.prec = before
    if not value.rad() < abs(value.mid()) * LEAST:
        raise ArithmeticError("no enclosure of K")
    return value


def rest(s: float) -> float:
    """Return e^s - 1 - s."""
    return (
        s * s / 2 * (1 + s / 3 * (1 + s / 4 * (1 + s / 5))) if abs(s) < 0.01 else math.expm1(s) - s
    )


def mode_of_y(p: float, a: float, b: float) -> float:
    """Return the mode of log Y."""
    w = math.hypot(p, math.sqrt(a * b))
    return (p + w) / a if p >= 0 else b / (w - p)


def safe(height: Callable[[float], float], s: float) -> float:
    """Return the height, -inf where a double does not hold what it needs."""
    try:
        return height(s)
    except (OverflowError, ArithmeticError, ValueError):
        return -math.inf


def find_peak(height: Callable[[float], float]) -> tuple[float, float]:
    """Return the peak of a single-peaked function, given by its logarithm, and its width."""
    grid = [k * 0.5 for k in range(-400, 401)] + [k * 5.0 for k in range(40, 250)]
    heights = [safe(height, s) for s in grid]
    best = max(range(len(grid)), key=heights.__getitem__)
    low, high = grid[best] - 5.0, grid[best] + 5.0
    ratio = (math.sqrt(5.0) - 1.0) / 2.0
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if safe(height, left) > safe(height, right):
            high = right
        else:
            low = left
    peak = (low + high) / 2
    top = safe(height, peak)
    width = 1.0
    while min(safe(height, peak + width), safe(height, peak - width)) < top - 1.0 and width > 1e-12:
        width /= 2
    return peak, width


def trapezoid(f: Callable[[arb], arb], height: Callable[[float], float]) -> arb:
    """Return the integral of a positive, single-peaked f over the real line.

    Log f being about height.
    """
    peak, width = find_peak(height)
    step = arb(FIRST_STEP * width)
    start = arb(peak)

    def side(first: arb, stride: arb) -> arb:
        total, s = ZERO, first
        largest = ZERO
        while True:
            value = f(s).mid()
            total += value
            largest = max(largest, value)
            if value < largest * NEGLIGIBLE:
                return total
            s = (s + stride).mid()

    total = side(start, step) + side(start - step, -step)
    for _ in range(HALVINGS):
        between = side(start + step / 2, step) + side(start - step / 2, -step)
        agreed = abs(between - total) < AGREEMENT * total
        total, step = total + between, step / 2
        if agreed:
            return (total * step).mid()
    raise ArithmeticError("the rule does not converge")


def points_of(law: Law) -> Iterator[float]:
    """Yield the points: one in each tail, the centre, and one beside mu."""
    _, _, _, mu, gamma, _ = law.doubles
    for sign in (1, -1):
        yield law.quantile(next(LEVELS), sign)
    yield float(f"{mu + gamma * law.unit + 0.3 * law.width():.6g}")
    yield float(f"{mu + 0.001 * law.width():.6g}")


def tails_of(law: Law, x: float, check_density: bool) -> list[arb]:
    """Return both tails, checked."""
    sign = (
        1 if law.log_level(x, 1) < law.log_level(x, -1) else -1
    )  # roughly; which one matters for tiny ones only
    smaller = law.tail(x, sign)
    if smaller < ONE_SIDED:
        larger = 1 - smaller
    else:
        larger = law.tail(x, -sign)
        assert abs(smaller + larger - 1) < SUM_CHECK, (law.doubles, x)
    if check_density:
        other = law.tail_of_density(x, sign)
        assert abs(other / smaller - 1) < CROSS_CHECK, (law.doubles, x, smaller, other)
    return [smaller, larger] if sign == 1 else [larger, smaller]


def laws() -> Iterator[tuple[str, float, float, float, float]]:
    """Yield family, p, a, b and skew."""
    for alpha, skew in itertools.product(GAMMAS, SKEWS):
        yield "vg", alpha, 2.0 * alpha, 0.0, skew
    for alpha, skew in itertools.product(INVERSE_GAMMAS, SKEWS):
        yield "ninvg", -alpha, 0.0, 2.0 * alpha, skew
    for tail_weight, skew in itertools.product(TAIL_WEIGHTS, SKEWS):
        yield "nig", -0.5, 1.0 / tail_weight, 1.0 / tail_weight, skew
    for (p, a, b), skew in itertools.product(GENERALISED, FEW_SKEWS):
        yield "gh", p, a, b, skew


def main() -> None:
    """Write the table to the standard output: of the families named as arguments, or of all."""
    families = [word for word in sys.argv[1:] if word != "--check"]
    check_density = "--check" in sys.argv
    print("family,p,a,b,mu,gamma,sigma,x,cdf,sf")
    for family, p, a, b, skew in laws():
        mu, sigma = next(SETTINGS)
        gamma = float(f"{skew * sigma / math.sqrt(mode_of_y(p, a, b)):.6g}")
        z = math.sqrt(a * b)
        ctx.prec = BITS + int(math.log2(1.0 + z)) + 8
        law = Law(p, a, b, mu, gamma, sigma)
        points = list(points_of(law))
        if families and family not in families:
            continue
        for x in points:
            try:
                tails = tails_of(law, x, check_density)
            except (AssertionError, ArithmeticError) as error:
                print(
                    "left out:",
                    family,
                    law.doubles,
                    x,
                    repr(error)[:300],
                    file=sys.stderr,
                    flush=True,
                )
                continue
            numbers = [repr(v) for v in (*law.doubles, x)]
            digits = [t.str(WRITTEN_DIGITS, radius=False) for t in tails]
            print(",".join([family, *numbers, *digits]), flush=True)


if __name__ == "__main__":
    main()
