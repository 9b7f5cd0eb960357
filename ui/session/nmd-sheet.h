/* SPDX-License-Identifier: Apache-2.0
 *
 * A contact sheet in the making: the model is asked about one image after the other on the ask thread, and other
 * questions are answered in between. Threads: main thread.
 */
#pragma once

#include "engine/eval/nmd-map.h"
#include "engine/model/nmd-verdict.h"

G_BEGIN_DECLS

#define NMD_TYPE_SHEET (nmd_sheet_get_type ())
G_DECLARE_FINAL_TYPE (NmdSheet, nmd_sheet, NMD, SHEET, GObject)

/**
 * NmdSheetRequest:
 * @samples: of NmdSample, at least one and at most %NMD_CONTACT_SHEET_MAX
 * @title: of the document: the data set
 * @note: below it: the model
 * @stated: what the user says of the model; what it says of a scan is not used
 * @override: scores that the passport refuses are wanted, marked
 * @device: for nmd_session_open()
 * @busy: a training runs
 * @method, @target, @layer: as of nmd_explanation_start()
 * @colours, @opacity, @show_outline: how the map is drawn
 *
 * Borrowed for the call of nmd_sheet_new().
 */
typedef struct
{
  GPtrArray *samples;
  NmdModel *model;
  const char *title, *note;
  NmdStatedFacts stated;
  gboolean override;
  const char *device;
  gboolean busy;
  NmdMapMethod method;
  int target;
  const char *layer; /* (nullable) */
  NmdColours colours;
  double opacity;
  gboolean show_outline;
} NmdSheetRequest;

/* Properties: "fraction" (double, read-only, notified).
 *
 * Signal: "ended" (GBytes *, nullable; GError *, nullable): once, after nmd_sheet_start(): the PDF, or why there is
 * none: `G_IO_ERROR_CANCELLED`, or that the model cannot be asked. An image that cannot be read has its place, where
 * the reason stands. */
NmdSheet *nmd_sheet_new    (const NmdSheetRequest *request);

/* Starts; @self lives until the end. */
void      nmd_sheet_start  (NmdSheet              *self);
void      nmd_sheet_cancel (NmdSheet              *self);

/* How many images there are, and how many are done. */
guint     nmd_sheet_get_n  (NmdSheet              *self,
                            guint                 *n_done);

G_END_DECLS
