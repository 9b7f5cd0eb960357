/* SPDX-License-Identifier: Apache-2.0
 *
 * Thumbnails. Reading and shrinking are jobs of the pool; here are the cache and the
 * widget.
 */
#include "ui/widgets/nmd-thumbnail.h"

#include "engine/core/nmd-job.h"
#include "engine/image/nmd-reader.h"
#include "ui/widgets/nmd-still-picture.h"

#include <glib/gi18n.h>

#define CACHE_SIZE 600
#define PIXELS 208

struct _NmdThumbnail
{
  GtkWidget parent_instance;

  NmdSample *sample;
  NmdJob *job;
  GtkWidget *picture;
  GtkWidget *caption;
  GtkWidget *warning;
  int size;
  gboolean is_out;      /* of sight when it was to be drawn: nothing was */
  GdkFrameClock *clock; /* (nullable): while mapped */
};

G_DEFINE_FINAL_TYPE (NmdThumbnail, nmd_thumbnail, GTK_TYPE_WIDGET)

/* Cache: path → image, the longest unused goes first. Main thread. */

static GHashTable *cache;
static GQueue cache_order = G_QUEUE_INIT; /* of the keys, newest at the head */

static NmdImage *
cache_get (const char *path)
{
  gpointer key = NULL, image = NULL;

  if (cache == NULL || !g_hash_table_lookup_extended (cache, path, &key, &image))
    return NULL;
  g_queue_remove (&cache_order, key);
  g_queue_push_head (&cache_order, key);
  return image;
}

static void
cache_put (const char *path, NmdImage *image)
{
  if (cache == NULL)
    cache = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                   (GDestroyNotify)nmd_image_unref);
  if (g_hash_table_contains (cache, path))
    return;
  char *key = g_strdup (path);
  g_hash_table_insert (cache, key, nmd_image_ref (image));
  g_queue_push_head (&cache_order, key);
  while (g_queue_get_length (&cache_order) > CACHE_SIZE)
    g_hash_table_remove (cache, g_queue_pop_tail (&cache_order));
}

guint
nmd_thumbnail_cache_get_n (void)
{
  return g_queue_get_length (&cache_order);
}

void
nmd_thumbnail_cache_clear (void)
{
  g_queue_clear (&cache_order);
  g_clear_pointer (&cache, g_hash_table_unref);
}

/* Loading */

