#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-metrics.json: tables of scores with what numpy, scipy, statsmodels and scikit-learn, or
# the formulas written here a second time, say of them. test-golden.c compares the engine to 1e-6.
#
#     python3 golden-metrics.py > golden-metrics.json      (numpy 2.4, scipy 1.17, scikit-learn 1.9,
#                                                            statsmodels 0.15)
import json
import sys
import warnings

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t as student
from sklearn.calibration import _sigmoid_calibration
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, f1_score, roc_auc_score, roc_curve
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

warnings.filterwarnings("ignore")
Z = norm.ppf(0.975)


def table(rng, positive, negative, low, high, distance, mixed):
    rows = []
    for s in range(positive + negative):
        own, own_echo = rng.normal(size=2)
        for i in range(rng.integers(low, high + 1)):
            label = int(s < positive)
            if s < mixed and i % 2:
                label = 0
            v = own + 0.6 * rng.normal() + distance * label
            rows.append({"subject": f"s{s:03d}", "image": f"s{s:03d}_{i}", "label": label,
                         "muscle": ["BB", "TA", "GM"][s % 3],
                         "score": round(float(1 / (1 + np.exp(-v + distance / 2))), 2 + 4 * (s % 2)),
                         "echo": round(float(80 + 12 * (own_echo + 0.5 * v + 0.3 * rng.normal())), 3)})
    return rows


def columns(rows):
    names = sorted({r["subject"] for r in rows})
    return (np.array([r["score"] for r in rows]), np.array([r["label"] for r in rows]),
            np.array([names.index(r["subject"]) for r in rows]))


def wilson(p, n):
    low, high = proportion_confint(p * n, n, method="wilson")
    return [max(low, 0.0), min(high, 1.0)]


def wilson_end(p, n, z, sign):
    return (p + z * z / (2 * n) + sign * z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)


def ends(p, n, groups):
    """5 % to the end that can miss alone: a result of all or none reaches `bound`."""
    bound = wilson_end(1.0, groups, Z, -1)
    one, two = wilson_end(p, n, norm.ppf(0.95), 1), wilson_end(p, n, Z, 1)
    high = one if one >= bound else min(two, bound)
    one, two = wilson_end(p, n, norm.ppf(0.95), -1), wilson_end(p, n, Z, -1)
    low = one if one <= 1 - bound else max(two, 1 - bound)
    return [0.0 if p == 0 else low, 1.0 if p == 1 else high]


def rate(over, under, subject, subject_label, share=True):
    k = np.bincount(subject, under)
    x = np.bincount(subject, over, len(k))
    n, groups = k.sum(), (k > 0).sum()
    p = x.sum() / n
    parts, sizes = [], []
    for h in (0, 1):
        pick = subject_label == h
        r = (x - p * k)[pick]
        m = len(r)
        sizes.append(m)
        parts.append(0 if k[pick].sum() == 0 else r.var(ddof=1) * m if m > 1 else (r ** 2).sum())
    e = groups * p * (1 - p)
    w = e / (e + (0.5 if share else 0.05))
    d = sum(parts) / n ** 2 / (p * (1 - p) / (n - 1)) if e > 0 else 1
    if e > 0 and not (share and n <= groups):
        under = sum(v * v / (m - 1) for v, m in zip(parts, sizes) if m > 1)
        df = sum(parts) ** 2 / under if under > 0 else max(min(sizes) - 1, 1)
        d *= (student.ppf(0.975, df) / Z) ** 2
    d = w * d + (1 - w) * n / groups
    return ends(p, n / max(d, 1), groups) if share else wilson(p, n / d)


def placements(s, y):
    pos, neg = s[y == 1], s[y == 0]
    kernel = (pos[:, None] > neg[None, :]) + 0.5 * (pos[:, None] == neg[None, :])
    return kernel.mean(1), kernel.mean(0)


def sums(s, y, subject):
    v10, v01 = placements(s, y)
    a = v10.mean()
    n = subject.max() + 1
    return a, np.bincount(subject[y == 1], v10 - a, n), np.bincount(subject[y == 0], v01 - a, n), v10, v01


