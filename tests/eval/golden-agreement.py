#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-agreement.json: bias and limits of agreement with their intervals, by Bland and Altman (1999)
# with scipy's Student t where each difference is a subject's own, and by a bootstrap of subjects with numpy's
# percentiles where a subject has several. Needs numpy and scipy; the program needs neither.
import json
import os

import numpy as np
from scipy import stats

MASK = (1 << 64) - 1
DRAWS = 2000


def stream(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 & MASK
    i = 0
    while True:
        i += 1
        z = (h + i * 0x9E3779B97F4A7C15) & MASK
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        yield z ^ z >> 31


def below(bits, n):
    limit = MASK - MASK % n
    while True:
        b = next(bits)
        if b < limit:
            return b % n


def agreement(d):
    return d.mean(), d.std(ddof=1), d.mean() - 1.96 * d.std(ddof=1), d.mean() + 1.96 * d.std(ddof=1)


def closed(d):
    n, (bias, sd, low, high) = len(d), agreement(d)
    se = sd * np.sqrt(1 / n + 1.96 ** 2 / (2 * (n - 1)))
    t = lambda value, s: list(stats.t.interval(0.95, n - 1, loc=value, scale=s))
    return [t(bias, sd / np.sqrt(n)), t(low, se), t(high, se)]


def bootstrapped(d, subjects, n_subjects, seed):
    bits, draws = stream(f"{seed}:bootstrap:0:"), []
    own = [d[subjects == s] for s in range(n_subjects)]
    for _ in range(DRAWS):
        bias, _, low, high = agreement(np.concatenate([own[below(bits, n_subjects)] for _ in range(n_subjects)]))
        draws.append((bias, low, high))
    return [list(np.percentile(column, [2.5, 97.5])) for column in np.array(draws).T]


def main():
    rng, cases = np.random.default_rng(5), []
    for n, seed in ((7, 1), (40, 3)):
        d = np.round(rng.normal(1.5, 3, n), 4)
        bias, sd, low, high = agreement(d)
        cases.append({"differences": d.tolist(), "seed": seed, "agreement": [bias, sd, low, high], "intervals": closed(d)})
    for n_subjects, seed in ((9, 7), (30, 11)):
        subjects = np.repeat(np.arange(n_subjects), rng.integers(1, 5, n_subjects))
        d = np.round(rng.normal(-2, 1, n_subjects)[subjects] + rng.normal(0, 2, len(subjects)), 4)
        bias, sd, low, high = agreement(d)
        cases.append({"differences": d.tolist(), "subjects": subjects.tolist(), "n_subjects": n_subjects, "seed": seed,
                      "agreement": [bias, sd, low, high], "intervals": bootstrapped(d, subjects, n_subjects, seed)})
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden-agreement.json"), "w") as file:
        json.dump({"cases": cases}, file, indent=0)


main()
