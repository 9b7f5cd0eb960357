/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a data set, and the report on how it was read. Five forms are recognised:
 *
 * - the paper's layout, {BB,GM,TA}/{Healthy,Pathological}/{Images,Masks}/NAME.png with
 *   characteristics.xlsx or .csv;
 * - a manifest (nmd-table.h: .csv, .tsv, .txt, .xlsx) with columns image, mask, subject, label and any others
 *   (kept as attributes); a column split, part, partition or subset of words such as train, val and test
 *   states the parts. Cells that say nothing (nmd_csv_is_missing()) are empty. Images may be named without
 *   folder or ending, with backslashes, or by absolute paths of another machine. Without a column mask the
 *   masks of its images are looked for below its folder as nmd-pairing-private.h tells; what it names as an
 *   image is never a mask;
 * - a folder per class, with masks as nmd-pairing-private.h tells; folders train, val, test
 *   state parts;
 * - the folders of Pascal VOC: JPEGImages, SegmentationClass, and the classes from
 *   ImageSets/Main/CLASS_trainval.txt (also _train, _val, _test);
 * - what `nmd demo` writes (the paper's layout; names begin with SYN_);
 *
 * each as a folder, or in a zip, tar or tar.gz (also as a zip inside one, as the published one comes).
 *
 * Images without a mask get the outlines that other tools drew (nmd-outlines.h: labelme, COCO, CVAT, ImageJ)
 * from files anywhere below the folder. The image that such a file names is the one whose path agrees in most
 * parts, from the file name on, without regard to ending, case and folders such as images and annotations;
 * a file of one image goes by its own name where it names none. If an image of that name lies beside the
 * file, in another folder and with other bytes than the one of the data set, the outline is of that one and
 * not used. Outlines that could be of two images, and images with two outlines, are left out, with both names.
 *
 * A broken file, or a row of a manifest that cannot be used, is left out, named in the report, and does not
 * stop the import.
 *
 * Bounds, so that a small hostile file cannot take all memory: a manifest what nmd-csv.h says, a table of
 * characteristics 64 MiB of cells (at most 256 MiB of memory), a path 4,096 bytes, an image file 256 MB
 * and what nmd-image.h allows in pixels, an archive what nmd-archive-private.h says.
 */
#pragma once

#include "engine/core/nmd-json-value.h"
#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

#define NMD_IMPORT_NO_LABEL "(no label)"

/* How a data set is read. All zero is the default. The engine borrows the texts; who keeps settings
 * keeps a copy (nmd_import_settings_copy()). */
typedef struct
{
  const char *positive;       /* (nullable) label word that means pathological */
  const char *image_column;   /* (nullable) headers of a manifest, %NULL for the standard ones: */
  const char *mask_column;    /* image, mask, subject, label */
  const char *subject_column;
  const char *label_column;
  const char *masks;          /* (nullable) folder or suffix of masks: "GT", "_roi"; a manifest's column of
                               * masks goes before it */
  const char *outline_label;  /* (nullable) label of the outlines to measure where files of outlines have
                               * several; "*" for all together, %NMD_IMPORT_NO_LABEL for those without */
  const char *part_column;    /* (nullable): of parts; %NULL: split, part, partition or subset, if there */
  const char *image_folder;   /* (nullable): below the manifest's folder; images are named from there */
  const char *image_pattern;  /* (nullable): "bus_{}.png": what stands for {} is the manifest's cell */
  const char *mask_value;     /* (nullable) the label value of masks that is the outline; "any" */
  const char *cache_folder;   /* (nullable) %NULL: the user's cache folder */
  gboolean    separate_masks; /* several masks of an image are samples of their own, not joined */
  gboolean    fill_contours;  /* lines that are not filled are */
  gboolean    invert_masks;   /* masks that look inverted are turned round */
  gboolean    drop_stray;     /* pixels far from the largest part are dropped */
  gboolean    accept_masks;   /* doubtful masks have been seen: a training may learn from them */
  gboolean    unpack;         /* consent to unpack an archive into the cache */
  const NmdParameters *prepare; /* (nullable) preprocessing of a training that follows: an image that
                               * has to be decoded is preprocessed at once, and the batches take it
                               * from there; at most 512 MiB of pixels, the others are decoded again.
                               * Of one import only: borrowed, not copied with the settings */
  gboolean    no_cache;       /* write nothing about images into the cache: neither preprocessed
                               * pixels nor the index of measures; so too if NMD_NO_CACHE is set in
                               * the environment */
} NmdImportSettings;

/**
 * nmd_import_settings_copy:
 * @to: settings whose texts are owned (all zero at first); what they held is freed
 * @from: (nullable): %NULL stands for all defaults; may hold texts of @to itself
 *
 * Makes @to a deep copy of @from.
 */
void        nmd_import_settings_copy     (NmdImportSettings       *to,
                                          const NmdImportSettings *from);

/**
 * nmd_import_settings_complete:
 * @self: settings whose texts are owned
 * @defaults: the texts to take where @self has none
 *
 * Fills what says how a data set is to be understood (label word, column names, image folder and pattern,
 * masks) where @self leaves it open; cache and consent stay.
 */
void        nmd_import_settings_complete (NmdImportSettings       *self,
                                          const NmdImportSettings *defaults);

/* Frees the texts of @self, which are owned, and sets all to zero. */
void        nmd_import_settings_clear    (NmdImportSettings       *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NmdImportSettings, nmd_import_settings_clear)

/* Adds what says how a data set is to be understood to @object, a member a setting (NULL is null): for
 * run.json and plans. Cache and consent are not in it. */
void        nmd_import_settings_to_json  (const NmdImportSettings *self,
                                          JsonObject              *object);

/* Reads it back into @self, all zero at first, whose texts are owned. Members may be missing. Errors:
 * %NMD_ERROR_FORMAT naming file and member. */
gboolean    nmd_import_settings_from_json (NmdImportSettings      *self,
                                          const NmdJsonValue      *object,
                                          GError                 **error);

/**
 * NmdImportProgress:
 * @fraction: of the images read, in (0, 1]
 * @sample: the image just read; it does not change any more
 *
 * Called on the thread of nmd_dataset_import(), in the order of ids, with each usable image (for a
 * first picture early).
 */
typedef void (*NmdImportProgress) (double fraction, NmdSample *sample, gpointer user_data);

/**
 * nmd_dataset_import:
 * @path: a folder, a manifest (.csv, .tsv, .txt, .xlsx), a .zip, .tar.gz, .tgz or .tar
 * @settings: (nullable): how to read it
 * @progress: (nullable): called after each usable image
 * @cancellable: (nullable): looked at in every loop; a cancelled import ends within half a second
 *
 * Reads a data set in one pass: each image and mask is decoded, hashed and measured once. Samples are
 * sorted by id. Files that did not change since an earlier import (size, time of change, inode) are
 * not read again: their hash, size and measures come from the index in the cache.
 *
 * Cost: two threads decode, about 3 ms an image of 512 × 480; from the index about 0.05 ms.
 * Threads: any; several imports may run at once.
 *
 * Errors: %NMD_ERROR_FORMAT (no image in it, an archive cut short, one header twice);
 *   %NMD_ERROR_REFUSED (entries that leave the root; absurd sizes; too little free space);
 *   %G_IO_ERROR_CANCELLED; #G_FILE_ERROR. Questions, which another call with more in @settings answers
 *   (choices: nmd_error_get_choices()): %NMD_ERROR_NEEDS_MASKS (which folder holds the masks: set `masks`),
 *   %NMD_ERROR_NEEDS_MASK_VALUE (set `mask_value`), %NMD_ERROR_NEEDS_POSITIVE (unknown label words, or
 *   0 and 1 in a column called “healthy”: set `positive`), %NMD_ERROR_NEEDS_UNPACK (archive not yet unpacked
 *   and no consent: the message gives its unpacked size and the cache folder), %NMD_ERROR_NEEDS_COLUMNS (a
 *   manifest lacks a column: name it; or no image that it names is there: another column, `image_folder` or
 *   `image_pattern`).
 *
 * Returns: (transfer full): the data set, with at least one sample; %NULL with @error set
 */
NmdDataset *nmd_dataset_import           (const char              *path,
                                          const NmdImportSettings *settings,
                                          NmdImportProgress        progress,
                                          gpointer                 user_data,
                                          GCancellable            *cancellable,
                                          GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a file called @name is a data set by its ending (any case): .csv, .xlsx, .zip, .tar.gz, .tgz or .tar.
 * Looks at no file. */
gboolean    nmd_dataset_is_file_name     (const char              *name);

/**
 * nmd_dataset_check_masks:
 * @accept: whether they were seen, and are to be used as they are
 *
 * Whether a training may learn from the outlines of @self. The report of its import lists them.
 *
 * Errors: %NMD_ERROR_NEEDS_MASKS_SEEN with the number of doubtful ones of each kind
 *   (%NMD_PROBLEMS_DOUBTFUL), unless @accept.
 *
 * Returns: TRUE if there is none, or @accept
 */
gboolean    nmd_dataset_check_masks      (NmdDataset              *self,
                                          gboolean                 accept,
                                          GError                 **error);

/* What an import found, in numbers. Images are the usable ones, files may also be masks and tables. */
typedef struct
{
  guint n_images;          /* usable images */
  guint n_subjects;
  guint n_left_out;        /* files left out, each with its reason in the report */
  guint n_unreadable;      /* of these: image or mask damaged, missing, of an unknown format */
  guint n_size_mismatch;   /* of these: mask and image differ in size */
  guint n_no_mask;         /* images without a mask */
  guint n_empty_mask;      /* images whose mask has no pixel */
  guint n_whole_frame;     /* n_no_mask + n_empty_mask: whole frame used, no echo intensity */
  guint n_merged_masks;    /* images whose outline is the union of several masks */
  guint n_mask_alpha;      /* images whose mask is in the alpha channel */
  guint n_mask_soft;       /* images whose mask has soft edges */
  guint n_mask_void;       /* images with Pascal VOC's undecided border in their mask */
  gint64 n_between;        /* pixels of these that depend on the threshold */
  guint n_doubtful;        /* images with a doubtful mask: of these kinds */
  guint n_mask_grey;       /* a picture rather than a mask */
  guint n_mask_covers;     /* covers the frame */
  guint n_mask_inverted;   /* looks inverted */
  guint n_mask_contour;    /* a line that is not filled */
  guint n_mask_stray;      /* stray pixels */
  guint n_duplicate;       /* images with the same pixels as an earlier one */
  guint n_label_conflict;  /* of these: the earlier one has the other label */
  guint n_mixed_subjects;  /* subjects with images of both labels */
  guint n_coloured;        /* images with coloured pixels inside the outline */
  guint n_lossy;           /* images of a lossy format */
  guint n_black, n_saturated, n_constant; /* inside the outline or the frame: see NmdExposure */
} NmdImportCounts;

/* Fills @counts for @self. Cost: one pass over the samples. Threads: any. */
void        nmd_dataset_get_import_counts (NmdDataset            *self,
                                          NmdImportCounts        *counts);

/**
 * nmd_dataset_import_to_json:
 * @max_names: how many names a list holds at most; 0 for all
 *
 * The counts of the import with names, for run.json, metrics.json and `--json`: members "images",
 * "subjects", "left_out" (integer), "left_out_files" (array of {"path", "reason"}), "unreadable",
 * "size_mismatch", "no_mask" (integer), "no_mask_images" (array of ids), "empty_mask",
 * "empty_mask_images", "merged_masks", "merged_masks_images", "mask_rules" (array of {"rule", "images",
 * "several"}: by which rule masks were found, and of how many images),
 * "doubtful_masks", "mask_pixels_between" (integer: pixels that depend on the threshold of soft edges), and NAME
 * (integer) and NAME_images (array of ids) for NAME "mask_alpha", "mask_soft", "mask_void", "mask_grey", "mask_covers",
 * "mask_inverted", "mask_contour", "mask_stray", "whole_frame", "duplicate", "duplicate_images" (array of sentences "A is the
 * same picture as B, with another label"), "label_conflict", "label_conflict_images" (array of ids),
 * "mixed_subjects", "coloured", "lossy", "black", "saturated", "constant" and their ids, "black_images" ….
 *
 * Returns: (transfer full): an object
 */
JsonNode   *nmd_dataset_import_to_json   (NmdDataset *self,
                                          guint       max_names) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_dataset_import_to_text:
 *
 * The findings of the import that a reader of a result has to know, a line each with the first names:
 * files left out with reason, images without a mask or with an empty one, identical pictures and those
 * with two labels.
 *
 * Returns: (transfer full): lines that end with a newline; "" where there is nothing to say
 */
char       *nmd_dataset_import_to_text   (NmdDataset *self) G_GNUC_WARN_UNUSED_RESULT;

/* The whole report as sentences for people: counts by muscle, findings, assumptions. */
char       *nmd_dataset_report_to_text   (NmdDataset *self) G_GNUC_WARN_UNUSED_RESULT;

/* The whole report as JSON for `nmd dataset --json`: path, title, kind, hash, counts by label and
 * muscle, parts as stated (or null), the members of nmd_dataset_import_to_json() with all names, assumptions. */
JsonNode   *nmd_dataset_report_to_json   (NmdDataset *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
