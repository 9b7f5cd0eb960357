/* SPDX-License-Identifier: Apache-2.0
 *
 * The model card: what it says of a run, in which order. Numbers are the run's.
 */
#include "config.h"

#include "engine/report/nmd-run-card-private.h"

#include "engine/nn/nmd-summary.h"

#include <math.h>
#include <string.h>

static void
add_heading (NmdDocument *document, NmdCardSection section)
{
  nmd_document_add (document, NMD_BLOCK_HEADING, "%s",
                    nmd_card_section_get_title (section));
}

static void
add_summary (NmdDocument *document, const NmdRunFacts *facts)
{
  const NmdEvalResults *results = facts->results;
  const NmdMetrics *metrics = &results->by_image;
  const NmdNetwork *network = nmd_run_get_network (facts->run);
  g_autofree char *heading = nmd_eval_results_get_heading (results);
  g_autofree char *threshold = nmd_threshold_to_text (&results->threshold);
  g_autofree char *auc = nmd_measure_to_text (&metrics->auc);
  g_autofree char *sensitivity = nmd_measure_to_text (&metrics->sensitivity);
  g_autofree char *specificity = nmd_measure_to_text (&metrics->specificity);
  g_auto (GStrv) notes = nmd_eval_results_get_notes (results);

  nmd_document_add (document, NMD_BLOCK_TITLE, "Model card of the run %s", facts->name);
  nmd_document_add (document, NMD_BLOCK_WARNING,
                    "For research and teaching, not a medical device.");
  for (char **note = notes; *note != NULL; note++)
    nmd_card_add_sentence (document, NMD_BLOCK_WARNING, *note);
  add_heading (document, NMD_CARD_SUMMARY);
  nmd_document_add (document, NMD_BLOCK_TEXT,
                    "%s, a deep network that gives an image a score from 0 to 1 for the "
                    "label “%s”, trained by NMD Assist %s, started %s, finished %s; %s "
                    "weights.",
                    network->title, nmd_run_get_passport (facts->run)->classes[1],
                    facts->version != NULL ? facts->version : "of an unknown version",
                    nmd_run_get_started (facts->run) != NULL
                        ? nmd_run_get_started (facts->run)
                        : "at an unknown time",
                    facts->finished != NULL ? facts->finished : "at an unknown time",
                    facts->weights != NULL ? facts->weights : "unknown");
  nmd_document_add (document, NMD_BLOCK_TEXT,
                    "%s. AUC %s; sensitivity %s and specificity %s at the %s.", heading,
                    auc, sensitivity, specificity, threshold);
  if (results->has_rival)
    nmd_card_add_sentence (document, NMD_BLOCK_TEXT, results->comparison.sentence);
}

