/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine and the module nmd-dicom.so say to each other. The module knows DCMTK and nothing of the
 * engine; files reach it only after nmd_dicom_check() has walked through them. C and C++.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define NMD_DICOM_VERSION 1

/* What went wrong; @text goes on after the file's name: "is a DICOM file without an image". */
typedef enum
{
  NMD_DICOM_IS_DAMAGED,
  NMD_DICOM_IS_UNSUPPORTED,
  NMD_DICOM_NEEDS_MEMORY,
} NmdDicomTrouble;

typedef struct
{
  NmdDicomTrouble trouble;
  char text[256];
} NmdDicomProblem;

/* How the data set is written: what nmd_dicom_check() found. */
typedef enum
{
  NMD_DICOM_IMPLICIT,
  NMD_DICOM_EXPLICIT,
  NMD_DICOM_EXPLICIT_BIG,
} NmdDicomForm;

typedef struct
{
  gsize start;         /* of the data set; 0: the file has no beginning of its own */
  NmdDicomForm form;   /* of the data set */
  guint n_elements;
} NmdDicomShape;

/* What the header says of the picture; numbers as they stand there, not checked. */
typedef struct
{
  gint64 width, height, n_frames;
  int samples;         /* of what read_frame() gives: 1 grey, 3 red, green, blue */
  gboolean is_lossy;
  double frame_ms;     /* 0: not stated */
  char scanner[200];   /* manufacturer and model; "" where the header names neither */
} NmdDicomFacts;

/* A calibrated part of the picture. Edges as in DICOM: x1, y1 belong to it. */
typedef struct
{
  double x0, y0, x1, y1;
  double cm_x, cm_y;   /* a pixel */
} NmdDicomArea;

/* A line of the header. Texts are borrowed for the time of the call, and may be any bytes. */
typedef struct
{
  guint16 group, element;
  guint depth;         /* in sequences; 0: outside */
  char vr[3];
  const char *name;
  const char *value;   /* shortened where it is long */
} NmdDicomEntry;

typedef void (*NmdDicomEntryFunc) (const NmdDicomEntry *entry,
                                   gpointer             user_data);

/* What a copy without names is made of beside the elements that are kept. */
typedef struct
{
  const guint8 *pixels;     /* frames one after another, samples of a pixel together */
  gsize length;
  int width, height, n_frames, samples;
  gboolean is_blackened;    /* a part was blacked out */
  const char *study_uid, *series_uid, *image_uid;
  const char *method;       /* who cleaned it by which rule */
} NmdDicomCopy;

/* TRUE if an element may stay in a copy without names. */
typedef gboolean (*NmdDicomKeepFunc) (guint16 group, guint16 element);

typedef struct NmdDicomFile NmdDicomFile;

/* All on one thread at a time. Functions that can fail return FALSE or NULL with @problem set. */
typedef struct
{
  guint version;
  /* Reads the header. @data is copied. */
  NmdDicomFile *(*open)  (const guint8 *data, gsize length, const NmdDicomShape *shape,
                          NmdDicomFacts *facts, NmdDicomProblem *problem);
  void (*close)          (NmdDicomFile *file);
  /* Frame @frame from 0 into width × height × samples bytes. */
  gboolean (*read_frame) (NmdDicomFile *file, guint frame, guint8 *pixels, gsize length,
                          NmdDicomProblem *problem);
  /* Calibrated areas of a frame, at most @most; returns how many there are. */
  guint (*get_areas)     (NmdDicomFile *file, guint frame, NmdDicomArea *areas, guint most);
  void (*list)           (NmdDicomFile *file, NmdDicomEntryFunc func, gpointer user_data);
  /* A Secondary Capture as the bytes of a file; transfer full. */
  GBytes *(*write_copy)  (NmdDicomFile *file, const NmdDicomCopy *copy, NmdDicomKeepFunc keep,
                          NmdDicomProblem *problem);
} NmdDicomModule;

/* The module's one symbol, "nmd_dicom_entry"; NULL with @problem if DCMTK cannot work. */
typedef const NmdDicomModule *(*NmdDicomEntryPoint) (const char **problem);

/**
 * nmd_dicom_check:
 * @data: a file
 * @shape: (out): what was found
 * @problem: (out): what is wrong with it
 *
 * Walks through all elements of a file, without recursion, so that a library that reads it meets no surprise: lengths
 * lie inside the file, sequences at most 16 deep, at most 400,000 elements, items and fragments; a transfer
 * syntax that can be decoded. Nothing stands behind the last element. Memory: none.
 */
gboolean nmd_dicom_check      (const guint8    *data,
                               gsize            length,
                               NmdDicomShape   *shape,
                               NmdDicomProblem *problem);

G_END_DECLS
