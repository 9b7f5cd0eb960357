/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines and measures of one image. When they change is nmd-scan-session.c's.
 */
#include "ui/session/nmd-scan-marks.h"

#include "engine/image/nmd-outline.h"

#include <glib/gi18n.h>
#include <string.h>

static void
outline_free (gpointer data)
{
  NmdNamedOutline *outline = data;

  g_free (outline->name);
  nmd_mask_history_free (outline->history);
  g_clear_pointer (&outline->lines, g_array_unref);
  g_free (outline);
}

static void
measure (NmdNamedOutline *outline, const NmdImage *image)
{
  const NmdImage *mask = nmd_mask_history_get (outline->history);

  nmd_echo_intensity (image, mask, &outline->echo);
  g_clear_pointer (&outline->lines, g_array_unref);
  outline->lines = nmd_mask_get_outline (mask);
}

static NmdNamedOutline *
outline_new (const NmdImage *image, const NmdImage *mask, const char *name)
{
  NmdNamedOutline *outline = g_new0 (NmdNamedOutline, 1);

  outline->name = g_strdup (name);
  outline->history = nmd_mask_history_new (image->width, image->height, mask);
  measure (outline, image);
  return outline;
}

NmdScanMarks *
nmd_scan_marks_new (const NmdImage *image, const NmdImage *mask)
{
  g_return_val_if_fail (image != NULL, NULL);

  NmdScanMarks *self = g_new0 (NmdScanMarks, 1);
  self->outlines = g_ptr_array_new_with_free_func (outline_free);
  self->measures = g_array_new (FALSE, FALSE, sizeof (NmdMeasurement));
  /* Translators: the name of the first outline on a scan */
  g_ptr_array_add (self->outlines, outline_new (image, mask, _ ("Muscle")));
  return self;
}

void
nmd_scan_marks_free (NmdScanMarks *self)
{
  g_return_if_fail (self != NULL);
  g_ptr_array_unref (self->outlines);
  g_array_unref (self->measures);
  g_free (self);
}

NmdNamedOutline *
nmd_scan_marks_get (const NmdScanMarks *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return g_ptr_array_index (self->outlines, self->active);
}

void
nmd_scan_marks_add (NmdScanMarks *self, const NmdImage *image, const char *name)
{
  g_return_if_fail (self != NULL && image != NULL && name != NULL);

  for (guint i = 0; i < self->outlines->len; i++)
    {
      const NmdNamedOutline *outline = g_ptr_array_index (self->outlines, i);
      if (g_str_equal (outline->name, name))
        {
          self->active = i;
          return;
        }
    }
  g_ptr_array_add (self->outlines, outline_new (image, NULL, name));
  self->active = self->outlines->len - 1;
}

void
nmd_scan_marks_measure (NmdScanMarks *self, const NmdImage *image)
{
  g_return_if_fail (self != NULL && image != NULL);
  measure (nmd_scan_marks_get (self), image);
}

void
nmd_scan_marks_take_measured (NmdScanMarks *self,
                              const NmdEchoIntensity *echo,
                              GArray *lines)
{
  g_return_if_fail (self != NULL && echo != NULL);

  NmdNamedOutline *outline = g_ptr_array_index (self->outlines, 0);
  outline->echo = *echo;
  g_clear_pointer (&outline->lines, g_array_unref);
  outline->lines
      = lines != NULL ? g_array_ref (lines) : g_array_new (FALSE, FALSE, sizeof (float));
}

void
nmd_scan_marks_take_read (NmdScanMarks *self, const NmdScan *scan)
{
  g_return_if_fail (self != NULL && scan != NULL);

  NmdNamedOutline *outline = g_ptr_array_index (self->outlines, 0);
  nmd_mask_history_free (outline->history);
  outline->history
      = nmd_mask_history_new (scan->image->width, scan->image->height, scan->mask);
  outline->is_unsaved = FALSE;
  nmd_scan_marks_take_measured (self, &scan->echo, scan->outline);
}

void
nmd_scan_marks_add_measure (NmdScanMarks *self, const double *points, guint n)
{
  NmdMeasurement measure = { n, { 0 } };

  g_return_if_fail (self != NULL && (n == 2 || n == 3));
  memcpy (measure.points, points, 2 * n * sizeof (double));
  g_array_append_val (self->measures, measure);
  self->has_unkept = TRUE;
}

gboolean
nmd_scan_marks_clear_measures (NmdScanMarks *self)
{
  if (self == NULL || self->measures->len == 0)
    return FALSE;
  g_array_set_size (self->measures, 0);
  self->has_unkept = FALSE;
  return TRUE;
}

NmdImage *
nmd_scan_marks_get_muscle (const NmdScanMarks *self)
{
  const NmdNamedOutline *muscle = self != NULL ? self->outlines->pdata[0] : NULL;

  return muscle != NULL ? nmd_mask_history_get (muscle->history) : NULL;
}

gboolean
nmd_scan_marks_is_unsaved (const NmdScanMarks *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  for (guint i = 0; i < self->outlines->len; i++)
    {
      const NmdNamedOutline *outline = g_ptr_array_index (self->outlines, i);
      NmdBox bounds;
      /* A large one may not be measured yet. */
      if (outline->is_unsaved
          && nmd_mask_get_bounds (nmd_mask_history_get (outline->history), &bounds))
        return TRUE;
    }
  return FALSE;
}

void
nmd_scan_marks_take_saved (const NmdScanMarks *self, const NmdImage *mask)
{
  g_return_if_fail (mask != NULL);
  for (guint i = 0; self != NULL && i < self->outlines->len; i++)
    {
      NmdNamedOutline *outline = g_ptr_array_index (self->outlines, i);
      if (nmd_mask_history_get (outline->history) == mask)
        outline->is_unsaved = FALSE;
    }
}

NmdImage *
nmd_scan_marks_get_drawn (const NmdScanMarks *self)
{
  const NmdNamedOutline *muscle = self != NULL ? self->outlines->pdata[0] : NULL;

  return muscle != NULL && nmd_mask_history_is_changed (muscle->history)
             ? nmd_mask_history_get (muscle->history)
             : NULL;
}

void
nmd_scan_marks_take_kept (NmdScanMarks *self)
{
  if (self != NULL)
    self->has_unkept = FALSE;
}

gboolean
nmd_scan_marks_is_unkept (const NmdScanMarks *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->has_unkept;
}

guint
nmd_scan_marks_count (GHashTable *all, gboolean (*test) (const NmdScanMarks *self))
{
  GHashTableIter iter;
  gpointer marks = NULL;
  guint n = 0;

  g_hash_table_iter_init (&iter, all);
  while (g_hash_table_iter_next (&iter, NULL, &marks))
    n += test (marks) ? 1 : 0;
  return n;
}
