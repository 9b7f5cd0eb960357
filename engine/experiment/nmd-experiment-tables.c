/* SPDX-License-Identifier: Apache-2.0
 *
 * The results of an experiment as tables: CSV, Markdown, LaTeX, JSON.
 */
#include "engine/experiment/nmd-experiment-results.h"

#include "engine/core/nmd-csv.h"
#include "engine/core/nmd-file.h"
#include "engine/core/nmd-text.h"
#include "engine/experiment/nmd-experiment-private.h"

#include <math.h>
#include <string.h>

#define MINUS "−" /* a true minus */

/* The measures that a table of people has, the others stand in the CSV. */
static const NmdMeasureKind shown[]
    = { NMD_MEASURE_AUC,         NMD_MEASURE_ACCURACY, NMD_MEASURE_SENSITIVITY,
        NMD_MEASURE_SPECIFICITY, NMD_MEASURE_PPV,      NMD_MEASURE_F1 };

/* Columns behind them. */
#define N_OTHER 6

/* With a true minus, and no "−0.000". */
static void
append_number (GString *text, double value, int decimals)
{
  char format[8], digits[40];

  g_snprintf (format, sizeof format, "%%.%df", decimals);
  g_ascii_formatd (digits, sizeof digits, format, fabs (value));
  if (value < 0 && strspn (digits, "0.") < strlen (digits))
    g_string_append (text, MINUS);
  g_string_append (text, digits);
}

char *
nmd_spread_to_text (const NmdSpread *self, int decimals)
{
  GString *text = g_string_new (NULL);

  if (self->n == 0)
    g_string_append (text, "–");
  else
    append_number (text, self->mean, decimals);
  if (self->n > 1)
    {
      g_string_append (text, " ± ");
      append_number (text, self->sd, decimals);
    }
  return g_string_free (text, FALSE);
}

/* " [−0.040, 0.016]"; nothing where there is none. */
static void
append_interval (GString *text, const NmdInterval *interval)
{
  if (isnan (interval->low))
    return;
  g_string_append (text, " [");
  append_number (text, interval->low, 3);
  g_string_append (text, ", ");
  append_number (text, interval->high, 3);
  g_string_append (text, "]");
}

/* "−0.012 [−0.040, 0.016]" or "–". */
static char *
difference_to_text (const NmdRowResult *row)
{
  GString *text = g_string_new (NULL);

  if (row->difference.n == 0)
    return g_string_free (g_string_append (text, "–"), FALSE);
  append_number (text, row->difference.mean, 3);
  append_interval (text, &row->interval);
  return g_string_free (text, FALSE);
}

/* "0.903 ± 0.018", "0.903 [0.871, 0.930]" of one training. */
static char *
measure_to_text (const NmdRowResult *row, NmdMeasureKind kind)
{
  g_autofree char *spread = nmd_spread_to_text (&row->measures[kind], 3);
  GString *text = g_string_new (spread);

  if (kind == NMD_MEASURE_AUC)
    append_interval (text, &row->auc_ci);
  return g_string_free (text, FALSE);
}

/* CSV. */

static void
append_cell (GString *text, const NmdExperimentResults *self, const NmdCellResult *cell)
{
  const NmdPlanRow *row = nmd_plan_get_row (self->plan, cell->cell->row);
  const guint counts[] = { cell->tp,      cell->tn,         cell->fp,        cell->fn,
                           cell->n_train, cell->n_measured, cell->n_subjects };

  nmd_csv_append (text, row->id);
  nmd_csv_append (text, row->network);
  if (cell->cell->fold >= 0)
    nmd_csv_append_number (text, cell->cell->fold);
  else
    nmd_csv_append (text, "");
  nmd_csv_append (text, cell->cell->left_out != NULL ? cell->cell->left_out : "");
  nmd_csv_append_number (text, (double)cell->cell->seed);
  nmd_csv_append (text, cell->part != NULL ? cell->part : "");
  for (int i = 0; i < NMD_N_MEASURES; i++)
    nmd_csv_append_number (text, cell->measures[i]);
  nmd_csv_append_number (text, cell->auc_ci.low);
  nmd_csv_append_number (text, cell->auc_ci.high);
  nmd_csv_append_number (text, cell->rival_auc);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    nmd_csv_append_number (text, counts[i]);
  nmd_csv_append_number (text, cell->threshold);
  nmd_csv_append (text, cell->threshold_text != NULL ? cell->threshold_text : "");
  nmd_csv_end_line (text);
}

