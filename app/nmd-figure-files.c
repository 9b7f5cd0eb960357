/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures as files.
 */
#include "app/nmd-figure-files.h"

#include "engine/core/nmd-file.h"

static const struct
{
  const char *word; /* also the ending */
  NmdFigureFormat format;
} kinds[] = {
  { "png", NMD_FIGURE_PNG },
  { "svg", NMD_FIGURE_SVG },
  { "pdf", NMD_FIGURE_PDF },
};

gboolean
nmd_figure_files_parse_formats (const char *const *words, guint *formats, char **wrong)
{
  *formats = words == NULL ? 1u << NMD_FIGURE_PNG : 0;
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], ",", -1);

      for (char **part = parts; *part != NULL; part++)
        {
          gsize k = 0;

          while (k < G_N_ELEMENTS (kinds)
                 && g_ascii_strcasecmp (kinds[k].word, g_strstrip (*part)) != 0)
            k++;
          if (k == G_N_ELEMENTS (kinds))
            {
              *wrong = g_strdup (*part);
              return FALSE;
            }
          *formats |= 1u << kinds[k].format;
        }
    }
  return TRUE;
}

gboolean
nmd_figure_files_check (const NmdFigureFile *files,
                        guint n,
                        NmdOutputGuard *guard,
                        guint formats,
                        const char *folder,
                        GError **error)
{
  for (guint i = 0; i < n; i++)
    for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
      {
        g_autofree char *name = g_strconcat (files[i].name, ".", kinds[k].word, NULL);

        if ((formats & 1u << kinds[k].format) != 0
            && !nmd_output_guard_check_in (guard, folder, name, error))
          return FALSE;
      }
  return TRUE;
}

static gboolean
write_one (const NmdFigureFile *file,
           gconstpointer data,
           guint formats,
           const NmdPlotStyle *style,
           const char *folder,
           GError **error)
{
  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      g_autofree char *name = g_strconcat (file->name, ".", kinds[k].word, NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GBytes) bytes = NULL;

      if ((formats & 1u << kinds[k].format) == 0)
        continue;
      bytes = nmd_figure_render (kinds[k].format, file->width, file->height, 2,
                                 file->draw, data, style, NULL, error);
      if (bytes == NULL
          || !nmd_file_write (path, g_bytes_get_data (bytes, NULL),
                              g_bytes_get_size (bytes), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
nmd_figure_files_write (const NmdFigureFile *files,
                        guint n,
                        gconstpointer data,
                        guint formats,
                        const char *folder,
                        GError **error)
{
  NmdPlotStyle style;

  if (!nmd_file_make_folder (folder, error))
    return FALSE;
  nmd_plot_style_init (&style, NMD_THEME_LIGHT, 1);
  for (guint i = 0; i < n; i++)
    if (!write_one (&files[i], data, formats, &style, folder, error))
      return FALSE;
  return TRUE;
}

NmdRect
nmd_figure_files_note (cairo_t *cr,
                       const char *sign,
                       const char *caption,
                       const NmdRect *rect,
                       const NmdPlotStyle *style)
{
  const NmdPlotNote note = { sign, caption };
  NmdRect rest = *rect;

  nmd_plot_note (cr, &note, &rest, style);
  return rest;
}
