#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes texture.json: co-occurrence and run-length features of drawn images by pyradiomics. test-texture.c draws
# the same images and compares to 1e-6.
#
#     python3 texture.py > texture.json      (pyradiomics 3.0.1, SimpleITK)
import json
import logging
import sys

import numpy as np
import SimpleITK as sitk
from radiomics import glcm, glrlm

logging.disable(logging.CRITICAL)
NAMES = ["glcm Contrast", "glcm Correlation", "glcm JointEnergy", "glcm JointEntropy", "glcm Idm",
         "glrlm ShortRunEmphasis", "glrlm LongRunEmphasis", "glrlm GrayLevelNonUniformityNormalized",
         "glrlm RunLengthNonUniformityNormalized", "glrlm RunPercentage", "glrlm RunEntropy"]


def draw(kind, w, h):
    """The same whole numbers as in test-texture.c."""
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    v = (x * x * 7 + y * 13 + x * y * 5 + (x // 3) * (y // 2) * 29) % 251
    if kind == 1:
        v = v // 4 + 60
    if kind == 2:
        v = 0 * v + 77
    if kind == 3:
        v = (x * 9) % 256
    inside = (2 * x - w) ** 2 * h * h + (2 * y - h) ** 2 * w * w < w * w * h * h * 9 // 10
    if kind == 3:
        inside &= (x + y) % 7 != 0
    return v, inside


def main():
    cases = []
    for kind, w, h in ((0, 41, 33), (1, 64, 48), (2, 20, 20), (3, 57, 31), (0, 9, 30)):
        v, inside = draw(kind, w, h)
        image = sitk.GetImageFromArray(v[None].astype(np.int16))
        mask = sitk.GetImageFromArray(inside[None].astype(np.uint8))
        found = {}
        for name, module in (("glcm", glcm.RadiomicsGLCM), ("glrlm", glrlm.RadiomicsGLRLM)):
            f = module(image, mask, binWidth=25, force2D=True, force2Ddimension=0)
            f.enableAllFeatures()
            found.update({f"{name} {k}": float(x) for k, x in f.execute().items()})
        cases.append({"kind": kind, "width": w, "height": h, "features": [found[n] for n in NAMES]})
    json.dump({"names": NAMES, "cases": cases}, sys.stdout, separators=(",", ":"))
    print()


main()
