/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report: what an import left out, passed over and assumed. It is filled while an import
 * reads and does not change after that. How it is put into words and numbers: nmd-import.h.
 * Threads: one while it is filled, any after that.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file that could not be used. */
typedef struct
{
  char *path;                /* relative to the data set, as nmd_text_display() shows it */
  char *reason;              /* one sentence without full stop */
} NmdLeftOut;

/* How masks were found. */
typedef struct
{
  char *rule;                /* a phrase: "the same name in a folder of masks" */
  guint n;                   /* listed images that it found a mask for */
  guint n_several;           /* of these: with several masks */
} NmdPairingCount;

typedef struct
{
  char      *kind;           /* "paper layout", "manifest", "folder per class" */
  GPtrArray *left_out;       /* NmdLeftOut: unreadable, mask of another size, its own mask … */
  GPtrArray *passed_over;    /* char *: folders and files not read (Results, MATLAB …) */
  GPtrArray *assumptions;    /* char *: sentences: the subject key, labels by folder … */
  GPtrArray *duplicates;     /* char *: "A is the same picture as B" */
  GPtrArray *mixed_groups;   /* char *: subjects that have both labels */
  guint      n_no_mask, n_empty_mask, n_size_mismatch, n_unreadable;
  GPtrArray *similar_subjects; /* char *: "“07” and “7”": they differ only by leading zeros or case */
  GPtrArray *unmatched_ids;  /* char *: rows of characteristics without an image, and subjects
                              * of images without a row: "BB/Healthy: row “12” has no image" */
  guint      n_unmatched_ids; /* their number */
  GPtrArray *pairings;       /* NmdPairingCount, in the order of first use */
  char      *parts_source;   /* what states the parts of images: "the column “split” of manifest.csv",
                              * "the folders train, val, test"; NULL where no part is stated */
  GHashTable *local;         /* of texts above: the same in the program's language, where that is another */
  char      *archive_name;   /* "DATASET_10.1016…zip, the published one" or NULL */
} NmdImportReport;

/* An empty report. */
NmdImportReport *nmd_import_report_new       (void) G_GNUC_WARN_UNUSED_RESULT;

/* Frees @self (nullable) with all that it lists. */
void             nmd_import_report_free      (NmdImportReport *self);

/* Lists the file @path as left out; @reason is a format without full stop. */
void             nmd_import_report_leave_out (NmdImportReport *self,
                                              const char      *path,
                                              const char      *reason,
                                              ...) G_GNUC_PRINTF (3, 4);

/* The same with a reason that is a text already. */
void             nmd_import_report_leave_out_as (NmdImportReport *self,
                                              const char      *path,
                                              const char      *reason);

/* Adds an assumption that the import had to make. */
void             nmd_import_report_assume    (NmdImportReport *self,
                                              const char      *sentence,
                                              ...) G_GNUC_PRINTF (2, 3);

/* Makes a sentence of the report for one of its lists: in English, and kept in the program's language beside it. */
char            *nmd_import_report_format    (NmdImportReport *self,
                                              const char      *sentence,
                                              ...) G_GNUC_PRINTF (2, 3) G_GNUC_WARN_UNUSED_RESULT;

/* @text, which is one of the report's, in the language that the calling thread speaks, see nmd_word(). Borrowed. */
const char      *nmd_import_report_say       (const NmdImportReport *self,
                                              const char            *text);

/* Counts an image whose @n_masks masks (at least one) were found by @rule. */
void             nmd_import_report_pair      (NmdImportReport *self,
                                              const char      *rule,
                                              guint            n_masks);

G_END_DECLS
