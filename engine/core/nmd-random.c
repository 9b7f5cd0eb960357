/* SPDX-License-Identifier: Apache-2.0
 *
 * The named random streams of nmd-random.h. Nothing here knows what they are used for.
 */
#include "engine/core/nmd-random.h"

#include <math.h>

static guint64
hash_name (const char *name)
{
  guint64 h = G_GUINT64_CONSTANT (0xCBF29CE484222325);

  for (const guchar *p = (const guchar *)name; *p != '\0'; p++)
    h = (h ^ *p) * G_GUINT64_CONSTANT (0x100000001B3);
  return h;
}

static inline guint64
mix (guint64 base, guint64 i)
{
  guint64 z = base + (i + 1) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static inline float
to_u (guint64 z)
{
  return (float)((double)(z >> 40) / 8388608.0 - 1.0);
}

void
nmd_random_init (NmdRandom *self, const char *name)
{
  g_return_if_fail (self != NULL && name != NULL);

  self->base = hash_name (name);
  self->next = 0;
}

void
nmd_random_init_for (
    NmdRandom *self, guint64 seed, const char *what, int epoch, const char *id)
{
  g_autofree char *name = NULL;

  name = g_strdup_printf ("%" G_GUINT64_FORMAT ":%s:%d:%s", seed, what, epoch, id);
  nmd_random_init (self, name);
}

guint64
nmd_random_bits (NmdRandom *self)
{
  return mix (self->base, self->next++);
}

float
nmd_random_u (NmdRandom *self)
{
  return to_u (nmd_random_bits (self));
}

double
nmd_random_uniform (NmdRandom *self)
{
  return (double)(nmd_random_bits (self) >> 40) / 16777216.0;
}

double
nmd_random_range (NmdRandom *self, double low, double high)
{
  return low + (high - low) * nmd_random_uniform (self);
}

guint64
nmd_random_below (NmdRandom *self, guint64 n)
{
  guint64 limit, bits;

  g_return_val_if_fail (n >= 1, 0);

  limit = G_MAXUINT64 - G_MAXUINT64 % n;
  do
    bits = nmd_random_bits (self);
  while (bits >= limit);
  return bits % n;
}

double
nmd_random_normal (NmdRandom *self)
{
  double a = 1.0 - nmd_random_uniform (self); /* in (0, 1]: its logarithm is finite */
  double b = nmd_random_uniform (self);

  return sqrt (-2.0 * log (a)) * cos (2.0 * G_PI * b);
}

double
nmd_random_beta (NmdRandom *self, double a, double b)
{
  g_return_val_if_fail (a > 0 && b > 0, 0.5);

  for (;;)
    {
      const double u = nmd_random_uniform (self), v = nmd_random_uniform (self);
      const double x = pow (u, 1.0 / a), y = pow (v, 1.0 / b);

      if (x + y <= 1.0 && x + y > 0.0)
        return x / (x + y);
      /* both too small to tell: their logarithms do */
      if (x + y <= 0 && u > 0 && v > 0)
        return 1.0 / (1.0 + exp (log (v) / b - log (u) / a));
    }
}

void
nmd_random_shuffle (NmdRandom *self, guint *items, gsize n)
{
  for (gsize i = n; i > 1; i--)
    {
      gsize j = nmd_random_below (self, i);
      guint swap = items[i - 1];

      items[i - 1] = items[j];
      items[j] = swap;
    }
}

void
nmd_random_fill (const char *name, float *out, gsize n)
{
  guint64 base = hash_name (name);

  for (gsize i = 0; i < n; i++)
    out[i] = to_u (mix (base, i));
}
