#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-statistics.json: paired DeLong, bootstrap of subjects, reliability, temperature, thresholds by
# cost, decision curve, predictive values and sample size of tables of scores, by scikit-learn, scipy, statsmodels
# and dcurves or by the formulas written a second time. test-statistics.c compares to 1e-6.
#
#     python3 golden-statistics.py > golden-statistics.json   (numpy 2.4, scipy 1.17, scikit-learn 1.9,
#                                                              statsmodels 0.15, dcurves 1.1)
import json
import sys
import warnings

import dcurves
import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy import stats
from scipy.stats import norm
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss, roc_auc_score
from statsmodels.stats.proportion import proportion_confint

warnings.filterwarnings("ignore")
Z = norm.ppf(0.975)
M = (1 << 64) - 1


def stream(name):
    h = 0xCBF29CE484222325
    for b in name.encode():
        h = ((h ^ b) * 0x100000001B3) & M
    i = 0
    while True:
        i += 1
        z = (h + i * 0x9E3779B97F4A7C15) & M
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M
        yield z ^ (z >> 31)


def below(bits, n):
    limit = M - M % n
    while True:
        b = next(bits)
        if b < limit:
            return b % n


def table(rng, positive, negative, low, high, distance, decimals, mixed=0):
    rows = []
    for s in range(positive + negative):
        own, other = rng.normal(size=2)
        for i in range(rng.integers(low, high + 1)):
            label = int(s < positive)
            if s < mixed and i % 2:
                label = 0
            v = own + 0.6 * rng.normal() + distance * label
            w = 0.5 * own + other + 0.6 * rng.normal() + 0.7 * distance * label
            f = lambda v: round(float(1 / (1 + np.exp(-v + distance / 2))), decimals)
            rows.append([f"s{s:03d}", f"s{s:03d}_{i}", ["BB", "TA", "GM"][i % 3], label, f(v), f(w)])
    return rows


def kernel(s, y):
    p, n = s[y == 1], s[y == 0]
    k = (p[:, None] > n[None, :]) + 0.5 * (p[:, None] == n[None, :])
    return k.mean(1), k.mean(0)


def delong(y, a, b):
    va, vb = kernel(a, y), kernel(b, y)
    s = [np.cov(np.vstack([va[i], vb[i]]), ddof=1) / len(va[i]) for i in (0, 1)]
    c = s[0] + s[1]
    auc = [roc_auc_score(y, a), roc_auc_score(y, b)]
    d, var = auc[0] - auc[1], c[0, 0] + c[1, 1] - 2 * c[0, 1]
    se = np.sqrt(var) if var > 1e-15 else 0
    z = d / se if se > 0 else (0 if abs(d) < 1e-12 else None)
    return {"auc": auc, "variance": [c[0, 0], c[1, 1]], "covariance": c[0, 1], "se": se,
            "p": None if z is None else 2 * norm.sf(abs(z))}


class Draws(np.random.Generator):
    """Hands scipy.stats.bootstrap the program's draws of subjects; those with one class only are drawn again."""

    def __init__(self, fit):
        super().__init__(np.random.PCG64(0))
        self.bits, self.fit = stream("7:bootstrap:0:"), fit

    def integers(self, low, high, size, **_):
        out = []
        while len(out) < size[0]:
            draw = [below(self.bits, high) for _ in range(size[1])]
            if self.fit(draw):
                out.append(draw)
        return np.array(out)


def bootstrap(rows, f, draws):
    """f(weight of each row) -> number; scipy's percentile and BCa of a sample of subjects."""
    names = sorted({r[0] for r in rows})
    u = np.array([names.index(r[0]) for r in rows])
    y = np.array([r[3] for r in rows])
    weight = lambda draw: np.bincount(np.asarray(draw, int), minlength=len(names))[u]
    fit = lambda draw: bool((weight(draw)[y == 1]).sum() and (weight(draw)[y == 0]).sum())
    value = lambda draw: round(f(weight(draw)), 12)  # ties of different sums
    run = lambda method: stats.bootstrap((np.arange(len(names)),), value, vectorized=False, n_resamples=draws,
                                         method=method, rng=Draws(fit))
    found = run("percentile")
    values = found.bootstrap_distribution
    out = {"value": value(range(len(names))), "se": float(found.standard_error), "bca": None,
           "percentile": list(found.confidence_interval) if np.ptp(values) > 1e-12 else None}
    if out["percentile"] and values.min() <= out["value"] <= values.max():
        out["bca"] = list(run("BCa").confidence_interval)
    return out


