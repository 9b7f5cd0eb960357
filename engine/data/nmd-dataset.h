/* SPDX-License-Identifier: Apache-2.0
 *
 * A data set: samples (one image each, with mask, subject and label) sorted by id, and the report of
 * how it was read. Reading one: engine/data/import/nmd-import.h.
 * Objects are immutable once an import hands them over. Threads: any thread may read.
 */
#pragma once

#include "engine/core/nmd-parameters.h"
#include "engine/data/nmd-import-report.h"
#include "engine/data/nmd-part.h"
#include "engine/data/nmd-stamp.h"
#include "engine/data/outlines/nmd-outlines.h"
#include "engine/image/nmd-mask-check.h"
#include "engine/image/nmd-preprocess.h"
#include "engine/image/nmd-texture.h"

G_BEGIN_DECLS

/* What a reader has to know of an image; shown as "!" in the grid. */
typedef enum
{
  NMD_PROBLEM_NO_MASK        = 1 << 0, /* the whole frame is used, counted and shown */
  NMD_PROBLEM_EMPTY_MASK     = 1 << 1, /* likewise */
  NMD_PROBLEM_COLOURED       = 1 << 2, /* coloured pixels inside the mask */
  NMD_PROBLEM_LOSSY          = 1 << 3, /* read from JPEG */
  NMD_PROBLEM_DUPLICATE      = 1 << 4, /* the same pixels as an earlier image */
  NMD_PROBLEM_LABEL_CONFLICT = 1 << 5, /* of these: the earlier one has the other label */
  NMD_PROBLEM_MERGED_MASKS   = 1 << 6, /* the outline is the union of several masks */
  /* of nmd-mask-check.h: */
  NMD_PROBLEM_MASK_ALPHA     = 1 << 7, /* its alpha is the mask */
  NMD_PROBLEM_MASK_SOFT      = 1 << 8, /* soft edges: the outline depends on a threshold */
  NMD_PROBLEM_MASK_GREY      = 1 << 9, /* a picture rather than a mask */
  NMD_PROBLEM_MASK_COVERS    = 1 << 10, /* covers the frame */
  NMD_PROBLEM_MASK_INVERTED  = 1 << 11, /* looks inverted */
  NMD_PROBLEM_MASK_CONTOUR   = 1 << 12, /* a line that is not filled */
  NMD_PROBLEM_MASK_STRAY     = 1 << 13, /* pixels far from the largest part */
  NMD_PROBLEM_MASK_VOID      = 1 << 14, /* Pascal VOC's undecided border, which is not part of it */
  /* of the pixels inside the mask, or all without one: see NmdExposure */
  NMD_PROBLEM_BLACK          = 1 << 16,
  NMD_PROBLEM_SATURATED      = 1 << 17,
  NMD_PROBLEM_CONSTANT       = 1 << 18,
} NmdProblems;

/* What has to be seen, and mended or accepted, before a training learns from such masks. */
#define NMD_PROBLEMS_DOUBTFUL                                                                             \
  (NMD_PROBLEM_MASK_GREY | NMD_PROBLEM_MASK_COVERS | NMD_PROBLEM_MASK_INVERTED | NMD_PROBLEM_MASK_CONTOUR \
   | NMD_PROBLEM_MASK_STRAY)

/* The problem that an exposure is, or 0. */
NmdProblems            nmd_problem_of_exposure    (NmdExposure   exposure);

/* One image with all that is known of it. A GObject so that lists can show it. */
#define NMD_TYPE_SAMPLE (nmd_sample_get_type ())
G_DECLARE_FINAL_TYPE (NmdSample, nmd_sample, NMD, SAMPLE, GObject)

struct _NmdSample
{
  GObject parent_instance;

  char *id;            /* relative path with '/', unique; names its random streams */
  char *image_path;    /* absolute */
  char *mask_path;     /* absolute, or NULL */
  char **more_masks;   /* (nullable) (array zero-terminated=1): further masks, absolute; the outline is the
                        * union of all */
  NmdOutline *outline; /* (nullable) the mask is this, not pixels: read from the file mask_path */
  char *outline_label; /* (nullable) of it, the shapes of this label only */
  char *subject;       /* group key: the person ("348") */
  char *unit;          /* muscle and number ("BB 348") where file names give it, else subject */
  char *muscle;        /* "BB", "GM", "TA", or "" */
  int label;           /* 1 pathological, 0 healthy */
  char *label_word;    /* as the data set has it: "Pathological", "malignant" */
  NmdPart part;        /* as the data set states it, by a column or by folders; NMD_PART_NONE if not */
  GHashTable *attributes; /* further columns: name in lower case → text ("age" → "54.5", decimal
                           * comma made a point); empty cells have none; "weigth" is "weight" */
  NmdMaskOptions mask_options; /* how its masks are read; the text is interned */
  const char *mask_labels;     /* interned: the labels in its masks, "1", "1, 2", or "1 + 255" of two masks that
                                * have one each; NULL without one */
  gint64 n_between;            /* mask pixels that depend on the threshold of soft edges */
  int width, height;
  NmdBox box;          /* bounds of the mask, not widened; whole frame without one */
  NmdEchoIntensity echo; /* inside the mask; n = 0 without one */
  NmdProblems problems;
  gboolean is_synthetic;
  char sha256_image[65], sha256_mask[65]; /* of the files' bytes; of an outline that of its mask's size and
                                           * pixels; mask "" if none */
  NmdStamp stamp_image, stamp_mask; /* of the files when they were read; zero if not known */
};