/* How parts were made, in words. */
static const char *
describe_split (const char *kind)
{
  static const char *const words[][2] = {
    { "paper", "70/30 into training and validation, as the paper describes it" },
    { "threeway", "70/15/15 into training, validation and test, stratified by label" },
    { "kfold", "folds: one is the test part, the next the validation part, or a share of "
               "the others where it is drawn" },
    { "image", "by image: images of one subject may lie in several parts, which leaks" },
    { "stated", "the parts that the data set states" },
    { "file", "the parts of a table" },
    { "leave-out", "what has one value in a column is the test part" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (kind, words[i][0]) == 0)
      return words[i][1];
  return "as run.json names it";
}

static void
add_protocol (NmdDocument *document, const NmdRunFacts *facts)
{
  const NmdParameters *parameters = nmd_run_get_parameters (facts->run);
  const char *kind = nmd_run_get_split_kind (facts->run);
  g_autofree char *threshold = nmd_threshold_to_text (&facts->results->threshold);
  g_autofree char *initial = nmd_run_get_initial (facts->run);
  guint n_epochs = 0, limit = (guint)nmd_parameters_get_int (parameters, "limit");

  nmd_run_get_history (facts->run, &n_epochs);
  add_heading (document, NMD_CARD_PROTOCOL);
  nmd_document_add (document, NMD_BLOCK_ITEM,
                    "Split “%s”: %s. What it keeps together: %s.", kind,
                    describe_split (kind),
                    facts->grouping != NULL ? facts->grouping : "the file does not say");
  if (facts->split_source != NULL)
    nmd_document_add (document, NMD_BLOCK_ITEM, "Where the parts come from: %s.",
                      facts->split_source);
  nmd_card_add_sentence (document, NMD_BLOCK_ITEM, nmd_run_get_caveat (facts->run));
  nmd_card_add_sentence (document, NMD_BLOCK_ITEM, nmd_run_get_assumed (facts->run));
  if (limit > 0)
    nmd_document_add (document, NMD_BLOCK_ITEM,
                      "Limited to %u subjects of each class: not the whole data set.",
                      limit);
  nmd_document_add (
      document, NMD_BLOCK_ITEM,
      "Seed %.0f, one training. Its spread over seeds and folds is not known "
      "from this run (“nmd crossval” measures it).",
      nmd_parameters_get (parameters, "seed"));
  nmd_document_add (
      document, NMD_BLOCK_ITEM,
      "Epochs: %d planned, %u done. Weights “best” are those with the lowest "
      "validation loss, “average” the mean over the averaging phase; "
      "results are of “%s”.",
      nmd_parameters_get_int (parameters, "epochs"), n_epochs,
      facts->weights != NULL ? facts->weights : "unknown");
  nmd_card_add_sentence (document, NMD_BLOCK_ITEM, facts->stopped_early);
  nmd_document_add (document, NMD_BLOCK_ITEM, "Measured on the %s part; %s.",
                    facts->results->part, threshold);
  nmd_document_add (
      document, NMD_BLOCK_ITEM, "%s",
      facts->results->is_calibrated
          ? "Calibration was fitted on the validation part, never on what is measured."
          : "Scores are not calibrated.");
  nmd_document_add (document, NMD_BLOCK_ITEM, "%s",
                    initial != NULL ? initial : "Weights started fresh from the seed.");
}

/* "2,395,768", as in the network's note. */
static char *
group_thousands (gint64 value)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%" G_GINT64_FORMAT, value);
  for (gsize at = text->len; at > 3;)
    g_string_insert_c (text, (gssize)(at -= 3), ',');
  return g_string_free (text, FALSE);
}

/* At most six digits of a number, which people read; run.json has them all. */
static char *
value_to_text (const NmdParameters *parameters, const char *name)
{
  char *text = nmd_parameters_to_text (parameters, name);
  char digits[G_ASCII_DTOSTR_BUF_SIZE], *end = NULL;
  const double value = g_ascii_strtod (text, &end);

  if (*end != '\0' || end == text || strlen (text) <= 8 || value == floor (value))
    return text;
  g_free (text);
  return g_strdup (g_ascii_formatd (digits, sizeof digits, "%.6g", value));
}

/* The settings of a split say nothing of parts that were not drawn by them. */
static gboolean
is_unused (const NmdRunFacts *facts, const NmdParameters *parameters, const char *group)
{
  return strcmp (group, "split") == 0
         && g_strcmp0 (nmd_run_get_split_kind (facts->run),
                       nmd_parameters_get_choice (parameters, "split"))
                != 0;
}

