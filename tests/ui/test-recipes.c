/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings of a training kept by a name, with real keys and clicks.
 */
#include "tests/ui/hand.h"

#include "ui/pages/nmd-saved-recipes.h"

#include <string.h>

static GtkWidget *saved;

static gboolean
has_button (void)
{
  saved = screen_find (GTK_WIDGET (screen.window), NMD_TYPE_SAVED_RECIPES, NULL);
  return saved != NULL;
}

static gboolean
has_menu (void)
{
  GtkMenuButton *button = GTK_MENU_BUTTON (gtk_widget_get_first_child (saved));

  return gtk_widget_get_mapped (GTK_WIDGET (gtk_menu_button_get_popover (button)));
}

static void
open_menu (void)
{
  screen_pause (1);
  hand_press (gtk_widget_get_first_child (saved));
  /* The menu's surface takes the first click after it. */
  if (!screen_wait (has_menu, 1))
    hand_press (gtk_widget_get_first_child (saved));
  g_assert_true (screen_wait (has_menu, 20));
  screen_pause (0.5);
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

static void
answer (const char *response)
{
  g_assert_true (screen_wait (has_dialog, 10));
  GtkWindow *dialog = screen_find_dialog ();
  g_assert_true (screen_shows_part (GTK_WIDGET (dialog), "“seven”"));
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
  gtk_window_destroy (dialog);
  g_assert_true (screen_wait (has_no_dialog, 10));
}

/* The first widget of @type in the menu, seen or not. */
static GtkWidget *
find_in (GtkWidget *widget, GType type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_in (child, type);
  return found;
}

static GtkWidget *
menu (void)
{
  return GTK_WIDGET (
      gtk_menu_button_get_popover (GTK_MENU_BUTTON (gtk_widget_get_first_child (saved))));
}

static gboolean
is_kept (const char *part)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  g_autoptr (GVariant) all = g_settings_get_value (settings, "recipes");
  const char *text = NULL;

  return g_variant_lookup (all, "seven", "&s", &text) && strstr (text, part) != NULL;
}

/* Presses the bin, which is the second button of the list's first row. */
static void
forget (void)
{
  GtkWidget *load = find_in (menu (), GTK_TYPE_BUTTON);

  g_signal_emit_by_name (gtk_widget_get_next_sibling (load), "clicked");
}

static double
epochs (void)
{
  return nmd_parameters_get (nmd_recipe_session_get_parameters (screen.recipe), "epochs");
}

static void
test_recipes (void)
{
  g_autofree char *cohort = screen_write_cohort ("cohort", 4);

  screen_open (1280, 800);
  nmd_app_session_open (screen.session, cohort);
  g_assert_true (screen_wait (screen_has_dataset, 60));
  nmd_window_show_page (screen.window, "train");
  g_assert_true (screen_wait (has_button, 20));
  g_assert_true (nmd_recipe_session_set (screen.recipe, "epochs", 7, NULL));
  open_menu ();
  hand_press (screen_find (GTK_WIDGET (gtk_menu_button_get_popover (
                               GTK_MENU_BUTTON (gtk_widget_get_first_child (saved)))),
                           GTK_TYPE_ENTRY, NULL));
  hand_type ("seven");
  hand_press_text ("Keep These Settings");
  hand_key ("Escape");
  nmd_recipe_session_reset (screen.recipe);
  g_assert_cmpfloat (epochs (), !=, 7);
  open_menu ();
  hand_press_text ("seven");
  g_assert_cmpfloat (epochs (), ==, 7);
}

/* What is saved is replaced and forgotten only by who says so; the list follows what another window keeps. */
static void
test_asks (void)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.nmdassist.NmdAssist");
  GtkWidget *entry = find_in (menu (), GTK_TYPE_ENTRY);

  g_assert_true (is_kept ("\"epochs\": 7"));
  g_assert_true (nmd_recipe_session_set (screen.recipe, "epochs", 9, NULL));
  for (guint i = 0; i < 2; i++)
    {
      gtk_editable_set_text (GTK_EDITABLE (entry), "seven");
      g_signal_emit_by_name (entry, "activate");
      g_assert_true (is_kept ("\"epochs\": 7"));
      answer (i == 0 ? "cancel" : "accept");
    }
  g_assert_true (is_kept ("\"epochs\": 9"));
  forget ();
  answer ("cancel");
  g_assert_true (is_kept (""));
  forget ();
  answer ("accept");
  g_assert_false (is_kept (""));
  screen_pause (0.2);
  g_assert_null (gtk_widget_get_first_child (gtk_widget_get_prev_sibling (entry)));

  g_settings_set_value (settings, "recipes",
                        g_variant_new_parsed ("{'other': 'classify\n{}'}"));
  screen_pause (0.2);
  g_assert_nonnull (gtk_widget_get_first_child (gtk_widget_get_prev_sibling (entry)));
  g_settings_reset (settings, "recipes");
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!hand_init (&argc, &argv))
    return 0;
  g_test_add_func ("/recipes/saved", test_recipes);
  g_test_add_func ("/recipes/asks", test_asks);
  return screen_end (g_test_run ());
}
