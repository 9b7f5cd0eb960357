/* SPDX-License-Identifier: Apache-2.0
 *
 * Printed results looked after: what a published confusion matrix gives, and whether printed numbers agree
 * with it and with each other. It never says that a number is wrong: a text may leave out how it was made.
 * Threads: any.
 */
#pragma once

#include "engine/eval/nmd-metrics.h"

G_BEGIN_DECLS

/* A confusion matrix; all 0 where none is printed. */
typedef struct
{
  guint tp, fn, fp, tn;
} NmdMatrix;

/**
 * NmdPrinted:
 * @name: as the user gave it: "accuracy", "f1", "auc" …
 * @value: as a share
 * @decimals: digits after the point of the share that are printed: 4 for 0.9502 and 95.02 %
 *
 * A printed number. The name is borrowed.
 */
typedef struct
{
  const char *name;
  double value;
  int decimals;
} NmdPrinted;

/**
 * nmd_printed_parse:
 * @text: "accuracy=0.9502", "accuracy=95.02%" or "accuracy=95.02": over 1 it is percent
 * @name: (out) (transfer full): the name in lower case; synonyms recall, tpr → sensitivity; tnr → specificity;
 *   precision → ppv; f1-score → f1
 *
 * Names are accuracy, sensitivity, specificity, ppv, npv, f1, balanced-accuracy, mcc, kappa and auc.
 *
 * Errors: %NMD_ERROR_FORMAT: no such name, no number, over 100 %.
 */
gboolean   nmd_printed_parse (const char      *text,
                              NmdPrinted      *printed,
                              char           **name,
                              GError         **error);

/**
 * NmdAuditRow:
 * @name: of the metric
 * @value: computed from the matrix, the second class positive; NaN for 0/0 or without a matrix
 * @ci: Wilson's 95 % interval, images as if independent; NaN for what is no share of images
 * @printed: NaN where it was not printed
 * @decimals: of it
 * @agrees: the printed number is one that the matrix gives; @how says which
 * @how: (nullable): "the matrix" or "macro average", "truncated" …
 * @text: a sentence on the printed number; %NULL where none was printed
 */
typedef struct
{
  const char *name;
  double value;
  NmdInterval ci;
  double printed;
  int decimals;
  gboolean agrees;
  char *how, *text;
} NmdAuditRow;

/**
 * NmdAudit:
 * @matrix: as given
 * @rows: (element-type NmdAuditRow): every metric of the matrix and every printed number
 * @notes: what printed numbers say about each other, a sentence each, %NULL-terminated
 */
typedef struct
{
  NmdMatrix matrix;
  GArray *rows;
  char **notes;
} NmdAudit;

/**
 * nmd_audit_new:
 * @matrix: (nullable): the printed confusion matrix
 * @printed: the printed numbers
 * @n: how many
 *
 * Each printed number is compared, to its printed digits, with the metric of the positive class, of the other
 * class, their mean (macro), their mean by size (weighted), each rounded or cut off. If none fits it is "not
 * reproducible from the printed matrix", with the nearest count: of m images, k/m for the nearest whole k, and
 * whether any k/m is the printed number.
 *
 * Notes: F1 = 2·PPV·sensitivity/(PPV + sensitivity), looked after within the rounding of both; the share of
 * positives π = (accuracy − specificity)/(sensitivity − specificity) that three printed numbers need, beside
 * that of the matrix; one metric printed with several values.
 */
NmdAudit  *nmd_audit_new     (const NmdMatrix  *matrix,
                              const NmdPrinted *printed,
                              guint             n) G_GNUC_WARN_UNUSED_RESULT;
/* Frees @self; %NULL is passed over. */
void       nmd_audit_free    (NmdAudit         *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdAudit, nmd_audit_free)

/* A sentence on parts of a number of images: "2742 + 783 of 3917 images are 70.0 % and 20.0 %; 392 are
 * unaccounted for". */
char      *nmd_audit_parts   (const guint      *parts,
                              guint             n,
                              guint             total) G_GNUC_WARN_UNUSED_RESULT;

/**
 * NmdAuditTable:
 * @title: what is printed there
 * @matrix: its confusion matrix, or 0
 * @printed: its numbers, as nmd_printed_parse() reads them; %NULL-terminated
 * @parts: images by part, ended by 0
 * @total: of them
 *
 * A table known to the program.
 */
typedef struct
{
  const char *title;
  NmdMatrix matrix;
  const char *printed[8];
  guint parts[4], total;
} NmdAuditTable;

/* The tables of Xie and Zhang, Frontiers in Neurology 2025, doi 10.3389/fneur.2025.1640428. */
const NmdAuditTable *nmd_audit_get_paper (guint *n);

G_END_DECLS
