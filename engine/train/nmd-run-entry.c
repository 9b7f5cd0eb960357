/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists run folders. Reading one is nmd-run.c's.
 */
#include "engine/train/nmd-run-entry.h"

#include "engine/train/nmd-run-private.h"

NmdRunEntry *
nmd_run_entry_new (const char *folder)
{
  NmdRunEntry *self = g_new0 (NmdRunEntry, 1);
  g_autoptr (GError) error = NULL, notes_error = NULL;

  self->folder = g_strdup (folder);
  self->run = nmd_run_open (folder, &error);
  if (self->run != NULL)
    self->state = nmd_run_get_state (self->run);
  else
    {
      self->state = NMD_RUN_DAMAGED;
      self->problem = g_strdup (error->message);
    }
  self->notes = nmd_run_notes_load (folder, &notes_error);
  if (self->notes == NULL)
    self->notes_problem = g_strdup (notes_error->message);
  return self;
}

void
nmd_run_entry_free (NmdRunEntry *self)
{
  if (self == NULL)
    return;
  g_free (self->folder);
  g_free (self->problem);
  g_free (self->notes_problem);
  nmd_run_notes_free (self->notes);
  g_clear_pointer (&self->run, nmd_run_unref);
  g_free (self);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const NmdRunEntry *x = *(NmdRunEntry *const *)a, *y = *(NmdRunEntry *const *)b;
  int order = (x->run == NULL) - (y->run == NULL);

  if (order == 0 && x->run != NULL)
    order = g_strcmp0 (nmd_run_get_started (y->run), nmd_run_get_started (x->run));
  return order != 0 ? order : g_strcmp0 (x->folder, y->folder);
}

GPtrArray *
nmd_run_list (const char *folder, GCancellable *cancellable)
{
  GPtrArray *entries
      = g_ptr_array_new_with_free_func ((GDestroyNotify)nmd_run_entry_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL); /* no folder: no runs */
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL
         && !g_cancellable_is_cancelled (cancellable))
    {
      g_autofree char *run = g_build_filename (folder, name, NULL);
      g_autofree char *file = g_build_filename (run, NMD_RUN_JSON, NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        g_ptr_array_add (entries, nmd_run_entry_new (run));
    }
  g_ptr_array_sort (entries, compare);
  return entries;
}
