/* SPDX-License-Identifier: Apache-2.0
 *
 * Judges whether a model may score a scan: gathers what is known and stated of both,
 * then compares in a fixed order. What is known of a scan is found by nmd-scan.c, of a
 * model by its passport.
 */
#include "config.h"

#include "engine/model/nmd-verdict.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Everything known of the scan and stated of both sides. */
typedef struct
{
  const char *organ, *muscle; /* of the scan, or NULL */
  const char *model_organ;    /* or NULL */
  char **model_muscles;       /* may be empty */
  gboolean has_outline, is_synthetic;
  const NmdEchoIntensity *echo; /* inside the outline */
  NmdBox box;                   /* its bounds */
} Facts;

void
nmd_verdict_clear (NmdVerdict *self)
{
  g_free (self->reason);
  *self = (NmdVerdict){ 0 };
}

void
nmd_verdict_copy (const NmdVerdict *from, NmdVerdict *to)
{
  g_return_if_fail (from != NULL && to != NULL);
  *to = *from;
  to->reason = g_strdup (from->reason);
}

/* @text, or NULL where it says nothing. */
static const char *
known (const char *text)
{
  return text != NULL && *text != '\0' && g_ascii_strcasecmp (text, "unknown") != 0
             ? text
             : NULL;
}

static gboolean
same (const char *a, const char *b)
{
  return g_ascii_strcasecmp (a, b) == 0;
}

/* "BB, GM and TA" */
static char *
join_words (char **words)
{
  guint n = g_strv_length (words);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s",
                            i == 0       ? ""
                            : i + 1 == n ? _ (" and ")
                                         : ", ",
                            words[i]);
  return g_string_free (text, FALSE);
}

/* The words of a list with commas, without blanks around them and without empty ones. */
static char **
split_words (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (char **part = parts; *part != NULL; part++)
    if (known (g_strstrip (*part)) != NULL)
      g_strv_builder_add (builder, *part);
  return g_strv_builder_end (builder);
}

/* Adds what the user says and what the passport says; the scan's own facts are in @facts. */
static void
add_stated (Facts *facts, const NmdPassport *passport, const NmdStatedFacts *stated)
{
  static const NmdStatedFacts none = { 0 };

  if (stated == NULL)
    stated = &none;
  if (known (stated->muscle) != NULL)
    {
      facts->muscle = stated->muscle;
      facts->organ = "muscle";
    }
  if (known (stated->organ) != NULL)
    {
      facts->organ = stated->organ;
      if (!same (facts->organ, "muscle"))
        facts->muscle = NULL;
    }
  if (known (facts->organ) == NULL && known (facts->muscle) != NULL)
    facts->organ = "muscle";

  facts->model_muscles = passport->muscles != NULL && passport->muscles[0] != NULL
                             ? g_strdupv (passport->muscles)
                             : split_words (stated->model_muscles);
  facts->model_organ = known (passport->organ);
  if (facts->model_organ == NULL)
    facts->model_organ = known (stated->model_organ);
  if (facts->model_organ == NULL && facts->model_muscles[0] != NULL)
    facts->model_organ = "muscle";
}

/* No training image had an outline. */
static gboolean
is_of_whole_frames (const NmdPassport *passport)
{
  const guint n_images = passport->n_images[0] + passport->n_images[1];

  return n_images > 0
         && passport->n_whole_frame[0] + passport->n_whole_frame[1] == n_images;
}

/* A sentence if the scan shows something else than the training images, else NULL. */
static char *
find_other_kind (const Facts *facts, const NmdPassport *passport)
{
  const char *organ = known (facts->organ), *muscle = known (facts->muscle);

  if (facts->has_outline && is_of_whole_frames (passport))
    return g_strdup (
        _ ("This model was trained on whole frames, this scan has an outline"));

  if (facts->model_organ != NULL && organ != NULL && !same (facts->model_organ, organ))
    /* Translators: organs or muscles, the second may be one of the user's words */
    return g_strdup_printf (_ ("This model was trained on %s, this scan is %s"),
                            _ (facts->model_organ), muscle != NULL ? muscle : _ (organ));
  if (facts->model_organ != NULL && same (facts->model_organ, "muscle")
      && facts->model_muscles[0] != NULL && muscle != NULL)
    {
      gboolean found = FALSE;

      for (char **word = facts->model_muscles; *word != NULL; word++)
        found |= same (*word, muscle);
      if (!found)
        {
          g_autofree char *words = join_words (facts->model_muscles);

          return g_strdup_printf (_ ("This model was trained on %s, this scan is %s"),
                                  words, muscle);
        }
    }
  if (facts->is_synthetic != (passport->synthetic != FALSE))
    return g_strdup (
        passport->synthetic
            ? _ ("This model was trained on synthetic scans, this scan is real")
            : _ ("This model was trained on real scans, this scan is synthetic"));
  return NULL;
}

/* A sentence if @value lies outside the percentiles widened by half their span, else NULL. */
static char *
find_outlier (const double span[3], double value, const char *what)
{
  double half = (span[2] - span[0]) / 2;
  char texts[3][32];

  if (!isfinite (value) || !isfinite (half)
      || (value >= span[0] - half && value <= span[2] + half))
    return NULL;
  g_ascii_formatd (texts[0], sizeof texts[0], "%.0f", value);
  g_ascii_formatd (texts[1], sizeof texts[1], "%.0f", span[0]);
  g_ascii_formatd (texts[2], sizeof texts[2], "%.0f", span[2]);
  return g_strdup_printf (
      _ ("The %s of this scan is %s, the training scans had %s to %s"), what, texts[0],
      texts[1], texts[2]);
}

