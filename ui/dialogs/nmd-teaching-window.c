/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings before answers. Scans, answers and measures are the session's.
 */
#include "ui/dialogs/nmd-teaching-window.h"

#include "ui/dialogs/nmd-file-dialog.h"
#include "ui/dialogs/nmd-question.h"
#include "ui/session/nmd-saving.h"
#include "ui/widgets/nmd-control-names.h"
#include "ui/widgets/nmd-image-view.h"
#include "ui/widgets/nmd-plot-area.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define N_GRADES 4

struct _NmdTeachingWindow
{
  AdwWindow parent_instance;

  AdwWindowTitle *heading;
  GtkButton *finish_button;
  GtkStack *stack;
  GtkSpinButton *number;
  GtkButton *start_button;
  NmdImageView *view;
  GtkToggleButton *healthy;
  GtkToggleButton *pathological;
  GtkBox *grades;
  GtkToggleButton *grade[N_GRADES];
  GtkLabel *grade_help;
  GtkButton *show_button;
  GtkLabel *answers;
  GtkButton *next_button;
  GtkGrid *table;
  GtkLabel *note;
  GtkDropDown *rival;
  NmdPlotArea *plot;
  GtkButton *save_button;
  GtkButton *again_button;

  NmdAppSession *session;
  NmdTeachingSession *teaching;
  NmdRoc *roc;
  double auc;
  gboolean finished; /* the rest is left out */
  guint n_saving;    /* readings, in the file that is written last */
  gboolean is_kept;  /* readings are saved, or may be lost */
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (NmdTeachingWindow, nmd_teaching_window, ADW_TYPE_WINDOW)

/* Heckmatt, Leeman and Dubowitz, J. Pediatr. 101 (1982) 656. */
static const char *
describe_grade (int grade)
{
  switch (grade)
    {
    case 1:
      return _ ("1: normal echo intensity");
    case 2:
      return _ ("2: brighter muscle, the bone's echo is distinct");
    case 3:
      return _ ("3: clearly brighter muscle, the bone's echo is weaker");
    case 4:
      return _ ("4: very bright muscle, the bone's echo is lost");
    default:
      return _ ("1 is normal, 4 is very bright without the bone's echo");
    }
}

static int
chosen_grade (NmdTeachingWindow *self)
{
  for (int i = 0; i < N_GRADES; i++)
    if (gtk_toggle_button_get_active (self->grade[i]))
      return i + 1;
  return 0;
}

static int
chosen_label (NmdTeachingWindow *self)
{
  return gtk_toggle_button_get_active (self->pathological) ? 1
         : gtk_toggle_button_get_active (self->healthy)    ? 0
                                                           : -1;
}

static guint
count_readings (NmdTeachingWindow *self)
{
  guint n = nmd_teaching_session_get_n (self->teaching), done = 0;

  for (guint i = 0; i < n; i++)
    done += nmd_teaching_session_get_case (self->teaching, i)->guess >= 0;
  return done;
}

/* The scan under study */

static const char *
label_word (int label)
{
  return label == 1 ? _ ("pathological") : _ ("healthy");
}

static void
show_answers (NmdTeachingWindow *self, const NmdTeachingCase *one)
{
  g_autoptr (GString) text = g_string_new (NULL);

  /* Translators: the data set's word for the scan, its muscle */
  g_string_append_printf (text, _ ("Data set: %s (%s)\n"), one->sample->label_word,
                          *one->sample->muscle != '\0' ? one->sample->muscle
                                                       : _ ("muscle not stated"));
  if (one->model >= 0)
    {
      /* Translators: class and score */
      g_string_append_printf (text, _ ("Model: %s, score %.2f"), label_word (one->model),
                              one->score);
      if (one->is_trained_on)
        g_string_append (text, _ (" (it was trained on this scan)"));
    }
  else
    g_string_append_printf (text, _ ("Model: no score: %s"),
                            one->model_reason != NULL ? one->model_reason : "…");
  g_string_append_c (text, '\n');
  if (one->z_label >= 0)
    g_string_append_printf (text, _ ("z: %.1f, %s"), one->z, label_word (one->z_label));
  else
    g_string_append_printf (text, _ ("z: none: %s"),
                            one->z_reason != NULL ? one->z_reason : "…");
  gtk_label_set_text (self->answers, text->str);
}

static void
show_buttons (NmdTeachingWindow *self)
{
  guint place = nmd_teaching_session_get_place (self->teaching);
  const NmdTeachingCase *one = nmd_teaching_session_get_case (self->teaching, place);
  gboolean read = one->guess >= 0;
  gboolean revealed = nmd_teaching_session_is_revealed (self->teaching);

  gtk_widget_set_sensitive (GTK_WIDGET (self->healthy), !read);
  gtk_widget_set_sensitive (GTK_WIDGET (self->pathological), !read);
  gtk_widget_set_sensitive (GTK_WIDGET (self->grades), !read);
  gtk_widget_set_visible (GTK_WIDGET (self->show_button), !read);
  gtk_widget_set_sensitive (GTK_WIDGET (self->show_button),
                            nmd_teaching_session_get_scan (self->teaching) != NULL
                                && chosen_label (self) >= 0 && chosen_grade (self) > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->answers), read);
  gtk_widget_set_visible (GTK_WIDGET (self->next_button), read);
  gtk_widget_set_sensitive (GTK_WIDGET (self->next_button), revealed);
  gtk_button_set_label (self->next_button,
                        place + 1 < nmd_teaching_session_get_n (self->teaching)
                            ? _ ("_Next Scan")
                            : _ ("_Next: Results"));
  gtk_label_set_text (self->grade_help, describe_grade (chosen_grade (self)));
  if (read)
    show_answers (self, one);
}