static gpointer
load_func (NmdJob *job, gconstpointer input, GCancellable *cancellable, GError **error)
{
  g_autoptr (NmdImage) image = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  image = nmd_image_load (input, error);
  if (image == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  double scale = (double)PIXELS / MIN (image->width, image->height);
  return scale < 1 ? nmd_image_resize (image, MAX (1, (int)(image->width * scale)),
                                       MAX (1, (int)(image->height * scale)))
                   : g_steal_pointer (&image);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (NmdThumbnail) self = user_data;
  g_autoptr (NmdImage) image = nmd_job_finish (NMD_JOB (source), result, NULL);
  const char *path = g_object_get_data (source, "path");

  if (image != NULL)
    cache_put (path, image);
  if (self->job != NMD_JOB (source))
    return;
  g_clear_object (&self->job);
  nmd_still_picture_set_image (NMD_STILL_PICTURE (self->picture), image);
}

char *
nmd_problems_to_text (NmdProblems problems)
{
  GString *text = g_string_new (NULL);
  const struct
  {
    NmdProblems bit;
    const char *words;
  } table[] = {
    { NMD_PROBLEM_NO_MASK, _ ("No mask: the whole frame is used") },
    { NMD_PROBLEM_EMPTY_MASK, _ ("The mask is empty: the whole frame is used") },
    { NMD_PROBLEM_COLOURED,
      _ ("Coloured pixels inside the outline change echo intensity") },
    { NMD_PROBLEM_LOSSY, _ ("JPEG: echo intensity may be off") },
    { NMD_PROBLEM_DUPLICATE, _ ("The same picture as an earlier one") },
    { NMD_PROBLEM_LABEL_CONFLICT, _ ("The same picture with another label") },
    { NMD_PROBLEM_BLACK, _ ("Black throughout") },
    { NMD_PROBLEM_SATURATED, _ ("Saturated: at least half of it is white") },
    { NMD_PROBLEM_CONSTANT, _ ("One grey level throughout") },
    { NMD_PROBLEM_MERGED_MASKS, _ ("The outline is several masks together") },
    { NMD_PROBLEM_MASK_ALPHA, _ ("The mask is the alpha channel of its file") },
    { NMD_PROBLEM_MASK_SOFT, _ ("The mask has soft edges: set from half on") },
    { NMD_PROBLEM_MASK_VOID,
      _ ("An undecided border (255 of Pascal VOC) is not part of the mask") },
    { NMD_PROBLEM_MASK_GREY, _ ("The mask looks like a picture") },
    { NMD_PROBLEM_MASK_COVERS, _ ("The mask covers the frame") },
    { NMD_PROBLEM_MASK_INVERTED, _ ("The mask looks inverted") },
    { NMD_PROBLEM_MASK_CONTOUR, _ ("The mask is a line that is not filled") },
    { NMD_PROBLEM_MASK_STRAY,
      _ ("The mask has stray pixels, which make the ROI larger") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if ((problems & table[i].bit) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", table[i].words);
  return g_string_free (text, FALSE);
}

/* Written when asked for: setting a tooltip asks the display where the pointer is, once for
 * each of the hundreds of thumbnails that a new list binds. */
static gboolean
nmd_thumbnail_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  NmdThumbnail *self = NMD_THUMBNAIL (widget);

  if (self->sample == NULL)
    return FALSE;
  g_autofree char *problems = nmd_problems_to_text (self->sample->problems);
  g_autofree char *text = g_strdup_printf ("%s%s%s", self->sample->id,
                                           *problems != '\0' ? "\n" : "", problems);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
show_texts (NmdThumbnail *self)
{
  g_autofree char *spoken
      = g_strdup_printf ("%s, %s", self->sample->id, self->sample->label_word);
  gboolean has_muscle = self->sample->muscle != NULL && *self->sample->muscle != '\0';

  const char *word = has_muscle ? self->sample->muscle : self->sample->subject;
  /* On the caption's dark ground in either theme: the charts' blue and orange, lightened.
   */
  g_autofree char *caption = g_markup_printf_escaped (
      "<span foreground=\"%s\">●</span>%s%s",
      self->sample->label == 1 ? "#ffa348" : "#99c1f1",
      word != NULL && *word != '\0' && self->size > 60 ? " " : "",
      self->size > 60 && word != NULL ? word : "");
  gtk_label_set_markup (GTK_LABEL (self->caption), caption);
  gtk_widget_set_visible (self->warning, self->sample->problems != 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
}

void
nmd_thumbnail_set_sample (NmdThumbnail *self, NmdSample *sample)
{
  g_return_if_fail (NMD_IS_THUMBNAIL (self));
  if (!g_set_object (&self->sample, sample))
    return;
  if (self->job != NULL)
    nmd_job_cancel (self->job);
  g_clear_object (&self->job);
  NmdImage *known = sample != NULL ? cache_get (sample->image_path) : NULL;
  nmd_still_picture_set_image (NMD_STILL_PICTURE (self->picture), known);
  if (sample == NULL)
    return;
  show_texts (self);
  if (known != NULL)
    return;
  self->job = nmd_job_start (
      NMD_THREAD_POOL, NULL, NULL, load_func, g_strdup (sample->image_path), g_free, NULL,
      (GDestroyNotify)nmd_image_unref, on_loaded, g_object_ref (self));
  g_object_set_data_full (G_OBJECT (self->job), "path", g_strdup (sample->image_path),
                          g_free);
}

/* Widget */

/* Lists of GTK 4.8 have hundreds of children beyond their edges and draw them all: thumbnails more than the height of the list
 * away are drawn when it has been scrolled to them. */
static gboolean
is_in_sight (GtkWidget *widget)
{
  GtkWidget *list = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  graphene_rect_t bounds;

  if (list == NULL || !gtk_widget_compute_bounds (widget, list, &bounds))
    return TRUE;
  const float height = (float)gtk_widget_get_height (list);
  return bounds.origin.y < 2 * height && bounds.origin.y + bounds.size.height > -height;
}

/* After everything has its place, before anything is painted. */
static void
on_layout (NmdThumbnail *self)
{
  if (self->is_out && is_in_sight (GTK_WIDGET (self)))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
forget_clock (NmdThumbnail *self)
{
  if (self->clock != NULL)
    g_signal_handlers_disconnect_by_func (self->clock, on_layout, self);
  g_clear_object (&self->clock);
}

static void
nmd_thumbnail_map (GtkWidget *widget)
{
  NmdThumbnail *self = NMD_THUMBNAIL (widget);

  GTK_WIDGET_CLASS (nmd_thumbnail_parent_class)->map (widget);
  forget_clock (self);
  g_set_object (&self->clock, gtk_widget_get_frame_clock (widget));
  g_signal_connect_object (self->clock, "layout", G_CALLBACK (on_layout), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

static void
nmd_thumbnail_unmap (GtkWidget *widget)
{
  forget_clock (NMD_THUMBNAIL (widget));
  GTK_WIDGET_CLASS (nmd_thumbnail_parent_class)->unmap (widget);
}

static void
nmd_thumbnail_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  NmdThumbnail *self = NMD_THUMBNAIL (widget);

  self->is_out = !is_in_sight (widget);
  if (!self->is_out)
    GTK_WIDGET_CLASS (nmd_thumbnail_parent_class)->snapshot (widget, snapshot);
}

static void
nmd_thumbnail_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = *natural = NMD_THUMBNAIL (widget)->size;
}

static void
nmd_thumbnail_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  NmdThumbnail *self = NMD_THUMBNAIL (widget);
  GtkRequisition size;

  gtk_widget_size_allocate (self->picture, &(GtkAllocation){ 0, 0, width, height }, -1);
  gtk_widget_get_preferred_size (self->caption, NULL, &size);
  int caption_width = MIN (size.width, width - 8);
  GtkAllocation caption = { 4, height - size.height - 4, caption_width, size.height };
  gtk_widget_size_allocate (self->caption, &caption, -1);
  if (!gtk_widget_get_visible (self->warning))
    return;
  gtk_widget_get_preferred_size (self->warning, NULL, &size);
  GtkAllocation place = { width - size.width - 4, 4, size.width, size.height };
  gtk_widget_size_allocate (self->warning, &place, -1);
}

static void
nmd_thumbnail_dispose (GObject *object)
{
  NmdThumbnail *self = NMD_THUMBNAIL (object);

  if (self->job != NULL)
    nmd_job_cancel (self->job);
  g_clear_object (&self->job);
  forget_clock (self);
  g_clear_object (&self->sample);
  g_clear_pointer (&self->picture, gtk_widget_unparent);
  g_clear_pointer (&self->caption, gtk_widget_unparent);
  g_clear_pointer (&self->warning, gtk_widget_unparent);
  G_OBJECT_CLASS (nmd_thumbnail_parent_class)->dispose (object);
}

static void
nmd_thumbnail_class_init (NmdThumbnailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = nmd_thumbnail_dispose;
  widget_class->map = nmd_thumbnail_map;
  widget_class->unmap = nmd_thumbnail_unmap;
  widget_class->snapshot = nmd_thumbnail_snapshot;
  widget_class->query_tooltip = nmd_thumbnail_query_tooltip;
  widget_class->measure = nmd_thumbnail_measure;
  widget_class->size_allocate = nmd_thumbnail_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "thumbnail");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
nmd_thumbnail_init (NmdThumbnail *self)
{
  self->size = 104;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  self->picture = nmd_still_picture_new_tile ();
  gtk_widget_set_parent (self->picture, GTK_WIDGET (self));
  self->caption = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->caption), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->caption, "thumbcaption");
  gtk_widget_set_parent (self->caption, GTK_WIDGET (self));
  self->warning = gtk_label_new ("!");
  gtk_widget_add_css_class (self->warning, "thumbwarning");
  gtk_widget_set_visible (self->warning, FALSE);
  gtk_widget_set_parent (self->warning, GTK_WIDGET (self));
}

GtkWidget *
nmd_thumbnail_new (int size)
{
  NmdThumbnail *self = g_object_new (NMD_TYPE_THUMBNAIL, NULL);

  self->size = size;
  return GTK_WIDGET (self);
}
