/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables in CSV and LaTeX. What stands in them is the caller's.
 */
#include "ui/widgets/nmd-table-text.h"

#include "engine/core/nmd-csv.h"

#include <string.h>

/* What LaTeX cannot set by itself. */
static const struct
{
  const char *sign, *latex;
} signs[] = {
  { "<", "$<$" },   { ">", "$>$" },      { "\\", "\\textbackslash{}" },
  { "~", "\\~{}" }, { "^", "\\^{}" },    { "\n", " " },
  { "−", "$-$" },   { "★", "$\\star$" }, { "⚠", "!" },
};

static const char *
find_sign (const char *c, const char *end)
{
  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (strlen (signs[i].sign) == (gsize)(end - c)
        && strncmp (signs[i].sign, c, (gsize)(end - c)) == 0)
      return signs[i].latex;
  return NULL;
}

static void
append_latex (GString *text, const char *cell)
{
  for (const char *c = cell, *end = NULL; *c != '\0'; c = end)
    {
      end = g_utf8_next_char (c);
      const char *latex = find_sign (c, end);
      if (latex != NULL)
        g_string_append (text, latex);
      else
        {
          if (strchr ("&%$#_{}", *c) != NULL)
            g_string_append_c (text, '\\');
          g_string_append_len (text, c, end - c);
        }
    }
}

/* @cell with the minus that programs read before its figures. */
static char *
with_ascii_minus (const char *cell)
{
  static const char minus[] = "−";
  GString *text = g_string_new (NULL);

  for (const char *c = cell; *c != '\0'; c++)
    if (g_str_has_prefix (c, minus) && g_ascii_isdigit (c[sizeof minus - 1]))
      {
        g_string_append_c (text, '-');
        c += sizeof minus - 2;
      }
    else
      g_string_append_c (text, *c);
  return g_string_free (text, FALSE);
}

char *
nmd_table_to_csv (const GPtrArray *rows)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);

      for (guint k = 0; row[k] != NULL; k++)
        {
          g_autofree char *cell = with_ascii_minus (row[k]);

          nmd_csv_append (text, cell);
        }
      nmd_csv_end_line (text);
    }
  return g_string_free (text, FALSE);
}

char *
nmd_table_to_latex (const GPtrArray *rows)
{
  const guint n = rows->len > 0 ? g_strv_length (rows->pdata[0]) : 1;
  GString *text = g_string_new ("\\begin{tabular}{l");

  for (guint k = 1; k < n; k++)
    g_string_append_c (text, 'r');
  g_string_append (text, "}\n\\toprule\n");
  for (guint i = 0; i < rows->len; i++)
    {
      char **row = g_ptr_array_index (rows, i);

      for (guint k = 0; row[k] != NULL; k++)
        {
          if (k > 0)
            g_string_append (text, " & ");
          append_latex (text, row[k]);
        }
      g_string_append (text, i == 0 ? " \\\\\n\\midrule\n" : " \\\\\n");
    }
  g_string_append (text, "\\bottomrule\n\\end{tabular}\n");
  return g_string_free (text, FALSE);
}
