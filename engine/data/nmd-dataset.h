/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set: samples with mask, subject and label, how it was read, and the import report.
 *
 * Four forms are recognised (nmd_dataset_import()):
 * - the paper's layout, {BB,GM,TA}/{Healthy,Pathological}/{Images,Masks}/NAME.png with
 *   characteristics.xlsx or .csv, as a folder or as the published zip (also nested in a zip);
 * - a manifest CSV with columns image, mask, subject, label and any others (kept as attributes);
 * - a folder per class, with an optional masks folder beside;
 * - what `nmd demo` writes (the paper's layout; names begin with SYN_).
 *
 * A broken file is left out, named in the report, and does not stop the import.
 * Objects are immutable after the import. Threads: any thread may read.
 */
#pragma once

#include "engine/core/nmd-parameters.h"
#include "engine/image/nmd-preprocess.h"

G_BEGIN_DECLS

/* What is noteworthy about a sample; shown as "!" in the grid. */
typedef enum
{
  NMD_PROBLEM_NO_MASK = 1 << 0,      /* whole frame is used, counted and shown */
  NMD_PROBLEM_EMPTY_MASK = 1 << 1,   /* likewise */
  NMD_PROBLEM_COLOURED = 1 << 2,     /* coloured pixels inside the outline */
  NMD_PROBLEM_LOSSY = 1 << 3,        /* read from JPEG */
  NMD_PROBLEM_DUPLICATE = 1 << 4,    /* the same pixels as an earlier sample */
  NMD_PROBLEM_LABEL_CONFLICT = 1 << 5, /* duplicate of a sample with another label */
} NmdProblems;

/* One image with all that is known of it. A GObject so that lists can show it. */
#define NMD_TYPE_SAMPLE (nmd_sample_get_type ())
G_DECLARE_FINAL_TYPE (NmdSample, nmd_sample, NMD, SAMPLE, GObject)

struct _NmdSample
{
  GObject parent_instance;

  char *id;            /* relative path with '/', unique; names its random streams */
  char *image_path;    /* absolute */
  char *mask_path;     /* absolute, or NULL */
  char *subject;       /* group key: the person ("348") */
  char *unit;          /* muscle and number ("BB 348") where file names give it, else subject */
  char *muscle;        /* "BB", "GM", "TA", or "" */
  int label;           /* 1 pathological, 0 healthy */
  char *label_word;    /* as the data set has it: "Pathological", "malignant" */
  GHashTable *attributes; /* further columns: name in lower case → text ("age" → "54.5", decimal
                           * comma made a point); empty cells have none; "weigth" is "weight" */
  int width, height;
  NmdBox box;          /* bounds of the mask, not widened; whole frame without one */
  NmdEchoIntensity echo; /* inside the mask; n = 0 without one */
  NmdProblems problems;
  gboolean is_synthetic;
  char sha256_image[65], sha256_mask[65]; /* of the files' bytes; mask "" if none */
};

/* A file that could not be used. */
typedef struct
{
  char *path;          /* relative to the data set */
  char *reason;        /* one sentence */
} NmdLeftOut;

typedef struct
{
  char *kind;                   /* "paper layout", "manifest", "folder per class" */
  GPtrArray *left_out;          /* NmdLeftOut: unreadable, mask of another size, unknown label */
  GPtrArray *passed_over;       /* char *: folders and files not read (Results, MATLAB …) */
  GPtrArray *assumptions;       /* char *: sentences: the subject key, labels by folder … */
  GPtrArray *duplicates;        /* char *: "A is the same picture as B" */
  GPtrArray *mixed_groups;      /* char *: subjects that have both labels */
  guint n_no_mask, n_empty_mask, n_size_mismatch, n_unreadable;
  GPtrArray *unmatched_ids;     /* char *: rows of characteristics without an image, and subjects
                                 * of images without a row: "BB/Healthy: row “12” has no image" */
  guint n_unmatched_ids;        /* their number */
  char *archive_name;           /* "DATASET_10.1016…zip, the published one" or NULL */
} NmdImportReport;

#define NMD_TYPE_DATASET (nmd_dataset_get_type ())
G_DECLARE_FINAL_TYPE (NmdDataset, nmd_dataset, NMD, DATASET, GObject)

typedef struct
{
  const char *positive;     /* (nullable) label word that means pathological */
  /* Manifest header names, NULL for the standard ones. */
  const char *image_column, *mask_column, *subject_column, *label_column;
  gboolean unpack;          /* consent to unpack an archive into the cache */
  const char *cache_folder; /* NULL: the user's cache folder */
  gboolean no_cache;        /* training keeps no preprocessed images in the cache; so too if
                             * NMD_NO_CACHE is set in the environment */
} NmdImportSettings;

/* Called on the thread of nmd_dataset_import(), in the order of ids, with each good sample once it is
 * read (for a first picture early). @sample does not change any more. */
typedef void (*NmdImportProgress) (double fraction, NmdSample *sample, gpointer user_data);

/**
 * nmd_dataset_import:
 * @path: a folder, a manifest .csv, a .zip
 * @settings: (nullable)
 *
 * Reads everything in one pass: each image and mask is decoded, hashed and measured. Samples
 * are sorted by id.
 *
 * Errors: %NMD_ERROR_FORMAT (no image in it, archive cut short); %NMD_ERROR_REFUSED (entries that
 *   leave the root; absurd sizes; too little free space); %G_IO_ERROR_CANCELLED. Questions, which
 *   another call with more in @settings answers (choices: nmd_error_get_choices()):
 *   %NMD_ERROR_NEEDS_POSITIVE (unknown label words: set `positive`), %NMD_ERROR_NEEDS_UNPACK (archive
 *   not yet unpacked and no consent: the message gives its unpacked size and the cache folder),
 *   %NMD_ERROR_NEEDS_COLUMNS (a manifest lacks a column: name it).
 */
NmdDataset            *nmd_dataset_import     (const char              *path,
                                               const NmdImportSettings *settings,
                                               NmdImportProgress        progress,
                                               gpointer                 user_data,
                                               GCancellable            *cancellable,
                                               GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* A data set made of given samples, for tests and for parts: takes references. */
NmdDataset            *nmd_dataset_new        (const char   *path,
                                               GPtrArray    *samples);

const char            *nmd_dataset_get_path   (NmdDataset   *self);   /* as opened */
const char            *nmd_dataset_get_title  (NmdDataset   *self);   /* for headings */
guint                  nmd_dataset_get_n      (NmdDataset   *self);
NmdSample             *nmd_dataset_get        (NmdDataset   *self,
                                               guint         i);      /* borrowed, sorted by id */
NmdSample             *nmd_dataset_find       (NmdDataset   *self,
                                               const char   *id);     /* borrowed or NULL */
const NmdImportReport *nmd_dataset_get_report (NmdDataset   *self);
gboolean               nmd_dataset_is_synthetic (NmdDataset *self);
guint                  nmd_dataset_count_subjects (NmdDataset *self);
guint                  nmd_dataset_count_units    (NmdDataset *self);

/* Class words for label 0 and 1 ("healthy", "pathological"; "benign", "malignant"; several words as
 * "benign or normal"; "negative" and "positive" where the labels are 0 and 1). */
const char            *nmd_dataset_get_class  (NmdDataset   *self,
                                               int           label);

/* SHA-256 over the samples sorted by id, each as five texts that end with their NUL: id, SHA-256 of
 * the image's bytes, of the mask's ("" without one), "0" or "1", subject. The same for a folder and
 * its zip. 64 hex digits. */
const char            *nmd_dataset_get_hash   (NmdDataset   *self);

/* The report as sentences for people, and as JSON for `nmd dataset --json`. */
char                  *nmd_dataset_report_to_text (NmdDataset *self) G_GNUC_WARN_UNUSED_RESULT;
JsonNode              *nmd_dataset_report_to_json (NmdDataset *self) G_GNUC_WARN_UNUSED_RESULT;

/* Loads the pixels again. @mask (nullable out) is set to NULL where there is none or it is empty. */
gboolean               nmd_sample_load        (NmdSample    *self,
                                               NmdImage    **image,
                                               NmdImage    **mask,
                                               GError      **error);

/* Empty sample for importers and tests; fields are filled by the caller before it is shared. */
NmdSample             *nmd_sample_new         (const char   *id);

/* Maps a label word: 1, pathological, abnormal, malignant → 1; 0, healthy, normal, benign → 0
 * (any case); -1 otherwise. @positive (nullable) names the word that means 1, every other is 0. */
int                    nmd_label_parse        (const char   *word,
                                               const char   *positive);

/* Reads a file name (without folder) of the paper's pattern, "BB_anon_348_1.png" or, synthetic,
 * "SYN_BB_anon_12_1.png": muscle "BB", subject number "348", image number "1" (each nullable out,
 * transfer full). FALSE if @name is not of that form. */
gboolean               nmd_sample_parse_name  (const char   *name,
                                               char        **muscle,
                                               char        **subject,
                                               char        **image);

/* The cache of unpacked archives and preprocessed images: its folder (@folder NULL below means this
 * one), its size in bytes, what is in it, and clearing it. Only what was put there by an import or a
 * training is counted or removed. */
char                  *nmd_cache_get_folder   (void) G_GNUC_WARN_UNUSED_RESULT;
guint64                nmd_cache_get_size     (const char *folder);
gboolean               nmd_cache_clear        (const char   *folder,
                                               GError      **error);

typedef struct
{
  char *name;          /* of the archive; "1875 preprocessed images" */
  char *folder;        /* where it is unpacked */
  guint64 size;        /* bytes */
} NmdCacheEntry;

/* Array of #NmdCacheEntry, by name; empty if there is nothing. */
GPtrArray             *nmd_cache_list         (const char *folder) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