char *
nmd_experiment_results_to_csv (const NmdExperimentResults *self)
{
  static const char *const first[]
      = { "row", "network", "fold", "left_out", "seed", "part" };
  static const char *const last[] = { "auc_low_by_subject",
                                      "auc_high_by_subject",
                                      "echo_intensity_auc",
                                      "tp",
                                      "tn",
                                      "fp",
                                      "fn",
                                      "n_train",
                                      "n_measured",
                                      "n_measured_subjects",
                                      "threshold",
                                      "threshold_from" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    nmd_csv_append (text, first[i]);
  for (int i = 0; i < NMD_N_MEASURES; i++)
    nmd_csv_append (text, nmd_measure_kind_get_name ((NmdMeasureKind)i));
  for (guint i = 0; i < G_N_ELEMENTS (last); i++)
    nmd_csv_append (text, last[i]);
  nmd_csv_end_line (text);
  for (guint i = 0; i < self->plan->cells->len; i++)
    if (self->cells[i].is_done)
      append_cell (text, self, &self->cells[i]);
  return g_string_free (text, FALSE);
}

/* Markdown and LaTeX. */

/* What divides cells, ends lines, and stands for characters that mean something there. */
typedef struct
{
  const char *begin, *between, *end;
  const char *special;        /* characters … */
  const char *const *instead; /* … and what is written for each */
  gboolean is_latex;
} Markup;

static const char *const markdown_instead[] = { "\\|", "\\\\" };
static const Markup markdown = { "| ", " | ", " |\n", "|\\", markdown_instead, FALSE };

static const char *const latex_instead[] = { "\\&",
                                             "\\%",
                                             "\\$",
                                             "\\#",
                                             "\\_",
                                             "\\{",
                                             "\\}",
                                             "\\textasciitilde{}",
                                             "\\textasciicircum{}",
                                             "\\textbackslash{}" };
static const Markup latex = { "", " & ", " \\\\\n", "&%$#_{}~^\\", latex_instead, TRUE };

static void
append_text (GString *text, const Markup *markup, const char *words)
{
  g_autofree char *safe = nmd_text_display (words);

  for (const char *p = safe; *p != '\0'; p++)
    {
      const char *found = strchr (markup->special, *p);

      if (found != NULL)
        g_string_append (text, markup->instead[found - markup->special]);
      else if (markup->is_latex && g_str_has_prefix (p, MINUS))
        {
          g_string_append (text, "$-$");
          p += strlen (MINUS) - 1;
        }
      else if (markup->is_latex && g_str_has_prefix (p, "±"))
        {
          g_string_append (text, "$\\pm$");
          p += strlen ("±") - 1;
        }
      else if (markup->is_latex && g_str_has_prefix (p, "–"))
        {
          g_string_append (text, "--");
          p += strlen ("–") - 1;
        }
      else
        g_string_append_c (text, *p);
    }
}

static void
append_heads (GString *text, const Markup *markup)
{
  g_string_append (text, markup->begin);
  append_text (text, markup, "Row");
  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_string_append (text, markup->between);
      append_text (text, markup, nmd_measure_kind_get_title (shown[i]));
    }
  g_string_append (text, markup->between);
  append_text (text, markup, "Echo intensity alone, AUC");
  g_string_append (text, markup->between);
  append_text (text, markup, "Difference of AUC [95 %]");
  g_string_append (text, markup->between);
  append_text (text, markup, "Parameters");
  g_string_append (text, markup->between);
  append_text (text, markup, "Trainings");
  g_string_append (text, markup->between);
  append_text (text, markup, "Images");
  g_string_append (text, markup->between);
  append_text (text, markup, "Subjects");
  g_string_append (text, markup->end);
}

