/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as text, independent of the locale.
 */
#include "engine/core/nmd-number.h"

#include <errno.h>
#include <math.h>

static const char *
format_special (char *buffer, double value)
{
  g_strlcpy (buffer,
             isnan (value) ? "nan"
             : value > 0   ? "inf"
                           : "-inf",
             NMD_NUMBER_LENGTH);
  return buffer;
}

/* A decimal of up to 15 digits survives a double, and "%g" drops trailing zeros: so the
 * first of 15, 16, 17 digits that reads back is the shortest. */
const char *
nmd_number_format (char *buffer, double value)
{
  static const char *const forms[] = { "%.15g", "%.16g", "%.17g" };

  if (!isfinite (value))
    return format_special (buffer, value);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_ascii_formatd (buffer, NMD_NUMBER_LENGTH, forms[i], value);
      if (g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  return buffer;
}

const char *
nmd_number_format_float (char *buffer, float value)
{
  static const char *const forms[] = { "%.6g", "%.7g", "%.8g", "%.9g" };

  if (!isfinite (value))
    return format_special (buffer, (double)value);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_ascii_formatd (buffer, NMD_NUMBER_LENGTH, forms[i], (double)value);
      if ((float)g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  return buffer;
}

void
nmd_number_append (GString *text, double value)
{
  char buffer[NMD_NUMBER_LENGTH];

  g_string_append (text, nmd_number_format (buffer, value));
}

static gboolean
refuse (GError **error, const char *text, const char *what)
{
  g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT, "“%s” is not %s", text, what);
  return FALSE;
}

/* @text without surrounding blanks, its inner length in @length. */
static const char *
strip (const char *text, gsize *length)
{
  while (g_ascii_isspace (*text))
    text++;
  *length = strlen (text);
  while (*length > 0 && g_ascii_isspace (text[*length - 1]))
    (*length)--;
  return text;
}

gboolean
nmd_number_parse (const char *text, double *value, GError **error)
{
  gsize length;
  const char *start;
  char *end = NULL;
  double got;

  g_return_val_if_fail (text != NULL && value != NULL, FALSE);

  start = strip (text, &length);
  errno = 0;
  got = g_ascii_strtod (start, &end);
  if (length == 0 || end != start + length || memchr (start, 'x', length) != NULL
      || memchr (start, 'X', length) != NULL)
    return refuse (error, text, "a number");
  if (errno == ERANGE && fabs (got) > 1)
    return refuse (error, text, "within the range of numbers");
  *value = got;
  return TRUE;
}

gboolean
nmd_number_parse_int (const char *text, gint64 *value, GError **error)
{
  gsize length;
  const char *start;
  char *end = NULL;
  gint64 got;

  g_return_val_if_fail (text != NULL && value != NULL, FALSE);

  start = strip (text, &length);
  errno = 0;
  got = g_ascii_strtoll (start, &end, 10);
  if (length == 0 || end != start + length)
    return refuse (error, text, "a whole number");
  if (errno == ERANGE)
    return refuse (error, text, "within the range of whole numbers");
  *value = got;
  return TRUE;
}

int
nmd_number_compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  if (isnan (x) || isnan (y))
    return (isnan (x) != 0) - (isnan (y) != 0);
  return (x > y) - (x < y);
}