static void
show_case (NmdTeachingWindow *self)
{
  guint n = nmd_teaching_session_get_n (self->teaching),
        place = nmd_teaching_session_get_place (self->teaching);
  NmdScan *scan = nmd_teaching_session_get_scan (self->teaching);
  /* Translators: place in the session, number of scans */
  g_autofree char *text = g_strdup_printf (_ ("scan %u of %u"), place + 1, n);

  adw_window_title_set_subtitle (self->heading, text);
  if (scan != NULL && nmd_image_view_get_scan (self->view) != scan)
    {
      nmd_image_view_set_scan (self->view, scan);
      self->setting = TRUE;
      gtk_toggle_button_set_active (self->healthy, FALSE);
      gtk_toggle_button_set_active (self->pathological, FALSE);
      for (int i = 0; i < N_GRADES; i++)
        gtk_toggle_button_set_active (self->grade[i], FALSE);
      self->setting = FALSE;
    }
  show_buttons (self);
}

/* Results */

static void
put (NmdTeachingWindow *self, int column, int row, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_widget_add_css_class (label, row == 0 ? "caption-heading" : "numeric");
  gtk_grid_attach (self->table, label, column, row, 1, 1);
}

static void
put_number (NmdTeachingWindow *self, int column, int row, double value)
{
  g_autofree char *text
      = isnan (value) ? g_strdup ("–") : g_strdup_printf ("%.2f", value);

  put (self, column, row, text);
}

static void
show_table (NmdTeachingWindow *self)
{
  const char *const heads[] = { "",          _ ("scans"),
                                _ ("agree"), _ ("interval"),
                                _ ("kappa"), _ ("AUC of grades") };
  const char *const names[]
      = { _ ("the data set’s label"), _ ("the model"), _ ("z above 2") };
  GtkWidget *child = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->table))) != NULL)
    gtk_grid_remove (self->table, child);
  for (int i = 0; i < (int)G_N_ELEMENTS (heads); i++)
    put (self, i, 0, heads[i]);
  for (int i = 0; i < NMD_N_TEACHING; i++)
    {
      NmdKappa kappa;
      double auc = NAN;
      nmd_teaching_session_measure (self->teaching, (NmdTeachingRival)i, &kappa, &auc);
      g_autofree char *n = g_strdup_printf ("%u", kappa.n);
      g_autofree char *interval
          = kappa.n > 0 ? g_strdup_printf ("[%.2f, %.2f]", kappa.agreed_ci.low,
                                           kappa.agreed_ci.high)
                        : g_strdup ("–");
      put (self, 0, i + 1, names[i]);
      put (self, 1, i + 1, n);
      put_number (self, 2, i + 1, kappa.agreed);
      put (self, 3, i + 1, interval);
      put_number (self, 4, i + 1, kappa.kappa);
      put_number (self, 5, i + 1, auc);
    }
}

