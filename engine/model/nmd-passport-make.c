/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the passport of a model from the images it is trained on. Judging scans by it is
 * nmd-verdict.c's.
 */
#include "engine/model/nmd-passport-make.h"

#include "engine/core/nmd-error.h"
#include "engine/core/nmd-number.h"
#include "engine/core/nmd-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>

/* 1st, 50th and 99th percentile, interpolated between the sorted values; NaN without any.
 */
static void
percentiles (GArray *values, double *out)
{
  static const double shares[3] = { 0.01, 0.5, 0.99 };

  g_array_sort (values, nmd_number_compare);
  for (int i = 0; i < 3; i++)
    {
      double at = shares[i] * ((double)values->len - 1);
      guint low = (guint)MAX (floor (at), 0), high = low + 1;

      if (values->len == 0)
        {
          out[i] = NAN;
          continue;
        }
      high = MIN (high, values->len - 1);
      out[i] = g_array_index (values, double, low)
               + (at - low)
                     * (g_array_index (values, double, high)
                        - g_array_index (values, double, low));
    }
}

/* Distinct non-empty texts, in the order of the alphabet. */
static char **
distinct (GHashTable *set)
{
  g_autoptr (GList) keys
      = g_list_sort (g_hash_table_get_keys (set), (GCompareFunc)strcmp);
  GPtrArray *texts = g_ptr_array_new ();

  for (GList *l = keys; l != NULL; l = l->next)
    g_ptr_array_add (texts, g_strdup (l->data));
  g_ptr_array_add (texts, NULL);
  return (char **)g_ptr_array_free (texts, FALSE);
}

static void
note (GHashTable *set, const char *text)
{
  if (text != NULL && *text != '\0')
    g_hash_table_add (set, g_strdup (text));
}

static const char *
attribute (NmdSample *sample, const char *name)
{
  return sample->attributes != NULL ? g_hash_table_lookup (sample->attributes, name)
                                    : NULL;
}

/* The organ that an image states, or NULL; a muscle alone states "muscle". */
static const char *
stated_organ (NmdSample *sample)
{
  const char *organ = attribute (sample, "organ");

  if (organ != NULL && *organ != '\0' && g_ascii_strcasecmp (organ, "unknown") != 0)
    return organ;
  return sample->muscle != NULL && *sample->muscle != '\0' ? "muscle" : NULL;
}

gboolean
nmd_passport_states_organ (NmdDataset *dataset)
{
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    if (stated_organ (nmd_dataset_get (dataset, i)) == NULL)
      return FALSE;
  return TRUE;
}

gboolean
nmd_passport_check_organ (NmdDataset *dataset, const char *organ, GError **error)
{
  for (guint i = 0; i < nmd_dataset_get_n (dataset); i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);
      const char *own = stated_organ (sample);
      g_autofree char *image = NULL, *said = NULL, *other = NULL;

      if (own == NULL || g_ascii_strcasecmp (own, organ) == 0)
        continue;
      image = nmd_text_display (sample->id);
      said = nmd_text_display (own);
      other = nmd_text_display (organ);
      g_set_error (error, NMD_ERROR, NMD_ERROR_REFUSED,
                   _ ("%s: %s shows “%s” as the data set states it, not “%s”"),
                   nmd_dataset_get_path (dataset), image, said, other);
      return FALSE;
    }
  return TRUE;
}

/* The one text of @set, or @otherwise where nobody or several stated it. */
static char *
the_only (GHashTable *set, const char *otherwise)
{
  g_auto (GStrv) texts = distinct (set);

  return g_strdup (g_strv_length (texts) == 1 ? texts[0] : otherwise);
}

typedef struct
{
  GHashTable *organs, *muscles, *views, *devices, *subjects[2];
  GArray *means, *sds, *widths, *heights;
} Facts;

