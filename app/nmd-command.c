/* SPDX-License-Identifier: Apache-2.0
 *
 * Option parsing, exit statuses and the sentences of failures for all commands of
 * `nmd`. What is printed is nmd-output.c's, signals are nmd-signals.c's, what a command
 * does is in nmd-*-command(s).c.
 */
#include "app/nmd-command.h"

#include "engine/backend/nmd-threads.h"
#include "engine/backend/nmd-session.h"
#include "engine/core/nmd-error.h"
#include "engine/core/nmd-number.h"
#include "engine/image/nmd-dicom.h"
#include "engine/image/nmd-reader.h"

#include <stdio.h>
#include <string.h>

static const NmdCommand *
find_command (const char *name)
{
  for (const NmdCommand *command = nmd_commands; command->name != NULL; command++)
    if (strcmp (command->name, name) == 0)
      return command;
  return NULL;
}

gboolean
nmd_command_parse (const char *name,
                   const GOptionEntry *entries,
                   int *argc,
                   char ***argv,
                   int min,
                   int max,
                   int *status)
{
  gboolean wants_help = FALSE;
  const GOptionEntry common[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &wants_help, "Show this help", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, nmd_command_json_switch (),
      "Print one JSON object on standard output", NULL },
    { NULL },
  };
  const NmdCommand *command = find_command (name);
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup_printf ("nmd %s", name);
  int left;

  g_set_prgname (program);
  g_option_context_set_summary (context, command->summary);
  if (command->more != NULL)
    g_option_context_set_description (context, command->more);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, common, NULL);
  /* GOption's own --help ends the program and cannot say that printing failed */
  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      *status = nmd_command_usage ("%s", error->message);
      return FALSE;
    }
  if (wants_help)
    {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

      fputs (help, stdout);
      *status = NMD_EXIT_DONE;
      return FALSE;
    }
  left = *argc - 1;
  if (left > 0 && strcmp ((*argv)[1], "--") == 0)
    {
      (*argv)++;
      (*argc)--;
      left--;
    }
  if (left < min)
    *status
        = nmd_command_usage ("Something is missing: nmd %s %s", name, command->arguments);
  else if (max >= 0 && left > max)
    *status = nmd_command_usage ("“%s” is one argument too many", (*argv)[max + 1]);
  else
    return TRUE;
  return FALSE;
}

char *
nmd_command_list_given (const GOptionEntry *table,
                        const char *const *but,
                        int argc,
                        char **argv)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    {
      const gsize length = strcspn (argv[i], "=");
      const GOptionEntry *entry = table;

      while (entry->long_name != NULL
             && (strncmp (argv[i], "--", 2) != 0
                 || strlen (entry->long_name) + 2 != length
                 || strncmp (argv[i] + 2, entry->long_name, length - 2) != 0))
        entry++;
      if (entry->long_name == NULL)
        continue;
      if (!g_strv_contains (but, entry->long_name))
        g_string_append_printf (text, "%s--%s", text->len > 0 ? ", " : "",
                                entry->long_name);
      i += entry->arg != G_OPTION_ARG_NONE && argv[i][length] == '\0'; /* its value */
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

int
nmd_command_usage (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  nmd_command_say ("%s: %s. Try “%s --help”.", g_get_prgname (), text, g_get_prgname ());
  return NMD_EXIT_USAGE;
}

int
nmd_command_fail (const GError *error)
{
  const char *hint = "";

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      nmd_command_say ("%s: Stopped", g_get_prgname ());
      return NMD_EXIT_STOPPED;
    }
  if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_UNPACK))
    hint = "; agree with --unpack";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_POSITIVE))
    hint = " with --positive WORD";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_COLUMNS))
    hint = "; name it with --image-column, --subject-column, --label-column or "
           "--mask-column, the place of images with --image-folder and --image-pattern";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS))
    hint = "; name it with --masks FOLDER or --masks SUFFIX";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_OUTLINE_LABEL))
    hint = " with --outline-label WORD";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE))
    hint = "; name it with --mask-value VALUE";
  else if (g_error_matches (error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS_SEEN))
    hint = ". “nmd dataset” lists them; --fill-contours, --invert-masks and --drop-stray "
           "mend them, --accept-masks trains with them as they are";
  nmd_command_say ("%s: %s%s", g_get_prgname (), error->message, hint);
  return NMD_EXIT_FAILED;
}