static void
draw_roc (cairo_t *cr, const NmdRect *rect, const NmdPlotStyle *style, gpointer window)
{
  NmdTeachingWindow *self = window;
  NmdRocPlot plot = NMD_ROC_PLOT_INIT;

  plot.roc = self->roc != NULL && self->roc->n > 0 ? self->roc : NULL;
  plot.auc = self->auc;
  plot.network_title = _ ("your grades");
  plot.empty = _ ("A curve needs readings of both classes");
  nmd_plot_roc (cr, &plot, rect, style);
}

static void
show_curve (NmdTeachingWindow *self)
{
  NmdTeachingRival rival = (NmdTeachingRival)gtk_drop_down_get_selected (self->rival);
  NmdKappa kappa;

  if (self->teaching == NULL)
    return;
  g_clear_pointer (&self->roc, nmd_roc_free);
  self->roc = nmd_teaching_session_get_roc (self->teaching, rival);
  nmd_teaching_session_measure (self->teaching, rival, &kappa, &self->auc);
  g_autofree char *text
      = isnan (self->auc)
            ? g_strdup (_ ("A curve needs readings of both classes"))
            : g_strdup_printf (ngettext ("ROC of your grades, AUC %.2f of %u scan",
                                         "ROC of your grades, AUC %.2f of %u scans",
                                         kappa.n),
                               self->auc, kappa.n);
  nmd_plot_area_set_text (self->plot, text);
  gtk_widget_queue_draw (GTK_WIDGET (self->plot));
}

static void
show_results (NmdTeachingWindow *self)
{
  guint done = count_readings (self), trained = 0;

  for (guint i = 0; i < nmd_teaching_session_get_n (self->teaching); i++)
    {
      const NmdTeachingCase *one = nmd_teaching_session_get_case (self->teaching, i);
      trained += one->guess >= 0 && one->model >= 0 && one->is_trained_on;
    }
  g_autofree char *readings
      = g_strdup_printf (ngettext ("%u reading.", "%u readings.", done), done);
  g_autofree char *known
      = trained > 0
            ? g_strdup_printf (ngettext ("The model was trained on %u of the scans: "
                                         "there it is better than on new ones.",
                                         "The model was trained on %u of the scans: "
                                         "there it is better than on new ones.",
                                         trained),
                               trained)
            : NULL;
  g_autofree char *text = g_strjoin (
      " ", readings, _ ("Intervals take scans as independent."), known, NULL);
  gtk_label_set_text (self->note, text);
  adw_window_title_set_subtitle (self->heading, _ ("how your readings agree"));
  show_table (self);
  show_curve (self);
}

static void
renew (NmdTeachingWindow *self)
{
  guint n = nmd_teaching_session_get_n (self->teaching);
  gboolean over
      = n > 0 && (self->finished || nmd_teaching_session_get_place (self->teaching) >= n);
  gboolean in_case = n > 0 && !over;

  gtk_stack_set_visible_child_name (self->stack, over      ? "results"
                                                 : in_case ? "case"
                                                           : "start");
  gtk_widget_set_visible (GTK_WIDGET (self->finish_button), in_case);
  gtk_widget_set_sensitive (GTK_WIDGET (self->finish_button), count_readings (self) > 0);
  if (in_case)
    show_case (self);
  else if (over)
    show_results (self);
  else
    adw_window_title_set_subtitle (self->heading, "");
}

/* Acting */

static void
on_start (NmdTeachingWindow *self)
{
  self->finished = FALSE;
  self->is_kept = FALSE;
  if (!nmd_teaching_session_start (self->teaching,
                                   (guint)gtk_spin_button_get_value_as_int (self->number),
                                   (guint64)g_get_real_time ()))
    nmd_notices_problem (nmd_app_session_get_notices (self->session),
                         _ ("There is no scan with an outline to read: open a data set"));
  renew (self);
}

static void
on_choice (NmdTeachingWindow *self)
{
  if (!self->setting && nmd_teaching_session_get_n (self->teaching) > 0)
    show_buttons (self);
}

static void
on_show (NmdTeachingWindow *self)
{
  int label = chosen_label (self), grade = chosen_grade (self);

  if (label >= 0 && grade > 0)
    nmd_teaching_session_guess (self->teaching, label, grade);
}