#define NMD_TYPE_DATASET (nmd_dataset_get_type ())
G_DECLARE_FINAL_TYPE (NmdDataset, nmd_dataset, NMD, DATASET, GObject)

/**
 * nmd_dataset_new:
 * @path: what it was made from, for errors and headings
 * @samples: array of #NmdSample; references are taken
 *
 * Makes a data set of given samples, for tests and for parts of a data set. Its report is empty.
 *
 * Returns: (transfer full): samples sorted by id
 */
NmdDataset            *nmd_dataset_new            (const char   *path,
                                                   GPtrArray    *samples);

/* The path as it was opened. Borrowed. */
const char            *nmd_dataset_get_path       (NmdDataset   *self);

/* A name for headings: that of the folder, manifest or archive. Borrowed. */
const char            *nmd_dataset_get_title      (NmdDataset   *self);

/* Number of samples. */
guint                  nmd_dataset_get_n          (NmdDataset   *self);

/* Sample @i < nmd_dataset_get_n(), in the order of ids. Borrowed. */
NmdSample             *nmd_dataset_get            (NmdDataset   *self,
                                                   guint         i);

/* The sample of that id, or %NULL. Borrowed. */
NmdSample             *nmd_dataset_find           (NmdDataset   *self,
                                                   const char   *id);

/* The features of nmd_texture_measure() of a sample, where an import for a training (%NmdImportSettings.prepare)
 * measured them while it had the image decoded. FALSE: it did not. Threads: any. */
gboolean               nmd_dataset_get_texture    (NmdDataset      *self,
                                                   const NmdSample *sample,
                                                   double           features[NMD_N_TEXTURES]);

/* How it was read. Borrowed; never %NULL. */
const NmdImportReport *nmd_dataset_get_report     (NmdDataset   *self);

/* TRUE if any picture says that it is synthetic, by its name or its tEXt chunk. */
gboolean               nmd_dataset_is_synthetic   (NmdDataset   *self);

/* Number of distinct subjects. */
guint                  nmd_dataset_count_subjects (NmdDataset   *self);

/* Number of distinct units (muscle and number where file names give it, else subject). */
guint                  nmd_dataset_count_units    (NmdDataset   *self);

/* TRUE if the data set states a part of every image. How: `parts_source` of its report. */
gboolean               nmd_dataset_states_parts   (NmdDataset   *self);

/**
 * nmd_dataset_get_class:
 * @label: 0 or 1
 *
 * The class word of a label: "healthy", "pathological"; "benign", "malignant"; several words as
 * "benign or normal"; "negative" and "positive" where the labels are numbers or true and false. The words that the program
 * knows are in lower case, others as the data set first writes them ("ALS"). A class
 * without samples has the word that goes with the other's. Borrowed.
 */
const char            *nmd_dataset_get_class      (NmdDataset   *self,
                                                   int           label);

/**
 * nmd_dataset_get_hash:
 *
 * What identifies the contents: SHA-256 over the samples sorted by id, each as five texts that end with
 * their NUL: id, SHA-256 of the image's bytes, of the mask's (`sha256_mask`; "" without one), "0" or "1", subject. The
 * same for a folder and its zip.
 *
 * Returns: (transfer none): 64 hex digits
 */
const char            *nmd_dataset_get_hash       (NmdDataset   *self);

/**
 * nmd_sample_load:
 * @image: (out) (nullable): the grey image, `height` × `width`
 * @mask: (out) (nullable): its mask of the same size, 0 or 255; %NULL where there is none or it is empty
 *
 * Decodes the pixels again from the files, as they are now.
 *
 * Cost: about 3 ms for 512 × 480. Threads: any.
 *
 * Errors: those of nmd_image_load() and nmd_mask_load(); %NMD_ERROR_SHAPE if the sizes differ.
 */
gboolean               nmd_sample_load            (NmdSample    *self,
                                                   NmdImage    **image,
                                                   NmdImage    **mask,
                                                   GError      **error);

/* An empty sample for importers and tests; the caller fills its fields before it is shared. */
NmdSample             *nmd_sample_new             (const char   *id);

/* Maps a label word: 1, pathological, abnormal, malignant, patient, positive, pos, true → 1; 0, -1, healthy,
 * normal, benign, control, negative, neg, false → 0 (any case, blanks around it dropped; 1.0 and 1,0 are 1);
 * -1 otherwise. “yes” and “no” are not among them: they answer a question that a label does not tell.
 * @positive (nullable) names the word that means 1; every other is then 0. */
int                    nmd_label_parse            (const char   *word,
                                                   const char   *positive);

/* Whether @word, a number, true or false, says the contrary in a column that is called @header than
 * nmd_label_parse() takes it for: 1 under "healthy", "is_normal" or "benign" is the negative class. Such a column
 * has to be asked about. */
gboolean               nmd_label_is_inverted      (const char   *header,
                                                   const char   *word);

/* Reads a file name (without folder) of the paper's pattern, "BB_anon_348_1.png" or, synthetic,
 * "SYN_BB_anon_12_1.png": muscle "BB", subject number "348", image number "1" (each nullable out,
 * transfer full). FALSE if @name is not of that form. */
gboolean               nmd_sample_parse_name      (const char   *name,
                                                   char        **muscle,
                                                   char        **subject,
                                                   char        **image);

G_END_DECLS
