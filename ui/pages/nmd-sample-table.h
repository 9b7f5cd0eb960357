/* SPDX-License-Identifier: Apache-2.0
 *
 * The columns of the table of images, and the orders that they give.
 */
#pragma once

#include "ui/widgets/nmd-sample-facts.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _NmdSampleTable NmdSampleTable;

/* Adds columns to @view, which outlives the result. @facts: referenced. */
NmdSampleTable *nmd_sample_table_new        (GtkColumnView   *view,
                                             NmdSampleFacts  *facts) G_GNUC_WARN_UNUSED_RESULT;
void            nmd_sample_table_free       (NmdSampleTable  *self);

/* Shows the columns of which the facts know something: when they have changed. An order by another is given up. */
void            nmd_sample_table_renew      (NmdSampleTable  *self);

/* Returns: (transfer full): names of the orders there are, one for each column seen. */
GtkStringList  *nmd_sample_table_get_orders (NmdSampleTable  *self) G_GNUC_WARN_UNUSED_RESULT;

/* Orders by the @order-th of them. */
void            nmd_sample_table_sort       (NmdSampleTable  *self,
                                             guint            order,
                                             gboolean         is_descending);

/* Returns: which of them is the view's; 0, by name, where none is. */
guint           nmd_sample_table_get_order  (NmdSampleTable  *self,
                                             gboolean        *is_descending);

G_END_DECLS
