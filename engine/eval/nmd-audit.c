/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics of a printed confusion matrix, and printed numbers beside them.
 */
#include "config.h"

#include "engine/core/nmd-error.h"
#include "engine/core/nmd-number.h"
#include "engine/eval/nmd-audit.h"

#include <math.h>
#include <string.h>

/* A metric of a confusion matrix. Over and under: counts of the share, 0 where it is none. */
typedef double (*Measure) (const NmdMatrix *m, guint *over, guint *under);

static double
share (guint over, guint under, guint *o, guint *u)
{
  *o = over;
  *u = under;
  return under > 0 ? (double)over / under : NAN;
}

static double
accuracy (const NmdMatrix *m, guint *o, guint *u)
{
  return share (m->tp + m->tn, m->tp + m->tn + m->fp + m->fn, o, u);
}

static double
sensitivity (const NmdMatrix *m, guint *o, guint *u)
{
  return share (m->tp, m->tp + m->fn, o, u);
}

static double
specificity (const NmdMatrix *m, guint *o, guint *u)
{
  return share (m->tn, m->tn + m->fp, o, u);
}

static double
ppv (const NmdMatrix *m, guint *o, guint *u)
{
  return share (m->tp, m->tp + m->fp, o, u);
}

static double
npv (const NmdMatrix *m, guint *o, guint *u)
{
  return share (m->tn, m->tn + m->fn, o, u);
}

static double
f1 (const NmdMatrix *m, guint *o, guint *u)
{
  *o = *u = 0;
  return 2.0 * m->tp / (2.0 * m->tp + m->fp + m->fn);
}

static double
balanced_accuracy (const NmdMatrix *m, guint *o, guint *u)
{
  double value = (sensitivity (m, o, u) + specificity (m, o, u)) / 2;

  *o = *u = 0;
  return value;
}

/* Matthews, Biochimica et Biophysica Acta 405 (1975) 442. */
static double
mcc (const NmdMatrix *m, guint *o, guint *u)
{
  double tp = m->tp, tn = m->tn, fp = m->fp, fn = m->fn;

  *o = *u = 0;
  return (tp * tn - fp * fn) / sqrt ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
}

/* Cohen, Educational and Psychological Measurement 20 (1960) 37. */
static double
kappa (const NmdMatrix *m, guint *o, guint *u)
{
  double tp = m->tp, tn = m->tn, fp = m->fp, fn = m->fn, n = tp + tn + fp + fn;
  double chance = ((tp + fp) * (tp + fn) + (tn + fp) * (tn + fn)) / (n * n);

  *o = *u = 0;
  return ((tp + tn) / n - chance) / (1 - chance);
}

/* @by_class: the other class and averages may be meant. */
static const struct
{
  const char *name;
  Measure measure;
  gboolean by_class;
} measures[] = {
  { "accuracy", accuracy, FALSE },
  { "sensitivity", sensitivity, TRUE },
  { "specificity", specificity, TRUE },
  { "ppv", ppv, TRUE },
  { "npv", npv, TRUE },
  { "f1", f1, TRUE },
  { "balanced-accuracy", balanced_accuracy, FALSE },
  { "mcc", mcc, FALSE },
  { "kappa", kappa, FALSE },
  { "auc", NULL, FALSE },
};

static const char *const synonyms[][2] = {
  { "recall", "sensitivity" }, { "tpr", "sensitivity" }, { "tnr", "specificity" },
  { "precision", "ppv" },      { "f1-score", "f1" },     { "acc", "accuracy" },
};

static const char *
find_name (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (synonyms); i++)
    if (strcmp (word, synonyms[i][0]) == 0)
      return synonyms[i][1];
  for (gsize i = 0; i < G_N_ELEMENTS (measures); i++)
    if (strcmp (word, measures[i].name) == 0)
      return measures[i].name;
  return NULL;
}

