/* SPDX-License-Identifier: Apache-2.0
 *
 * What is kept from one start to the next: the window's size, its page and the theme; and, only where the user has
 * switched that on, the list of what was opened. @settings is nullable everywhere: without the schema nothing is kept.
 */
#pragma once

#include "ui/session/nmd-device-session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_STATE_MOST_RECENT 8

/* Returns: (transfer full) (nullable): the program's settings; %NULL where the schema is not installed, as in tests
 * or beside a copied program. */
GSettings *nmd_state_find_settings  (void);

/* Size and page of @window. */
void       nmd_state_save           (GSettings   *settings,
                                     GtkWindow   *window,
                                     const char  *page);
void       nmd_state_restore        (GSettings   *settings,
                                     GtkWindow   *window);

/* Shows the program in the theme that is set, now and when it is changed, while @window lives. */
void       nmd_state_follow_theme   (GSettings   *settings,
                                     GtkWindow   *window);

/* Computes with as many threads as are set, now and when that is changed, while @devices lives. */
void       nmd_state_follow_threads (GSettings   *settings,
                                     NmdDeviceSession *devices);

/* Puts @path first on the list, if the list is wanted. */
void       nmd_state_note_opened    (GSettings   *settings,
                                     const char  *path);
/* Fills @menu with the list now and whenever it changes, while @window lives; each activates "win.open-recent". */
void       nmd_state_fill_recent    (GSettings   *settings,
                                     GMenu       *menu,
                                     GtkWindow   *window);
/* Returns: (transfer full) (nullable): what was opened last, if that is to be opened again and is still there. */
char      *nmd_state_dup_last       (GSettings   *settings);

G_END_DECLS
