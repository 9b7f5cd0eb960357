/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows on what computes: plain and with the reason where only the processor can be
 * used, a choice where there is a card (the stand-in for one, with NMD_TEST_CARD set).
 */
#include "ui/session/nmd-app-session.h"
#include "ui/widgets/nmd-device-rows.h"

#include <glib/gstdio.h>
#include <string.h>

static gboolean has_card;

/* The visible row with @title under @widget. */
static GtkWidget *
find_row (GtkWidget *widget, const char *title)
{
  GtkWidget *found = NULL;

  if (ADW_IS_PREFERENCES_ROW (widget))
    {
      const char *has = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget));

      return g_strcmp0 (has, title) == 0 && gtk_widget_get_visible (widget) ? widget
                                                                            : NULL;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_row (child, title);
  return found;
}

static const char *
subtitle (GtkWidget *row)
{
  return adw_action_row_get_subtitle (ADW_ACTION_ROW (row));
}

static void
wait_for_devices (NmdAppSession *session)
{
  nmd_device_session_find (nmd_app_session_get_devices (session));
  while (nmd_device_session_get_list (nmd_app_session_get_devices (session)) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
check_without_card (GtkWidget *group, NmdAppSession *session)
{
  GtkWidget *row = find_row (group, "Device");

  g_assert_nonnull (row);
  g_assert_false (ADW_IS_COMBO_ROW (row));
  g_assert_true (g_str_has_prefix (subtitle (row), "Processor: "));
  g_assert_nonnull (strstr (subtitle (row), "not used. "));
  g_assert_null (find_row (group, "Numbers"));

  /* A card that was chosen elsewhere stays chosen, with the engine's reason. */
  g_assert_true (nmd_device_session_choose (nmd_app_session_get_devices (session), "cuda",
                                            NULL, NULL));
  row = find_row (group, "Device");
  g_assert_true (ADW_IS_COMBO_ROW (row));
  g_assert_true (g_str_has_prefix (subtitle (row), "Cannot be used: "));
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 1);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 0);
  g_assert_cmpstr (nmd_device_session_get (nmd_app_session_get_devices (session)), ==,
                   "cpu");
  g_assert_cmpstr (subtitle (row), ==, "");
}

static void
check_with_card (GtkWidget *group, NmdAppSession *session)
{
  GtkWidget *row = find_row (group, "Device"), *numerics = NULL;

  g_assert_true (ADW_IS_COMBO_ROW (row));
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 0);
  g_assert_null (find_row (group, "Numbers"));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  g_assert_cmpstr (nmd_device_session_get (nmd_app_session_get_devices (session)), ==,
                   "cuda");
  numerics = find_row (group, "Numbers");
  g_assert_nonnull (numerics);
  adw_combo_row_set_selected (ADW_COMBO_ROW (numerics), 2);
  g_assert_cmpstr (nmd_device_session_get (nmd_app_session_get_devices (session)), ==,
                   "cuda/bf16");
  g_assert_true (nmd_device_session_choose (nmd_app_session_get_devices (session),
                                            "cuda:0", "fast", NULL));
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (numerics)), ==, 1);
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, 1);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 0);
  g_assert_cmpstr (nmd_device_session_get (nmd_app_session_get_devices (session)), ==,
                   "cpu");
  g_assert_null (find_row (group, "Numbers"));
}

static void
test_rows (void)
{
  g_autofree char *folder = g_dir_make_tmp ("nmd-rows-XXXXXX", NULL);
  NmdAppSession *session = nmd_app_session_new (folder);
  GtkWidget *group = g_object_ref_sink (adw_preferences_group_new ());
  g_autoptr (GError) error = NULL;

  nmd_device_rows_add (ADW_PREFERENCES_GROUP (group),
                       nmd_app_session_get_devices (session));
  g_assert_cmpstr (nmd_device_session_get (nmd_app_session_get_devices (session)), ==,
                   "cpu");
  wait_for_devices (session);
  if (has_card)
    check_with_card (group, session);
  else
    check_without_card (group, session);

  g_assert_false (nmd_device_session_choose (nmd_app_session_get_devices (session), "gpu",
                                             NULL, &error));
  g_assert_error (error, NMD_ERROR, NMD_ERROR_UNSUPPORTED);
  g_assert_cmpstr (nmd_device_session_get (nmd_app_session_get_devices (session)), ==,
                   "cpu");
  g_object_unref (group);
  nmd_app_session_shutdown (session);
  g_assert_finalize_object (session);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  has_card = g_getenv ("NMD_TEST_CARD") != NULL;
  if (gtk_init_check ())
    {
      adw_init ();
      g_test_add_func ("/device-rows", test_rows);
      return g_test_run ();
    }
  g_print ("1..0 # SKIP no display\n");
  return 0;
}
