"""Computes tails of X = mu + gamma Y + sigma sqrt(Y) Z, Y ~ GIG(p, a, b), by mpmath.

The parameters are exact doubles. There are two ways, which share only the quadrature: the integral
over log Y of Phi times the density of Y, divided by the integral of that density; and the integral
of the density of X with its Bessel function.
"""

import math
from dataclasses import dataclass

import mpmath as mp
from positive_integral import DIGITS, Height, integrate

DENSITY_DIGITS = 34  # a Bessel function is dear
LARGEST_EXPONENT = 300.0
LEAST = 1e-300
NO_BESSEL = -4000.0  # stands for log a where a is 0, so that no z is large


def exponential(s: float) -> float:
    """Return e^s, held within doubles."""
    return math.exp(min(s, LARGEST_EXPONENT))


def exponential_rest(s: float) -> float:
    """Return e^s - 1 - s, to a few digits, held within doubles."""
    small = 1e-4
    return s * s / 2 if abs(s) < small else math.expm1(min(s, LARGEST_EXPONENT)) - s


def log_phi(u: float) -> float:
    """Return log Phi(u) to a few digits."""
    far = -25.0
    if u > far:
        return math.log(math.erfc(-u / math.sqrt(2.0)) / 2.0)
    return -u * u / 2.0 - math.log(-u) - 0.5 * math.log(2.0 * math.pi)


