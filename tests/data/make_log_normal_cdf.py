"""Writes log_normal_cdf.csv: log Phi(u) at exact doubles, by mpmath at 60 digits.

usage: python tests/data/make_log_normal_cdf.py > tests/data/log_normal_cdf.csv
"""

import mpmath as mp

WORKING_DIGITS = 60
WRITTEN_DIGITS = 25
FAR = [-1e150, -1e100, -1e20, -1e8, -12345.678, -1000.0, -300.0, -100.0, -50.0, -38.5, -37.0, -25.0]
SEAM = [-20.5, -20.0000001, -20.0, -19.9999999, -19.5]
NEAR = [k / 4 for k in range(-72, 36)] + [-1e-9, 1e-9, -1e-300, 9.5, 12.0, 30.0]


def main() -> None:
    """Write the table to the standard output."""
    print("u,log_cdf")
    for u in FAR + SEAM + NEAR:
        mp.mp.dps = WORKING_DIGITS + (int(u * u) if u > 1 else 0)
        x = mp.mpf(u)
        if u < -1e9:  # Mills' ratio is 1/|u| to 18 digits of its own, 1e-18 of the result
            value = -x * x / 2 - mp.log(2 * mp.pi) / 2 - mp.log(-x) + mp.log1p(-1 / x**2)
        else:
            value = mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)
        print(f"{u!r},{mp.nstr(value, WRITTEN_DIGITS)}")


if __name__ == "__main__":
    main()
