/* SPDX-License-Identifier: Apache-2.0
 *
 * Results in words. The numbers are the results'.
 */
#include "ui/pages/nmd-results-text.h"

#include "ui/session/nmd-findings.h"
#include "ui/session/nmd-result-words.h"

#include <glib/gi18n.h>
#include <math.h>

char *
nmd_results_text_gain (const NmdRunResults *results)
{
  g_return_val_if_fail (results != NULL, NULL);
  if (results->has_rival && results->rival->sentence != NULL)
    return nmd_words_of_comparison (results->rival);
  return g_strdup (
      results->rival_missing != NULL
          ? nmd_words_of_note (results->rival_missing)
          : _ ("Echo intensity alone could not be fitted, so there is no rival."));
}

char *
nmd_results_text_facts (const NmdRunResults *results, const NmdRun *run, double moved)
{
  g_return_val_if_fail (results != NULL, NULL);

  const guint n = nmd_scores_get_n (results->scores);
  GString *facts = g_string_new (NULL);
  g_string_append_printf (facts, ngettext ("%u image", "%u images", n), n);
  /* Translators: after a number of images */
  g_string_append_printf (
      facts, ngettext (" of %u subject", " of %u subjects", results->metrics.n_subjects),
      results->metrics.n_subjects);
  g_string_append_printf (facts, " · %s",
                          g_strcmp0 (results->weights, "average") == 0
                              ? _ ("average weights")
                              : _ ("best weights"));
  if (isfinite (moved))
    g_string_append_printf (
        /* Translators: a threshold that the user moved on the curve of what is measured */
        facts, _ (" · threshold %.3f: moved here, chosen on these images"), moved);
  else
    g_string_append_printf (facts, " · %s", results->threshold_text);
  /* xgettext:no-c-format */
  g_string_append (facts, _ (" · 95\u00a0% intervals"));
  if (!results->is_stored)
    /* Translators: unlike the run's file, which has other numbers */
    g_string_append (facts, _ (" · measured here"));
  if (run != NULL)
    {
      g_autofree char *findings = nmd_findings_of_run (run);
      g_string_append (facts, findings);
    }
  return g_string_free (facts, FALSE);
}

/* What computed the run, in which numerics, and the weights that it started from. */
static char *
describe_making (const NmdRunResults *r, const NmdRun *run)
{
  const char *scored = r->device;
  const char *trained = run != NULL ? nmd_run_get_device (run) : NULL;
  g_autofree char *initial = run != NULL ? nmd_run_get_initial (run) : NULL;
  GString *text = g_string_new (NULL);

  if (trained != NULL && g_strcmp0 (trained, scored) == 0)
    /* Translators: a device with its numerics */
    g_string_append_printf (text, _ ("Trained and scored by: %s. "), trained);
  else if (trained != NULL)
    g_string_append_printf (text, _ ("Trained by: %s. "), trained);
  if (scored != NULL && g_strcmp0 (trained, scored) != 0)
    g_string_append_printf (text, _ ("Scored by: %s. "), scored);
  if (initial != NULL)
    /* Translators: a sentence with its full stop; another one follows */
    g_string_append_printf (text, _ ("%s. "), initial);
  if (run != NULL && nmd_run_get_assumed (run) != NULL)
    g_string_append_printf (text, _ ("%s. "), nmd_run_get_assumed (run));
  return g_string_free (text, FALSE);
}

char *
nmd_results_text_caveat (const NmdRunResults *results, const NmdRun *run)
{
  g_return_val_if_fail (results != NULL, NULL);

  g_autofree char *making = describe_making (results, run);
  GString *caveat = g_string_new (NULL);
  if (results->part == NMD_PART_TRAIN)
    g_string_append (caveat,
                     _ ("These images were trained on: their numbers say nothing about "
                        "new ones. "));
  for (guint i = 0; results->notes[i] != NULL; i++)
    g_string_append_printf (caveat, _ ("%s. "), nmd_words_of_note (results->notes[i]));
  g_string_append_printf (caveat, "%s", making);
  g_string_append (caveat, _ ("For research and teaching; not a medical device."));
  return g_string_free (caveat, FALSE);
}
