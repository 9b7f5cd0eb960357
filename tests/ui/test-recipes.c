/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings of a training kept by a name, with real keys and clicks.
 */
#include "tests/ui/hand.h"

#include "ui/pages/nmd-saved-recipes.h"

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
  screen_close ();
}

int
main (int argc, char **argv)
{
  if (!hand_init (&argc, &argv))
    return 0;
  g_test_add_func ("/recipes/saved", test_recipes);
  return screen_end (g_test_run ());
}
