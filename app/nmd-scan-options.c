/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads a scan with the outline that the command line names, and asks the engine's judge
 * (engine/model/nmd-verdict.h) whether the model may score it.
 */
#include "app/nmd-scan-options.h"

#include "app/nmd-command.h"
#include "engine/data/import/nmd-mask-names.h"

#include <string.h>

void
nmd_scan_options_clear (NmdScanOptions *self)
{
  g_free (self->mask);
  g_free (self->masks);
  g_free (self->roi);
  g_free (self->organ);
  g_free (self->muscle);
  g_free (self->model_organ);
  g_free (self->model_muscles);
}

void
nmd_judged_scan_clear (NmdJudgedScan *self)
{
  g_clear_object (&self->scan);
  nmd_verdict_clear (&self->verdict);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
}

GArray *
nmd_scan_options_entries (NmdScanOptions *self)
{
  const GOptionEntry entries[] = {
    { "mask", 0, 0, G_OPTION_ARG_FILENAME, &self->mask,
      "Outline: a mask image of the scan's size", "FILE" },
    { "roi", 0, 0, G_OPTION_ARG_STRING, &self->roi,
      "Outline: a box in pixels, x0 ≤ x < x1 and y0 ≤ y < y1", "x0,y0,x1,y1" },
    { "page", 0, 0, G_OPTION_ARG_INT, &self->page,
      "Page of a TIFF, frame of a DICOM file, from 1", "N" },
    { "organ", 0, 0, G_OPTION_ARG_STRING, &self->organ,
      "What the scan shows: muscle, breast …", "WORD" },
    { "muscle", 0, 0, G_OPTION_ARG_STRING, &self->muscle,
      "Which muscle the scan shows [that of a name such as BB_anon_1_1.png]",
      "BB|GM|TA" },
    { "model-organ", 0, 0, G_OPTION_ARG_STRING, &self->model_organ,
      "What the model was trained on, where the run does not say", "WORD" },
    { "model-muscles", 0, 0, G_OPTION_ARG_STRING, &self->model_muscles,
      "Which muscles the model was trained on, likewise", "BB,GM,TA" },
    { "override", 0, 0, G_OPTION_ARG_NONE, &self->show_anyway,
      "Score a scan anyway that does not fit the model; marked “not meaningful”", NULL },
  };
  GArray *table = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  g_array_append_vals (table, entries, G_N_ELEMENTS (entries));
  return table;
}

gboolean
nmd_scan_options_check (const NmdScanOptions *self, int n_images, int *status)
{
  if ((self->mask != NULL) + (self->masks != NULL) + (self->roi != NULL) > 1)
    *status = nmd_command_usage ("Only one of --mask, --masks and --roi can be given");
  else if (self->mask != NULL && n_images > 1)
    *status = nmd_command_usage (
        "--mask is for one image; for several images use --masks DIR");
  else if (self->page < 0)
    *status = nmd_command_usage ("--page counts from 1");
  else if (self->muscle != NULL && self->organ != NULL
           && g_ascii_strcasecmp (self->organ, "muscle") != 0)
    *status = nmd_command_usage ("--muscle %s contradicts --organ %s", self->muscle,
                                 self->organ);
  else
    return TRUE;
  return FALSE;
}

char *
nmd_scan_options_find_mask (const NmdScanOptions *self, const char *path)
{
  return self->masks != NULL ? nmd_mask_find_in (self->masks, path)
                             : g_strdup (self->mask);
}

