/* SPDX-License-Identifier: Apache-2.0
 *
 * The standard normal distribution.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NMD_Z95 1.959963984540054 /* its 97.5 % point */

/* P(Z ≤ @x). */
double nmd_normal_cdf      (double x);
/* The x with P(Z ≤ x) = @p; ±infinity at 0 and 1. Relative error under 1e-12 by bisection. */
double nmd_normal_quantile (double p);

G_END_DECLS
