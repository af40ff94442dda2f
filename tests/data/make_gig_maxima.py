"""Writes gig_maxima.csv: maxima of the GIG likelihood, to 40 digits by mpmath.

Reads lines "s1,s2,s3,p,a,b" of exact doubles from standard input: moments E[1/Y], E[Y], E[log Y],
and a guess of the maximum, such as the library's. The face is decided by the exact test, with
d1 = log s1 + s3, d2 = log s2 - s3, a0 = s1 s2 / (s1 s2 - 1), g(x) = log x - digamma(x): a = 0
exactly if d1 <= g(a0), b = 0 exactly if d2 <= g(a0). Inside, the likelihood is concave, so that a
point where the three moments match is the maximum: Newton's method on them, by finite differences,
runs until they match to 30 digits. K_p(z) and its derivative in p are trapezoidal sums of the
integral DLMF 10.32.9. Moments that leave no maximum but a constant Y are left out. Needs mpmath.

usage: python tests/data/make_gig_maxima.py < guesses.csv > tests/data/gig_maxima.csv
"""

import sys

import mpmath as mp

WORKING_DIGITS = 60
MATCHED = mp.mpf("1e-30")
WRITTEN_DIGITS = 20
LEAST_SHIFT = mp.mpf("1e-25")


def log_k(p: mp.mpf, z: mp.mpf) -> tuple[mp.mpf, mp.mpf, mp.mpf, mp.mpf]:
    """Return log(e^z K_p(z)), K_{p-1}/K_p, K_{p+1}/K_p, d log K_p / dp, from one sum over t."""
    mode = mp.asinh(p / z)
    top = p * mode - z * mp.cosh(mode)
    width = 1 / mp.sqrt(mp.sqrt(p * p + z * z))
    step = min(width, mp.mpf(1)) / 7

    def side(direction: int) -> list[mp.mpf]:
        sums = [mp.mpf(0)] * 4
        k = 0 if direction > 0 else 1
        while True:
            t = mode + direction * k * step
            weight = mp.exp(p * t - z * mp.cosh(t) - top)
            for i, f in enumerate((mp.mpf(1), mp.exp(-t), mp.exp(t), t)):
                sums[i] += weight * f
            if weight * max(1, mp.exp(abs(t))) < mp.mpf("1e-62") * sums[0]:
                return sums
            k += 1

    s = [left + right for left, right in zip(side(-1), side(1), strict=True)]
    return top + z + mp.log(step * s[0] / 2), s[1] / s[0], s[2] / s[0], s[3] / s[0]


def g(x: mp.mpf) -> mp.mpf:
    return mp.log(x) - mp.digamma(x)


def inverse_g(d: mp.mpf) -> mp.mpf:
    guess = (3 - d + mp.sqrt((d - 3) ** 2 + 24 * d)) / (12 * d)
    return mp.exp(mp.findroot(lambda x: mp.log(g(mp.exp(x)) / d), mp.log(guess), tol=1e-45))


def solve(d1: mp.mpf, d2: mp.mpf, p: mp.mpf, x: mp.mpf) -> tuple[mp.mpf, mp.mpf]:
    """Return the order and log z at which log R- + u = d1 and log R+ - u = d2."""

    def residual(order: mp.mpf, log_z: mp.mpf) -> mp.matrix:
        _, minus, plus, u = log_k(order, mp.exp(log_z))
        return mp.matrix([mp.log(minus) + u - d1, mp.log(plus) - u - d2])

    for _ in range(30):
        r = residual(p, x)
        if max(abs(r[0]), abs(r[1])) < MATCHED * min(1, d1, d2):
            return p, x
        hp, hx = max(abs(p), 1) * LEAST_SHIFT, max(abs(x), 1) * LEAST_SHIFT
        by_p, by_x = (residual(p + hp, x) - r) / hp, (residual(p, x + hx) - r) / hx
        determinant = by_p[0] * by_x[1] - by_x[0] * by_p[1]
        p += (by_x[0] * r[1] - by_x[1] * r[0]) / determinant
        x += (by_p[1] * r[0] - by_p[0] * r[1]) / determinant
    message = "the guess does not lead to the maximum"
    raise RuntimeError(message)


def maximum(s: list[mp.mpf], guess: list[mp.mpf]) -> tuple[str, mp.mpf, mp.mpf, mp.mpf]:
    """Return which limit it is, and p, a, b."""
    s1, s2, s3 = s
    d1, d2, a0 = mp.log(s1) + s3, mp.log(s2) - s3, s1 * s2 / (s1 * s2 - 1)
    if d1 <= g(a0):
        alpha = inverse_g(d1)
        return "inverse_gamma_face", -alpha, mp.mpf(0), 2 * alpha / s1
    if d2 <= g(a0):
        alpha = inverse_g(d2)
        return "gamma_face", alpha, 2 * alpha / s2, mp.mpf(0)
    p, a, b = guess
    if a == 0 or b == 0:  # so near to a face that doubles do not see the difference
        return "skip", p, a, b
    p, x = solve(d1, d2, p, mp.log(mp.sqrt(a * b)))
    z = mp.exp(x)
    _, minus, _, _ = log_k(p, z)
    unit = minus / s1
    return "none", p, z / unit, z * unit


def main() -> None:
    print("s1,s2,s3,limit,p,a,b")
    for line in sys.stdin:
        numbers = [float(field) for field in line.split(",")]
        exact = [mp.mpf(v) for v in numbers]
        limit, *law = maximum(exact[:3], exact[3:])
        if limit == "skip":
            print("skipped", line, file=sys.stderr)
            continue
        fields = (
            [repr(v) for v in numbers[:3]] + [limit] + [mp.nstr(v, WRITTEN_DIGITS) for v in law]
        )
        print(",".join(fields), flush=True)


if __name__ == "__main__":
    mp.mp.dps = WORKING_DIGITS
    main()
