/* SPDX-License-Identifier: Apache-2.0
 *
 * Binds a view to its sliders.
 */
#include "ui/widgets/nmd-view-sliders.h"

#include <math.h>

/* Whether the slider's @value says no more than that the view's is there, or beyond its end. */
static gboolean
says_nothing_new (GtkAdjustment *adjustment, double shown, double value)
{
  return CLAMP (shown, gtk_adjustment_get_lower (adjustment),
                gtk_adjustment_get_upper (adjustment))
         == value;
}

static gboolean
brightness_from_slider (GBinding *binding,
                        const GValue *from,
                        GValue *to,
                        gpointer adjustment)
{
  g_autoptr (GObject) view = g_binding_dup_source (binding);
  double brightness = 0;

  g_object_get (view, "brightness", &brightness, NULL);
  if (says_nothing_new (adjustment, brightness, g_value_get_double (from)))
    return FALSE;
  g_value_copy (from, to);
  return TRUE;
}

static gboolean
contrast_to_slider (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_double (to, log2 (g_value_get_double (from)));
  return TRUE;
}

static gboolean
contrast_from_slider (GBinding *binding,
                      const GValue *from,
                      GValue *to,
                      gpointer adjustment)
{
  g_autoptr (GObject) view = g_binding_dup_source (binding);
  double contrast = 1;

  g_object_get (view, "contrast", &contrast, NULL);
  if (says_nothing_new (adjustment, log2 (contrast), g_value_get_double (from)))
    return FALSE;
  g_value_set_double (to, exp2 (g_value_get_double (from)));
  return TRUE;
}

void
nmd_view_sliders_bind (NmdGreyView *view, GtkScale *brightness, GtkScale *contrast)
{
  const GBindingFlags both = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;
  GtkAdjustment *bright = NULL, *contrasted = NULL;

  g_return_if_fail (NMD_IS_GREY_VIEW (view));
  bright = gtk_range_get_adjustment (GTK_RANGE (brightness));
  contrasted = gtk_range_get_adjustment (GTK_RANGE (contrast));
  g_object_bind_property_full (view, "brightness", bright, "value", both, NULL,
                               brightness_from_slider, bright, NULL);
  g_object_bind_property_full (view, "contrast", contrasted, "value", both,
                               contrast_to_slider, contrast_from_slider, contrasted,
                               NULL);
}
