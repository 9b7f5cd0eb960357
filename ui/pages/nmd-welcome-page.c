/* SPDX-License-Identifier: Apache-2.0
 *
 * The welcome page: everything is in its template, its buttons are the window's actions.
 */
#include "ui/pages/nmd-welcome-page.h"

struct _NmdWelcomePage
{
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (NmdWelcomePage, nmd_welcome_page, ADW_TYPE_BIN)

static void
nmd_welcome_page_class_init (NmdWelcomePageClass *klass)
{
  gtk_widget_class_set_template_from_resource (
      GTK_WIDGET_CLASS (klass), "/org/nmdassist/NmdAssist/nmd-welcome-page.ui");
}

static void
nmd_welcome_page_init (NmdWelcomePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