static void warn (NmdJudgedScan *judged, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
warn (NmdJudgedScan *judged, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (judged->warnings, g_strdup_vprintf (format, args));
  va_end (args);
}

/* The options that state what is missing: " (state it: --organ WORD)", or "". */
static const char *
hint (guint missing)
{
  if (missing & NMD_MISSING_OUTLINE)
    return " (give one: --mask or --roi)";
  if (missing & NMD_MISSING_SCAN_ORGAN)
    return " (state it: --organ WORD, or --muscle WORD)";
  if (missing & NMD_MISSING_MODEL_ORGAN)
    return " (state it: --model-organ WORD)";
  if (missing & NMD_MISSING_SCAN_MUSCLE)
    return " (state it: --muscle WORD)";
  return missing & NMD_MISSING_MODEL_MUSCLES ? " (state it: --model-muscles WORD,WORD)"
                                             : "";
}

static void
add_warnings (NmdJudgedScan *judged, const NmdScanOptions *self, gboolean found)
{
  const NmdVerdict *verdict = &judged->verdict;
  const char *where = judged->scan->mask != NULL ? " inside the outline" : "";

  if (verdict->fit != NMD_FIT_YES && !verdict->is_scored)
    warn (judged, "No score: %s%s", verdict->reason, hint (verdict->missing));
  else if (verdict->not_meaningful)
    warn (judged, "Not meaningful: %s", verdict->reason);
  if (verdict->is_whole_frame && verdict->is_scored)
    warn (judged, "No outline: scored as a whole frame, as in the model's training");
  if (self->masks != NULL && !found)
    warn (judged, "No mask for this image in %s", self->masks);
  if (judged->scan->problems & NMD_PROBLEM_EMPTY_MASK)
    warn (judged, "The mask is empty");
  if (verdict->in_data_set && verdict->part == NMD_PART_TRAIN)
    warn (judged, "This image was in the training part: its score says nothing about new "
                  "scans");
  if (judged->scan->problems & NMD_PROBLEM_BLACK)
    warn (judged, "The image is black throughout%s", where);
  if (judged->scan->problems & NMD_PROBLEM_SATURATED)
    warn (judged, "The image is saturated: at least half is white%s", where);
  if (judged->scan->problems & NMD_PROBLEM_CONSTANT)
    warn (judged, "The image has one grey level throughout%s", where);
  if (judged->scan->problems & NMD_PROBLEM_LOSSY)
    warn (judged, "Lossy format: echo intensity may be off");
  if (judged->scan->problems & NMD_PROBLEM_COLOURED)
    warn (judged, "Coloured pixels inside the outline: echo intensity may be off");
}

void
nmd_scan_options_state (const NmdScanOptions *self, NmdStatedFacts *stated)
{
  *stated = (NmdStatedFacts){
    .organ = self->organ,
    .muscle = self->muscle,
    .model_organ = self->model_organ,
    .model_muscles = self->model_muscles,
    .show_anyway = self->show_anyway,
  };
}

void
nmd_scan_options_judge (const NmdScanOptions *self,
                        NmdScan *scan,
                        gboolean found_mask,
                        const NmdModel *model,
                        NmdJudgedScan *judged)
{
  const NmdParameters *parameters = nmd_model_get_parameters (model);
  const double margin = nmd_parameters_get (parameters, "roi-margin");
  NmdStatedFacts stated;

  nmd_scan_options_state (self, &stated);
  judged->scan = g_object_ref (scan);
  judged->warnings = g_ptr_array_new_with_free_func (g_free);
  judged->roi
      = scan->has_bounds
                && strcmp (nmd_parameters_get_choice (parameters, "background"), "whole")
                       != 0
            ? nmd_box_widen (&scan->bounds, margin, scan->image->width,
                             scan->image->height)
            : (NmdBox){ 0, 0, scan->image->width, scan->image->height };
  nmd_scan_judge (scan, model, &stated, &judged->verdict);
  add_warnings (judged, self, found_mask);
}

gboolean
nmd_scan_options_load (const NmdScanOptions *self,
                       const char *path,
                       const NmdModel *model,
                       NmdJudgedScan *judged,
                       GError **error)
{
  g_autofree char *mask_path = nmd_scan_options_find_mask (self, path);
  g_autoptr (NmdScan) scan
      = nmd_command_check_page (path, self->page, error)
            ? nmd_scan_load_page (path, (guint)self->page, mask_path, error)
            : NULL;

  if (scan == NULL)
    return FALSE;
  if (self->roi != NULL)
    {
      g_autoptr (NmdImage) box = NULL;
      g_autoptr (NmdScan) plain = g_steal_pointer (&scan);

      if (!nmd_command_load_outline (NULL, self->roi, plain->image, &box, error))
        return FALSE;
      scan = nmd_scan_with_mask (plain, box, NMD_ROI_DRAWN);
    }
  nmd_scan_options_judge (self, scan, mask_path != NULL, model, judged);
  return TRUE;
}
