/* SPDX-License-Identifier: Apache-2.0
 *
 * Real clicks and keys on widgets, by xdotool; the window is at the screen's corner.
 */
#pragma once

#include "tests/ui/screen.h"

/* screen_init() of a test that needs a hand. %FALSE: it cannot run, which has been said and all put away. */
gboolean   hand_init       (int        *argc,
                            char     ***argv);
/* Where (@x, @y) of @widget is on the screen. */
graphene_point_t hand_find (GtkWidget *widget,
                            double      x,
                            double      y);
/* Moves the pointer to (@x, @y) of @widget. */
void       hand_point      (GtkWidget  *widget,
                            double      x,
                            double      y);
/* Clicks (@x, @y) of @widget, with button 1 or 3. */
void       hand_click      (GtkWidget  *widget,
                            double      x,
                            double      y,
                            int         button);
/* Clicks the middle of @widget. */
void       hand_press      (GtkWidget  *widget);
/* Clicks the label with that text, once it is on screen, in any window. */
void       hand_press_text (const char *text);
/* Waits until no such label is on screen, of a menu that closes. */
void       hand_wait_gone  (const char *text);
/* Types keys as xdotool names them, parted by blanks: "Right", "shift+F10 Return". */
void       hand_key        (const char *key);
/* Types a text. */
void       hand_type       (const char *text);
/* Opens the menu of @button, a GtkMenuButton, by keys and chooses its item @n, counted from 0. */
void       hand_choose     (GtkWidget  *button,
                            guint       n);
/* The same as `nmd` with the words of @line, in the test's folder; it has to succeed. */
void       hand_nmd        (const char *line);
