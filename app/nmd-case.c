/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads one scan for predict and explain and finds its outline. The judgement itself is
 * the passport's (engine/model/nmd-model.h).
 */
#include "app/nmd-case.h"

#include "app/nmd-command.h"

#include <string.h>

void
nmd_case_options_clear (NmdCaseOptions *self)
{
  g_free (self->mask);
  g_free (self->masks);
  g_free (self->roi);
  g_free (self->organ);
  g_free (self->muscle);
}

void
nmd_case_clear (NmdCase *self)
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

static void
warn (NmdCase *self, const char *text)
{
  g_ptr_array_add (self->warnings, g_strdup (text));
}

static gboolean
load_outline (NmdCase *self,
              const char *path,
              const NmdCaseOptions *options,
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

/* What is known of the scan: what the user says, else what the file's name says, else,
 * for an image of the run's own data set, what the run was trained on. */
static void
judge (NmdCase *self,
       const char *path,
       const NmdCaseOptions *options,
       const NmdPassport *passport)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *named = NULL;
  g_autofree char *reason = NULL;
  NmdScanFacts facts = {
    .organ = options->organ,
    .muscle = options->muscle,
    .synthetic = self->image->is_synthetic,
    .echo = self->mask != NULL ? &self->echo : NULL,
    .box = self->mask != NULL ? &self->bounds : NULL,
    .roi_source = self->source,
  };

  if (facts.muscle == NULL && nmd_sample_parse_name (name, &named, NULL, NULL))
    facts.muscle = named;
  if (facts.organ == NULL && facts.muscle != NULL)
    facts.organ = "muscle";
  else if (facts.organ == NULL && self->part != NMD_PART_NONE)
    facts.organ = passport->organ;
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
nmd_case_load (NmdCase *self,
               const char *path,
               const NmdCaseOptions *options,
               const NmdRun *run,
               const NmdModel *model,
               GError **error)
{
  double margin;

  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->part = nmd_run_find_part (run, path);
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
