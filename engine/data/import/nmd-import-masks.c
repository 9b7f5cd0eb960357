/* SPDX-License-Identifier: Apache-2.0
 *
 * The masks of samples, and questions about them: which label value is meant, and whether doubtful ones are
 * accepted.
 */
#include "engine/core/nmd-text.h"
#include "engine/data/import/nmd-import-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
nmd_listing_set_mask_options (NmdListing *self, const NmdImportSettings *settings)
{
  NmdMaskOptions options = { NULL };

  if (settings == NULL)
    return;
  options.value
      = settings->mask_value != NULL ? g_intern_string (settings->mask_value) : NULL;
  options.fill = settings->fill_contours;
  options.invert = settings->invert_masks;
  options.drop_stray = settings->drop_stray;
  for (guint i = 0; i < self->samples->len; i++)
    ((NmdSample *)self->samples->pdata[i])->mask_options = options;
}

void
nmd_listing_set_masks (
    NmdListing *self, NmdSample *sample, const GPtrArray *masks, guint from, gboolean all)
{
  g_autoptr (GPtrArray) more = g_ptr_array_new ();

  if (masks == NULL)
    return;
  sample->mask_path = g_build_filename (self->root, masks->pdata[from], NULL);
  for (guint i = from + 1; all && i < masks->len; i++)
    g_ptr_array_add (more, g_build_filename (self->root, masks->pdata[i], NULL));
  if (more->len == 0)
    return;
  g_ptr_array_add (more, NULL);
  sample->more_masks = (char **)g_ptr_array_free (g_steal_pointer (&more), FALSE);
}

typedef struct
{
  const char *label;
  guint n; /* images */
} LabelCount;

static int
compare_counts (gconstpointer a, gconstpointer b)
{
  const LabelCount *x = a, *y = b;

  return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp (x->label, y->label);
}

static void
count_label (GArray *counts, const char *label)
{
  LabelCount fresh = { g_intern_string (label), 1 };

  for (guint i = 0; i < counts->len; i++)
    if (g_array_index (counts, LabelCount, i).label == fresh.label)
      {
        g_array_index (counts, LabelCount, i).n++;
        return;
      }
  g_array_append_val (counts, fresh);
}

/* The labels of all masks, most frequent first. */
static GArray *
count_labels (GPtrArray *samples)
{
  GArray *counts = g_array_new (FALSE, FALSE, sizeof (LabelCount));

  for (guint i = 0; i < samples->len; i++)
    {
      const NmdSample *sample = samples->pdata[i];
      g_auto (GStrv) labels = NULL;

      if (sample->mask_labels == NULL)
        continue;
      labels = g_strsplit_set (sample->mask_labels, ", +", -1);
      for (char **label = labels; *label != NULL; label++)
        if (**label != '\0')
          count_label (counts, *label);
    }
  g_array_sort (counts, compare_counts);
  return counts;
}