static void
add_network (NmdDocument *document, const NmdRunFacts *facts)
{
  static const char *const head[]
      = { "Group", "Parameter", "Value", "Default", "Source" };
  const NmdNetwork *network = nmd_run_get_network (facts->run);
  const NmdParameters *parameters = nmd_run_get_parameters (facts->run);
  g_autoptr (NmdSummary) summary = nmd_summary_new (network, 2, NULL);
  g_autoptr (NmdParameters) standard = nmd_parameters_new ();
  guint n = 0;
  const NmdParameterInfo *infos = nmd_parameters_list (&n);

  add_heading (document, NMD_CARD_NETWORK);
  nmd_document_add (document, NMD_BLOCK_TEXT, "%s (%s): %s. Source: %s.", network->title,
                    network->name, network->note != NULL ? network->note : "no note",
                    network->source != NULL ? network->source : "not stated");
  if (summary != NULL)
    {
      g_autofree char *macs = nmd_card_number ((double)summary->macs / 1e9, 2);
      g_autofree char *parameter_count = group_thousands (summary->parameters);

      nmd_document_add (document, NMD_BLOCK_TEXT,
                        "Input 3 × %d × %d, two outputs (softmax); %s trainable "
                        "parameters, %s G multiply-adds an image.",
                        network->input_size, network->input_size, parameter_count, macs);
    }
  nmd_document_add_table (document, "All parameters of the training", G_N_ELEMENTS (head),
                          head);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *value = NULL, *usual = NULL, *title = NULL;

      if (!nmd_parameter_is_for (&infos[i], NMD_TASK_CLASSIFY))
        continue;
      value = is_unused (facts, parameters, infos[i].group)
                  ? g_strdup ("not used")
                  : value_to_text (parameters, infos[i].name);
      usual = value_to_text (standard, infos[i].name);
      title = *infos[i].unit != '\0'
                  ? g_strdup_printf ("%s (%s)", infos[i].title, infos[i].unit)
                  : g_strdup (infos[i].title);
      {
        const char *const cells[]
            = { infos[i].group, title, value, g_str_equal (value, usual) ? "same" : usual,
                infos[i].source };

        nmd_document_add_row (document, cells);
      }
    }
}

static void
add_pictures (NmdDocument *document,
              const NmdRunFacts *facts,
              const NmdCardPictures *pictures)
{
  guint n_wrong = 0;
  g_autoptr (GArray) rows
      = nmd_run_facts_list_wrong (facts, NMD_CARD_WRONG_IMAGES, &n_wrong);

  add_heading (document, NMD_CARD_FIGURES);
  for (guint i = 0; i < pictures->n_charts; i++)
    nmd_document_add_figure (document, pictures->charts[i].name,
                             pictures->charts[i].text);
  add_heading (document, NMD_CARD_WRONG);
  nmd_document_add (document, NMD_BLOCK_TEXT,
                    "%u of %u images of the %s part lie on the wrong side of the "
                    "threshold; %s, the largest |label − score| first.",
                    n_wrong, nmd_scores_get_n (facts->scores[facts->part]),
                    facts->results->part,
                    n_wrong <= NMD_CARD_WRONG_IMAGES ? "here are all of them"
                                                     : "here are the worst of them");
  if (pictures->n_images > 0)
    nmd_document_add (
        document, NMD_BLOCK_TEXT,
        "Maps are %s%s%s for the label that the image was called: "
        "where the network was sensitive, not where disease is. Of each map "
        "the share inside the outline, on its edge and outside is given. "
        "Maps of two images are not on one scale.",
        pictures->method, pictures->layer != NULL ? " of the layer " : "",
        pictures->layer != NULL ? pictures->layer : "");
  nmd_card_add_sentence (document, NMD_BLOCK_TEXT, pictures->images_missing);
  for (guint i = 0; i < pictures->n_images; i++)
    nmd_document_add_figure (document, pictures->images[i].name,
                             pictures->images[i].text);
  if (pictures->n_images > 0 || rows->len == 0)
    return;
  for (guint i = 0; i < rows->len; i++)
    {
      const NmdScore *score
          = nmd_scores_get (facts->scores[facts->part], g_array_index (rows, guint, i));
      g_autofree char *value = nmd_card_number (score->score, 3);

      nmd_document_add (document, NMD_BLOCK_ITEM, "%s: label %s, score %s", score->image,
                        nmd_run_get_passport (facts->run)->classes[score->label], value);
    }
}

