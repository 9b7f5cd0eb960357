/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads one scan for predict and explain and finds its outline. The judgement itself is
 * the passport's (engine/backend/nmd-model.h).
 */
#include "app/nmd-scan.h"

#include "app/nmd-command.h"

#include <string.h>

void
nmd_scan_options_clear (NmdScanOptions *self)
{
  g_free (self->mask);
  g_free (self->masks);
  g_free (self->roi);
  g_free (self->organ);
  g_free (self->muscle);
}

void
nmd_scan_clear (NmdScan *self)
{
  g_clear_pointer (&self->image, nmd_image_unref);
  g_clear_pointer (&self->mask, nmd_image_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
}

/* The mask of @image_path in @folder by the names that --help lists, or NULL. */
static char *
find_mask (const char *folder, const char *image_path)
{
  g_autofree char *name = g_path_get_basename (image_path);
  const char *dot = strrchr (name, '.'), *underscore = strchr (name, '_');
  g_autofree char *stem
      = dot != NULL ? g_strndup (name, (gsize)(dot - name)) : g_strdup (name);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_add (names, g_strdup_printf ("%s.png", stem));
  g_ptr_array_add (names, g_strdup_printf ("%s_mask.png", stem));
  g_ptr_array_add (names, g_strdup_printf ("mask_%s.png", stem));
  if (underscore != NULL && underscore < name + strlen (stem))
    g_ptr_array_add (names,
                     g_strdup_printf ("mask_%s.png", stem + (underscore - name) + 1));
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* "BB" from names such as BB_anon_348_1.png and SYN_BB_anon_12_1.png, else NULL. */
static const char *
muscle_of_name (const char *path)
{
  static const char *const muscles[] = { "BB", "GM", "TA" };
  g_autofree char *name = g_path_get_basename (path);
  const char *start = g_str_has_prefix (name, "SYN_") ? name + 4 : name;

  for (gsize i = 0; i < G_N_ELEMENTS (muscles); i++)
    if (g_str_has_prefix (start, muscles[i]) && g_str_has_prefix (start + 2, "_anon_"))
      return muscles[i];
  return NULL;
}

static void
warn (NmdScan *self, const char *text)
{
  g_ptr_array_add (self->warnings, g_strdup (text));
}

static gboolean
load_outline (NmdScan *self,
              const char *path,
              const NmdScanOptions *options,
              GError **error)
{
  g_autofree char *found = NULL;

  if (options->masks != NULL)
    found = find_mask (options->masks, path);
  if (options->masks != NULL && found == NULL)
    {
      g_autofree char *text
          = g_strdup_printf ("No mask for this image in %s", options->masks);

      warn (self, text);
    }
  if (!nmd_command_load_outline (options->mask != NULL ? options->mask : found,
                                 options->roi, self->image, &self->mask, error))
    return FALSE;
  self->source = options->roi != NULL ? NMD_ROI_DRAWN : NMD_ROI_MASK;
  if (self->mask != NULL && !nmd_mask_get_bounds (self->mask, &self->bounds))
    {
      warn (self, "The mask is empty");
      g_clear_pointer (&self->mask, nmd_image_unref);
    }
  if (self->mask == NULL)
    {
      self->source = NMD_ROI_FRAME;
      self->bounds = (NmdBox){ 0, 0, self->image->width, self->image->height };
      warn (self, "No outline, so no score: give --mask, --masks or --roi");
    }
  else
    nmd_echo_intensity (self->image, self->mask, &self->echo);
  return TRUE;
}

static void
judge (NmdScan *self,
       const char *path,
       const NmdScanOptions *options,
       const NmdPassport *passport)
{
  const char *muscle = options->muscle != NULL ? options->muscle : muscle_of_name (path);
  g_autofree char *reason = NULL;
  NmdScanFacts facts = {
    .organ = options->organ != NULL ? options->organ
             : muscle != NULL       ? "muscle"
                                    : NULL,
    .muscle = muscle,
    .synthetic = self->image->is_synthetic ? 1 : -1,
    .echo = self->mask != NULL ? &self->echo : NULL,
    .box = self->mask != NULL ? &self->bounds : NULL,
    .roi_source = self->source,
  };

  self->fit = nmd_passport_judge (passport, &facts, &reason);
  if (self->mask == NULL)
    {
      self->fit = NMD_FIT_UNKNOWN; /* load_outline() has said why */
      return;
    }
  if (self->fit != NMD_FIT_YES && reason != NULL)
    warn (self, reason);
  self->is_scored = self->fit != NMD_FIT_NO || options->override;
  if (self->fit == NMD_FIT_NO && options->override)
    warn (self, "Not meaningful: scored although the image does not fit the model");
}

gboolean
nmd_scan_load (NmdScan *self,
               const char *path,
               const NmdScanOptions *options,
               const NmdModel *model,
               GError **error)
{
  double margin;

  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->image = nmd_image_load (path, error);
  if (self->image == NULL || !load_outline (self, path, options, error))
    return FALSE;
  if (self->image->is_lossy)
    warn (self, "Lossy format: echo intensity may be off");
  if (self->echo.n_coloured > 0)
    warn (self, "Coloured pixels inside the outline: echo intensity may be off");
  margin = nmd_parameters_get (nmd_model_get_parameters (model), "roi-margin");
  self->roi = self->mask != NULL ? nmd_box_widen (&self->bounds, margin,
                                                  self->image->width, self->image->height)
                                 : self->bounds;
  judge (self, path, options, nmd_model_get_passport (model));
  return TRUE;
}