static void
on_next (NmdTeachingWindow *self)
{
  if (nmd_teaching_session_is_revealed (self->teaching))
    nmd_teaching_session_next (self->teaching);
}

static void
on_finish (NmdTeachingWindow *self)
{
  self->finished = TRUE;
  renew (self);
}

static void
start_again (gpointer window)
{
  NmdTeachingWindow *self = window;

  self->is_kept = TRUE;
  nmd_teaching_session_stop (self->teaching);
}

static void
close_anyway (gpointer window)
{
  NMD_TEACHING_WINDOW (window)->is_kept = TRUE;
  gtk_window_close (window);
}

/* TRUE: the question is asked, and @func called if the readings may be lost. */
static gboolean
ask_first (NmdTeachingWindow *self, void (*func) (gpointer window))
{
  if (self->is_kept || count_readings (self) == 0)
    return FALSE;
  nmd_question_present (GTK_WIDGET (self), _ ("Lose the Readings?"),
                        _ ("They are not saved."), _ ("_Lose Them"), func,
                        G_OBJECT (self));
  return TRUE;
}

static void
on_again (NmdTeachingWindow *self)
{
  if (!ask_first (self, start_again))
    start_again (self);
}

static gboolean
nmd_teaching_window_close_request (GtkWindow *window)
{
  if (ask_first (NMD_TEACHING_WINDOW (window), close_anyway))
    return GDK_EVENT_STOP;
  return GTK_WINDOW_CLASS (nmd_teaching_window_parent_class)->close_request (window);
}

/* Those that were written: another may have come since. */
static void
on_kept (gpointer window)
{
  NmdTeachingWindow *self = window;

  self->is_kept = count_readings (self) == self->n_saving;
}

void
nmd_teaching_window_save_as (NmdTeachingWindow *self, const char *path)
{
  g_return_if_fail (NMD_IS_TEACHING_WINDOW (self) && path != NULL);

  char *text = nmd_teaching_session_to_csv (self->teaching);
  self->n_saving = count_readings (self);
  nmd_saving_start (nmd_app_session_get_notices (self->session),
                    nmd_app_session_get_data (self->session),
                    nmd_app_session_get_scan (self->session), path,
                    nmd_content_new_text (text), on_kept, G_OBJECT (self));
}

static void
on_save_chosen (const char *path, gpointer window)
{
  nmd_teaching_window_save_as (window, path);
}

static void
on_save (NmdTeachingWindow *self)
{
  const char *const suffixes[] = { "csv", NULL };
  const NmdFileRequest request = { _ ("Save the Readings"),
                                   GTK_FILE_CHOOSER_ACTION_SAVE,
                                   _ ("Tables (CSV)"),
                                   suffixes,
                                   NULL,
                                   "readings.csv" };

  nmd_file_dialog_present (GTK_WIDGET (self), &request, on_save_chosen, G_OBJECT (self));
}

/* A button of another kind that was gone to by keys: Enter is its own. */
static gboolean
enter_is_taken (NmdTeachingWindow *self)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));

  return GTK_IS_BUTTON (focus) && !GTK_IS_TOGGLE_BUTTON (focus)
         && gtk_window_get_focus_visible (GTK_WINDOW (self));
}

static gboolean
on_key (GtkEventControllerKey *keys,
        guint key,
        guint code,
        GdkModifierType state,
        NmdTeachingWindow *self)
{
  guint lower = gdk_keyval_to_lower (key);
  gboolean in_case
      = g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "case") == 0;

  if (!in_case || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  gboolean open = gtk_widget_get_sensitive (GTK_WIDGET (self->grades));
  if (open && lower == GDK_KEY_h)
    gtk_toggle_button_set_active (self->healthy, TRUE);
  else if (open && lower == GDK_KEY_p)
    gtk_toggle_button_set_active (self->pathological, TRUE);
  else if (open && key >= GDK_KEY_1 && key < GDK_KEY_1 + N_GRADES)
    gtk_toggle_button_set_active (self->grade[key - GDK_KEY_1], TRUE);
  else if ((key == GDK_KEY_Return || key == GDK_KEY_KP_Enter) && !enter_is_taken (self))
    (open ? on_show : on_next) (self);
  else
    return GDK_EVENT_PROPAGATE;
  return GDK_EVENT_STOP;
}

