/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the queue. What waits, and when it starts, is the run queue's.
 */
#include "ui/pages/nmd-queue-panel.h"

#include "ui/widgets/nmd-parameter-rows.h"

#include <glib/gi18n.h>

struct _NmdQueuePanel
{
  GtkBox parent_instance;

  GtkLabel *title;
  GtkButton *go_on_button;
  GtkListBox *list;

  NmdRunQueue *queue;
};

G_DEFINE_FINAL_TYPE (NmdQueuePanel, nmd_queue_panel, GTK_TYPE_BOX)

/* The buttons of a row, in their order. */
typedef enum
{
  BUTTON_UP,
  BUTTON_DOWN,
  BUTTON_REMOVE,
  N_BUTTONS,
} Button;

static GQuark button_quark;

static GtkWidget *
get_button (GtkListBoxRow *row, Button which)
{
  GtkWidget *button = gtk_widget_get_last_child (gtk_list_box_row_get_child (row));

  for (int i = N_BUTTONS - 1; i > (int)which; i--)
    button = gtk_widget_get_prev_sibling (button);
  return button;
}

/* The row is a new one after it has moved; the focus goes with it. */
static void
move (NmdQueuePanel *self, int position, int by, gboolean by_button)
{
  if (position < 0 || !nmd_run_queue_move (self->queue, (guint)position, by))
    return;
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, position + by);
  GtkWidget *button = get_button (row, by < 0 ? BUTTON_UP : BUTTON_DOWN);

  gtk_widget_grab_focus (
      by_button && gtk_widget_get_sensitive (button) ? button : GTK_WIDGET (row));
}

static void
take_out (NmdQueuePanel *self, int position)
{
  guint n = nmd_run_queue_get_n (self->queue);

  if (position < 0 || (guint)position >= n)
    return;
  nmd_run_queue_remove (self->queue, (guint)position);
  if (n > 1)
    gtk_widget_grab_focus (GTK_WIDGET (
        gtk_list_box_get_row_at_index (self->list, MIN (position, (int)n - 2))));
}

static void
on_clicked (GtkWidget *button, NmdQueuePanel *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, GTK_TYPE_LIST_BOX_ROW);
  int position = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));

  switch (GPOINTER_TO_INT (g_object_get_qdata (G_OBJECT (button), button_quark)))
    {
    case BUTTON_UP:
      move (self, position, -1, TRUE);
      break;
    case BUTTON_DOWN:
      move (self, position, 1, TRUE);
      break;
    default:
      take_out (self, position);
    }
}

static gboolean
on_key (GtkEventControllerKey *controller,
        guint key,
        guint code,
        GdkModifierType state,
        NmdQueuePanel *self)
{
  GtkWidget *row = gtk_widget_get_focus_child (GTK_WIDGET (self->list));
  GdkModifierType held = state & gtk_accelerator_get_default_mod_mask ();
  int position = row != NULL ? gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row)) : -1;

  if (held == GDK_ALT_MASK && (key == GDK_KEY_Up || key == GDK_KEY_KP_Up))
    move (self, position, -1, FALSE);
  else if (held == GDK_ALT_MASK && (key == GDK_KEY_Down || key == GDK_KEY_KP_Down))
    move (self, position, 1, FALSE);
  else if (held == 0 && (key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete))
    take_out (self, position);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

/* @name: (transfer full) */
static void
add_button (NmdQueuePanel *self,
            GtkWidget *box,
            Button which,
            const char *icon,
            const char *tooltip,
            char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  g_autofree char *owned = name;

  gtk_button_set_has_frame (GTK_BUTTON (button), FALSE);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  owned, -1);
  g_object_set_qdata (G_OBJECT (button), button_quark, GINT_TO_POINTER (which));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_clicked), self, 0);
  gtk_box_append (GTK_BOX (box), button);
}

static GtkWidget *
make_row (gpointer data, gpointer user_data)
{
  NmdQueueItem *item = data;
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *label = gtk_label_new (NULL);
  g_autofree char *changes = nmd_parameters_describe_changes (item->settings->parameters);
  g_autofree char *text = *changes != '\0'
                              ? g_strdup_printf ("%s · %s", item->title, changes)
                              : g_strdup (item->title);

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_margin_start (label, 6);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (box), label);
  /* Translators: the placeholder is a training that waits */
  add_button (user_data, box, BUTTON_UP, "go-up-symbolic", _ ("Move Up (Alt+Up)"),
              g_strdup_printf (_ ("Move up: %s"), item->title));
  /* Translators: the placeholder is a training that waits */
  add_button (user_data, box, BUTTON_DOWN, "go-down-symbolic", _ ("Move Down (Alt+Down)"),
              g_strdup_printf (_ ("Move down: %s"), item->title));
  /* Translators: the placeholder is a training that waits */
  add_button (user_data, box, BUTTON_REMOVE, "window-close-symbolic",
              _ ("Take Out (Delete)"), g_strdup_printf (_ ("Take out: %s"), item->title));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
  return row;
}

static void
renew (NmdQueuePanel *self)
{
  guint n = nmd_run_queue_get_n (self->queue);
  gboolean paused = nmd_run_queue_is_paused (self->queue);
  g_autofree char *count = g_strdup_printf (
      ngettext ("Queue: %u training waits", "Queue: %u trainings wait", n), n);
  g_autofree char *text = paused ? g_strdup_printf ("%s · %s", count, _ ("Queue paused"))
                                 : g_strdup (count);

  for (guint i = 0; i < n; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, (int)i);

      gtk_widget_set_sensitive (get_button (row, BUTTON_UP), i > 0);
      gtk_widget_set_sensitive (get_button (row, BUTTON_DOWN), i + 1 < n);
    }
  gtk_label_set_text (self->title, text);
  gtk_widget_set_visible (GTK_WIDGET (self->go_on_button), paused);
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}

void
nmd_queue_panel_set_queue (NmdQueuePanel *self, NmdRunQueue *queue)
{
  g_return_if_fail (NMD_IS_QUEUE_PANEL (self) && self->queue == NULL);

  self->queue = g_object_ref (queue);
  gtk_list_box_bind_model (self->list, nmd_run_queue_get_list (queue), make_row, self,
                           NULL);
  g_signal_connect_object (nmd_run_queue_get_list (queue), "items-changed",
                           G_CALLBACK (renew), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (queue, "notify::paused", G_CALLBACK (renew), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->go_on_button, "clicked",
                           G_CALLBACK (nmd_run_queue_go_on), queue, G_CONNECT_SWAPPED);
  renew (self);
}

static void
nmd_queue_panel_dispose (GObject *object)
{
  NmdQueuePanel *self = NMD_QUEUE_PANEL (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_QUEUE_PANEL);
  g_clear_object (&self->queue);
  G_OBJECT_CLASS (nmd_queue_panel_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdQueuePanel, child)

static void
nmd_queue_panel_class_init (NmdQueuePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_queue_panel_dispose;
  button_quark = g_quark_from_static_string ("nmd-queue-panel-button");
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-queue-panel.ui");
  BIND (title);
  BIND (go_on_button);
  BIND (list);
}

static void
nmd_queue_panel_init (NmdQueuePanel *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
}