/* What has to be known before anybody believes the numbers: each sentence follows from the run. */
static void
add_limits (NmdDocument *document, const NmdRunFacts *facts)
{
  const NmdEvalResults *results = facts->results;
  const NmdPassport *passport = nmd_run_get_passport (facts->run);
  g_auto (GStrv) notes = nmd_eval_results_get_notes (results);

  add_heading (document, NMD_CARD_LIMITS);
  for (char **note = notes; *note != NULL; note++)
    nmd_card_add_sentence (document, NMD_BLOCK_ITEM, *note);
  nmd_document_add (
      document, NMD_BLOCK_ITEM,
      "All parts come from one data set: these are no external results. %s",
      g_strcmp0 (nmd_run_get_split_kind (facts->run), "leave-out") == 0
          ? "Beyond what was left out, how the model does elsewhere is not known."
          : "How the model does on other devices, settings and people is not known.");
  nmd_document_add (document, NMD_BLOCK_ITEM,
                    "One training with one seed and one split.");
  nmd_document_add (
      document, NMD_BLOCK_ITEM,
      "The reference is the label of the data set (%s). How it was made, by "
      "whom and how well it repeats is not in the run.",
      passport->label_meaning);
  nmd_document_add (document, NMD_BLOCK_ITEM, "%s",
                    results->is_calibrated
                        ? "The score is no probability of disease. Only the calibrated "
                          "value is a probability, and only at the prevalence it was "
                          "fitted at."
                        : "The score is no probability of disease.");
  if (results->has_rival && !(results->comparison.difference.ci_subject.low > 0))
    nmd_document_add (document, NMD_BLOCK_ITEM,
                      "It is not shown that the network does better than echo intensity "
                      "alone.");
  if (results->threshold.on_these_images)
    nmd_document_add (document, NMD_BLOCK_ITEM,
                      "The threshold was chosen on the images that are measured: "
                      "sensitivity, specificity and all that follows are too good.");
  if (!results->by_image.has_subjects)
    nmd_document_add (document, NMD_BLOCK_ITEM,
                      "Subjects are not known: intervals treat images as independent and "
                      "may be too narrow.");
  if (passport->n_whole_frame[0] + passport->n_whole_frame[1] > 0)
    nmd_document_add (document, NMD_BLOCK_ITEM,
                      "%u training images have no outline and were used whole.",
                      passport->n_whole_frame[0] + passport->n_whole_frame[1]);
  if (!nmd_run_facts_has_attribute (facts, "sex"))
    nmd_document_add (document, NMD_BLOCK_ITEM,
                      "Nothing is known of differences between women and men.");
  if (results->sample_size_text != NULL)
    nmd_card_add_sentence (document, NMD_BLOCK_ITEM, results->sample_size_text);
}

static void
add_files (NmdDocument *document, const NmdRunFacts *facts)
{
  static const char *const head[] = { "File", "Bytes", "SHA-256" };

  add_heading (document, NMD_CARD_FILES);
  nmd_document_add_table (document, "Files of the run", G_N_ELEMENTS (head), head);
  for (guint i = 0; i < facts->files->len; i++)
    {
      const NmdRunFileFact *file = facts->files->pdata[i];
      g_autofree char *bytes = g_strdup_printf ("%" G_GINT64_FORMAT, file->bytes);
      const char *const cells[] = { file->name, bytes, file->sha256 };

      nmd_document_add_row (document, cells);
    }
  nmd_document_add (document, NMD_BLOCK_TEXT,
                    "%u numbers of metrics.json were computed again from predictions.csv "
                    "for this report and agree.",
                    facts->n_numbers);
  nmd_document_add (
      document, NMD_BLOCK_TEXT,
      "Trained by NMD Assist %s on %s. Scored by: %s. This report is by NMD Assist %s.",
      facts->version != NULL ? facts->version : "(unknown version)",
      nmd_run_get_device (facts->run),
      facts->scored_by != NULL ? facts->scored_by : "the file does not say", NMD_VERSION);
}

NmdDocument *
nmd_run_card_new (const NmdRunFacts *facts, const NmdCardPictures *pictures)
{
  NmdDocument *document = nmd_document_new ();

  g_return_val_if_fail (facts != NULL && pictures != NULL, document);
  add_summary (document, facts);
  nmd_card_add_data (document, facts);
  add_protocol (document, facts);
  add_network (document, facts);
  nmd_card_add_results (document, facts);
  nmd_card_add_rivals (document, facts);
  add_pictures (document, facts, pictures);
  add_limits (document, facts);
  add_files (document, facts);
  return document;
}
