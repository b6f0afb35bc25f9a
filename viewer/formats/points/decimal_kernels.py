"""Correctly rounded decimal to binary64 and binary32, compiled.

Follows D. Lemire, "Number Parsing at a Gigabyte per Second" (2021): up to 19 digits times a power
of ten, multiplied with a 128-bit approximation of the power of five; N. Mushtak and D. Lemire,
"Fast Number Parsing Without Fallback" (2023), show that the approximation always suffices.
"""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
import numpy.typing as npt
from numba import njit, types

MIN_POWER = -342
MAX_POWER = 308


def _powers_of_five() -> npt.NDArray[np.uint64]:
    """(651 * 2,) upper and lower words of 5**q, scaled to fill 128 bits, q from -342 to 308."""
    words = []
    for power in range(MIN_POWER, MAX_POWER + 1):
        five = 5 ** abs(power)
        if power >= 0:
            shift = 128 - five.bit_length()
            value = five << shift if shift >= 0 else five >> -shift
        else:
            # Rounded up at 128 bits while 5**-q fits in 64: exact halves must stay recognisable.
            extra = 127 if power >= -27 else 128 + five.bit_length()
            value = (1 << (five.bit_length() + extra)) // five + 1
            value >>= value.bit_length() - 128
        words += [value >> 64, value & (2**64 - 1)]
    return np.array(words, dtype=np.uint64)


_POWERS = _powers_of_five()
_TENS = np.array([float(10**power) for power in range(23)])
_MASK32 = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)
_PRODUCT = types.UniTuple(types.uint64, 2)


@njit(_PRODUCT(types.uint64, types.uint64), cache=True, nogil=True, inline="always")
def _multiply(a, b):
    """Return the upper and lower word of a 64 by 64 bit product."""
    shift = np.uint64(32)
    a_low = a & _MASK32
    a_high = a >> shift
    b_low = b & _MASK32
    b_high = b >> shift
    low = a_low * b_low
    middle = a_high * b_low + (low >> shift)
    cross = a_low * b_high + (middle & _MASK32)
    return a_high * b_high + (middle >> shift) + (cross >> shift), a * b


@njit(types.uint64(types.uint64, types.int64), cache=True, nogil=True)
def _bits_from_decimal(digits, power):
    """Return the bits of the binary64 nearest to digits * 10**power, digits > 0."""
    if power < MIN_POWER:
        return np.uint64(0)
    infinity = np.uint64(0x7FF) << np.uint64(52)
    if power > MAX_POWER:
        return infinity
    zeros = np.int64(0)
    while digits >> np.uint64(63) == 0:
        digits <<= _ONE
        zeros += 1
    entry = 2 * (power - MIN_POWER)
    high, low = _multiply(digits, _POWERS[entry])
    if high & np.uint64(0x1FF) == np.uint64(0x1FF):
        more, _ = _multiply(digits, _POWERS[entry + 1])
        low += more
        if more > low:
            high += _ONE
    upper = np.int64(high >> np.uint64(63))
    shift = np.uint64(upper + 9)
    mantissa = high >> shift
    exponent = ((217706 * power) >> 16) + 63 + upper - zeros + 1023
    if exponent <= 0:
        if exponent <= -63:
            return np.uint64(0)
        mantissa >>= np.uint64(1 - exponent)
        mantissa += mantissa & _ONE
        return mantissa >> _ONE
    exactly_between = low <= _ONE and -4 <= power <= 23 and mantissa & np.uint64(3) == _ONE
    if exactly_between and mantissa << shift == high:
        mantissa &= ~_ONE
    mantissa += mantissa & _ONE
    mantissa >>= _ONE
    if mantissa >> np.uint64(53):
        mantissa = np.uint64(1) << np.uint64(52)
        exponent += 1
    if exponent >= 0x7FF:
        return infinity
    return (mantissa & ~(_ONE << np.uint64(52))) | (np.uint64(exponent) << np.uint64(52))


@njit(types.float64(types.uint64, types.int64), cache=True, nogil=True)
def double_from_decimal(digits, power):
    """Return the float64 nearest to digits * 10**power, ties to even."""
    if digits == 0:
        return 0.0
    if digits <= np.uint64(1) << np.uint64(53):
        # Both factors are exact, so IEEE's single rounding is the right one (Clinger 1990).
        if 0 <= power <= 22:
            return np.float64(digits) * _TENS[power]
        if -22 <= power < 0:
            return np.float64(digits) / _TENS[-power]
    return np.uint64(_bits_from_decimal(digits, power)).view(np.float64)


@njit(types.boolean(types.float64), cache=True, nogil=True)
def is_single_midpoint(value):
    """Tell whether a finite float64 lies exactly between two float32 values.

    Only then can rounding twice, to float64 and on to float32, differ from rounding once.
    """
    magnitude = abs(value)
    if magnitude >= 1.1754943508222875e-38:
        return np.float64(value).view(np.uint64) & np.uint64(0x1FFFFFFF) == np.uint64(0x10000000)
    # Subnormal float32 values are multiples of 2**-149; scaling by 2**150 is exact.
    scaled = magnitude * 1.4272476927059599e45
    return scaled == np.floor(scaled) and scaled % 2.0 == 1.0