def auc(y, s):
    return lambda w: roc_auc_score(y, s, sample_weight=w)


def units(rows, keys):
    f = pd.DataFrame(rows, columns=["s", "i", "m", "y", "a", "b"]).groupby(keys).agg(
        {"y": "max", "a": lambda x: sum(x) / len(x)}).reset_index()  # no other rounding: it would part ties
    return {"n": len(f), "auc": roc_auc_score(f.y, f.a)}


def logit(s):
    s = np.clip(s, 1e-12, 1 - 1e-12)
    return np.log(s / (1 - s))


def reliability(rows, n_bins):
    y, s = np.array([r[3] for r in rows]), np.array([r[4] for r in rows])
    b = np.minimum((s * n_bins).astype(int), n_bins - 1)
    share, mean = (np.array([v[b == k].mean() for k in sorted(set(b))]) for v in (y, s))
    if not np.isin(s * n_bins, np.arange(n_bins)).any():  # scikit-learn puts edges into the lower bin
        assert np.allclose(calibration_curve(y, s, n_bins=n_bins), [share, mean])
    n = [int((b == k).sum()) for k in sorted(set(b))]
    subjects = [len({r[0] for r, k in zip(rows, b) if k == c}) for c in sorted(set(b))]
    ci = [list(proportion_confint(p * k, k, method="wilson")) for p, k in zip(share, subjects)]
    return {"bins": n_bins, "n": n, "mean": list(mean), "share": list(share), "ci": ci,
            "ece": float((abs(share - mean) * n).sum() / len(s))}


def temperature(rows):
    y, x = np.array([r[3] for r in rows]), logit(np.array([r[4] for r in rows]))
    f = lambda b: np.logaddexp(0, -np.where(y == 1, 1, -1) * b * x).mean()
    best = minimize_scalar(f, bounds=(1e-3, 50), method="bounded", options={"xatol": 1e-13}).x
    g = lambda b: ((y - 1 / (1 + np.exp(-b * x))) * x).sum()
    for _ in range(20):  # the minimum is flat: Newton on its slope
        p = 1 / (1 + np.exp(-best * x))
        best += g(best) / (p * (1 - p) * x * x).sum()
    return 1 / best


def cost(rows, ratio):
    y, s = np.array([r[3] for r in rows]), np.array([r[4] for r in rows])
    levels = np.unique(s)
    cuts = [(c + (levels[levels < c][-1] if (levels < c).any() else 0)) / 2 for c in levels]
    cuts.append((1 + levels[-1]) / 2)
    loss = [((s >= c) & (y == 0)).sum() + ratio * ((s < c) & (y == 1)).sum() for c in cuts]
    best = [c for c, l in zip(cuts[:-1], loss) if l <= min(loss) + 1e-9] or [cuts[-1]]
    return min(best, key=lambda c: abs(c - 0.5))


def decision(rows, prevalence):
    f = pd.DataFrame({"y": [r[3] for r in rows], "model": [r[4] for r in rows]})
    t = np.arange(1, 100) / 100
    out = dcurves.dca(data=f, outcome="y", modelnames=["model"], thresholds=t, prevalence=prevalence)
    get = lambda name: list(out[out.model == name].sort_values("threshold").net_benefit)
    return {"prevalence": prevalence, "model": get("model"), "all": get("all")}


def posterior(a, b, odds):
    return a * odds / (a * odds + b)


