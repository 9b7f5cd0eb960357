/* SPDX-License-Identifier: Apache-2.0
 *
 * The About window.
 */
#include "config.h"

#include "ui/dialogs/nmd-about.h"

#include <glib/gi18n.h>

/* As journals want it; not translated. */
#define PAPER                                                                            \
  "Xie and Zhang. NMD-AssistNet. Frontiers in Neurology 2025. doi: "                     \
  "10.3389/fneur.2025.1640428"
#define DATA_SET "Marzola et al. Mendeley Data. doi: 10.17632/3jykz7wz8d.1"

/* What is linked or loaded, each with its licence. */
static const char *const libraries[][2] = {
  { "GTK, GLib, Pango, libadwaita, json-glib, GdkPixbuf", "LGPL-2.1-or-later" },
  { "Cairo", "LGPL-2.1 / MPL-1.1" },
  { "oneDNN", "Apache-2.0" },
  { "DCMTK", "BSD-3-Clause" },
  { "libarchive", "BSD-2-Clause" },
  { "libpng", "libpng-2.0" },
  { "libjpeg-turbo", "IJG, BSD-3-Clause" },
  { "zlib", "Zlib" },
};

static char *
list_libraries (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (libraries); i++)
    {
      g_autofree char *name = g_markup_escape_text (libraries[i][0], -1);

      g_string_append_printf (text, "%s%s: %s", i > 0 ? "\n" : "", name, libraries[i][1]);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
nmd_about_present (GtkWindow *parent)
{
  const char *const citation[] = { PAPER, DATA_SET, NULL };
  g_autofree char *licences = list_libraries ();
  AdwAboutWindow *about = ADW_ABOUT_WINDOW (adw_about_window_new ());

  g_object_set (
      about, "application-name", _ ("NMD Assist"), "application-icon",
      "org.nmdassist.NmdAssist", "version", NMD_VERSION, "license-type",
      GTK_LICENSE_APACHE_2_0, "developer-name", _ ("The NMD Assist authors"), "comments",
      _ ("Classifies muscle ultrasound as healthy or pathological with networks that you "
         "train yourself, and shows where they looked.\n\nFor research and teaching; not "
         "a medical device. It runs offline and has no code for internet access."),
      "transient-for", parent, NULL);
  adw_about_window_add_credit_section (about, _ ("Please Cite"), (const char **)citation);
  adw_about_window_add_link (about, _ ("The Paper"),
                             "https://doi.org/10.3389/fneur.2025.1640428");
  adw_about_window_add_link (about, _ ("The Published Data Set"),
                             "https://doi.org/10.17632/3jykz7wz8d.1");
  adw_about_window_add_legal_section (about, _ ("Libraries"), NULL, GTK_LICENSE_CUSTOM,
                                      licences);
  gtk_window_present (GTK_WINDOW (about));
}
