/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of plots in the window's language, or in English; see nmd_plot_speak_english(). In this room `_` is here.
 */
#pragma once

#include <glib/gi18n-lib.h>

G_BEGIN_DECLS

/* The translation of @english, or itself. Static. */
const char *nmd_plot_word (const char *english) G_GNUC_FORMAT (1);

#undef _
#define _(String) nmd_plot_word (String)

G_END_DECLS
