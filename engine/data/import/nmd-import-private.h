/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of an import hand to each other: a listing says what is to be read (paths, subject,
 * label word, attributes) without opening an image; nmd-import-pass.c then reads everything once.
 */
#pragma once

#include "engine/data/import/nmd-import.h"
#include "engine/data/import/nmd-import-index-private.h"
#include "engine/data/nmd-dataset-private.h"

G_BEGIN_DECLS

/* What a folder or a manifest lists. */
typedef struct
{
  char *root;              /* ids are relative to it */
  char *unpacked;          /* (nullable): where an archive was unpacked */
  char *title;             /* for headings */
  GPtrArray *samples;      /* NmdSample, label not yet set, box and measures empty */
  NmdImportReport *report;
  gboolean labels_by_folder;
  char *label_header;      /* (nullable): of the manifest's column of labels */
  NmdPrepared *prepared;   /* (nullable) takes what is decoded */
  GCancellable *cancellable; /* (nullable): borrowed; looked at in every loop */
} NmdListing;

/* A listing of @root without samples. */
NmdListing *nmd_listing_new  (const char   *root,
                              GCancellable *cancellable);

/* Frees @self (nullable) with what it still owns. */
void        nmd_listing_free (NmdListing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NmdListing, nmd_listing_free)

/* Three forms. The first two return FALSE without an error where the folder is not of their form. */
gboolean   nmd_listing_layout        (NmdListing              *self,
                                      const char              *folder,
                                      GError                 **error);
gboolean   nmd_listing_classes       (NmdListing              *self,
                                      const char              *folder,
                                      const NmdImportSettings *settings,
                                      GError                 **error);
gboolean   nmd_listing_manifest      (NmdListing              *self,
                                      const char              *path,
                                      const NmdImportSettings *settings,
                                      GError                 **error);

/* The folders of Pascal VOC with the classes that ImageSets/Main tells. FALSE without an error if @folder is
 * not of this form. */
gboolean   nmd_listing_voc           (NmdListing              *self,
                                      const char              *folder,
                                      GError                 **error);

/* Gives the samples of @self, a manifest's without a column of masks, the masks that the rules of
 * nmd-pairing-private.h find below its folder, and says so. Errors: those of nmd_pairing_new(). */
gboolean   nmd_listing_pair_manifest (NmdListing              *self,
                                      const NmdImportSettings *settings,
                                      GError                 **error);

/* @masks (nullable), relative paths, from the one at @from on, become those of @sample: all, or one only. */
void       nmd_listing_set_masks     (NmdListing              *self,
                                      NmdSample               *sample,
                                      const GPtrArray         *masks,
                                      guint                    from,
                                      gboolean                 all);

/* Gives the samples of @self the outlines that files below @folder hold; samples whose outline is damaged
 * or cannot be told from another's leave. Errors: %NMD_ERROR_NEEDS_OUTLINE_LABEL. */
gboolean   nmd_listing_outlines      (NmdListing              *self,
                                      const char              *folder,
                                      const NmdImportSettings *settings,
                                      GError                 **error);

/* What was passed over and is a volume or DICOM file is left out instead, with what to do. */
void       nmd_listing_leave_out_foreign (NmdListing          *self);

/* Sets how the masks of all samples are read. */
void       nmd_listing_set_mask_options (NmdListing           *self,
                                      const NmdImportSettings *settings);

/* FALSE with %NMD_ERROR_NEEDS_MASK_VALUE where the masks that were read hold several label values, in one
 * image or in different ones, and @settings name none. */
gboolean   nmd_listing_check_labels  (NmdListing              *self,
                                      const char              *path,
                                      const NmdImportSettings *settings,
                                      GError                 **error);

/* Names in @folder, sorted, without hidden ones and what file managers leave behind. Names that are not
 * UTF-8 are left out, in @report (nullable). NULL with an error if it cannot be read. */
GPtrArray *nmd_listing_names         (const char              *folder,
                                      NmdImportReport         *report,
                                      GCancellable            *cancellable,
                                      GError                 **error);

/* Measures the samples of @self, in their order, on two threads; those that cannot be used go into the
 * report, @progress is called for the others. What is not in @index (nullable) is added to it. */
gboolean   nmd_listing_read          (NmdListing              *self,
                                      NmdImportIndex          *index,
                                      NmdImportProgress        progress,
                                      gpointer                 user_data,
                                      GError                 **error);

/* Whether @name ends as files do that the image readers know. */
gboolean   nmd_listing_is_image_name (const char              *name);

G_END_DECLS