gboolean
nmd_printed_parse (const char *text, NmdPrinted *printed, char **name, GError **error)
{
  g_auto (GStrv) halves = g_strsplit (text, "=", 2);
  g_autofree char *word = g_ascii_strdown (halves[0] != NULL ? halves[0] : "", -1);
  const char *known = find_name (word), *point;
  gboolean percent = FALSE;
  double value;

  g_return_val_if_fail (text != NULL && printed != NULL && name != NULL, FALSE);
  if (known == NULL || halves[1] == NULL)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "A printed number is NAME=VALUE, NAME one of accuracy, sensitivity "
                   "(recall), specificity, ppv (precision), npv, f1, balanced-accuracy, "
                   "mcc, kappa, auc, not “%s”",
                   text);
      return FALSE;
    }
  if (g_str_has_suffix (halves[1], "%"))
    {
      halves[1][strlen (halves[1]) - 1] = '\0';
      percent = TRUE;
    }
  if (!nmd_number_parse (halves[1], &value, NULL) || !(value >= -1 && value <= 100))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "“%s” is no share from 0 to 1 and no percentage", text);
      return FALSE;
    }
  percent |= value > 1;
  point = strchr (halves[1], '.');
  *name = g_strdup (known);
  *printed = (NmdPrinted){ *name, percent ? value / 100 : value,
                           (point != NULL ? (int)strlen (point + 1) : 0) + 2 * percent };
  return TRUE;
}

/* ---- One printed number */

static gboolean
rounds_to (double value, double printed, int decimals)
{
  return fabs (value - printed) <= 0.5 * pow (10, -decimals) + 1e-9;
}

static gboolean
cuts_to (double value, double printed, int decimals)
{
  return value >= printed - 1e-9 && value < printed + pow (10, -decimals) - 1e-9;
}

/* What of the matrix gives the printed number; NULL if nothing does. */
static const char *
find_how (gsize which, const NmdMatrix *m, const NmdPrinted *printed)
{
  static const char *const names[2][4]
      = { { "the matrix", "the other class as positive", "the macro average",
            "the average weighted by class" },
          { "the matrix, cut off instead of rounded",
            "the other class as positive, cut off instead of rounded",
            "the macro average, cut off instead of rounded",
            "the average weighted by class, cut off instead of rounded" } };
  const NmdMatrix other = { m->tn, m->fp, m->fn, m->tp };
  guint over, under;
  double own = measures[which].measure (m, &over, &under);
  double theirs = measures[which].measure (&other, &over, &under);
  double positive = m->tp + m->fn, negative = m->tn + m->fp;
  const double values[4]
      = { own, theirs, (own + theirs) / 2,
          (own * positive + theirs * negative) / (positive + negative) };
  int n = measures[which].by_class ? 4 : 1;

  for (int cut = 0; cut < 2; cut++)
    for (int i = 0; i < n; i++)
      if (cut ? cuts_to (values[i], printed->value, printed->decimals)
              : rounds_to (values[i], printed->value, printed->decimals))
        return names[cut][i];
  return NULL;
}

static const char *
format (char buffer[32], double value, int decimals)
{
  char form[8];

  g_snprintf (form, sizeof form, "%%.%df", CLAMP (decimals, 0, 9));
  return g_ascii_formatd (buffer, 32, form, value);
}

/* "the nearest count is 744 of 783 (0.9502), the matrix has 738". */
static char *
describe_nearest (const NmdPrinted *printed, guint over, guint under)
{
  guint count = (guint)floor (CLAMP (printed->value, 0, 1) * under + 0.5);
  double nearest = (double)count / under;
  char text[3][32];

  format (text[0], printed->value, printed->decimals);
  format (text[1], nearest, printed->decimals);
  if (rounds_to (nearest, printed->value, printed->decimals)
      || cuts_to (nearest, printed->value, printed->decimals))
    return g_strdup_printf ("the nearest count is %u of %u (%s), the matrix has %u",
                            count, under, text[1], over);
  return g_strdup_printf (
      "no count of %u gives %s: the nearest is %u (%s), the matrix has %u", under,
      text[0], count, text[1], over);
}

static void
compare_row (NmdAuditRow *row, gsize which, const NmdMatrix *m, const NmdPrinted *printed)
{
  const char *how = find_how (which, m, printed);
  char text[32];
  guint over, under;

  row->printed = printed->value;
  row->decimals = printed->decimals;
  row->agrees = how != NULL;
  format (text, printed->value, printed->decimals);
  if (how != NULL)
    {
      row->how = g_strdup (how);
      row->text = g_strdup_printf ("printed %s: %s gives it", text, how);
      return;
    }
  measures[which].measure (m, &over, &under);
  if (under > 0)
    {
      g_autofree char *nearest = describe_nearest (printed, over, under);

      row->text = g_strdup_printf (
          "printed %s: not reproducible from the printed matrix; %s", text, nearest);
    }
  else
    row->text
        = g_strdup_printf ("printed %s: not reproducible from the printed matrix", text);
}