def predictive(se, sp, se_ci, sp_ci, prevalence):
    odds = prevalence / (1 - prevalence)
    def one(a, a_ci, b, b_ci, odds):
        value = posterior(a, b, odds)
        if min(a, b, a_ci[0], b_ci[0]) <= 0:
            return value, [posterior(a_ci[0], b_ci[1], odds), posterior(a_ci[1], b_ci[0], odds)]
        c = np.log(a / b)
        down = np.hypot(np.log(a / a_ci[0]), np.log(b_ci[1] / b))
        up = np.hypot(np.log(a_ci[1] / a), np.log(b / b_ci[0]))
        return value, [posterior(np.exp(c - down), 1, odds), posterior(np.exp(c + up), 1, odds)]
    ppv = one(se, se_ci, 1 - sp, [1 - sp_ci[1], 1 - sp_ci[0]], odds)
    npv = one(sp, sp_ci, 1 - se, [1 - se_ci[1], 1 - se_ci[0]], 1 / odds)
    return {"sensitivity": [se] + se_ci, "specificity": [sp] + sp_ci, "prevalence": prevalence,
            "ppv": [ppv[0]] + ppv[1], "npv": [npv[0]] + npv[1]}


def sample_size(rows):
    f = pd.DataFrame(rows, columns=["s", "i", "m", "y", "a", "b"]).groupby("s").agg({"y": "max", "a": lambda x: sum(x) / len(x)})
    phi, c, p = f.y.mean(), roc_auc_score(f.y, f.a), f.a.clip(1e-12, 1 - 1e-12).values
    lp, w = np.log(p / (1 - p)), p * (1 - p)
    i = [w.mean(), (lp * w).mean(), (lp ** 2 * w).mean()]
    s = 0.4 / (2 * Z)
    slope = np.ceil(i[0] / (s * s * (i[0] * i[2] - i[1] ** 2)))
    oe = np.ceil((1 - phi) / (phi * (np.arcsinh(0.1) / Z) ** 2))
    width = lambda n: 2 * Z * np.sqrt(c * (1 - c) * (1 + (n / 2 - 1) * ((1 - c) / (2 - c) + c / (1 + c)))
                                      / (n * n * phi * (1 - phi)))
    n = np.arange(2, 100000)
    n_auc = float(n[width(n) <= 0.1][0])
    return {"auc": n_auc, "oe": oe, "slope": slope}


def main():
    rng = np.random.default_rng(17)
    shapes = [(15, 25, 2, 5, 1.5, 6), (12, 12, 1, 4, 1.0, 1), (10, 14, 1, 1, 0.4, 3), (14, 12, 2, 5, 1.2, 2, 4)]
    cases = [table(rng, *s) for s in shapes]
    constant = [r[:4] + [0.5, r[5]] for r in cases[1]]
    apart = [r[:4] + [0.9 if r[3] else 0.1, 0.8 if r[3] else 0.3] for r in cases[1]]
    out = []
    for rows in cases + [constant, apart]:
        y, a, b = (np.array([r[k] for r in rows]) for k in (3, 4, 5))
        out.append({"rows": rows, "delong": delong(y, a, b), "bootstrap": bootstrap(rows, auc(y, a), 400),
                    "difference": bootstrap(rows, lambda w: auc(y, a)(w) - auc(y, b)(w), 400),
                    "muscle": units(rows, ["s", "m"]), "subject": units(rows, ["s"])})
    for k in (0, 3):
        rows = cases[k]
        out[k].update({"reliability": [reliability(rows, n) for n in (5, 10, 15)],
                       "temperature": temperature(rows), "cost": [[r, cost(rows, r)] for r in (0.01, 0.5, 1, 5, 50)],
                       "decision": [decision(rows, p) for p in (None, 0.05)], "sample_size": sample_size(rows)})
    values = [predictive(0.9, 0.8, [0.8, 0.96], [0.7, 0.88], p) for p in (0.01, 0.1, 0.5)]
    values += [predictive(1.0, 0.8, [0.85, 1.0], [0.7, 0.88], 0.1), predictive(0.9, 1.0, [0.8, 0.96], [0.9, 1.0], 0.1)]
    shift = [[p, a, b, float(posterior(p, 1 - p, b / (1 - b) * (1 - a) / a))] for p, a, b in
             ((0.3, 0.4, 0.1), (0.99, 0.2, 0.5), (0.0, 0.4, 0.1))]
    json.dump({"cases": out, "predictive": values, "shift": shift}, sys.stdout, separators=(",", ":"), default=float)
    print()


main()
