/* SPDX-License-Identifier: Apache-2.0
 *
 * What the values of a mask file mean: alpha, grey steps, labels.
 */
#include "engine/image/nmd-mask-values-private.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 16 /* more values than that are grey steps */
#define LABEL_INTERIOR                                                                   \
  9 /* pixels whose four neighbours are equal, from which a value is a label */

typedef struct
{
  gint64 n;        /* pixels */
  gint64 interior; /* of these: with four equal neighbours */
  guint level;     /* 0 … 65535 */
  gboolean is_colour;
  gboolean is_void; /* undecided, by VOC's convention */
} Code;

typedef struct
{
  const NmdMaskTable *table;
  Code codes[NMD_MASK_TABLE_SIZE];
  gboolean alpha, colours; /* only alpha varies; some value is a colour */
  guint n_values;          /* that are used, without 0 */
  guint largest;           /* level */
} Values;

static guint
level_of (const Values *self, const NmdMaskValue *value)
{
  return self->alpha ? value->v[3] : MAX (value->v[0], MAX (value->v[1], value->v[2]));
}

/* Pascal VOC gives the border of its objects, where annotators could not decide, the last entry of its
 * palette. Source: M. Everingham and J. Winn, "The PASCAL VOC2012 Development Kit", section 5.3. */
static gboolean
is_void (const NmdMaskValue *value)
{
  return value->index == 255 && value->v[0] == 224 && value->v[1] == 224
         && value->v[2] == 192;
}

/* Whether every used value has the colour of the first, and alpha differs. */
static gboolean
only_alpha_varies (const Values *self)
{
  const NmdMaskTable *table = self->table;
  gboolean varies = FALSE;

  for (guint i = 1; i < table->n; i++)
    {
      if (memcmp (table->values[i].v, table->values[0].v, 3 * sizeof (guint16)) != 0)
        return FALSE;
      varies |= table->values[i].v[3] != table->values[0].v[3];
    }
  return varies && !table->is_levels;
}

/* Where alpha does not count, values that differ in it only are one. */
static void
merge_alpha (const NmdMaskTable *table, NmdImage *plane)
{
  const gsize n = (gsize)plane->width * (gsize)plane->height;
  guint8 first[NMD_MASK_TABLE_SIZE];
  gboolean any = FALSE;

  for (guint i = 0; i < table->n; i++)
    {
      const NmdMaskValue *value = &table->values[i];
      guint k = 0;

      while (memcmp (table->values[k].v, value->v, 3 * sizeof (guint16)) != 0
             || table->values[k].index != value->index)
        k++;
      first[i] = (guint8)k;
      any |= k != i;
    }
  for (gsize i = 0; any && i < n; i++)
    plane->pixels[i] = first[plane->pixels[i]];
}

static void
count (Values *self, const NmdImage *plane, gboolean void_is_mask)
{
  const gsize n = (gsize)plane->width * (gsize)plane->height;
  guint32 counts[2][NMD_MASK_TABLE_SIZE]
      = { { 0 } }; /* two, for neighbours are often equal */

  if (self->table->n == 2 && !self->table->is_levels)
    {
      /* an ordinary mask, as a sum that vectors can do */
      for (gsize i = 0; i < n; i++)
        counts[0][1] += plane->pixels[i];
      counts[0][0] = (guint32)(n - counts[0][1]);
    }
  else
    for (gsize i = 0; i < n; i++)
      counts[i & 1][plane->pixels[i]]++;
  for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
    {
      const NmdMaskValue *value = &self->table->values[i];
      Code *code = &self->codes[i];

      code->n = (gint64)counts[0][i] + counts[1][i];
      if (code->n == 0)
        continue;
      code->is_void = !self->table->is_levels && !void_is_mask && is_void (value);
      code->level = self->table->is_levels ? i
                    : code->is_void        ? 0
                                           : level_of (self, value);
      code->is_colour = !self->table->is_levels && !self->alpha
                        && (value->v[0] != value->v[1] || value->v[1] != value->v[2]);
      self->colours |= code->is_colour;
      self->n_values += code->level > 0;
      self->largest = MAX (self->largest, code->level);
    }
}

/* Pixels of each code with four neighbours of the same. */
static void
count_interior (Values *self, const NmdImage *plane)
{
  const int w = plane->width;

  for (int y = 1; y < plane->height - 1; y++)
    {
      const guint8 *row = plane->pixels + (gsize)y * (gsize)w;

      for (int x = 1; x < w - 1; x++)
        if (row[x] == row[x - 1] && row[x] == row[x + 1] && row[x] == row[x - w]
            && row[x] == row[x + w])
          self->codes[row[x]].interior++;
    }
}

/* Several values with areas of their own; or one with an area, and a border of a larger value round it. */
static gboolean
are_labels (Values *self, const NmdImage *plane)
{
  gboolean is_below = FALSE;
  guint n = 0;

  if (self->n_values < 2 || self->alpha || plane->is_lossy || self->table->is_levels
      || self->n_values > MOST_STEPS)
    return FALSE;
  count_interior (self, plane);
  for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
    if (self->codes[i].level > 0 && self->codes[i].interior >= LABEL_INTERIOR)
      {
        is_below |= self->codes[i].level < self->largest;
        n++;
      }
  return n >= 2 || is_below;
}