static void
append_row (GString *text, const Markup *markup, const NmdRowResult *row)
{
  g_autofree char *rival = nmd_spread_to_text (&row->rival_auc, 3);
  g_autofree char *difference = difference_to_text (row);

  g_string_append (text, markup->begin);
  append_text (text, markup, row->row->title);
  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    {
      g_autofree char *cell = measure_to_text (row, shown[i]);

      g_string_append (text, markup->between);
      append_text (text, markup, cell);
      if (row->measures[shown[i]].n < row->measures[NMD_MEASURE_AUC].n)
        g_string_append_printf (text, " (%u of %u)", row->measures[shown[i]].n,
                                row->measures[NMD_MEASURE_AUC].n);
    }
  g_string_append (text, markup->between);
  append_text (text, markup, rival);
  g_string_append (text, markup->between);
  append_text (text, markup, difference);
  g_string_append_printf (text, "%s%" G_GINT64_FORMAT "%s%u%s%u%s%u", markup->between,
                          row->parameters, markup->between,
                          row->measures[NMD_MEASURE_AUC].n, markup->between,
                          row->n_measured, markup->between, row->n_subjects);
  g_string_append (text, markup->end);
}

/* What was left out and tested, a training a row: a mean over devices hides the one that it fails on. */

#define N_LEFT_OUT 8

static void
append_cells (GString *text, const Markup *markup, const char *const *cells, guint n)
{
  g_string_append (text, markup->begin);
  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (text, markup->between);
      append_text (text, markup, cells[i]);
    }
  g_string_append (text, markup->end);
}

static void
append_left_out_head (GString *text, const Markup *markup)
{
  static const char *const heads[N_LEFT_OUT] = {
    "Left out and tested",       "Row",    "AUC [95 %]", "Sensitivity", "Specificity",
    "Echo intensity alone, AUC", "Images", "Subjects"
  };

  append_cells (text, markup, heads, N_LEFT_OUT);
}

static void
append_left_out (GString *text, const Markup *markup, const NmdExperimentResults *self)
{
  for (guint i = 0; i < self->plan->cells->len; i++)
    {
      const NmdCellResult *cell = &self->cells[i];
      const double values[]
          = { cell->measures[NMD_MEASURE_AUC], cell->measures[NMD_MEASURE_SENSITIVITY],
              cell->measures[NMD_MEASURE_SPECIFICITY], cell->rival_auc };
      g_autofree char *images = g_strdup_printf ("%u", cell->n_measured);
      g_autofree char *subjects = g_strdup_printf ("%u", cell->n_subjects);
      GString *numbers[G_N_ELEMENTS (values)];

      if (!cell->is_done)
        continue;
      for (guint k = 0; k < G_N_ELEMENTS (values); k++)
        {
          numbers[k] = g_string_new (isfinite (values[k]) ? NULL : "–");
          if (isfinite (values[k]))
            append_number (numbers[k], values[k], 3);
        }
      append_interval (numbers[0], &cell->auc_ci);
      {
        const char *const cells[N_LEFT_OUT]
            = { cell->cell->left_out,
                nmd_plan_get_row (self->plan, cell->cell->row)->title,
                numbers[0]->str,
                numbers[1]->str,
                numbers[2]->str,
                numbers[3]->str,
                images,
                subjects };

        append_cells (text, markup, cells, N_LEFT_OUT);
      }
      for (guint k = 0; k < G_N_ELEMENTS (values); k++)
        g_string_free (numbers[k], TRUE);
    }
}

/* How the differences were made; by row where that differs. */
static void
append_methods (GString *text, const NmdExperimentResults *self)
{
  const char *first = NULL, *before = "; differences from the first row, ";
  gboolean differ = FALSE;

  for (guint i = 1; i < self->plan->rows->len; i++)
    if (self->rows[i].interval_method != NULL)
      {
        first = first != NULL ? first : self->rows[i].interval_method;
        differ |= strcmp (self->rows[i].interval_method, first) != 0;
      }
  if (first != NULL && !differ)
    g_string_append_printf (text, "%s%s", before, first);
  for (guint i = 1; i < self->plan->rows->len && differ; i++)
    if (self->rows[i].interval_method != NULL)
      {
        g_string_append_printf (text, "%s%s: %s", before, self->rows[i].row->title,
                                self->rows[i].interval_method);
        before = "; ";
      }
}

