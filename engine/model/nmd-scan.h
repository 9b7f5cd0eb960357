/* SPDX-License-Identifier: Apache-2.0
 *
 * One scan under study: its pixels, the outline and where that came from, what was measured inside
 * it and what is known of it. Immutable; drawing an outline makes a new scan. Whether a model may
 * score it is nmd-verdict.h's. Threads: made on any thread, read by all.
 */
#pragma once

#include "engine/data/nmd-dataset.h"
#include "engine/image/nmd-dicom.h"

G_BEGIN_DECLS

#define NMD_TYPE_SCAN (nmd_scan_get_type ())
G_DECLARE_FINAL_TYPE (NmdScan, nmd_scan, NMD, SCAN, GObject)

struct _NmdScan
{
  GObject parent_instance;

  char *name;              /* for headings: the sample's id, or the file's name */
  char *path;              /* the image file */
  guint page;              /* of it, from 1; 0: it has one only */
  NmdDicom *dicom;         /* (nullable): the file, if it is a DICOM file */
  char sha256[65];         /* of the image file's bytes; "" if it could not be read */
  NmdSample *sample;       /* (nullable): its entry in the open data set */
  NmdImage *image;
  NmdImage *mask;          /* (nullable): none, or an empty one */
  NmdRoiSource source;     /* FRAME: there is no outline */
  gboolean has_bounds;
  NmdBox bounds;           /* smallest box of the outline */
  NmdEchoIntensity echo;   /* inside the outline; n is 0 without one */
  GArray *outline;         /* (nullable) of float: nmd_mask_get_outline() */

  /* What is known of it without asking the user; NULL where nothing is. */
  char *organ;             /* the data set's column "organ", or "muscle" where a muscle is known */
  char *muscle;            /* the data set's, or the file name's: "BB" of BB_anon_348_1.png */
  gboolean is_synthetic;   /* the picture or its data set says so */
  NmdProblems problems;    /* LOSSY, COLOURED (inside the outline), NO_MASK, EMPTY_MASK, BLACK,
                            * SATURATED, CONSTANT */
};

/**
 * nmd_scan_load_sample:
 * @sample: an image of a data set
 *
 * Reads the image and its mask. Not for the main thread.
 *
 * Errors: those of nmd_sample_load().
 *
 * Returns: (transfer full): the scan; %NULL with @error set
 */
NmdScan *nmd_scan_load_sample (NmdSample     *sample,
                               GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_scan_load_file:
 * @path: an image file
 * @mask_path: (nullable): its mask
 *
 * Reads one image with its mask, without a data set. An empty mask is no outline: the problem
 * %NMD_PROBLEM_EMPTY_MASK says so. Not for the main thread.
 *
 * Errors: those of nmd_image_load() and nmd_mask_load(); %NMD_ERROR_SHAPE if their sizes differ.
 *
 * Returns: (transfer full): the scan; %NULL with @error set
 */
NmdScan *nmd_scan_load_file   (const char    *path,
                               const char    *mask_path,
                               GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of page @page of a TIFF or frame of a DICOM file, from 1; 0: the only one, of several frames the first.
 * Errors: those of nmd_image_load_page() too. */
NmdScan *nmd_scan_load_page   (const char    *path,
                               guint          page,
                               const char    *mask_path,
                               GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/* Another frame, from 1, of the DICOM file that @self is of; without an outline. Not for the main thread. Errors: those
 * of nmd_dicom_read_frame(). Returns: (transfer full): the scan; %NULL with @error set. */
NmdScan *nmd_scan_load_frame  (NmdScan       *self,
                               guint          frame,
                               GError       **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_scan_with_mask:
 * @mask: (nullable): the new outline, of the image's size; %NULL takes it away
 * @source: where the outline came from
 *
 * Returns: (transfer full): a scan of the same pixels and facts with another outline
 */
NmdScan *nmd_scan_with_mask   (NmdScan       *self,
                               NmdImage      *mask,
                               NmdRoiSource   source) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full): the same scan with the same outline and measures, whose image says nothing of lengths: the
 * parts that its file calls calibrated are left out. */
NmdScan *nmd_scan_without_scale (NmdScan     *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
