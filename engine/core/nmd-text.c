/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign bytes as text that is safe to show. Where it is shown is for others.
 */
#include "engine/core/nmd-text.h"

#include "engine/core/nmd-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ELLIPSIS "…"

static gboolean
turns_or_breaks (gunichar c)
{
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E)
         || (c >= 0x2066 && c <= 0x2069);
}

/* Appends the character at @text and returns the number of its bytes. */
static gsize
append_character (GString *result, const char *text, gsize length)
{
  const guchar first = (guchar)*text;
  gunichar c;
  gsize n;

  if (first < 0x80)
    {
      if (first < 0x20 || first == 0x7F)
        g_string_append_printf (result, "\\x%02x", first);
      else
        g_string_append_c (result, (char)first);
      return 1;
    }
  c = g_utf8_get_char_validated (text, (gssize)MIN (length, 6));
  if (c == (gunichar)-1 || c == (gunichar)-2)
    {
      g_string_append_printf (result, "\\x%02x", first);
      return 1;
    }
  n = (gsize)(g_utf8_next_char (text) - text);
  if (c < 0xA0)
    g_string_append_printf (result, "\\x%02x", c);
  else if (turns_or_breaks (c))
    g_string_append_printf (result, "\\u%04x", c);
  else
    g_string_append_len (result, text, (gssize)n);
  return n;
}

char *
nmd_text_display_length (const char *text, gsize length, gsize most)
{
  GString *result;

  g_return_val_if_fail (text != NULL || length == 0, NULL);

  result = g_string_sized_new (MIN (length, 256));
  for (gsize i = 0; i < length;)
    {
      const gsize before = result->len;

      i += append_character (result, text + i, length - i);
      if (most == 0 || result->len <= most)
        continue;
      /* cut at whole characters, so that the ellipsis has room */
      g_string_truncate (result, before);
      while (result->len > 0 && result->len + strlen (ELLIPSIS) > most)
        g_string_truncate (
            result, (gsize)(g_utf8_find_prev_char (result->str, result->str + result->len)
                            - result->str));
      g_string_append (result, ELLIPSIS);
      break;
    }
  return g_string_free (result, FALSE);
}

char *
nmd_text_display (const char *text)
{
  g_return_val_if_fail (text != NULL, NULL);

  return nmd_text_display_length (text, strlen (text), 0);
}

gboolean
nmd_text_check_path (const char *path, GError **error)
{
  g_autofree char *shown = NULL;

  if (path == NULL || g_utf8_validate (path, -1, NULL))
    return TRUE;
  shown = nmd_text_display (path);
  g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
               _ ("%s is not named in UTF-8, which the files of a run need: rename it"),
               shown);
  return FALSE;
}