/* What the numbers are, and how the differences were made. */
static char *
make_caption (const NmdExperimentResults *self)
{
  g_autofree char *heading = nmd_experiment_results_get_heading (self);
  GString *text = g_string_new (heading);

  g_string_append (text,
                   ". Mean ± SD over trainings (seeds and folds), of images; of one "
                   "training the AUC's 95 % interval by subject; images and subjects "
                   "that were measured, of all trainings together");
  append_methods (text, self);
  g_string_append_c (text, '.');
  for (char **note = self->notes; *note != NULL; note++)
    g_string_append_printf (text, " %s.", *note);
  return g_string_free (text, FALSE);
}

char *
nmd_experiment_results_to_markdown (const NmdExperimentResults *self)
{
  g_autofree char *caption = make_caption (self);
  GString *text = g_string_new (NULL);

  append_heads (text, &markdown);
  g_string_append (text, "| ---");
  for (guint i = 0; i < G_N_ELEMENTS (shown) + N_OTHER; i++)
    g_string_append (text, " | ---");
  g_string_append (text, " |\n");
  for (guint i = 0; i < self->plan->rows->len; i++)
    append_row (text, &markdown, &self->rows[i]);
  g_string_append_c (text, '\n');
  if (self->plan->leave_out != NULL)
    {
      append_left_out_head (text, &markdown);
      g_string_append (text, "| ---");
      for (guint i = 1; i < N_LEFT_OUT; i++)
        g_string_append (text, " | ---");
      g_string_append (text, " |\n");
      append_left_out (text, &markdown, self);
      g_string_append_c (text, '\n');
    }
  append_text (text, &markdown, caption);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

char *
nmd_experiment_results_to_latex (const NmdExperimentResults *self)
{
  g_autofree char *caption = make_caption (self);
  GString *text = g_string_new ("% needs \\usepackage{booktabs}\n"
                                "\\begin{table}\n\\centering\n\\caption{");

  append_text (text, &latex, caption);
  g_string_append (text, "}\n\\begin{tabular}{l");
  for (guint i = 0; i < G_N_ELEMENTS (shown) + N_OTHER; i++)
    g_string_append_c (text, 'r');
  g_string_append (text, "}\n\\toprule\n");
  append_heads (text, &latex);
  g_string_append (text, "\\midrule\n");
  for (guint i = 0; i < self->plan->rows->len; i++)
    append_row (text, &latex, &self->rows[i]);
  g_string_append (text, "\\bottomrule\n\\end{tabular}\n");
  if (self->plan->leave_out != NULL)
    {
      g_string_append (text, "\n\\begin{tabular}{llrrrrrr}\n\\toprule\n");
      append_left_out_head (text, &latex);
      g_string_append (text, "\\midrule\n");
      append_left_out (text, &latex, self);
      g_string_append (text, "\\bottomrule\n\\end{tabular}\n");
    }
  g_string_append (text, "\\end{table}\n");
  return g_string_free (text, FALSE);
}

/* JSON. */

static void
set_spread (JsonObject *object, const char *member, const NmdSpread *spread)
{
  JsonObject *its = json_object_new ();

  json_object_set_int_member (its, "n", spread->n);
  nmd_json_set_number (its, "mean", spread->mean);
  nmd_json_set_number (its, "sd", spread->sd);
  json_object_set_object_member (object, member, its);
}

static JsonObject *
row_to_json (const NmdRowResult *row)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "row", row->row->id);
  json_object_set_string_member (object, "title", row->row->title);
  json_object_set_string_member (object, "network", row->row->network);
  json_object_set_int_member (object, "parameters", row->parameters);
  json_object_set_int_member (object, "multiply_adds", row->macs);
  for (int i = 0; i < NMD_N_MEASURES; i++)
    set_spread (object, nmd_measure_kind_get_name ((NmdMeasureKind)i), &row->measures[i]);
  nmd_interval_to_json (object, "auc_ci_subject", &row->auc_ci);
  set_spread (object, "echo_intensity_auc", &row->rival_auc);
  json_object_set_int_member (object, "n_measured", row->n_measured);
  json_object_set_int_member (object, "n_measured_subjects", row->n_subjects);
  json_object_set_int_member (object, "tp", row->tp);
  json_object_set_int_member (object, "tn", row->tn);
  json_object_set_int_member (object, "fp", row->fp);
  json_object_set_int_member (object, "fn", row->fn);
  if (row->difference.n == 0)
    return object;
  set_spread (object, "auc_difference", &row->difference);
  nmd_interval_to_json (object, "auc_difference_ci", &row->interval);
  nmd_json_set_text (object, "auc_difference_ci_method", row->interval_method);
  return object;
}