def covariance(one, two, y, subject):
    n = len(set(subject))
    parts = []
    for h, i in ((1, 1), (0, 2)):
        k, m = len(set(subject[y == h])), (y == h).sum()
        parts.append(k / (k - 1) * (one[i] * two[i]).sum() / m ** 2)
    between = (one[1] * two[2]).sum() + (one[2] * two[1]).sum()
    return sum(parts) + between * n / (n - 1) / ((y == 1).sum() * (y == 0).sum()), parts


def newcombe(a, m, n):
    half = (m + n) / 2 - 1
    return a * (1 - a) / (m * n) * (1 + half * (1 - a) / (2 - a) + half * a / (1 + a))


def auc(s, y, subject):
    one = sums(s, y, subject)
    a, v10, v01 = one[0], one[3], one[4]
    by_image = v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01)
    by_subject, parts = covariance(one, one, y, subject)
    k = [len(set(subject[y == 1])), len(set(subject[y == 0]))]
    top, size, df, kappa, one_sided = max(a, 1 - a), list(map(float, k)), min(k) - 1, 1.0, 1.0
    if by_subject > 0 and by_image > 0:
        rows = [(y == 1).sum(), (y == 0).sum()]
        size = [min(max(r / (by_subject / by_image), c), r) for r, c in zip(rows, k)]
        df = sum(parts) ** 2 / sum(p * p / (c - 1) for p, c in zip(parts, k))
        e = min(k) * a * (1 - a)
        w = e / (e + 0.25)
        one_sided = max(1 - e / 2, 0)
        kappa = w * by_subject / newcombe(top, *size) + 1 - w
    def end(q, far):
        f = lambda x: (top - x) ** 2 - kappa * q * q * newcombe(x, *size)
        near = top - 1e-14 if far == 0 else top + 1e-14
        return brentq(f, far + (1e-15 if far == 0 else -1e-15), near, xtol=1e-14)
    low = end(student.ppf(0.975, df), 0)
    high = end(student.ppf(0.975 - 0.025 * one_sided, df), 1) if top < 1 else 1.0
    subject_ci = [low, high] if a >= 0.5 else [1 - high, 1 - low]
    half = Z * np.sqrt(by_image)
    image_ci = [max(a - half, 0), min(a + half, 1)] if by_image > 0 else None
    assert abs(a - roc_auc_score(y, s)) < 1e-12
    return {"value": a, "ci": image_ci, "ci_subject": subject_ci}, one, by_subject


def difference(a, b, one, two, y, subject):
    cov = covariance(one, two, y, subject)[0]
    va, vb = covariance(one, one, y, subject)[0], covariance(two, two, y, subject)[0]
    rho = float(np.clip(cov / np.sqrt(va * vb), -1, 1)) if va * vb > 0 else 0
    d = a["value"] - b["value"]
    down, up = (a["value"] - a["ci_subject"][0], b["ci_subject"][1] - b["value"]), \
               (a["ci_subject"][1] - a["value"], b["value"] - b["ci_subject"][0])
    f = lambda p: np.sqrt(p[0] ** 2 + p[1] ** 2 - 2 * rho * p[0] * p[1])
    return {"value": d, "ci_subject": [d - f(down), d + f(up)]}


def measures(rows, threshold):
    s, y, u = columns(rows)
    ul = np.array([max(y[u == g]) for g in range(u.max() + 1)])
    called = s >= threshold
    f = lambda x: x.astype(float)
    cells = {"accuracy": (called == (y == 1), y >= 0), "sensitivity": (called & (y == 1), y == 1),
             "specificity": (~called & (y == 0), y == 0), "ppv": (called & (y == 1), called),
             "npv": (~called & (y == 0), ~called)}
    out = {}
    for name, (over, under) in cells.items():
        out[name] = {"value": over.sum() / under.sum(), "ci": wilson(over.sum() / under.sum(), under.sum()),
                     "ci_subject": rate(f(over), f(under), u, ul)}
    j = rate(f(called & (y == 1)), f(called | (y == 1)), u, ul)
    out["f1"] = {"value": f1_score(y, called), "ci": None, "ci_subject": [2 * x / (1 + x) for x in j]}
    out["auc"] = auc(s, y, u)[0]
    fewer = min(len(set(u[y == h])) for h in (0, 1))
    out["brier"] = {"value": brier_score_loss(y, s), "ci": None, "ci_subject":
                    rate((s - y) ** 2, np.ones(len(s)), u, ul, False) if fewer >= 10 else None}
    return out


