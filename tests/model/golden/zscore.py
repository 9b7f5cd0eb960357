# SPDX-License-Identifier: Apache-2.0
#
# Makes the figures of test-reference.c's fit with numpy: python3 zscore.py
import numpy as np

k = np.arange(40)
age = 20 + (k * 37 % 61)
male = k % 2
length = 150 + (k * 13 % 41)
echo = 60 + 0.3 * age - 4 * male + 0.1 * length + ((k * 29 % 17) - 8)
x = np.stack([np.ones(40), age, male, age**2], 1)
b, _, _, _ = np.linalg.lstsq(x, echo, rcond=None)
mse = ((echo - x @ b) ** 2).sum() / (40 - 4)
c = mse * np.linalg.inv(x.T @ x)
p = np.array([1, 50, 1, 2500.0])
print([float(v) for v in b], float(mse), [float(c[0, 0]), float(c[1, 3]), float(c[2, 2])])
print(float(p @ b), float(np.sqrt(mse + p @ c @ p)))