/* The first measured facet that does not fit, as a sentence, or NULL. */
static char *
find_other_measure (const Facts *facts, const NmdPassport *passport)
{
  const struct
  {
    const double *span;
    double value;
    const char *what;
  } measures[] = {
    { passport->grey_mean, facts->echo->mean, _ ("echo intensity (mean grey level)") },
    { passport->grey_sd, facts->echo->sd, _ ("SD of grey levels") },
    { passport->box_width, facts->box.x1 - facts->box.x0,
      _ ("outline's width in pixels") },
    { passport->box_height, facts->box.y1 - facts->box.y0,
      _ ("outline's height in pixels") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (measures); i++)
    {
      char *reason = find_outlier (measures[i].span, measures[i].value, measures[i].what);

      if (reason != NULL)
        return reason;
    }
  return NULL;
}

/* What has to be stated first, and the sentence for it. */
static guint
find_missing (const Facts *facts, char **reason)
{
  gboolean organ = known (facts->organ) != NULL, muscle = known (facts->muscle) != NULL;
  gboolean about_muscle = facts->model_organ == NULL
                              ? organ && same (facts->organ, "muscle")
                              : same (facts->model_organ, "muscle");
  guint missing = 0;

  if (!organ)
    missing |= NMD_MISSING_SCAN_ORGAN;
  if (facts->model_organ == NULL)
    missing |= NMD_MISSING_MODEL_ORGAN;
  if (about_muscle && !muscle)
    missing |= NMD_MISSING_SCAN_MUSCLE;
  if (about_muscle && facts->model_muscles[0] == NULL)
    missing |= NMD_MISSING_MODEL_MUSCLES;
  if (missing & NMD_MISSING_SCAN_ORGAN)
    *reason = g_strdup (_ ("It is not known which organ this scan shows"));
  else if (missing & NMD_MISSING_MODEL_ORGAN)
    *reason = g_strdup (_ ("It is not known which organ this model was trained on"));
  else if (missing & NMD_MISSING_SCAN_MUSCLE)
    *reason = g_strdup (_ ("It is not known which muscle this scan shows"));
  else if (missing != 0)
    *reason = g_strdup (_ ("It is not known which muscles this model was trained on"));
  return missing;
}

static void
judge (Facts *facts,
       const char *sha256,
       const NmdModel *model,
       const NmdStatedFacts *stated,
       NmdVerdict *verdict)
{
  const NmdPassport *passport = nmd_model_get_passport (model);
  g_auto (GStrv) muscles = NULL;

  *verdict = (NmdVerdict){ 0 };
  verdict->in_data_set = nmd_model_find_part (model, sha256, &verdict->part);
  verdict->is_whole_frame = !facts->has_outline && is_of_whole_frames (passport);
  if (!facts->has_outline && !verdict->is_whole_frame)
    {
      verdict->missing = NMD_MISSING_OUTLINE;
      verdict->reason = g_strdup (_ ("There is no outline on this scan"));
      return;
    }
  add_stated (facts, passport, stated);
  muscles = facts->model_muscles;
  verdict->fit = NMD_FIT_NO;
  verdict->reason = find_other_kind (facts, passport);
  if (verdict->reason == NULL && facts->has_outline)
    verdict->reason = find_other_measure (facts, passport);
  if (verdict->reason == NULL)
    {
      verdict->missing
          = verdict->in_data_set ? 0 : find_missing (facts, &verdict->reason);
      verdict->fit = verdict->missing == 0 ? NMD_FIT_YES : NMD_FIT_UNKNOWN;
    }
  verdict->not_meaningful
      = verdict->fit != NMD_FIT_YES && stated != NULL && stated->show_anyway;
  verdict->is_scored = verdict->fit == NMD_FIT_YES || verdict->not_meaningful;
}

void
nmd_scan_judge (NmdScan *scan,
                const NmdModel *model,
                const NmdStatedFacts *stated,
                NmdVerdict *verdict)
{
  g_return_if_fail (NMD_IS_SCAN (scan) && model != NULL && verdict != NULL);

  Facts facts = {
    .organ = scan->organ,
    .muscle = scan->muscle,
    .has_outline = scan->mask != NULL,
    .is_synthetic = scan->is_synthetic != FALSE,
    .echo = &scan->echo,
    .box = scan->bounds,
  };
  judge (&facts, scan->sha256, model, stated, verdict);
}

void
nmd_sample_judge (NmdSample *sample,
                  const NmdModel *model,
                  const NmdStatedFacts *stated,
                  NmdVerdict *verdict)
{
  g_return_if_fail (NMD_IS_SAMPLE (sample) && model != NULL && verdict != NULL);

  Facts facts = {
    .organ = sample->attributes != NULL
                 ? g_hash_table_lookup (sample->attributes, "organ")
                 : NULL,
    .muscle = sample->muscle,
    .has_outline = sample->echo.n > 0,
    .is_synthetic = sample->is_synthetic != FALSE,
    .echo = &sample->echo,
    .box = sample->box,
  };
  judge (&facts, sample->sha256_image, model, stated, verdict);
}
