/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report: made, filled and freed. Its words and numbers are nmd-import-summary.c.
 */
#include "engine/data/nmd-import-report.h"
#include "engine/core/nmd-text.h"
#include "engine/core/nmd-words.h"

#include <glib/gi18n-lib.h>

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

  self->local = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
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
  g_hash_table_unref (self->local);
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

/* The sentence in English; its translation is kept. */
static char *
make (NmdImportReport *self, const char *sentence, va_list args)
{
  const char *format = g_dgettext (GETTEXT_PACKAGE, sentence);
  g_autofree char *text = NULL, *local = NULL;
  va_list again;

  va_copy (again, args);
  text = g_strdup_vprintf (sentence, args);
  if (format != sentence)
    local = g_strdup_vprintf (format, again);
  va_end (again);
  char *shown = nmd_text_display_length (text, strlen (text), LONGEST);
  if (local != NULL)
    g_hash_table_replace (self->local, g_strdup (shown),
                          nmd_text_display_length (local, strlen (local), LONGEST));
  return shown;
}

char *
nmd_import_report_format (NmdImportReport *self, const char *sentence, ...)
{
  char *text = NULL;
  va_list args;

  va_start (args, sentence);
  text = make (self, sentence, args);
  va_end (args);
  return text;
}

const char *
nmd_import_report_say (const NmdImportReport *self, const char *text)
{
  const char *local
      = nmd_words_is_local () ? g_hash_table_lookup (self->local, text) : NULL;

  return local != NULL ? local : text;
}

void
nmd_import_report_leave_out (NmdImportReport *self,
                             const char *path,
                             const char *reason,
                             ...)
{
  NmdLeftOut *entry = g_new0 (NmdLeftOut, 1);
  va_list args;

  va_start (args, reason);
  entry->reason = make (self, reason, args);
  va_end (args);
  entry->path = nmd_text_display_length (path, strlen (path), LONGEST);
  g_ptr_array_add (self->left_out, entry);
}

void
nmd_import_report_leave_out_as (NmdImportReport *self,
                                const char *path,
                                const char *reason)
{
  NmdLeftOut *entry = g_new0 (NmdLeftOut, 1);

  entry->path = nmd_text_display_length (path, strlen (path), LONGEST);
  entry->reason = nmd_text_display_length (reason, strlen (reason), LONGEST);
  g_ptr_array_add (self->left_out, entry);
}

void
nmd_import_report_assume (NmdImportReport *self, const char *sentence, ...)
{
  va_list args;

  va_start (args, sentence);
  g_ptr_array_add (self->assumptions, make (self, sentence, args));
  va_end (args);
}
