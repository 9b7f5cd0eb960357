/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of parts, and words for them.
 */
#include "engine/data/nmd-part.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const part_names[]
    = { N_ ("none"), N_ ("train"), N_ ("validation"), N_ ("test") };

const char *
nmd_part_get_name (NmdPart part)
{
  g_return_val_if_fail ((guint)part < G_N_ELEMENTS (part_names), "none");

  return part_names[part];
}

gboolean
nmd_part_parse (const char *word, NmdPart *part)
{
  static const struct
  {
    const char *word;
    NmdPart part;
  } words[] = { { "train", NMD_PART_TRAIN },
                { "training", NMD_PART_TRAIN },
                { "validation", NMD_PART_VALIDATION },
                { "val", NMD_PART_VALIDATION },
                { "valid", NMD_PART_VALIDATION },
                { "dev", NMD_PART_VALIDATION },
                { "test", NMD_PART_TEST },
                { "testing", NMD_PART_TEST },
                { "none", NMD_PART_NONE },
                { "", NMD_PART_NONE } };
  g_autofree char *text = NULL;

  g_return_val_if_fail (word != NULL && part != NULL, FALSE);

  text = g_strstrip (g_ascii_strdown (word, -1));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (text, words[i].word) == 0)
      {
        *part = words[i].part;
        return TRUE;
      }
  return FALSE;
}