/* Object */

static void
nmd_teaching_window_dispose (GObject *object)
{
  NmdTeachingWindow *self = NMD_TEACHING_WINDOW (object);

  self->setting = TRUE;
  g_clear_pointer (&self->roc, nmd_roc_free);
  if (self->plot != NULL)
    nmd_plot_area_set_func (self->plot, NULL, NULL);
  if (self->teaching != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->teaching, self);
      nmd_teaching_session_stop (self->teaching);
    }
  g_clear_object (&self->teaching);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), NMD_TYPE_TEACHING_WINDOW);
  G_OBJECT_CLASS (nmd_teaching_window_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdTeachingWindow, child)

static void
nmd_teaching_window_class_init (NmdTeachingWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_teaching_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = nmd_teaching_window_close_request;
  g_type_ensure (NMD_TYPE_IMAGE_VIEW);
  g_type_ensure (NMD_TYPE_PLOT_AREA);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-teaching-window.ui");
  BIND (heading);
  BIND (finish_button);
  BIND (stack);
  BIND (number);
  BIND (start_button);
  BIND (view);
  BIND (healthy);
  BIND (pathological);
  BIND (grades);
  BIND (grade_help);
  BIND (show_button);
  BIND (answers);
  BIND (next_button);
  BIND (table);
  BIND (note);
  BIND (rival);
  BIND (plot);
  BIND (save_button);
  BIND (again_button);
}

static void
add_grades (NmdTeachingWindow *self)
{
  for (int i = 0; i < N_GRADES; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d", i + 1);
      GtkWidget *button = gtk_toggle_button_new_with_label (text);
      gtk_widget_set_tooltip_text (button, describe_grade (i + 1));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      describe_grade (i + 1), -1);
      self->grade[i] = GTK_TOGGLE_BUTTON (button);
      if (i > 0)
        gtk_toggle_button_set_group (self->grade[i], self->grade[0]);
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (on_choice), self);
      gtk_box_append (self->grades, button);
    }
}

static void
nmd_teaching_window_init (NmdTeachingWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  /* Enter in the number of scans starts. */
  gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (self->start_button));
  gtk_text_set_activates_default (
      GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (self->number))), TRUE);
  const struct
  {
    gpointer object;
    const char *signal;
    GCallback callback;
  } connections[] = {
    { self->start_button, "clicked", G_CALLBACK (on_start) },
    { self->show_button, "clicked", G_CALLBACK (on_show) },
    { self->next_button, "clicked", G_CALLBACK (on_next) },
    { self->finish_button, "clicked", G_CALLBACK (on_finish) },
    { self->save_button, "clicked", G_CALLBACK (on_save) },
    { self->again_button, "clicked", G_CALLBACK (on_again) },
    { self->healthy, "toggled", G_CALLBACK (on_choice) },
    { self->pathological, "toggled", G_CALLBACK (on_choice) },
    { self->rival, "notify::selected", G_CALLBACK (show_curve) },
  };
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_connect_swapped (connections[i].object, connections[i].signal,
                              connections[i].callback, self);
  add_grades (self);
  nmd_plot_area_set_func (self->plot, draw_roc, self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

NmdTeachingWindow *
nmd_teaching_window_present (GtkWindow *parent, NmdAppSession *session)
{
  g_return_val_if_fail (NMD_IS_APP_SESSION (session), NULL);

  NmdTeachingWindow *self = g_object_new (NMD_TYPE_TEACHING_WINDOW, "transient-for",
                                          parent, "modal", TRUE, NULL);
  self->session = g_object_ref (session);
  self->teaching = nmd_teaching_session_new (
      nmd_app_session_get_notices (session), nmd_app_session_get_data (session),
      nmd_app_session_get_visit (session), nmd_app_session_get_runs (session),
      nmd_app_session_get_devices (session), nmd_app_session_get_training (session));
  g_signal_connect_swapped (self->teaching, "changed", G_CALLBACK (renew), self);
  renew (self);
  nmd_control_names_set (GTK_WIDGET (self));
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

NmdTeachingSession *
nmd_teaching_window_get_session (NmdTeachingWindow *self)
{
  g_return_val_if_fail (NMD_IS_TEACHING_WINDOW (self), NULL);
  return self->teaching;
}
