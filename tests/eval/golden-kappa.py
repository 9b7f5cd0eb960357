#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes golden-kappa.json: readings of two sides with what scikit-learn and statsmodels say of them, and grades of a
# reader with their AUC. test-kappa.c compares the engine to 1e-6.
#
#     python3 golden-kappa.py > golden-kappa.json      (numpy 2.4, scikit-learn 1.9, statsmodels 0.15)
import json

import numpy as np
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, roc_auc_score, roc_curve
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(3)
cases = []
for n, share, error in ((20, 0.5, 0.2), (37, 0.3, 0.05), (8, 0.5, 0.9), (50, 0.1, 0.5), (12, 0.5, 0.0)):
    a = (rng.random(n) < share).astype(int)
    b = np.where(rng.random(n) < error, 1 - a, a)
    grade = np.clip(1 + a + rng.integers(0, 3, n), 1, 4)
    fpr, tpr, _ = roc_curve(a, grade, drop_intermediate=False)
    cases.append({"first": a.tolist(), "second": b.tolist(), "grade": grade.tolist(),
                  "agreed": accuracy_score(a, b),
                  "ci": list(proportion_confint((a == b).sum(), n, method="wilson")),
                  "kappa": cohen_kappa_score(a, b), "counts": confusion_matrix(a, b, labels=[0, 1]).ravel().tolist(),
                  "auc": roc_auc_score(a, grade), "fpr": fpr.tolist(), "tpr": tpr.tolist()})
print(json.dumps({"cases": cases}, separators=(",", ":"), default=float))
