/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of an import hand to each other: a scan lists what is to be read (paths, subject,
 * label word, attributes) without opening an image; nmd-import.c then reads everything once.
 */
#pragma once

#include "engine/data/nmd-dataset.h"

G_BEGIN_DECLS

/* What a scan of a folder or a manifest found. */
typedef struct
{
  char *root;              /* ids are relative to it */
  char *title;             /* for headings */
  GPtrArray *samples;      /* NmdSample, label not yet set, box and measures empty */
  NmdImportReport *report;
  gboolean labels_by_folder;
} NmdScan;

NmdScan         *nmd_scan_new           (const char  *root);
void             nmd_scan_free          (NmdScan     *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdScan, nmd_scan_free)

NmdImportReport *nmd_import_report_new  (void);
void             nmd_import_report_free (NmdImportReport *self);
/* @reason without full stop. */
void             nmd_import_report_leave_out (NmdImportReport *self,
                                              const char      *path,
                                              const char      *reason,
                                              ...) G_GNUC_PRINTF (3, 4);
void             nmd_import_report_assume    (NmdImportReport *self,
                                              const char      *sentence,
                                              ...) G_GNUC_PRINTF (2, 3);

/* Three forms. The first two return FALSE without an error where the folder is not of their form. */
gboolean nmd_scan_layout   (NmdScan      *self,
                            const char   *folder,
                            GCancellable *cancellable,
                            GError      **error);
gboolean nmd_scan_classes  (NmdScan                 *self,
                            const char              *folder,
                            const NmdImportSettings *settings,
                            GCancellable            *cancellable,
                            GError                 **error);
gboolean nmd_scan_manifest (NmdScan                 *self,
                            const char              *path,
                            const NmdImportSettings *settings,
                            GError                 **error);

/* Names in @folder, sorted, without hidden ones and what file managers leave behind. Names that are not
 * UTF-8 are left out, in @report (nullable). NULL with an error if it cannot be read. */
GPtrArray *nmd_scan_list   (const char      *folder,
                            NmdImportReport *report,
                            GError         **error);
gboolean   nmd_scan_is_image_name (const char *name);
/* The data set made of what was read: takes @samples, @report. */
NmdDataset *nmd_dataset_new_full (const char      *path,
                                  const char      *title,
                                  GPtrArray       *samples,
                                  NmdImportReport *report);
/* Before it is shared. */
void        nmd_dataset_set_pixel_folder (NmdDataset *self,
                                          const char *folder);

G_END_DECLS