/* Whether each mask holds 1 alone or 255 alone, which are two ways of writing one thing. */
static gboolean
are_two_ways (const GArray *counts, GPtrArray *samples)
{
  for (guint i = 0; i < counts->len; i++)
    {
      const char *label = g_array_index (counts, LabelCount, i).label;

      if (!g_str_equal (label, "1") && !g_str_equal (label, "255"))
        return FALSE;
    }
  for (guint i = 0; i < samples->len; i++)
    {
      const char *labels = ((NmdSample *)samples->pdata[i])->mask_labels;

      if (labels != NULL && strchr (labels, ',') != NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
nmd_listing_check_labels (NmdListing *self,
                          const char *path,
                          const NmdImportSettings *settings,
                          GError **error)
{
  g_autoptr (GArray) counts = count_labels (self->samples);
  g_autoptr (GPtrArray) choices = g_ptr_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  GError *question = NULL;

  if (settings != NULL && settings->mask_value != NULL)
    {
      const gboolean any
          = g_ascii_strcasecmp (settings->mask_value, NMD_MASK_ANY_VALUE) == 0;

      if (any)
        nmd_import_report_assume (self->report,
                                  "Every value of mask files but 0 is the mask");
      else
        nmd_import_report_assume (self->report, "The mask is the value %s of mask files",
                                  settings->mask_value);
      return TRUE;
    }
  if (counts->len < 2)
    return TRUE;
  if (are_two_ways (counts, self->samples))
    {
      const LabelCount *more = &g_array_index (counts, LabelCount, 0), *less = more + 1;

      nmd_import_report_assume (self->report,
                                "The mask is what is set, 0 and %s in mask files of %u "
                                "images and 0 and %s in those of %u",
                                more->label, more->n, less->label, less->n);
      return TRUE;
    }
  for (guint i = 0; i < counts->len; i++)
    {
      const LabelCount *count = &g_array_index (counts, LabelCount, i);

      if (i < 8)
        g_string_append_printf (text, "%s%s in %u %s", i > 0 ? ", " : "", count->label,
                                count->n, count->n == 1 ? "image" : "images");
      g_ptr_array_add (choices, (gpointer)count->label);
    }
  g_ptr_array_add (choices, (gpointer)NMD_MASK_ANY_VALUE);
  g_ptr_array_add (choices, NULL);
  question
      = g_error_new (NMD_ERROR, NMD_ERROR_NEEDS_MASK_VALUE,
                     _ ("The masks of %s hold several values (%s%s): say which one is "
                        "the outline, or “%s” for all together"),
                     path, text->str, counts->len > 8 ? " …" : "", NMD_MASK_ANY_VALUE);
  nmd_error_set_choices (question, (const char *const *)choices->pdata);
  g_propagate_error (error, question);
  return FALSE;
}

gboolean
nmd_dataset_check_masks (NmdDataset *self, gboolean accept, GError **error)
{
  static const struct
  {
    NmdProblems problem;
    const char *one, *many;
  } kinds[] = {
    /* Translators: after a number of masks: 1, or several */
    { NMD_PROBLEM_MASK_GREY, N_ ("looks like a picture"), N_ ("look like pictures") },
    { NMD_PROBLEM_MASK_COVERS, N_ ("covers the frame"), N_ ("cover the frame") },
    { NMD_PROBLEM_MASK_INVERTED, N_ ("looks inverted"), N_ ("look inverted") },
    { NMD_PROBLEM_MASK_CONTOUR, N_ ("is a line that is not filled"),
      N_ ("are lines that are not filled") },
    { NMD_PROBLEM_MASK_STRAY, N_ ("has stray pixels"), N_ ("have stray pixels") },
  };
  g_autoptr (GString) text = g_string_new (NULL);
  const NmdSample *first = NULL;
  g_autofree char *shown = NULL;
  guint n = 0;

  g_return_val_if_fail (NMD_IS_DATASET (self), FALSE);

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      guint of_kind = 0;

      for (guint i = 0; i < nmd_dataset_get_n (self); i++)
        of_kind += (nmd_dataset_get (self, i)->problems & kinds[k].problem) != 0;
      if (of_kind > 0)
        g_string_append_printf (text, "%s%u %s", text->len > 0 ? ", " : "", of_kind,
                                _ (of_kind == 1 ? kinds[k].one : kinds[k].many));
    }
  for (guint i = 0; i < nmd_dataset_get_n (self); i++)
    if ((nmd_dataset_get (self, i)->problems & NMD_PROBLEMS_DOUBTFUL) != 0 && n++ == 0)
      first = nmd_dataset_get (self, i);
  if (n == 0 || accept)
    return TRUE;
  shown = nmd_text_display (first->id);
  g_set_error (
      error, NMD_ERROR, NMD_ERROR_NEEDS_MASKS_SEEN,
      /* Translators: a number of images, of a data set; what is odd; an image */
      g_dngettext (GETTEXT_PACKAGE,
                   "%u image of %s has doubtful outlines: %s; the first is that of %s",
                   "%u images of %s have doubtful outlines: %s; the first is that of %s",
                   n),
      n, nmd_dataset_get_title (self), text->str, shown);
  return FALSE;
}
