/* SPDX-License-Identifier: Apache-2.0
 *
 * A contact sheet of the images that a list has: how many, where to, and its progress with a way to stop it.
 */
#pragma once

#include "ui/session/nmd-explanation-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* How the maps are made and drawn: those of the page. */
typedef struct
{
  NmdMapMethod method;
  int target;
  const char *layer; /* (nullable) */
  NmdColours colours;
  double opacity;
  gboolean show_outline;
} NmdSheetStyle;

/* Asks how many of the images of @model (of NmdSample) shall be on the sheet, then for the file, makes it and saves
 * it. @model is copied at once: a filter that is changed meanwhile changes nothing. Does nothing without a model that
 * scores or without images. */
void nmd_sheet_dialog_present (GtkWidget             *page,
                               const NmdSheetStyle   *style,
                               GListModel            *model,
                               NmdNotices            *notices,
                               NmdExplanationSession *session);

/* As if @path had been chosen for the first @n images. */
void nmd_sheet_dialog_make    (GtkWidget             *page,
                               const NmdSheetStyle   *style,
                               GListModel            *model,
                               guint                  n,
                               NmdNotices            *notices,
                               NmdExplanationSession *session,
                               const char            *path);

G_END_DECLS
