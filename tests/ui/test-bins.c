/* SPDX-License-Identifier: Apache-2.0
 *
 * The bins that pages are made of.
 */
#include "tests/ui/screen.h"
#include "ui/widgets/nmd-page-bin.h"
#include "ui/widgets/nmd-width-first.h"

/* Its width is the same whatever the height; its height follows from the width, as a label's that wraps does. */
static void
test_width_first (void)
{
  GtkWidget *label = gtk_label_new ("one word after the other, until no more fits");
  GtkWidget *bin = g_object_ref_sink (nmd_width_first_new (label));
  int widest, at_height, narrow, wide, of_label;

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_measure (bin, GTK_ORIENTATION_HORIZONTAL, -1, &widest, NULL, NULL, NULL);
  gtk_widget_measure (bin, GTK_ORIENTATION_HORIZONTAL, 1, &at_height, NULL, NULL, NULL);
  g_assert_cmpint (at_height, ==, widest);
  gtk_widget_measure (label, GTK_ORIENTATION_HORIZONTAL, 1, &of_label, NULL, NULL, NULL);
  g_assert_cmpint (of_label, >, widest);
  gtk_widget_measure (bin, GTK_ORIENTATION_VERTICAL, 80, &narrow, NULL, NULL, NULL);
  gtk_widget_measure (bin, GTK_ORIENTATION_VERTICAL, 800, &wide, NULL, NULL, NULL);
  g_assert_cmpint (narrow, >, wide);
  gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL, 80, &of_label, NULL, NULL, NULL);
  g_assert_cmpint (narrow, ==, of_label);
  g_assert_finalize_object (bin);
}

static GtkWidget *shown;

static gboolean
has_place (void)
{
  return gtk_widget_get_mapped (shown) && gtk_widget_get_width (shown) > 0;
}

/* Nobody's page is styled; what is shown again has its focus and its size again. */
static void
test_page_bin (void)
{
  GtkWidget *stack = adw_view_stack_new (), *window = gtk_window_new ();
  GtkWidget *bins[2], *buttons[2];

  for (int i = 0; i < 2; i++)
    {
      bins[i] = g_object_new (NMD_TYPE_PAGE_BIN, NULL);
      buttons[i] = gtk_button_new_with_label ("a button");
      adw_bin_set_child (ADW_BIN (bins[i]), buttons[i]);
      adw_view_stack_add_named (ADW_VIEW_STACK (stack), bins[i], i == 0 ? "a" : "b");
    }
  gtk_window_set_child (GTK_WINDOW (window), stack);
  gtk_widget_show (window);
  shown = buttons[0];
  g_assert_true (screen_wait (has_place, 20));
  g_assert_false (gtk_widget_get_visible (buttons[1]));
  gtk_widget_grab_focus (buttons[0]);
  for (int i = 1; i >= 0; i--)
    {
      adw_view_stack_set_visible_child (ADW_VIEW_STACK (stack), bins[i]);
      shown = buttons[i];
      g_assert_true (screen_wait (has_place, 20));
      g_assert_false (gtk_widget_get_visible (buttons[1 - i]));
      g_assert_true (gtk_window_get_focus (GTK_WINDOW (window)) == buttons[i]);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  if (!screen_init (&argc, &argv))
    return 0;
  g_test_add_func ("/width-first", test_width_first);
  g_test_add_func ("/page-bin", test_page_bin);
  return screen_end (g_test_run ());
}