/* The name by which a value can be asked for. */
static void
name_value (const Values *self, guint code, char name[12])
{
  const NmdMaskValue *value = &self->table->values[code];
  const guint shift = self->table->full == 255 ? 0 : 8;

  if (self->codes[code].is_colour && value->index >= 0)
    g_snprintf (name, 12, "%d", value->index);
  else if (self->codes[code].is_colour)
    g_snprintf (name, 12, "#%02x%02x%02x", value->v[0] >> shift, value->v[1] >> shift,
                value->v[2] >> shift);
  else
    g_snprintf (name, 12, "%u",
                value->v[0] == self->table->full ? 255 : (guint)value->v[0]);
}

/* Whether @options name a value that only itself can mean: one below the largest, or one of a few small
 * numbers, of which half is another structure and no soft edge. */
static gboolean
asks_for_one (const Values *self, const NmdImage *plane, const NmdMaskOptions *options)
{
  const char *wanted = options != NULL ? options->value : NULL;

  if (wanted == NULL || g_ascii_strcasecmp (wanted, NMD_MASK_ANY_VALUE) == 0
      || self->alpha || plane->is_lossy || self->table->is_levels || self->n_values < 2
      || self->n_values > MOST_STEPS)
    return FALSE;
  for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
    {
      char name[12];

      if (self->codes[i].level == 0 || self->codes[i].level == self->largest)
        continue;
      name_value (self, i, name);
      if (g_ascii_strcasecmp (name, wanted) == 0)
        return TRUE;
    }
  return self->largest <= MOST_STEPS;
}

/* Names of the values but 0, largest areas first. */
static void
list_labels (const Values *self, NmdMaskFacts *facts)
{
  gboolean listed[NMD_MASK_TABLE_SIZE] = { FALSE };

  while (facts->n_labels < NMD_MASK_MAX_LABELS)
    {
      int best = -1;

      for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
        if (!listed[i] && self->codes[i].n > 0 && self->codes[i].level > 0
            && (best < 0 || self->codes[i].n > self->codes[best].n))
          best = (int)i;
      if (best < 0)
        return;
      listed[best] = TRUE;
      name_value (self, (guint)best, facts->labels[facts->n_labels++]);
    }
}

/* Labels, or the one value of an ordinary mask: set is what was asked for. */
static void
take_labels (Values *self,
             const NmdMaskOptions *options,
             gboolean several,
             gboolean set[NMD_MASK_TABLE_SIZE],
             NmdMaskFacts *facts)
{
  const char *wanted = options != NULL ? options->value : NULL;
  const gboolean any
      = wanted == NULL || g_ascii_strcasecmp (wanted, NMD_MASK_ANY_VALUE) == 0;

  list_labels (self, facts);
  facts->findings |= several && wanted == NULL ? NMD_MASK_LABELS : 0;
  for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
    {
      char name[12];

      set[i] = self->codes[i].level > 0;
      if (!set[i] || any)
        continue;
      name_value (self, i, name);
      set[i] = g_ascii_strcasecmp (name, wanted) == 0;
    }
}

/* Grey steps: set from half the largest on. */
static void
take_steps (Values *self, gboolean set[NMD_MASK_TABLE_SIZE], NmdMaskFacts *facts)
{
  gint64 middle = 0, upper = 0;

  for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
    {
      const Code *code = &self->codes[i];
      const guint level = code->level, most = self->largest;

      set[i] = level > 0 && 2 * level >= most;
      if (level > 0 && level < most)
        facts->n_between += code->n;
      if (4 * level >= most && 4 * level <= 3 * most && level > 0)
        middle += code->n;
      upper += set[i] ? code->n : 0;
    }
  facts->findings |= facts->n_between > 0 ? NMD_MASK_SOFT : 0;
  if (4 * middle > upper)
    facts->findings |= NMD_MASK_GREY;
}

void
nmd_mask_settle_values (NmdImage *plane,
                        const NmdMaskTable *table,
                        const NmdMaskOptions *options,
                        NmdMaskFacts *facts)
{
  const gsize n = (gsize)plane->width * (gsize)plane->height;
  gboolean set[NMD_MASK_TABLE_SIZE] = { FALSE }, several;
  guint8 out[NMD_MASK_TABLE_SIZE];
  Values self = { .table = table };

  memset (facts, 0, sizeof *facts);
  self.alpha = only_alpha_varies (&self);
  if (!self.alpha && !table->is_levels)
    merge_alpha (table, plane);
  count (&self, plane,
         options != NULL && options->value != NULL
             && strcmp (options->value, "255") == 0);
  for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
    facts->n_void += self.codes[i].is_void ? self.codes[i].n : 0;
  facts->findings |= facts->n_void > 0 ? NMD_MASK_VOID : 0;
  facts->findings |= self.alpha ? NMD_MASK_ALPHA : 0;
  several = are_labels (&self, plane);
  if (several || asks_for_one (&self, plane, options)
      || (self.n_values == 1 && !self.alpha && !table->is_levels))
    take_labels (&self, options, several, set, facts);
  else
    take_steps (&self, set, facts);
  for (guint i = 0; i < NMD_MASK_TABLE_SIZE; i++)
    out[i] = set[i] ? 255 : 0;
  if (table->n == 2 && !table->is_levels) /* the same without a look-up, for vectors */
    for (gsize i = 0; i < n; i++)
      plane->pixels[i]
          = (guint8)(out[0] ^ ((out[0] ^ out[1]) & (guint8)-plane->pixels[i]));
  else
    for (gsize i = 0; i < n; i++)
      plane->pixels[i] = out[plane->pixels[i]];
}
