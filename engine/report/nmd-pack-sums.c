/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of hashes.
 */
#include "config.h"

#include "engine/report/nmd-pack-private.h"

#include "engine/core/nmd-text.h"
#include "engine/report/nmd-pack.h"
#include "engine/report/nmd-zip-private.h"

#include <string.h>

#define DIGITS 64

void
nmd_sums_append (GString *text, const char *sha256, const char *name)
{
  g_string_append_printf (text, "%s  %s\n", sha256, name);
}

static gboolean
is_hash (const char *line)
{
  return strspn (line, "0123456789abcdef") == DIGITS;
}

GHashTable *
nmd_sums_parse (const char *text, gsize length, const char *path, GError **error)
{
  g_autoptr (GHashTable) sums
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *shown = nmd_text_display (path);
  gsize at = 0;

  for (guint row = 1; at < length; row++)
    {
      const char *end = memchr (text + at, '\n', length - at);
      g_autofree char *line
          = end != NULL ? g_strndup (text + at, (gsize)(end - text) - at) : NULL;
      const char *name = NULL;

      if (line == NULL || strlen (line) != (gsize)(end - text) - at || !is_hash (line)
          || strncmp (line + DIGITS, "  ", 2) != 0)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s/" NMD_PACK_SUMS
                       ", line %u was changed: 64 hexadecimal digits, two blanks and a "
                       "name are expected",
                       shown, row);
          return NULL;
        }
      name = line + DIGITS + 2;
      if (!nmd_zip_check_name (name))
        {
          g_autofree char *wrong = nmd_text_display (name);

          g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                       "%s/" NMD_PACK_SUMS ", line %u names “%s”, which no pack has",
                       shown, row, wrong);
          return NULL;
        }
      if (g_hash_table_size (sums) >= NMD_PACK_MAX_FILES
          || !g_hash_table_insert (sums, g_strdup (name), g_strndup (line, DIGITS)))
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "%s/" NMD_PACK_SUMS
                       ", line %u: a name stands there twice, or there are more than %d",
                       shown, row, NMD_PACK_MAX_FILES);
          return NULL;
        }
      at = (gsize)(end - text) + 1;
    }
  return g_steal_pointer (&sums);
}