static JsonObject *
cell_to_json (const NmdExperimentResults *self, const NmdCellResult *cell)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "cell", cell->cell->id);
  json_object_set_string_member (object, "row",
                                 nmd_plan_get_row (self->plan, cell->cell->row)->id);
  json_object_set_boolean_member (object, "done", cell->is_done);
  if (!cell->is_done)
    return object;
  nmd_json_set_text (object, "part", cell->part);
  for (int i = 0; i < NMD_N_MEASURES; i++)
    nmd_json_set_number (object, nmd_measure_kind_get_name ((NmdMeasureKind)i),
                         cell->measures[i]);
  nmd_interval_to_json (object, "auc_ci_subject", &cell->auc_ci);
  nmd_json_set_number (object, "echo_intensity_auc", cell->rival_auc);
  nmd_json_set_number (object, "threshold", cell->threshold);
  nmd_json_set_text (object, "threshold_from", cell->threshold_text);
  json_object_set_int_member (object, "n_train", cell->n_train);
  json_object_set_int_member (object, "n_measured", cell->n_measured);
  return object;
}

JsonNode *
nmd_experiment_results_to_json (const NmdExperimentResults *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *top = json_object_new ();
  JsonArray *rows = json_array_new (), *cells = json_array_new (),
            *notes = json_array_new ();

  json_object_set_string_member (top, "experiment",
                                 nmd_experiment_kind_get_name (self->plan->kind));
  nmd_json_set_text (top, "dataset", self->plan->dataset_title);
  json_object_set_string_member (top, "dataset_sha256", self->plan->dataset_hash);
  json_object_set_int_member (top, "trainings", self->plan->cells->len);
  json_object_set_int_member (top, "done", self->n_done);
  for (char **note = self->notes; *note != NULL; note++)
    json_array_add_string_element (notes, *note);
  json_object_set_array_member (top, "notes", notes);
  for (guint i = 0; i < self->plan->rows->len; i++)
    json_array_add_object_element (rows, row_to_json (&self->rows[i]));
  json_object_set_array_member (top, "rows", rows);
  for (guint i = 0; i < self->plan->cells->len; i++)
    json_array_add_object_element (cells, cell_to_json (self, &self->cells[i]));
  json_object_set_array_member (top, "cells", cells);
  json_node_take_object (node, top);
  return node;
}

static gboolean
write_tables (const char *folder, const NmdExperimentResults *results, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *json = NULL, *csv = NULL, *md = NULL, *tex = NULL;

  node = nmd_experiment_results_to_json (results);
  json = nmd_json_to_text (node);
  csv = nmd_experiment_results_to_csv (results);
  md = nmd_experiment_results_to_markdown (results);
  tex = nmd_experiment_results_to_latex (results);
  {
    const struct
    {
      const char *name, *text;
    } files[] = { { "results.csv", csv },
                  { "table.md", md },
                  { "table.tex", tex },
                  { "results.json", json } };

    for (guint i = 0; i < G_N_ELEMENTS (files); i++)
      {
        g_autofree char *path = g_build_filename (folder, files[i].name, NULL);

        if (!nmd_file_write_text (path, files[i].text, error))
          return FALSE;
      }
  }
  return TRUE;
}

static guint
count_done (const NmdPlan *plan, NmdJournal *journal)
{
  guint n = 0;

  for (guint i = 0; i < plan->cells->len; i++)
    n += nmd_journal_get_state (journal, nmd_plan_get_cell (plan, i)->id)
         == NMD_CELL_DONE;
  return n;
}

gboolean
nmd_experiment_write_tables (const char *folder,
                             const NmdPlan *plan,
                             NmdJournal *journal,
                             GError **error)
{
  guint n;

  /* another process may have ended a training, and written its tables, while these were computed */
  do
    {
      g_autoptr (NmdExperimentResults) results = NULL;

      n = count_done (plan, journal);
      results = nmd_experiment_results_load (folder, error);
      if (results == NULL || !write_tables (folder, results, error))
        return FALSE;
    }
  while (count_done (plan, journal) != n);
  return TRUE;
}
