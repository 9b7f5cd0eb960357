/* SPDX-License-Identifier: Apache-2.0
 *
 * Import settings: copied, completed and cleared.
 */
#include "engine/data/import/nmd-import.h"

#include <stddef.h>

/* The texts of the settings; all but the last say how a data set is to be understood. */
static const gsize texts[] = {
  offsetof (NmdImportSettings, positive),
  offsetof (NmdImportSettings, image_column),
  offsetof (NmdImportSettings, mask_column),
  offsetof (NmdImportSettings, subject_column),
  offsetof (NmdImportSettings, label_column),
  offsetof (NmdImportSettings, masks),
  offsetof (NmdImportSettings, outline_label),
  offsetof (NmdImportSettings, part_column),
  offsetof (NmdImportSettings, image_folder),
  offsetof (NmdImportSettings, image_pattern),
  offsetof (NmdImportSettings, mask_value),
  offsetof (NmdImportSettings, cache_folder),
};
#define N_MEANING (G_N_ELEMENTS (texts) - 1)

static char **
text_of (const NmdImportSettings *self, guint i)
{
  return (char **)(gpointer)((char *)self + texts[i]);
}

void
nmd_import_settings_copy (NmdImportSettings *to, const NmdImportSettings *from)
{
  static const NmdImportSettings defaults = { NULL };
  NmdImportSettings copy = from != NULL ? *from : defaults;

  g_return_if_fail (to != NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *text_of (&copy, i) = g_strdup (*text_of (&copy, i));
  copy.prepare = NULL;
  nmd_import_settings_clear (to);
  *to = copy;
}

void
nmd_import_settings_complete (NmdImportSettings *self, const NmdImportSettings *defaults)
{
  g_return_if_fail (self != NULL && defaults != NULL);

  for (guint i = 0; i < N_MEANING; i++)
    if (*text_of (self, i) == NULL)
      *text_of (self, i) = g_strdup (*text_of (defaults, i));
  self->separate_masks |= defaults->separate_masks;
  self->fill_contours |= defaults->fill_contours;
  self->invert_masks |= defaults->invert_masks;
  self->drop_stray |= defaults->drop_stray;
  self->accept_masks |= defaults->accept_masks;
}

void
nmd_import_settings_clear (NmdImportSettings *self)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (*text_of (self, i));
  *self = (NmdImportSettings){ NULL };
}
