/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of one visit, side by side. In memory only; the scan under study is nmd-scan-session's.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"
#include "ui/session/nmd-visit-item.h"

#include "engine/model/nmd-reference.h"

G_BEGIN_DECLS

#define NMD_TYPE_VISIT_SESSION (nmd_visit_session_get_type ())
G_DECLARE_FINAL_TYPE (NmdVisitSession, nmd_visit_session, NMD, VISIT_SESSION, GObject)

/**
 * NmdVisitSession:
 *
 * Files that are opened alone are listed in the order of opening, each once; images of a data set are not. They
 * are read one after another in the background, so that the table of the visit is complete, and follow
 * the outlines that are drawn on them.
 *
 * Signal "changed": an image was read, outlined, or named; the person or the reference is another one.
 */

/* Both are referenced. */
NmdVisitSession *nmd_visit_session_new        (NmdNotices      *notices,
                                               NmdScanSession  *scan);

/* Returns: (transfer none): the list, of NmdVisitItem. */
GListModel      *nmd_visit_session_get_items  (NmdVisitSession *self);

/* Returns: (transfer none) (nullable): the image of the visit that is the scan under study. */
NmdVisitItem    *nmd_visit_session_get_item   (NmdVisitSession *self);

/* Lists the image file @path and makes it the scan under study. */
void             nmd_visit_session_open       (NmdVisitSession *self,
                                               const char      *path);

/* Lists the image file @path; what is under study stays. One that cannot be read is told and taken off again. */
void             nmd_visit_session_add        (NmdVisitSession *self,
                                               const char      *path);

/* Makes @item the scan under study. */
void             nmd_visit_session_choose     (NmdVisitSession *self,
                                               NmdVisitItem    *item);

/* Takes @item off the list. What was drawn on it stays in memory. */
void             nmd_visit_session_remove     (NmdVisitSession *self,
                                               NmdVisitItem    *item);

/* Says which muscle on which side the image shows. */
void             nmd_visit_session_name       (NmdVisitSession *self,
                                               NmdVisitItem    *item,
                                               const char      *muscle,
                                               NmdSide          side);

/* Age, sex, height and weight of the person, for z; all unknown at first. Kept in memory only. */
void             nmd_visit_session_set_person (NmdVisitSession *self,
                                               const NmdPerson *person);

/* Reads a reference file for z in the background; a problem is told by the notices. */
void             nmd_visit_session_open_reference (NmdVisitSession *self,
                                                   const char      *path);

/* Returns: (transfer none) (nullable): the reference that is open, until another is. */
const NmdReference *nmd_visit_session_get_reference (NmdVisitSession *self);

/* What z says of @item's muscle and side, averaged over their images: "z 2.3: expected 64.0 ± 9.0" with the
 * reference's name, device and n, or "No z: " and the reason. Returns: (transfer full). */
char            *nmd_visit_session_describe_z (NmdVisitSession *self,
                                               NmdVisitItem    *item);

/* z of a muscle's side, averaged over its images. */
typedef struct
{
  const char *muscle; /* borrowed from an image */
  NmdSide side;
  double z;
} NmdVisitZ;

/* Every z that there is, muscles in the order in which they first come up. Returns: (transfer full): array of
 * NmdVisitZ, empty without a reference; valid until the visit changes. */
GArray          *nmd_visit_session_list_z     (NmdVisitSession *self);

/* Returns: (transfer none): the session of the scan under study. */
NmdScanSession  *nmd_visit_session_get_scan   (NmdVisitSession *self);

G_END_DECLS
