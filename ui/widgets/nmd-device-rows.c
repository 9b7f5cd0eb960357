/* SPDX-License-Identifier: Apache-2.0
 *
 * Device rows: a plain one where only the processor can be used, with the reason; a
 * choice where there are cards, and of a card's numerics. Names and reasons are the
 * engine's.
 */
#include "ui/widgets/nmd-device-rows.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  NmdDeviceSession *session;
  AdwActionRow *plain;
  AdwComboRow *device;
  AdwComboRow *numerics;
  GPtrArray *names;  /* char *: of the entries of device */
  gboolean setting;  /* the program moves the rows */
  gboolean choosing; /* the user does: the list that is chosen from stays as it is */
} Rows;

static void
rows_free (gpointer data)
{
  Rows *rows = data;

  g_object_unref (rows->session);
  g_ptr_array_unref (rows->names);
  g_free (rows);
}

/* "cuda:1" of "cuda:1/fast"; @numerics gets the ending's index. */
static char *
split_choice (const char *choice, guint *numerics)
{
  const char *word;
  char *name = nmd_device_split (choice, &word);

  *numerics = 0;
  for (guint i = 0; nmd_numerics_names[i] != NULL; i++)
    if (word == nmd_numerics_names[i])
      *numerics = i;
  return name;
}

static const NmdDevice *
find (GPtrArray *devices, const char *name)
{
  const char *wanted = strcmp (name, "cuda:0") == 0 ? "cuda" : name;

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    if (strcmp (((NmdDevice *)devices->pdata[i])->name, wanted) == 0)
      return devices->pdata[i];
  return NULL;
}

/* What the engine says of most computers; the rest of its reasons stay English. */
G_GNUC_UNUSED static const char *const known_words[] = {
  N_ ("NVIDIA graphics card"),
  N_ ("The module nmd-cuda.so is not built"),
};

/* Why what was found besides the processor is not used; NULL if nothing is to be said. */
static char *
reasons (GPtrArray *devices)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      if (device->unavailable != NULL)
        /* Translators: a graphics card's name, and a sentence on why it cannot be used */
        g_string_append_printf (text, _ ("%s%s: not used. %s."),
                                text->len > 0 ? "\n" : "", _ (device->title),
                                _ (device->unavailable));
    }
  return g_string_free (text, text->len == 0);
}

/* The entries: what can be used, and what is chosen even if it cannot. */
static guint
list_devices (Rows *rows, GtkStringList *list, const char *chosen)
{
  GPtrArray *devices = nmd_device_session_get_list (rows->session);
  const NmdDevice *found = find (devices, chosen);
  const char *wanted = found != NULL ? found->name : chosen;
  guint selected = GTK_INVALID_LIST_POSITION;

  g_ptr_array_set_size (rows->names, 0);
  for (guint i = 0; i < devices->len; i++)
    {
      const NmdDevice *device = devices->pdata[i];
      gboolean is_chosen = strcmp (device->name, wanted) == 0;

      if (!is_chosen && (device->unavailable != NULL || device->is_for_checks))
        continue;
      if (is_chosen)
        selected = rows->names->len;
      g_ptr_array_add (rows->names, g_strdup (device->name));
      gtk_string_list_append (list, _ (device->title));
    }
  if (selected == GTK_INVALID_LIST_POSITION)
    {
      /* A card that was chosen and is gone. */
      selected = rows->names->len;
      g_ptr_array_add (rows->names, g_strdup (chosen));
      gtk_string_list_append (list, chosen);
    }
  return selected;
}

static void
describe (Rows *rows, const char *chosen)
{
  GPtrArray *devices = nmd_device_session_get_list (rows->session);
  const NmdDevice *device = find (devices, chosen);
  g_autofree char *why = reasons (devices);
  g_autofree char *plain = NULL, *choice = NULL;

  if (device == NULL)
    choice = g_strdup (_ ("This device is not there."));
  else if (device->unavailable != NULL)
    choice = g_strdup_printf (_ ("Cannot be used: %s."), _ (device->unavailable));
  /* Beside a name there is no room for a card's description. */
  adw_action_row_set_subtitle (ADW_ACTION_ROW (rows->device),
                               choice != NULL ? choice : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (rows->device),
                               choice != NULL ? choice : device->description);
  if (device == NULL)
    return;
  /* Translators: the processor's row: its name, its description */
  plain = g_strdup_printf (_ ("%s: %s"), _ (device->title), device->description);
  if (why != NULL)
    {
      g_autofree char *both = g_strdup_printf ("%s\n%s", plain, why);
      adw_action_row_set_subtitle (rows->plain, both);
    }
  else
    adw_action_row_set_subtitle (rows->plain, plain);
}

