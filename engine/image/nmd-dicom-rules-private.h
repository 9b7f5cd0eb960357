/* SPDX-License-Identifier: Apache-2.0
 *
 * Which elements of a DICOM header tell who somebody is, and which may stay in a copy without names.
 * Source: DICOM PS3.15 2023e, table E.1-1, Basic Application Level Confidentiality Profile.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* TRUE if the element may tell who the person, the staff or the place is, or when it was: the profile removes,
 * empties or replaces it. Private elements count, for nobody knows what is in them. @vr: its value representation,
 * "" where that is not known. */
gboolean nmd_dicom_identifies (guint16     group,
                               guint16     element,
                               const char *vr);

/* TRUE if the element may stay: what the picture is measured by (scanner, transducer, depth, calibration,
 * timing, compression), by a list of what may, not of what may not. Never one that identifies. */
gboolean nmd_dicom_may_stay   (guint16     group,
                               guint16     element);

G_END_DECLS
