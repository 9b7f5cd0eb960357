/* SPDX-License-Identifier: Apache-2.0
 *
 * Exponentials and activations of a vector, for any instruction set.
 */
#pragma once

#include "engine/backend/cpu/simd/nmd-simd.h"
#include "engine/nn/graph/nmd-graph.h"

/* eˣ, relative error about 1e-7: range reduction by ln 2 in two parts, then a polynomial fitted at
 * the Chebyshev nodes of [−0.348, 0.348] (3e-9); clamped to the finite range, NaN stays NaN. */
static inline V
v_exp (V x)
{
  x = v_min (v_set (88.0f), v_max (v_set (-87.0f), x));
  V n = v_round (v_mul (x, v_set (1.44269504f)));
  V r = v_fma (n, v_set (-0.693359375f), x);
  r = v_fma (n, v_set (2.12194440e-4f), r);
  V p = v_set (0.00139489402f);
  p = v_fma (p, r, v_set (0.00837538058f));
  p = v_fma (p, r, v_set (0.0416662129f));
  p = v_fma (p, r, v_set (0.166664124f));
  p = v_fma (p, r, v_set (0.5f));
  p = v_fma (p, r, v_set (1.0f));
  p = v_fma (p, r, v_set (1.0f));
  return v_scale2 (p, n);
}

static inline V
v_sigmoid (V x)
{
  return v_recip (v_add (v_set (1), v_exp (v_sub (v_set (0), x))));
}

#if !V_HAS_SILU
/* x/(1 + e⁻ˣ) */
static inline V
v_silu (V x)
{
  return v_mul (x, v_sigmoid (x));
}
#endif

/* Φ(x), the normal distribution function, relative error about 2e-7 where it is not tiny, and
 * @bell = exp(−x²/2). With z = |x|/√2 and t = 1/(1 + 0.4·z), erfc(z) = exp(−z²)·t·P(u), u = t
 * moved to [−1, 1]; P, of degree 9, was fitted at the Chebyshev nodes of 0 ≤ z ≤ 9.5 (1.3e-8). */
static inline V
v_phi (V x, V *bell)
{
  const V one = v_set (1), size = v_max (v_sub (v_set (0), x), x);
  const V e = v_exp (v_mul (v_mul (x, v_set (-0.5f)), x));
  const V t = v_recip (v_fma (size, v_set (0.282842712f), one));
  const V u = v_fma (t, v_set (2.52631579f), v_set (-1.52631579f));
  V p = v_set (-7.97160245e-06f);
  p = v_fma (p, u, v_set (2.21856786e-05f));
  p = v_fma (p, u, v_set (0.000107601335f));
  p = v_fma (p, u, v_set (-0.000332592276f));
  p = v_fma (p, u, v_set (-0.00170104009f));
  p = v_fma (p, u, v_set (0.00262414888f));
  p = v_fma (p, u, v_set (0.0377908489f));
  p = v_fma (p, u, v_set (0.142254691f));
  p = v_fma (p, u, v_set (0.322055333f));
  p = v_fma (p, u, v_set (0.497186797f));
  p = v_mul (v_mul (p, t), v_mul (e, v_set (0.5f)));
  *bell = e;
  return v_choose (x, v_sub (one, p), p);
}

/* Activation @kind of nmd-graph.h's (a constant where this is called, −1: none) of @x; @slope is
 * a leaky ReLU's. NaN stays NaN: max and min give their second argument where either is NaN. */
static ALWAYS_INLINE V
v_act (int kind, V slope, V x)
{
  V bell;
  switch (kind)
    {
    case NMD_RELU:
      return v_max (v_set (0), x);
    case NMD_SIGMOID:
      return v_sigmoid (x);
    case NMD_LEAKY_RELU:
      return v_max (v_mul (slope, x), x);
    case NMD_HARD_SIGMOID:
      x = v_mul (v_add (x, v_set (3)), v_set (1.0f / 6));
      return v_min (v_set (1), v_max (v_set (0), x));
    case NMD_SILU:
      return v_silu (x);
    case NMD_GELU:
      return v_mul (x, v_phi (x, &bell));
    default:
      return x;
    }
}

/* @g times the derivative, by the argument @x. */
static ALWAYS_INLINE V
v_act_grad (int kind, V slope, V x, V g)
{
  const V one = v_set (1);
  V s, bell;
  switch (kind)
    {
    case NMD_RELU:
      return v_positive (x, g);
    case NMD_SIGMOID:
      s = v_sigmoid (x);
      return v_mul (g, v_mul (s, v_sub (one, s)));
    case NMD_LEAKY_RELU:
      return v_choose (x, g, v_mul (slope, g));
    case NMD_HARD_SIGMOID:
      s = v_mul (v_add (x, v_set (3)), v_set (1.0f / 6));
      return v_positive (s, v_positive (v_sub (one, s), v_mul (g, v_set (1.0f / 6))));
    case NMD_SILU:
      s = v_sigmoid (x);
      return v_mul (g, v_mul (s, v_fma (x, v_sub (one, s), one)));
    case NMD_GELU:
      s = v_phi (x, &bell);
      return v_mul (g, v_fma (v_mul (x, v_set (0.398942280f)), bell, s));
    default:
      return g;
    }
}

/* The same by what NMD_OP_ACTIVATION_GRAD is given: x for SiLU and GELU, else the value. */
static ALWAYS_INLINE V
v_act_grad_given (int kind, V slope, V a, V g)
{
  switch (kind)
    {
    case NMD_SIGMOID:
      return v_mul (g, v_mul (a, v_sub (v_set (1), a)));
    case NMD_HARD_SIGMOID:
      return v_positive (
          a, v_positive (v_sub (v_set (1), a), v_mul (g, v_set (1.0f / 6))));
    default:
      return v_act_grad (kind, slope, a, g);
    }
}
