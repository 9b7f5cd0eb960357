/* SPDX-License-Identifier: Apache-2.0
 *
 * Named random streams. Value i of a stream depends on its name and i alone, so a result never
 * depends on threads, devices or the order of files. A stream is called "SEED:what:epoch:id",
 * what = init, split, order, augment, mixup, dropout; id = an image's relative path or a batch
 * number.
 *
 *     h = FNV-1a 64 of the UTF-8 name
 *     z = h + (i + 1)·0x9E3779B97F4A7C15;  z = (z ^ z»30)·0xBF58476D1CE4E5B9
 *     z = (z ^ z»27)·0x94D049BB133111EB;   z ^= z»31                        (splitmix64)
 *     u = (z » 40)/2^23 − 1 in [−1, 1)
 *
 * Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
 * Threads: a stream belongs to one thread; different streams are independent.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 base; /* hash of the name */
  guint64 next; /* index of the next value */
} NmdRandom;

/* Starts the stream called @name at its first value. */
void    nmd_random_init       (NmdRandom   *self,
                               const char  *name);

/* Starts the stream "@seed:@what:@epoch:@id". */
void    nmd_random_init_for   (NmdRandom   *self,
                               guint64      seed,
                               const char  *what,
                               int          epoch,
                               const char  *id);

/* The next raw 64 bits. */
guint64 nmd_random_bits       (NmdRandom   *self);

/* The next u, float in [−1, 1), a multiple of 2^-23. */
float   nmd_random_u          (NmdRandom   *self);

/* Uniform in [0, 1): (u + 1)/2, a multiple of 2^-24. One value of the stream. */
double  nmd_random_uniform    (NmdRandom   *self);

/* Uniform in [@low, @high). One value of the stream. */
double  nmd_random_range      (NmdRandom   *self,
                               double       low,
                               double       high);

/* Uniform integer 0 … @n − 1, @n ≥ 1, without bias (rejection on the raw bits). */
guint64 nmd_random_below      (NmdRandom   *self,
                               guint64      n);

/* Standard normal, Box–Muller; two values of the stream a call. */
double  nmd_random_normal     (NmdRandom   *self);

/* Beta(@a, @b), @a, @b > 0, by Jöhnk's method (Metrika 8, 1964); in [0, 1]. */
double  nmd_random_beta       (NmdRandom   *self,
                               double       a,
                               double       b);

/* Shuffles @items uniformly (Fisher–Yates from the end). */
void    nmd_random_shuffle    (NmdRandom   *self,
                               guint       *items,
                               gsize        n);

/* Fills @out with the first @n values u of the stream called @name. */
void    nmd_random_fill       (const char  *name,
                               float       *out,
                               gsize        n);

G_END_DECLS
