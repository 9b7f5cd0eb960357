/* SPDX-License-Identifier: Apache-2.0
 *
 * Joins a canvas with the scan session: what is drawn becomes the scan's outline, what is measured is kept, and
 * nobody's work is replaced without a question.
 */
#pragma once

#include "ui/session/nmd-scan-session.h"
#include "ui/widgets/nmd-image-view.h"

G_BEGIN_DECLS

/* Follows @view's drawing and measuring, and shows it @session's outlines and measures. Which scan it shows is
 * the page's. An answer that comes when another image is shown changes nothing, which @notices says. All must live as
 * long as @view's page. */
void nmd_outline_care_connect (NmdImageView   *view,
                               NmdNotices     *notices,
                               NmdScanSession *session);

/* Calls @then with @object, at once or, where the scan's outline was read from a mask file, after a question; not at
 * all if the answer is no, or @object is gone. */
void nmd_outline_care_ask_replace (NmdImageView *view,
                                   NmdScanSession *session,
                                   void        (*then) (gpointer object),
                                   GObject      *object);

/* Takes the active outline away; asks where it was read from a mask file. */
void nmd_outline_care_erase   (NmdImageView   *view,
                               NmdScanSession *session);

/* Asks for a mask file of the scan and opens it; asks before a drawn outline is given up. */
void nmd_outline_care_open    (NmdImageView   *view,
                               NmdScanSession *session);

/* Asks where to save the active outline. */
void nmd_outline_care_save    (NmdImageView   *view,
                               NmdScanSession *session);

G_END_DECLS
