/* SPDX-License-Identifier: Apache-2.0
 *
 * What the session tells its user: the one object that all parts of the session share. The
 * window listens; the parts speak. It also knows when the program ends, after which nothing is
 * told and late answers are dropped.
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define NMD_TYPE_NOTICES (nmd_notices_get_type ())
G_DECLARE_FINAL_TYPE (NmdNotices, nmd_notices, NMD, NOTICES, GObject)

/**
 * NmdNotices:
 *
 * Signals, each on the main thread:
 *   "message" (string): something went well; one sentence
 *   "problem" (string): something failed; one sentence on what, and what to do
 *   "show-page" (string): a page has something new: "scan", "data", "train", "results", "explain"
 */

/* Returns: (transfer full): notices that nobody listens to yet. */
NmdNotices *nmd_notices_new       (void);

/* Says that something went well. */
void        nmd_notices_message   (NmdNotices   *self,
                                   const char   *text);

/* Says that something failed. */
void        nmd_notices_problem   (NmdNotices   *self,
                                   const char   *text);

/* Tells @error (nullable) as a problem; one that only says "cancelled" is passed over.
 * Returns: TRUE if there was something to tell. */
gboolean    nmd_notices_error     (NmdNotices   *self,
                                   const GError *error);

/* Asks for a page to be shown. */
void        nmd_notices_show_page (NmdNotices   *self,
                                   const char   *page);

/* The program ends: from now on nothing is told. */
void        nmd_notices_close     (NmdNotices   *self);

/* Whether the program ends. A job's answer that comes later is dropped. */
gboolean    nmd_notices_is_closed (NmdNotices   *self);

G_END_DECLS
