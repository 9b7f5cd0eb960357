/* SPDX-License-Identifier: Apache-2.0
 *
 * The import report leads to the images that it names, and the file manager is asked to show them, by keys.
 */
#include "engine/image/nmd-png-writer.h"
#include "tests/ui/hand.h"
#include "ui/pages/nmd-sample-browser.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <string.h>

#define IMAGES 8

static GtkWidget *
window (void)
{
  return GTK_WIDGET (screen.window);
}

static NmdSampleBrowser *
browser (void)
{
  return NMD_SAMPLE_BROWSER (screen_find (window (), NMD_TYPE_SAMPLE_BROWSER, NULL));
}

/* Eight images without masks in two classes; two of them are the same picture, with a blank in one name. */
static void
test_open (void)
{
  g_autofree char *folder = g_build_filename (screen.folder, "classes", NULL);
  const char *const names[IMAGES]
      = { "a.png", "b one.png", "c.png", "d.png", "e.png", "f.png", "g.png", "h.png" };

  for (int i = 0; i < IMAGES; i++)
    {
      g_autoptr (NmdImage) image = nmd_image_new (32, 24);
      g_autofree char *class_folder
          = g_build_filename (folder, i < 4 ? "abnormal" : "normal", NULL);
      g_autofree char *path = g_build_filename (class_folder, names[i], NULL);

      for (int k = 0; k < 32 * 24; k++)
        image->pixels[k] = (guint8)(k * (i == 5 ? 2 : i + 1) + 40);
      g_assert_cmpint (g_mkdir_with_parents (class_folder, 0700), ==, 0);
      g_assert_true (nmd_image_save_png (image, path, 8, NULL, NULL));
    }
  screen_open (1024, 700);
  screen_xdotool ("mousemove 5 5");
  nmd_data_session_open (screen.data, folder, NULL);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  g_assert_true (screen_wait (screen_has_scan, 20));
  screen_pause (0.3);
}

static gboolean
has_dialog (void)
{
  return screen_find_dialog () != NULL;
}

static gboolean
has_no_dialog (void)
{
  return screen_find_dialog () == NULL;
}

/* The first row whose title begins so. */
static GtkWidget *
row_of (GtkWidget *widget, const char *start)
{
  GtkWidget *found = NULL;

  if (ADW_IS_ACTION_ROW (widget)
      && g_str_has_prefix (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)),
                           start))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = row_of (child, start);
  return found;
}

static void
choose_row (const char *start)
{
  GtkWidget *button = screen_find (window (), GTK_TYPE_BUTTON, "Import _Report…");

  gtk_widget_grab_focus (button);
  hand_key ("space");
  g_assert_true (screen_wait (has_dialog, 20));
  GtkWidget *row = row_of (GTK_WIDGET (screen_find_dialog ()), start);
  g_assert_nonnull (row);
  gtk_widget_grab_focus (row);
  hand_key ("Return");
  g_assert_true (screen_wait (has_no_dialog, 20));
  screen_settle ();
}

static guint
selected (GPtrArray *ids)
{
  GtkSelectionModel *model = nmd_sample_browser_get_selection (browser ());
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (model));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (NmdSample) sample = g_list_model_get_item (G_LIST_MODEL (model), i);
      if (gtk_selection_model_is_selected (model, i))
        g_ptr_array_add (ids, g_strdup (sample->id));
    }
  return ids->len;
}

/* Both images of a pair are selected, and one of them is looked at. */
static void
test_pair (void)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  choose_row ("normal/f.png");
  g_assert_cmpuint (selected (ids), ==, 2);
  g_assert_cmpstr (ids->pdata[0], ==, "abnormal/b one.png");
  g_assert_cmpstr (ids->pdata[1], ==, "normal/f.png");
  g_assert_cmpstr (nmd_sample_browser_get_current (browser ())->id, ==,
                   "abnormal/b one.png");
  g_assert_true (nmd_scan_session_get_sample (screen.scan)
                 == nmd_sample_browser_get_current (browser ()));
}

/* The @n-th item of the list's menu. */
static void
choose_item (guint n)
{
  hand_choose (screen_find (GTK_WIDGET (browser ()), GTK_TYPE_MENU_BUTTON, NULL), n);
}