def logit(s):
    s = np.clip(s, 1e-12, 1 - 1e-12)
    return np.log(s / (1 - s))


def calibration(rows):
    s, y, u = columns(rows)
    a, b = _sigmoid_calibration(logit(s), y)
    fit = sm.Logit(y, sm.add_constant(logit(s))).fit(disp=0, tol=1e-12, maxiter=200)
    robust = sm.Logit(y, sm.add_constant(logit(s))).fit(
        disp=0, tol=1e-12, maxiter=200, cov_type="cluster", cov_kwds={"groups": u, "use_correction": False})
    n = u.max() + 1
    half = student.ppf(0.975, n - 1) * np.sqrt(np.diag(robust.cov_params()) * n / (n - 1))
    bins = np.minimum((s * 10).astype(int), 9)
    ece = sum(abs(s[bins == k].mean() - y[bins == k].mean()) * (bins == k).mean() for k in set(bins))
    return {"temperature": -1 / a, "intercept": -b, "slope_here": fit.params[1],
            "intercept_here": fit.params[0], "slope_ci": [fit.params[1] - half[1], fit.params[1] + half[1]],
            "intercept_ci": [fit.params[0] - half[0], fit.params[0] + half[0]], "ece": ece, "brier": brier_score_loss(y, s)}


def youden(rows):
    s, y, _ = columns(rows)
    fpr, tpr, cut = roc_curve(y, s, drop_intermediate=False)
    best, found = np.max(tpr - fpr), []
    levels = np.unique(s)
    for c in cut[1:][(tpr - fpr)[1:] > best - 1e-12]:
        below = levels[levels < c]
        found.append((c + (below[-1] if len(below) else 0)) / 2)
    return min(found, key=lambda c: abs(c - 0.5))


def rival(train, rows):
    e = np.array([r["echo"] for r in train])
    mean, sd = e.mean(), e.std()
    x = lambda t: np.array([[(r["echo"] - mean) / sd, r["muscle"] == "GM", r["muscle"] == "TA"] for r in t])
    fit = LogisticRegression(C=1e6, tol=1e-12, max_iter=10000).fit(x(train), [r["label"] for r in train])
    scores = fit.predict_proba(x(rows))[:, 1]
    s, y, u = columns(rows)
    ours, one, _ = auc(s, y, u)
    theirs, two, _ = auc(scores, y, u)
    return {"scores": scores.tolist(), "auc": theirs, "network_auc": ours,
            "difference": difference(ours, theirs, one, two, y, u)}


def main():
    rng = np.random.default_rng(20)
    shapes = [(20, 40, 3, 9, 1.8, 0), (9, 9, 1, 6, 3.0, 0), (12, 15, 1, 1, 1.0, 0), (14, 10, 2, 5, 1.5, 3),
              (8, 8, 3, 3, 30.0, 0), (11, 13, 2, 4, -1.0, 0)]
    cases = []
    for shape in shapes:
        rows = table(rng, *shape)
        cases.append({"rows": rows, "threshold": 0.45, "measures": measures(rows, 0.45)})
    train, test = table(rng, 30, 40, 2, 5, 1.5, 0), cases[0]["rows"]
    compared = rival(train, test)
    flat = lambda t: [[r["subject"], r["image"], r["muscle"], r["label"], r["score"], r["echo"]] for r in t]
    for case in cases:
        case["rows"] = flat(case["rows"])
    golden = {"cases": cases, "train": flat(train), "rival": compared,
              "calibration": calibration(train), "youden": youden(train),
              "t": [[p, df, student.ppf(p, df)] for p in (0.6, 0.95, 0.975)
                    for df in (1, 1.5, 3.7, 8, 40.25, 1000)]}
    json.dump(golden, sys.stdout, separators=(",", ":"), default=float)
    print()


main()