@dataclass(frozen=True)
class Law:
    """The law of mu + gamma Y + sigma sqrt(Y) Z."""

    p: float
    a: float
    b: float
    mu: float
    gamma: float
    sigma: float

    @property
    def unit(self) -> float:
        """The unit of Y: roughly the value of Y at the mode of log Y."""
        w = math.hypot(self.p, math.sqrt(self.a * self.b))
        return (self.p + w) / self.a if self.p >= 0 else self.b / (w - self.p)

    @property
    def width(self) -> float:
        """The order of magnitude of the deviation of X."""
        curvature = (self.a * self.unit + self.b / self.unit) / 2
        spread = self.unit / math.sqrt(max(curvature, 1.0))
        return self.sigma * math.sqrt(self.unit) + abs(self.gamma) * spread

    def weight_height(self, s: float) -> float:
        """Return log of the density of s = log(Y / unit), up to a constant, to a few digits."""
        half_a, half_b = self.a * self.unit / 2, self.b / self.unit / 2
        slope = self.p - half_a + half_b
        return slope * s - half_a * exponential_rest(s) - half_b * exponential_rest(-s)

    def tail_height(self, x: float, sign: int) -> Height:
        """Return log of the integrand of a tail, which is P(X <= x) for sign 1, P(X > x) for -1."""
        root = math.sqrt(self.unit)
        c, g = sign * (x - self.mu) / self.sigma / root, sign * self.gamma / self.sigma * root

        def height(s: float) -> float:
            return self.weight_height(s) + log_phi(c * exponential(-s / 2) - g * exponential(s / 2))

        return height

    def weight(self, s: mp.mpf) -> mp.mpf:
        """Return y^p e^{-(a y + b / y) / 2} at y = unit e^s, over the same at s = 0."""
        unit = mp.mpf(self.unit)
        half_a, half_b = self.a * unit / 2, self.b / unit / 2
        return mp.exp(self.p * s - half_a * mp.expm1(s) - half_b * mp.expm1(-s))

    def mass(self) -> mp.mpf:
        """Return the integral of the weight."""
        return integrate(self.weight, self.weight_height)

    def tail(self, x: float, sign: int, mass: mp.mpf) -> mp.mpf:
        """Return a tail by its mixing integral."""
        root = mp.sqrt(mp.mpf(self.unit) * 2)
        c = sign * (mp.mpf(x) - self.mu) / self.sigma / root
        g = sign * mp.mpf(self.gamma) / self.sigma * root / 2

        def integrand(s: mp.mpf) -> mp.mpf:
            half = mp.exp(s / 2)
            return self.weight(s) * mp.erfc(g * half - c / half) / 2

        return integrate(integrand, self.tail_height(x, sign)) / mass

    def log_mass(self) -> mp.mpf:
        """Return log of Int y^(p-1) e^{-(a y + b / y)/2} dy in closed form."""
        p, a, b = mp.mpf(self.p), mp.mpf(self.a), mp.mpf(self.b)
        if b == 0:
            return mp.loggamma(p) - p * mp.log(a / 2)
        if a == 0:
            return mp.loggamma(-p) + p * mp.log(b / 2)
        return mp.log(2 * mp.besselk(p, mp.sqrt(a * b))) + p / 2 * mp.log(b / a)

    def log_mass_of_weight(self, mass: mp.mpf) -> mp.mpf:
        """Return the same as log_mass, from the integral of the weight."""
        unit = mp.mpf(self.unit)
        return mp.log(mass) + self.p * mp.log(unit) - (self.a * unit + self.b / unit) / 2

    def density(self, offset: mp.mpf, log_mass: mp.mpf) -> mp.mpf:
        """Return the density of X at mu + offset by its Bessel function, or the limit of that."""
        deviation, g = offset / self.sigma, mp.mpf(self.gamma) / self.sigma
        a, b, order = self.a + g * g, self.b + deviation * deviation, mp.mpf(self.p) - 0.5
        root = self.sigma * mp.sqrt(2 * mp.pi)
        if a == 0:
            return mp.exp(mp.loggamma(-order) + order * mp.log(b / 2) - log_mass) / root
        log_rest = deviation * g - log_mass + order / 2 * mp.log(b / a)
        return 2 * mp.besselk(order, mp.sqrt(a * b)) * mp.exp(log_rest) / root

    def density_height(self, log_offset: float, sign: int) -> float:
        """Return log of the density at mu + sign e^log_offset, roughly, by Debye's leading term."""
        log_deviation, g = log_offset - math.log(self.sigma), self.gamma / self.sigma
        deviation, order = exponential(log_deviation), abs(self.p - 0.5)
        is_pure = self.b == 0.0 or log_deviation > LARGEST_EXPONENT
        log_b = 2 * log_deviation if is_pure else math.log(self.b + deviation * deviation)
        log_a = math.log(self.a + g * g) if self.a + g * g > 0.0 else NO_BESSEL
        z = exponential((log_a + log_b) / 2) + LEAST
        w, skew = math.hypot(order, z), sign * g * deviation
        bend = order * (math.log(order + w) - (log_a + log_b) / 2) - math.log(w + 0.1) / 2
        # rest is skew - w, computed without cancellation
        squares = order * order + self.b * (self.a + g * g) + self.a * deviation * deviation
        rest = -squares / (skew + w) if skew > 0.0 else skew - w
        return rest + bend + (self.p - 0.5) / 2 * (log_b - log_a)

    def tail_of_density(self, x: float, sign: int, log_mass: mp.mpf) -> mp.mpf:
        """Return a tail as the integral of the density, split at mu, where it may be unbounded."""
        mp.mp.dps = DENSITY_DIGITS
        try:
            return self.split_at_mu(x, sign, log_mass)
        finally:
            mp.mp.dps = DIGITS

    def split_at_mu(self, x: float, sign: int, log_mass: mp.mpf) -> mp.mpf:
        """Return the same to the digits in force, those of tail_of_density."""
        scale, offset = self.width, x - self.mu
        holds_mu = sign * offset > 0
        exact_start = mp.mpf(0) if holds_mu else mp.mpf(x) - self.mu
        log_scale = math.log(scale)
        log_start = math.log(max(abs(float(exact_start)), LEAST))

        def outward(w: mp.mpf) -> mp.mpf:  # at start -+ scale e^w
            jump = scale * mp.exp(w)
            return self.density(exact_start - sign * jump, log_mass) * jump

        def outward_height(w: float) -> float:
            near, far = sorted((w + log_scale, log_start))
            log_offset = w + log_scale if holds_mu else far + math.log1p(math.exp(near - far))
            return self.density_height(log_offset, -sign) + w

        total = integrate(outward, outward_height)
        return total + self.piece(mp.mpf(x) - self.mu, log_mass) if holds_mu else total

    def piece(self, length: mp.mpf, log_mass: mp.mpf) -> mp.mpf:
        """Return the integral of the density from mu to mu + length.

        The variable is w, with the point mu + length / (1 + e^-w).
        """

        def inside(w: mp.mpf) -> mp.mpf:
            fraction, other = 1 / (1 + mp.exp(-w)), 1 / (1 + mp.exp(w))
            return self.density(length * fraction, log_mass) * abs(length) * fraction * other

        def inside_height(w: float) -> float:
            log_fraction = w if w < -LARGEST_EXPONENT else -math.log1p(math.exp(-w))
            log_offset = math.log(abs(float(length))) + log_fraction
            return self.density_height(log_offset, 1 if length > 0 else -1) - abs(w)

        return integrate(inside, inside_height)