static void
facts_init (Facts *self)
{
  GHashTable **sets[] = { &self->organs,  &self->muscles,     &self->views,
                          &self->devices, &self->subjects[0], &self->subjects[1] };
  GArray **arrays[] = { &self->means, &self->sds, &self->widths, &self->heights };

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    *sets[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    *arrays[i] = g_array_new (FALSE, FALSE, sizeof (double));
}

static void
facts_clear (Facts *self)
{
  g_hash_table_unref (self->organs);
  g_hash_table_unref (self->muscles);
  g_hash_table_unref (self->views);
  g_hash_table_unref (self->devices);
  g_hash_table_unref (self->subjects[0]);
  g_hash_table_unref (self->subjects[1]);
  g_array_unref (self->means);
  g_array_unref (self->sds);
  g_array_unref (self->widths);
  g_array_unref (self->heights);
}

static void
facts_add (Facts *self, NmdSample *sample)
{
  double width = sample->box.x1 - sample->box.x0,
         height = sample->box.y1 - sample->box.y0;

  note (self->organs, attribute (sample, "organ"));
  note (self->views, attribute (sample, "view"));
  note (self->devices, attribute (sample, "device"));
  note (self->muscles, sample->muscle);
  note (self->subjects[sample->label == 1], sample->subject);
  if (sample->echo.n == 0) /* no outline: nothing was measured */
    return;
  g_array_append_val (self->means, sample->echo.mean);
  g_array_append_val (self->sds, sample->echo.sd);
  g_array_append_val (self->widths, width);
  g_array_append_val (self->heights, height);
}

/* A text field of a fresh passport holds "unknown" or NULL. */
static void
set_field (char **field, char *text)
{
  g_free (*field);
  *field = text;
}

NmdPassport *
nmd_passport_make (NmdDataset *dataset, const NmdSplit *split, const char *organ)
{
  NmdPassport *passport = nmd_passport_new ();
  const NmdImportReport *report = nmd_dataset_get_report (dataset);
  const char *kind = report != NULL && report->kind != NULL ? report->kind : "unknown";
  gboolean by_folder
      = g_str_equal (kind, "paper layout") || g_str_equal (kind, "folder per class");
  Facts facts;

  facts_init (&facts);
  for (guint i = 0; i < split->n; i++)
    {
      NmdSample *sample = nmd_dataset_get (dataset, i);

      if (split->parts[i] != NMD_PART_TRAIN)
        continue;
      facts_add (&facts, sample);
      passport->n_images[sample->label == 1]++;
      passport->n_whole_frame[sample->label == 1] += sample->echo.n == 0;
    }
  for (int i = 0; i < 2; i++)
    {
      passport->n_subjects[i] = g_hash_table_size (facts.subjects[i]);
      set_field (&passport->classes[i], g_strdup (nmd_dataset_get_class (dataset, i)));
    }
  set_field (&passport->organ,
             the_only (facts.organs,
                       g_hash_table_size (facts.muscles) > 0 ? "muscle" : "unknown"));
  if (organ != NULL && g_ascii_strcasecmp (passport->organ, organ) != 0)
    {
      set_field (&passport->organ, g_strdup (organ));
      set_field (&passport->organ_source, g_strdup ("user"));
    }
  set_field (&passport->view, the_only (facts.views, "unknown"));
  g_strfreev (passport->muscles);
  passport->muscles = distinct (facts.muscles);
  g_strfreev (passport->devices);
  passport->devices = distinct (facts.devices);
  passport->synthetic = nmd_dataset_is_synthetic (dataset);
  set_field (
      &passport->label_meaning,
      g_strdup (by_folder ? "folder of the data set" : "label column of the data set"));
  set_field (&passport->label_source, g_strdup (kind));
  set_field (&passport->calibration, g_strdup ("none"));
  percentiles (facts.means, passport->grey_mean);
  percentiles (facts.sds, passport->grey_sd);
  percentiles (facts.widths, passport->box_width);
  percentiles (facts.heights, passport->box_height);
  facts_clear (&facts);
  return passport;
}
