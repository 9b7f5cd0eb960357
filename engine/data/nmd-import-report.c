/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report: made, filled and freed. Its words and numbers are nmd-import-summary.c.
 */
#include "engine/data/nmd-import-report.h"
#include "engine/core/nmd-text.h"

#include <string.h>

#define LONGEST 2000 /* bytes of a path or a sentence */

static void
left_out_free (gpointer data)
{
  NmdLeftOut *self = data;

  g_free (self->path);
  g_free (self->reason);
  g_free (self);
}

static void
pairing_free (gpointer data)
{
  NmdPairingCount *self = data;

  g_free (self->rule);
  g_free (self);
}

NmdImportReport *
nmd_import_report_new (void)
{
  NmdImportReport *self = g_new0 (NmdImportReport, 1);

  self->left_out = g_ptr_array_new_with_free_func (left_out_free);
  self->passed_over = g_ptr_array_new_with_free_func (g_free);
  self->assumptions = g_ptr_array_new_with_free_func (g_free);
  self->duplicates = g_ptr_array_new_with_free_func (g_free);
  self->mixed_groups = g_ptr_array_new_with_free_func (g_free);
  self->similar_subjects = g_ptr_array_new_with_free_func (g_free);
  self->unmatched_ids = g_ptr_array_new_with_free_func (g_free);
  self->pairings = g_ptr_array_new_with_free_func (pairing_free);
  return self;
}

void
nmd_import_report_free (NmdImportReport *self)
{
  if (self == NULL)
    return;
  g_free (self->kind);
  g_ptr_array_unref (self->left_out);
  g_ptr_array_unref (self->passed_over);
  g_ptr_array_unref (self->assumptions);
  g_ptr_array_unref (self->duplicates);
  g_ptr_array_unref (self->mixed_groups);
  g_ptr_array_unref (self->similar_subjects);
  g_ptr_array_unref (self->unmatched_ids);
  g_ptr_array_unref (self->pairings);
  g_free (self->parts_source);
  g_free (self->archive_name);
  g_free (self);
}

void
nmd_import_report_pair (NmdImportReport *self, const char *rule, guint n_masks)
{
  NmdPairingCount *count = NULL;

  for (guint i = 0; count == NULL && i < self->pairings->len; i++)
    if (strcmp (((NmdPairingCount *)self->pairings->pdata[i])->rule, rule) == 0)
      count = self->pairings->pdata[i];
  if (count == NULL)
    {
      count = g_new0 (NmdPairingCount, 1);
      count->rule = g_strdup (rule);
      g_ptr_array_add (self->pairings, count);
    }
  count->n++;
  count->n_several += n_masks > 1;
}

void
nmd_import_report_leave_out (NmdImportReport *self,
                             const char *path,
                             const char *reason,
                             ...)
{
  NmdLeftOut *entry = g_new0 (NmdLeftOut, 1);
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, reason);
  text = g_strdup_vprintf (reason, args);
  va_end (args);
  entry->path = nmd_text_display_length (path, strlen (path), LONGEST);
  entry->reason = nmd_text_display_length (text, strlen (text), LONGEST);
  g_ptr_array_add (self->left_out, entry);
}

void
nmd_import_report_assume (NmdImportReport *self, const char *sentence, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, sentence);
  text = g_strdup_vprintf (sentence, args);
  va_end (args);
  g_ptr_array_add (self->assumptions,
                   nmd_text_display_length (text, strlen (text), LONGEST));
}
