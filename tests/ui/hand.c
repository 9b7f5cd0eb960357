/* SPDX-License-Identifier: Apache-2.0
 *
 * Real clicks and keys.
 */
#include "tests/ui/hand.h"

gboolean
hand_init (int *argc, char ***argv)
{
  if (!screen_init (argc, argv))
    return FALSE;
  if (screen_xdotool ("mousemove 5 5"))
    return TRUE;
  g_print ("1..0 # SKIP there is no xdotool\n");
  screen_end (0);
  return FALSE;
}

graphene_point_t
hand_find (GtkWidget *widget, double x, double y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  graphene_point_t at;
  double sx = 0, sy = 0;

  g_assert_true (gtk_widget_compute_point (
      widget, GTK_WIDGET (native), &GRAPHENE_POINT_INIT ((float)x, (float)y), &at));
  gtk_native_get_surface_transform (native, &sx, &sy);
  /* A menu is a surface of its own. */
  for (GdkSurface *surface = gtk_native_get_surface (native); GDK_IS_POPUP (surface);
       surface = gdk_popup_get_parent (GDK_POPUP (surface)))
    {
      sx += gdk_popup_get_position_x (GDK_POPUP (surface));
      sy += gdk_popup_get_position_y (GDK_POPUP (surface));
    }
  return GRAPHENE_POINT_INIT (at.x + (float)sx, at.y + (float)sy);
}

void
hand_point (GtkWidget *widget, double x, double y)
{
  const graphene_point_t at = hand_find (widget, x, y);
  g_autofree char *arguments
      = g_strdup_printf ("mousemove %.0f %.0f", (double)at.x, (double)at.y);

  g_assert_true (screen_xdotool (arguments));
  screen_pause (0.05);
}

void
hand_click (GtkWidget *widget, double x, double y, int button)
{
  g_autofree char *arguments = g_strdup_printf ("click %d", button);

  hand_point (widget, x, y);
  g_assert_true (screen_xdotool (arguments));
  screen_pause (0.1);
}

void
hand_press (GtkWidget *widget)
{
  hand_click (widget, gtk_widget_get_width (widget) / 2.0,
              gtk_widget_get_height (widget) / 2.0, 1);
}

static const char *sought; /* a label's text */

static GtkWidget *
find_sought (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  GtkWidget *label = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (toplevels) && label == NULL; i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);
      label = screen_find_label (toplevel, sought);
    }
  return label;
}

static gboolean
shows_sought (void)
{
  GtkWidget *label = find_sought ();

  return label != NULL && gtk_widget_get_mapped (label)
         && gtk_widget_get_width (label) > 0;
}

void
hand_press_text (const char *text)
{
  sought = text;
  if (!screen_wait (shows_sought, 20))
    g_test_message ("no label %s", text);
  g_assert_true (shows_sought ());
  screen_pause (0.1); /* a menu finds its place */
  hand_press (find_sought ());
}

static gboolean
lacks_sought (void)
{
  return !shows_sought ();
}

void
hand_wait_gone (const char *text)
{
  sought = text;
  g_assert_true (screen_wait (lacks_sought, 20));
}

void
hand_key (const char *key)
{
  g_autofree char *arguments = g_strdup_printf ("key --delay 8 %s", key);

  g_assert_true (screen_xdotool (arguments));
  screen_pause (0.1);
}

void
hand_type (const char *text)
{
  g_autofree char *arguments = g_strdup_printf ("type \"%s\"", text);

  g_assert_true (screen_xdotool (arguments));
  screen_pause (0.1);
}

static GtkWidget *opening; /* a popover */

static gboolean
is_open (void)
{
  return gtk_widget_get_mapped (opening);
}

void
hand_choose (GtkWidget *button, guint n)
{
  opening = GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (button)));
  gtk_widget_child_focus (button, GTK_DIR_TAB_FORWARD);
  hand_key ("space");
  g_assert_true (screen_wait (is_open, 20));
  for (guint i = 0; i < n; i++)
    hand_key ("Down");
  hand_key ("Return");
}

void
hand_nmd (const char *line)
{
  g_autofree char *program
      = g_build_filename (g_getenv ("NMD_BUILDDIR"), "app", "nmd", NULL);
  g_autofree char *command = g_strdup_printf ("%s %s", program, line);
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (screen.folder, argv, NULL,
                G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}
