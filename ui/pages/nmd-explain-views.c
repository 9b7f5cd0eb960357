/* SPDX-License-Identifier: Apache-2.0
 *
 * Which pictures are seen, and that they move together. What is on them is the page's.
 */
#include "ui/pages/nmd-explain-views.h"

#include "ui/pages/nmd-outline-care.h"
#include "ui/widgets/nmd-swipe.h"

#define N_VIEWS 3

struct _NmdExplainViews
{
  AdwBin parent_instance;

  NmdImageView *image;
  NmdImageView *map;
  NmdImageView *overlay;
  GtkWidget *map_side;
  GtkWidget *overlay_side;
  GtkOverlay *image_over;
  NmdSwipe *swipe;
  GtkLabel *image_title;
  GtkLabel *overlay_title;
  GtkLabel *swipe_title;

  NmdExplainMode mode;
  gboolean has_map;
  GdkTexture *colours; /* (nullable): of the map, on box */
  NmdBox box;
  GBinding *opacity; /* of the image's map, in a swipe */
};

enum
{
  PROP_0,
  PROP_MODE,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

enum
{
  STEP,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (NmdExplainViews, nmd_explain_views, ADW_TYPE_BIN)

NmdImageView *
nmd_explain_views_get_image (NmdExplainViews *self)
{
  g_return_val_if_fail (NMD_IS_EXPLAIN_VIEWS (self), NULL);
  return self->image;
}

NmdImageView *
nmd_explain_views_get_overlay (NmdExplainViews *self)
{
  g_return_val_if_fail (NMD_IS_EXPLAIN_VIEWS (self), NULL);
  return self->overlay;
}

/* What is seen */

static void
renew_start (NmdExplainViews *self)
{
  gboolean swipes = self->mode == NMD_EXPLAIN_SWIPE;

  g_object_set (self->image, "overlay-start",
                swipes ? nmd_swipe_get_position (self->swipe) : 0.0, NULL);
}

/* Elsewhere the image's own overlay is for others: "What if" blanks its background. */
static void
renew_image_map (NmdExplainViews *self)
{
  if (self->opacity != NULL)
    nmd_grey_view_set_overlay (NMD_GREY_VIEW (self->image), self->colours, &self->box);
}

static void
renew (NmdExplainViews *self)
{
  gboolean swipes = self->mode == NMD_EXPLAIN_SWIPE && self->has_map;

  gtk_widget_set_visible (self->map_side,
                          self->has_map && self->mode == NMD_EXPLAIN_THREE);
  gtk_widget_set_visible (self->overlay_side, self->has_map && !swipes);
  gtk_widget_set_visible (GTK_WIDGET (self->swipe), swipes);
  gtk_widget_set_visible (GTK_WIDGET (self->swipe_title), swipes);
  if (swipes && self->opacity == NULL)
    self->opacity = g_object_bind_property (
        self->overlay, "overlay-opacity", self->image, "overlay-opacity",
        G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  else if (!swipes)
    {
      if (self->opacity != NULL)
        g_binding_unbind (self->opacity);
      if (self->opacity != NULL)
        nmd_grey_view_set_overlay (NMD_GREY_VIEW (self->image), NULL, NULL);
      self->opacity = NULL;
    }
  renew_image_map (self);
  renew_start (self);
}

static void
set_mode (NmdExplainViews *self, NmdExplainMode mode)
{
  if (mode == self->mode)
    return;
  self->mode = mode;
  renew (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
}

void
nmd_explain_views_show_map (NmdExplainViews *self, gboolean show)
{
  g_return_if_fail (NMD_IS_EXPLAIN_VIEWS (self));
  self->has_map = show;
  renew (self);
}

void
nmd_explain_views_set_map (NmdExplainViews *self,
                           GdkTexture *colours,
                           const NmdBox *box,
                           const char *title)
{
  g_return_if_fail (NMD_IS_EXPLAIN_VIEWS (self) && title != NULL);

  g_set_object (&self->colours, colours);
  self->box = box != NULL ? *box : (NmdBox){ 0 };
  renew_image_map (self);
  nmd_grey_view_set_overlay (NMD_GREY_VIEW (self->map), colours, box);
  nmd_grey_view_set_overlay (NMD_GREY_VIEW (self->overlay), colours, box);
  gtk_label_set_text (self->overlay_title, title);
  gtk_label_set_text (self->swipe_title, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->overlay_title), title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->swipe_title), title);
}

void
nmd_explain_views_set_scan (NmdExplainViews *self, NmdScan *scan)
{
  g_return_if_fail (NMD_IS_EXPLAIN_VIEWS (self));

  nmd_image_view_set_scan (self->image, scan);
  nmd_image_view_set_scan (self->map, scan);
  nmd_image_view_set_scan (self->overlay, scan);
  if (scan == NULL)
    return;
  gtk_label_set_text (self->image_title, scan->name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->image_title), scan->path);
}

void
nmd_explain_views_connect (NmdExplainViews *self,
                           NmdNotices *notices,
                           NmdScanSession *session)
{
  g_return_if_fail (NMD_IS_EXPLAIN_VIEWS (self));

  nmd_outline_care_connect (self->image, notices, session);
  nmd_outline_care_connect (self->map, notices, session);
  nmd_outline_care_connect (self->overlay, notices, session);
}

/* All together */

static void
on_view_changed (NmdGreyView *view, NmdExplainViews *self)
{
  NmdImageView *views[N_VIEWS] = { self->image, self->map, self->overlay };
  NmdCanvas canvas;
  gboolean moved = nmd_grey_view_get_canvas (view, &canvas);

  for (guint i = 0; i < N_VIEWS; i++)
    if (NMD_GREY_VIEW (views[i]) != view)
      nmd_grey_view_set_canvas (NMD_GREY_VIEW (views[i]), moved ? &canvas : NULL);
}

static void
on_step (NmdGreyView *view, int by, gboolean by_subject, NmdExplainViews *self)
{
  g_signal_emit (self, signals[STEP], 0, by, by_subject);
}

static void
join (NmdExplainViews *self)
{
  const GBindingFlags both = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;
  const char *const shared[] = { "brightness", "contrast", "inverted", "show-outline" };
  NmdImageView *views[N_VIEWS] = { self->image, self->map, self->overlay };

  for (guint i = 0; i < N_VIEWS; i++)
    {
      for (guint k = 0; i > 0 && k < G_N_ELEMENTS (shared); k++)
        g_object_bind_property (self->image, shared[k], views[i], shared[k], both);
      g_signal_connect_object (views[i], "view-changed", G_CALLBACK (on_view_changed),
                               self, 0);
      g_signal_connect_object (views[i], "step", G_CALLBACK (on_step), self, 0);
    }
}

/* Object */

static void
nmd_explain_views_get_property (GObject *object,
                                guint id,
                                GValue *value,
                                GParamSpec *pspec)
{
  if (id == PROP_MODE)
    g_value_set_uint (value, NMD_EXPLAIN_VIEWS (object)->mode);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_explain_views_set_property (GObject *object,
                                guint id,
                                const GValue *value,
                                GParamSpec *pspec)
{
  if (id == PROP_MODE)
    set_mode (NMD_EXPLAIN_VIEWS (object), g_value_get_uint (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
nmd_explain_views_dispose (GObject *object)
{
  g_clear_object (&NMD_EXPLAIN_VIEWS (object)->colours);
  G_OBJECT_CLASS (nmd_explain_views_parent_class)->dispose (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, NmdExplainViews, child)

static void
nmd_explain_views_class_init (NmdExplainViewsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = nmd_explain_views_get_property;
  object_class->set_property = nmd_explain_views_set_property;
  object_class->dispose = nmd_explain_views_dispose;
  properties[PROP_MODE] = g_param_spec_uint (
      "mode", NULL, NULL, 0, NMD_EXPLAIN_SWIPE, NMD_EXPLAIN_TWO,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[STEP]
      = g_signal_new ("step", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_BOOLEAN);
  g_type_ensure (NMD_TYPE_IMAGE_VIEW);
  g_type_ensure (NMD_TYPE_SWIPE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/nmdassist/NmdAssist/nmd-explain-views.ui");
  BIND (image);
  BIND (map);
  BIND (overlay);
  BIND (map_side);
  BIND (overlay_side);
  BIND (image_over);
  BIND (swipe);
  BIND (image_title);
  BIND (overlay_title);
  BIND (swipe_title);
}

static void
nmd_explain_views_init (NmdExplainViews *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  nmd_swipe_lay_over (self->swipe, self->image_over);
  g_object_set (self->map, "overlay-opacity", 1.0, NULL);
  join (self);
  g_signal_connect_object (self->swipe, "notify::position", G_CALLBACK (renew_start),
                           self, G_CONNECT_SWAPPED);
  renew (self);
}