/* ---- Printed numbers beside each other */

static const NmdPrinted *
find_printed (const NmdPrinted *printed, guint n, const char *name)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (printed[i].name, name) == 0)
      return &printed[i];
  return NULL;
}

static void
note_f1 (GPtrArray *notes, const NmdPrinted *printed, guint n)
{
  const NmdPrinted *p = find_printed (printed, n, "ppv");
  const NmdPrinted *r = find_printed (printed, n, "sensitivity");
  const NmdPrinted *f = find_printed (printed, n, "f1");
  double half[2], low, high;
  char text[3][32];

  if (p == NULL || r == NULL || f == NULL)
    return;
  half[0] = 0.5 * pow (10, -p->decimals);
  half[1] = 0.5 * pow (10, -r->decimals);
  low = 2 / (1 / (p->value - half[0]) + 1 / (r->value - half[1]));
  high = 2 / (1 / (p->value + half[0]) + 1 / (r->value + half[1]));
  format (text[0], f->value, f->decimals);
  format (text[1], low, f->decimals + 1);
  format (text[2], high, f->decimals + 1);
  if (f->value + 0.5 * pow (10, -f->decimals) < low
      || f->value - 0.5 * pow (10, -f->decimals) > high)
    g_ptr_array_add (
        notes,
        g_strdup_printf ("F1 is printed as %s; the printed precision and recall of "
                         "one class give %s to %s. Averages over classes need not",
                         text[0], text[1], text[2]));
}

static void
note_prevalence (GPtrArray *notes, const NmdMatrix *m, const NmdPrinted *printed, guint n)
{
  const NmdPrinted *a = find_printed (printed, n, "accuracy");
  const NmdPrinted *s = find_printed (printed, n, "sensitivity");
  const NmdPrinted *c = find_printed (printed, n, "specificity");
  double needed, total = m->tp + m->fn + m->fp + m->tn;
  char text[2][32];

  if (a == NULL || s == NULL || c == NULL || fabs (s->value - c->value) < 1e-9)
    return;
  needed = (a->value - c->value) / (s->value - c->value);
  format (text[0], 100 * needed, 1);
  if (!(needed >= 0 && needed <= 1))
    g_ptr_array_add (
        notes, g_strdup ("The printed accuracy lies outside the printed sensitivity "
                         "and specificity: no share of positives gives it"));
  else if (total > 0)
    g_ptr_array_add (
        notes,
        g_strdup_printf ("The printed accuracy needs %s %% positives with the printed "
                         "sensitivity and specificity; the matrix has %s %%",
                         text[0], format (text[1], 100 * (m->tp + m->fn) / total, 1)));
  else
    g_ptr_array_add (
        notes, g_strdup_printf ("The printed accuracy needs %s %% positives with the "
                                "printed sensitivity and specificity",
                                text[0]));
}

/* One metric with values that do not round to each other. */
static void
note_several (GPtrArray *notes, const NmdPrinted *printed, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      gboolean differ = FALSE;
      char number[32];
      guint count = 0;

      if (find_printed (printed, n, printed[i].name) != &printed[i])
        continue;
      for (guint j = 0; j < n; j++)
        {
          if (strcmp (printed[j].name, printed[i].name) != 0)
            continue;
          g_string_append_printf (text, "%s%s", count++ > 0 ? ", " : "",
                                  format (number, printed[j].value, printed[j].decimals));
          for (guint k = 0; k < j; k++)
            differ |= strcmp (printed[k].name, printed[i].name) == 0
                      && !rounds_to (printed[j].value, printed[k].value,
                                     MIN (printed[k].decimals, printed[j].decimals));
        }
      if (differ)
        g_ptr_array_add (notes, g_strdup_printf ("%s is printed with several values: %s",
                                                 printed[i].name, text->str));
    }
}

static void
clear_row (gpointer data)
{
  NmdAuditRow *row = data;

  g_free (row->how);
  g_free (row->text);
}

