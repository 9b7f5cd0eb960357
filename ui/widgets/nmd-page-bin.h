/* SPDX-License-Identifier: Apache-2.0
 *
 * What a page of the window is: a bin whose child is visible only while the page is on screen. GTK styles each widget that is
 * visible, pages of a stack that nobody sees too, whenever the pointer or the focus goes to another widget of the window.
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define NMD_TYPE_PAGE_BIN (nmd_page_bin_get_type ())
G_DECLARE_DERIVABLE_TYPE (NmdPageBin, nmd_page_bin, NMD, PAGE_BIN, AdwBin)

struct _NmdPageBinClass
{
  AdwBinClass parent_class;
};

G_END_DECLS