gboolean
nmd_command_check_compute (
    char **device, const char *numerics, int threads, const char *weights, int *status)
{
  g_autoptr (GError) error = NULL;
  char *chosen;

  if (threads < 0 || threads > 1024)
    *status = nmd_command_usage ("--threads must be 0 to 1024, not %d", threads);
  else if (weights != NULL && strcmp (weights, "average") != 0
           && strcmp (weights, "best") != 0)
    *status = nmd_command_usage ("--weights is average or best, not “%s”", weights);
  else if ((chosen = nmd_device_choose (*device, numerics, &error)) == NULL)
    *status = nmd_command_usage ("%s", error->message);
  else
    {
      g_free (*device);
      *device = chosen;
      if (threads == 0)
        nmd_session_set_default_threads (nmd_threads_get_usual ());
      return TRUE;
    }
  return FALSE;
}

gboolean
nmd_command_parse_box (const char *text, NmdBox *box, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  gint64 values[4];

  if (g_strv_length (parts) != 4)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "A region is x0,y0,x1,y1 in pixels, not “%s”", text);
      return FALSE;
    }
  for (int i = 0; i < 4; i++)
    {
      if (!nmd_number_parse_int (parts[i], &values[i], error))
        return FALSE;
      values[i] = CLAMP (values[i], G_MININT32, G_MAXINT32);
    }
  *box = (NmdBox){ (int)values[0], (int)values[1], (int)values[2], (int)values[3] };
  return TRUE;
}

gboolean
nmd_command_check_page (const char *path, int page, GError **error)
{
  const guint n = page == 0 ? nmd_image_count_pages (path, error) : 1;

  if (n > 1)
    g_set_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED,
                 nmd_dicom_is_file (path)
                     ? "%s is a DICOM file of %u frames: choose one with --page N"
                     : "%s is a TIFF of %u pages: choose one with --page N",
                 nmd_command_shown (path), n);
  return n == 1;
}

gboolean
nmd_command_load_outline (const char *mask_path,
                          const char *roi,
                          const NmdImage *image,
                          NmdImage **mask,
                          GError **error)
{
  NmdBox box = { 0 };

  *mask = NULL;
  if (mask_path != NULL)
    {
      g_autofree char *name = g_path_get_basename (mask_path);

      *mask = nmd_mask_load (mask_path, error);
      if (*mask == NULL)
        return FALSE;
      if (nmd_mask_check_size (*mask, name, image, error))
        return TRUE;
      g_clear_pointer (mask, nmd_image_unref);
      return FALSE;
    }
  if (roi == NULL)
    return TRUE;
  if (!nmd_command_parse_box (roi, &box, error))
    return FALSE;
  if (box.x0 < 0 || box.y0 < 0 || box.x1 > image->width || box.y1 > image->height
      || box.x0 >= box.x1 || box.y0 >= box.y1)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   "The region %s does not lie within the image of %d × %d pixels", roi,
                   image->width, image->height);
      return FALSE;
    }
  *mask = nmd_mask_new_box (image->width, image->height, &box);
  return TRUE;
}

const char *
nmd_command_roi_source (NmdRoiSource source)
{
  switch (source)
    {
    case NMD_ROI_MASK:
      return "mask";
    case NMD_ROI_DRAWN:
      return "drawn";
    case NMD_ROI_MODEL:
      return "model";
    case NMD_ROI_FRAME:
      break;
    }
  return "frame";
}
