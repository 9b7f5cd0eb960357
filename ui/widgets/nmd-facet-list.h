/* SPDX-License-Identifier: Apache-2.0
 *
 * The facets of a filter as check buttons, each with its count.
 */
#pragma once

#include "ui/widgets/nmd-sample-filter.h"

G_BEGIN_DECLS

/* Fills @box with the facets of @filter (not referenced: it lives as long as the box) now and whenever there are others.
 * Counts follow the choices and the search. */
void nmd_facet_list_connect (GtkBox          *box,
                             NmdSampleFilter *filter);

G_END_DECLS