static void
add_metric (NmdAudit *self, gsize which, const NmdPrinted *printed, guint n)
{
  const NmdMatrix *m = &self->matrix;
  gboolean has_matrix = m->tp + m->fn + m->fp + m->tn > 0 && measures[which].measure;
  NmdAuditRow empty = {
    .name = measures[which].name, .value = NAN, .ci = { NAN, NAN }, .printed = NAN
  };
  guint over = 0, under = 0, count = 0;

  if (has_matrix)
    {
      empty.value = measures[which].measure (m, &over, &under);
      if (under > 0)
        empty.ci = nmd_wilson (over, under);
    }
  for (guint i = 0; i < n; i++)
    {
      NmdAuditRow row = empty;
      char text[32];

      if (strcmp (printed[i].name, measures[which].name) != 0)
        continue;
      count++;
      if (has_matrix)
        compare_row (&row, which, m, &printed[i]);
      else
        {
          row.printed = printed[i].value;
          row.decimals = printed[i].decimals;
          row.text = g_strdup_printf (
              "printed %s: %s", format (text, printed[i].value, printed[i].decimals),
              measures[which].measure == NULL ? "no confusion matrix gives an AUC"
                                              : "no matrix is printed beside it");
        }
      g_array_append_val (self->rows, row);
    }
  if (count == 0 && has_matrix)
    g_array_append_val (self->rows, empty);
}

NmdAudit *
nmd_audit_new (const NmdMatrix *matrix, const NmdPrinted *printed, guint n)
{
  NmdAudit *self = g_new0 (NmdAudit, 1);
  GPtrArray *notes = g_ptr_array_new ();

  if (matrix != NULL)
    self->matrix = *matrix;
  self->rows = g_array_new (FALSE, FALSE, sizeof (NmdAuditRow));
  g_array_set_clear_func (self->rows, clear_row);
  for (gsize which = 0; which < G_N_ELEMENTS (measures); which++)
    add_metric (self, which, printed, n);
  note_f1 (notes, printed, n);
  note_prevalence (notes, &self->matrix, printed, n);
  note_several (notes, printed, n);
  g_ptr_array_add (notes, NULL);
  self->notes = (char **)g_ptr_array_free (notes, FALSE);
  return self;
}

void
nmd_audit_free (NmdAudit *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->rows);
  g_strfreev (self->notes);
  g_free (self);
}

char *
nmd_audit_parts (const guint *parts, guint n, guint total)
{
  g_autoptr (GString) counts = g_string_new (NULL);
  g_autoptr (GString) shares = g_string_new (NULL);
  guint64 sum = 0;
  char text[32];

  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (counts, "%s%u", i > 0 ? " + " : "", parts[i]);
      g_string_append_printf (shares, "%s%s %%", i > 0 ? " and " : "",
                              format (text, 100.0 * parts[i] / MAX (total, 1), 1));
      sum += parts[i];
    }
  if (sum > total)
    return g_strdup_printf ("%s are %" G_GUINT64_FORMAT " images, more than the %u there "
                            "are",
                            counts->str, sum, total);
  return g_strdup_printf ("%s of %u images are %s; %" G_GUINT64_FORMAT
                          " are unaccounted for",
                          counts->str, total, shares->str, total - sum);
}

const NmdAuditTable *
nmd_audit_get_paper (guint *n)
{
  static const NmdAuditTable tables[] = {
    { .title = "Full pipeline: confusion matrix and the metrics printed for it",
      .matrix = { 240, 21, 24, 498 },
      .printed = { "accuracy=0.9502", "sensitivity=0.9177", "specificity=0.9540" } },
    { .title = "Ablation, row E",
      .printed = { "precision=91.9%", "recall=92.5%", "f1=91.3%" } },
    { .title = "Full pipeline, AUC in three places",
      .printed = { "auc=0.977", "auc=0.9776", "auc=0.979" } },
    { .title = "Full pipeline, accuracy in two places",
      .printed = { "accuracy=95.02%", "accuracy=92.70%" } },
    { .title = "Images of the parts", .parts = { 2742, 783 }, .total = 3917 },
  };

  g_return_val_if_fail (n != NULL, NULL);
  *n = G_N_ELEMENTS (tables);
  return tables;
}