/* On a processor other numerics only save memory: a matter for `nmd`. */
static gboolean
has_all_numerics (const NmdDevice *device)
{
  return device != NULL && device->numerics != NULL
         && g_strv_length ((char **)device->numerics) + 1
                == g_strv_length ((char **)nmd_numerics_names);
}

/* Shows the list anew, with what is chosen. */
static void
renew_list (Rows *rows, const char *chosen)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  guint selected = list_devices (rows, list, chosen);

  adw_combo_row_set_model (rows->device, G_LIST_MODEL (list));
  adw_combo_row_set_selected (rows->device, selected);
  gtk_widget_set_visible (GTK_WIDGET (rows->plain), rows->names->len < 2);
  gtk_widget_set_visible (GTK_WIDGET (rows->device), rows->names->len >= 2);
}

static void
renew (Rows *rows)
{
  GPtrArray *devices = nmd_device_session_get_list (rows->session);
  guint numerics = 0;
  g_autofree char *chosen
      = split_choice (nmd_device_session_get (rows->session), &numerics);
  const NmdDevice *device = find (devices, chosen);

  if (devices == NULL)
    return;
  if (!rows->choosing)
    {
      rows->setting = TRUE;
      renew_list (rows, chosen);
      adw_combo_row_set_selected (rows->numerics, numerics);
      rows->setting = FALSE;
    }
  describe (rows, chosen);
  gtk_widget_set_visible (GTK_WIDGET (rows->numerics), has_all_numerics (device));
}

static void
on_choice (Rows *rows)
{
  guint device = adw_combo_row_get_selected (rows->device);
  guint numerics = adw_combo_row_get_selected (rows->numerics);

  if (rows->setting || device >= rows->names->len
      || numerics >= g_strv_length ((char **)nmd_numerics_names))
    return;
  const char *name = rows->names->pdata[device];
  const NmdDevice *found = find (nmd_device_session_get_list (rows->session), name);
  gboolean has = has_all_numerics (found);
  rows->choosing = TRUE;
  /* Both are of the engine's own lists. */
  nmd_device_session_choose (rows->session, name,
                             has ? nmd_numerics_names[numerics] : NULL, NULL);
  rows->choosing = FALSE;
}

static void
on_device_changed (NmdDeviceSession *session, GtkWidget *group)
{
  renew (g_object_get_data (G_OBJECT (group), "device-rows"));
}

void
nmd_device_rows_add (AdwPreferencesGroup *group, NmdDeviceSession *session)
{
  const char *const titles[] = { _ ("float32, same bits twice"), _ ("TF32, faster"),
                                 _ ("bfloat16, fastest"), NULL };
  g_autoptr (GtkStringList) list = gtk_string_list_new (titles);
  Rows *rows = g_new0 (Rows, 1);

  g_return_if_fail (ADW_IS_PREFERENCES_GROUP (group) && NMD_IS_DEVICE_SESSION (session));
  rows->session = g_object_ref (session);
  rows->names = g_ptr_array_new_with_free_func (g_free);
  rows->plain = ADW_ACTION_ROW (adw_action_row_new ());
  rows->device = ADW_COMBO_ROW (adw_combo_row_new ());
  rows->numerics = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (rows->plain), _ ("Device"));
  adw_action_row_set_subtitle (rows->plain, _ ("Processor"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (rows->device), _ ("Device"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (rows->numerics), _ ("Numbers"));
  adw_combo_row_set_model (rows->numerics, G_LIST_MODEL (list));
  gtk_widget_set_visible (GTK_WIDGET (rows->device), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (rows->numerics), FALSE);
  gtk_widget_set_tooltip_text (
      GTK_WIDGET (rows->numerics),
      _ ("How a graphics card multiplies; results say which was used"));
  adw_preferences_group_add (group, GTK_WIDGET (rows->plain));
  adw_preferences_group_add (group, GTK_WIDGET (rows->device));
  adw_preferences_group_add (group, GTK_WIDGET (rows->numerics));
  g_object_set_data_full (G_OBJECT (group), "device-rows", rows, rows_free);
  g_signal_connect_swapped (rows->device, "notify::selected", G_CALLBACK (on_choice),
                            rows);
  g_signal_connect_swapped (rows->numerics, "notify::selected", G_CALLBACK (on_choice),
                            rows);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_device_changed), group, 0);
  g_signal_connect_object (group, "map", G_CALLBACK (nmd_device_session_find), session,
                           G_CONNECT_SWAPPED);
  renew (rows);
}