/* A file manager of ours. */
static char *asked_for;

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *arguments,
         GDBusMethodInvocation *call,
         gpointer data)
{
  g_autofree const char **uris = NULL;
  g_autoptr (GVariant) list = g_variant_get_child_value (arguments, 0);

  uris = g_variant_get_strv (list, NULL);
  g_assert_cmpuint (g_strv_length ((char **)uris), ==, 2);
  asked_for = g_strdup (uris[0]);
  g_dbus_method_invocation_return_value (call, NULL);
}

static gboolean
is_asked_for (void)
{
  return asked_for != NULL;
}

static void
on_named (GDBusConnection *bus, const char *name, gpointer named)
{
  *(gboolean *)named = TRUE;
}

static gboolean named;

static gboolean
is_named (void)
{
  return named;
}

static void
test_reveal (void)
{
  const char xml[] = "<node><interface name='org.freedesktop.FileManager1'>"
                     "<method name='ShowItems'><arg type='as' direction='in'/>"
                     "<arg type='s' direction='in'/></method></interface></node>";
  const GDBusInterfaceVTable table = { .method_call = on_call };
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);

  if (bus == NULL)
    {
      g_test_skip ("there is no session bus");
      return;
    }
  const guint id
      = g_dbus_connection_register_object (bus, "/org/freedesktop/FileManager1",
                                           node->interfaces[0], &table, NULL, NULL, NULL);
  const guint owner = g_bus_own_name_on_connection (bus, "org.freedesktop.FileManager1",
                                                    G_BUS_NAME_OWNER_FLAGS_NONE, on_named,
                                                    NULL, &named, NULL);
  g_assert_true (screen_wait (is_named, 20));
  choose_item (2);
  g_assert_true (screen_wait (is_asked_for, 20));
  g_autoptr (GtkBitset) set
      = gtk_selection_model_get_selection (nmd_sample_browser_get_selection (browser ()));
  g_autoptr (NmdSample) sample = g_list_model_get_item (
      nmd_sample_browser_get_model (browser ()), gtk_bitset_get_nth (set, 0));
  g_autofree char *uri = g_filename_to_uri (sample->image_path, NULL, NULL);
  g_assert_cmpstr (asked_for, ==, uri);
  g_free (asked_for);
  g_bus_unown_name (owner);
  g_dbus_connection_unregister_object (bus, id);
}

/* A kind of problem is filtered. */
static void
test_kind (void)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  choose_row ("The same picture with another label");
  g_assert_cmpuint (g_list_model_get_n_items (nmd_sample_browser_get_model (browser ())),
                    ==, 1);
  g_assert_cmpuint (selected (ids), ==, 1);
  g_assert_cmpstr (ids->pdata[0], ==, "normal/f.png");
  choose_row ("No mask");
  g_assert_cmpuint (g_list_model_get_n_items (nmd_sample_browser_get_model (browser ())),
                    ==, IMAGES);
}

/* Escape leaves everything as it is. */
static void
test_escape (void)
{
  NmdSample *current = nmd_sample_browser_get_current (browser ());

  gtk_widget_grab_focus (screen_find (window (), GTK_TYPE_BUTTON, "Import _Report…"));
  hand_key ("space");
  g_assert_true (screen_wait (has_dialog, 20));
  hand_key ("Escape");
  g_assert_true (screen_wait (has_no_dialog, 20));
  g_assert_true (nmd_sample_browser_get_current (browser ()) == current);
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  if (!screen_xdotool ("mousemove 5 5"))
    {
      g_print ("1..0 # SKIP xdotool is not here\n");
      return screen_end (0);
    }
  /* a bus of its own, where there is a daemon for it */
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  /* never freed: that would wait for the connection, which GTK keeps */
  static GTestDBus *bus;
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_autofree char *display = g_strdup (g_getenv ("DISPLAY")); /* which it unsets */
  if (daemon != NULL)
    g_test_dbus_up (bus);
  g_setenv ("DISPLAY", display, TRUE);
  g_test_add_func ("/report/open", test_open);
  g_test_add_func ("/report/pair", test_pair);
  g_test_add_func ("/report/reveal", test_reveal);
  g_test_add_func ("/report/kind", test_kind);
  g_test_add_func ("/report/escape", test_escape);
  const int status = screen_end (g_test_run ());
  if (daemon != NULL)
    g_test_dbus_stop (bus);
  return status;
}
