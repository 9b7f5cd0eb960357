/* SPDX-License-Identifier: Apache-2.0
 *
 * A drop-down of words that may become narrower than its longest word: the word chosen is then cut at its end, and
 * the list has all of them whole.
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @drop_down: of GtkStringObject. Call it once, before or after its words are set. */
void nmd_short_choice_set (GtkDropDown *drop_down);

G_END_DECLS
