#!/usr/bin/env python3
"""The constants of HalfAngle in src/rnn/math.h: run it and compare.

    tanh(r ln2 / 2) = r O(w) / E(w),  w = r*r,  E = w + e0,  O = o1 w + o0,  |r| <= 1/2

Remez's exchange for the least largest relative error, then a search among neighbouring floats, as three
constants rounded one by one lose more than the fit had left over. Plain Python; the rest of the error is the
rounding of the engine's own operations, which tests/test_rnn_math.cpp measures.
"""
import itertools
import math
import struct

END = 0.5  # of r: the distance from a whole power of two
LINEAR = [END * (i + 1) / 2000 for i in range(2000)]
NEIGHBOURS = 6  # units in the last place, to either side of each constant


def bits(x):
    return struct.unpack("<i", struct.pack("<f", x))[0]


def of_bits(b):
    return struct.unpack("<f", struct.pack("<i", b))[0]


# x arrives as r = x * SCALE with SCALE rounded to float: for |x| < 0.17 nothing else stands between x and the
# quotient, so the fit takes over the rounding of SCALE. The sigmoid's scale is half of it, to the last bit.
SCALE = of_bits(bits(2 / math.log(2)))


def target(r):
    return math.tanh(r / SCALE)


def relative_error(constants, r):
    e0, o0, o1 = constants
    w = r * r
    return r * (o1 * w + o0) / ((w + e0) * target(r)) - 1


def solved(rows):
    """Gauss with pivots; a row ends with its right side."""
    n = len(rows)
    for i in range(n):
        best = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[best] = rows[best], rows[i]
        for k in range(n):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [x - factor * y for x, y in zip(rows[k], rows[i])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def fitted(rounds=12):
    """Four places where the error is to be +h, -h, +h, -h; they move to where it is largest."""
    places = [END * math.sin(math.pi / 2 * (i + 1) / 4) for i in range(4)]
    e0 = 21.0
    for _ in range(rounds):
        for _ in range(8):  # h multiplies E: the E of the round before makes the equations linear
            rows = []
            for i, r in enumerate(places):
                w, t = r * r, target(r)
                rows.append([-t, r, r * w, (-1) ** i * t * (w + e0), t * w])
            e0, o0, o1, h = solved(rows)
        constants = (e0, o0, o1)
        errors = [relative_error(constants, r) for r in LINEAR]
        peaks = []
        for r, error in zip(LINEAR, errors):
            if peaks and (error > 0) == (peaks[-1][1] > 0):
                if abs(error) > abs(peaks[-1][1]):
                    peaks[-1] = (r, error)
            else:
                peaks.append((r, error))
        if len(peaks) < 4:  # at the limit of double precision
            break
        places = [r for r, _ in peaks[-4:]]
    return constants, max(map(abs, errors))


def rounded(constants):
    coarse = LINEAR[::50] + [END]
    centre = [bits(x) for x in constants]
    around = range(-NEIGHBOURS, NEIGHBOURS + 1)
    candidates = ([of_bits(c + d) for c, d in zip(centre, by)] for by in itertools.product(around, repeat=3))
    best = min(candidates, key=lambda c: max(abs(relative_error(c, r)) for r in coarse))
    return best, max(abs(relative_error(best, r)) for r in LINEAR)


if __name__ == "__main__":
    exact, error = fitted()
    print(f"real numbers {exact}: largest relative error {error:.2e}")
    floats, error = rounded(exact)
    print(f"floats: largest relative error {error:.2e} (half a unit in the last place: 3e-8 to 6e-8)")
    for name, value in zip(("kEven0", "kOdd0", "kOdd1"), floats):
        print(f"{name} = {value:.9g}f")
    print(f"scale of tanh {SCALE:.9g}f, of the sigmoid {SCALE / 2:.9g}f")
