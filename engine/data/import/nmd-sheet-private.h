/* SPDX-License-Identifier: Apache-2.0
 *
 * A small table of text cells from an .xlsx workbook (its first sheet) or a .csv file: the
 * characteristics of subjects. Formulas, dates and styles are not interpreted.
 */
#pragma once

#include <gio/gio.h>

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

typedef struct _NmdSheet NmdSheet;

/* Reads @path, a workbook if it ends in .xlsx, else CSV. Bounds: nmd-workbook-private.h, nmd-csv.h.
 * Errors: %NMD_ERROR_FORMAT naming the file (not a workbook, cut short, too large, no header);
 * %G_IO_ERROR_CANCELLED. */
NmdSheet   *nmd_sheet_load          (const char     *path,
                                     GCancellable   *cancellable,
                                     GError        **error) G_GNUC_WARN_UNUSED_RESULT;
void        nmd_sheet_free          (NmdSheet       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdSheet, nmd_sheet_free)

guint       nmd_sheet_get_n_rows    (const NmdSheet *self); /* without the header */
guint       nmd_sheet_get_n_columns (const NmdSheet *self);
const char *nmd_sheet_get_header    (const NmdSheet *self,
                                     guint           column);
/* "" where empty or beyond the row's end. Borrowed. */
const char *nmd_sheet_get           (const NmdSheet *self,
                                     guint           row,
                                     guint           column);

/* The column of subjects: "ID", "Subject", "Patient ID" …, or -1. */
int         nmd_sheet_find_id       (const NmdSheet *self);

/* The subject's number in an ID cell, without leading zeros: "348", "348.0", "348,0",
 * "BB_anon_348", "anon 348", "P348" give "348"; "BB_anon_348_1" also gives image "1" (else NULL).
 * FALSE if the cell holds no number or several. */
gboolean    nmd_sheet_parse_id      (const char     *cell,
                                     char          **subject,
                                     char          **image);

/* "Weigth " → "weight": lower case, and the published set's spelling put right. */
char       *nmd_sheet_attribute_name (const char    *header);
/* The cell with a decimal comma made a point: "54,5" → "54.5". */
char       *nmd_sheet_attribute_value (const char   *cell);

G_END_DECLS
