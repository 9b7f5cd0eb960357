/* SPDX-License-Identifier: Apache-2.0
 *
 * DICOM files: frames as grey images with their calibration, the header, and a copy without names.
 *
 * Read: uncompressed (little and big endian, implicit and explicit), RLE, JPEG (baseline, extended, progressive,
 * lossless), JPEG-LS; one frame or several; grey (1 to 16 bit, signed or not), palette, RGB, YBR. Not read, and said
 * so: JPEG 2000, MPEG, deflated files. Decoding is DCMTK's, in the module nmd-dicom.so; where that is missing,
 * nmd_dicom_get_missing() says why and every file gets that sentence.
 *
 * Grey of MONOCHROME files: stored value v, rescaled m = slope·v + intercept; then through the first window of the
 * header (centre c, width w)
 *
 *     y = 255·((m − (c − 0.5))/(w − 1) + 0.5)         LINEAR, PS3.3 C.11.2.1.2
 *     y = 255·((m − c)/w + 0.5)                       LINEAR_EXACT, C.11.2.1.3.2
 *
 * or, without one, with the smallest storable value at 0 and the largest at 255; rounded half up, cut to
 * 0 … 255, MONOCHROME1 inverted. So 8-bit values without a window, or with the window 128 ± 256, stay what they are.
 * A window of kind SIGMOID or a lookup table of values is applied by DCMTK. Colours: 8-bit R, G, B, then grey as
 * nmd-reader.h says.
 *
 * Nothing of a header is kept outside memory.
 *
 * Bounds: a file of 512 MiB, %NMD_IMAGE_MAX_PIXELS, %NMD_IMAGE_MAX_SIDE, 400,000 elements, 65,535 frames,
 * sequences 16 deep, 64 calibrated areas. The whole file is walked through before DCMTK sees it: an element that is
 * longer than the file, fewer pixels than the header says, bytes behind the end, or an error in a compressed frame
 * make it damaged. Memory: the file's bytes twice while it is opened, once afterwards, 400 bytes an element, and for a
 * frame 24 bytes a pixel.
 *
 * Threads: any; an NmdDicom locks itself.
 */
#pragma once

#include "engine/image/nmd-image.h"

G_BEGIN_DECLS

typedef struct _NmdDicom NmdDicom;

/* Why no DICOM file can be read here: "The module nmd-dicom.so is not installed"; %NULL if they can. Static. */
const char *nmd_dicom_get_missing   (void);

/* TRUE if @data starts like a DICOM file, or @name ends in ".dcm". */
gboolean    nmd_dicom_is            (const guint8   *data,
                                     gsize           length,
                                     const char     *name);

/* The same of a file at @path; FALSE if it cannot be opened. */
gboolean    nmd_dicom_is_file       (const char     *path);

/**
 * nmd_dicom_open:
 * @bytes: a file
 * @name: stands for it in errors
 *
 * Reads the header.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED without the module, for what is not read (see above) and for a file without an
 *   image; %NMD_ERROR_FORMAT for a damaged one; %NMD_ERROR_MEMORY.
 *
 * Returns: (transfer full): the file; %NULL with @error set
 */
NmdDicom   *nmd_dicom_open          (GBytes         *bytes,
                                     const char     *name,
                                     GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of a file at @path. Errors: those of nmd_file_read() too. */
NmdDicom   *nmd_dicom_open_file     (const char     *path,
                                     GError        **error) G_GNUC_WARN_UNUSED_RESULT;

NmdDicom   *nmd_dicom_ref           (NmdDicom       *self);
void        nmd_dicom_unref         (NmdDicom       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdDicom, nmd_dicom_unref)

/* At least 1. */
guint       nmd_dicom_get_n_frames  (const NmdDicom *self);

/* Pixels of a frame. */
void        nmd_dicom_get_size      (const NmdDicom *self,
                                     int            *width,
                                     int            *height);

/* Milliseconds from frame to frame, 5 to 1000; 40 where the header does not say. */
double      nmd_dicom_get_frame_ms  (const NmdDicom *self);

/* Manufacturer, model and the picture's size: what a blacked-out part is remembered by, "Esaote MyLab 800 × 652". */
const char *nmd_dicom_get_scanner   (const NmdDicom *self);

/**
 * nmd_dicom_read_frame:
 * @frame: from 1
 *
 * Decodes a frame. The image carries its calibrated areas (nmd-measure.h) and whether it was compressed with loss.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED if there is no such frame; %NMD_ERROR_FORMAT if it is damaged;
 *   %NMD_ERROR_MEMORY.
 *
 * Returns: (transfer full): the image; %NULL with @error set
 */
NmdImage   *nmd_dicom_read_frame    (NmdDicom       *self,
                                     guint           frame,
                                     GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * NmdDicomLine:
 * @tag: "(0010,0010)"
 * @depth: how many sequences it lies in
 * @identifies: the basic profile of PS3.15 removes, empties or replaces it, or it is private
 *
 * An element of the header as text: valid UTF-8 in one line, long values shortened.
 */
typedef struct
{
  char *tag, *name, *value;
  guint depth;
  gboolean identifies;
} NmdDicomLine;

/* Returns: (transfer full): the header in the file's order, of NmdDicomLine, 2,000 lines at most. Read with the file:
 * never waits. */
GPtrArray  *nmd_dicom_get_header    (NmdDicom       *self) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_dicom_copy_without_names:
 * @black: (nullable): pixels to black out in every frame
 * @cancellable: (nullable): looked at every frame
 *
 * Makes a Secondary Capture (of one frame or several, 8-bit grey or RGB, uncompressed) by the basic profile of PS3.15:
 * of the header stay scanner, transducer, depth, calibrated areas, timing and how it was compressed; everything else
 * is empty, new or gone, all private elements and texts among it. Identifiers are random. Window and rescaling are
 * applied to grey pixels.
 *
 * What is burnt into the picture outside @black stays: only somebody who looks can tell.
 *
 * Memory: the copy twice; at most 512 MiB of pixels.
 *
 * Errors: those of nmd_dicom_read_frame(); %NMD_ERROR_UNSUPPORTED for more; `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): the bytes of a file; %NULL with @error set
 */
GBytes     *nmd_dicom_copy_without_names (NmdDicom     *self,
                                          const NmdBox *black,
                                          GCancellable *cancellable,
                                          GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
