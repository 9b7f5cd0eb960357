/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads --box and --click. What a network makes of them is the engine's.
 */
#include "app/nmd-prompt-options.h"

#include "app/nmd-output.h"
#include "engine/core/nmd-number.h"

void
nmd_prompt_options_clear (NmdPromptOptions *self)
{
  g_clear_pointer (&self->box, g_free);
  g_clear_pointer (&self->clicks, g_strfreev);
}

void
nmd_prompt_options_add (NmdPromptOptions *self, GArray *table)
{
  const GOptionEntry entries[] = {
    { "box", 0, 0, G_OPTION_ARG_STRING, &self->box,
      "A box around the muscle, in pixels: the outline is looked for with its help",
      "X,Y,WIDTH,HEIGHT" },
    { "click", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->clicks,
      "A pixel that belongs to the muscle (+) or does not (-); may be given several "
      "times",
      "+X,Y|-X,Y" },
  };

  g_array_append_vals (table, entries, G_N_ELEMENTS (entries));
}

gboolean
nmd_prompt_options_are_given (const NmdPromptOptions *self)
{
  return self->box != NULL || self->clicks != NULL;
}

/* @n whole numbers ≥ 0, divided by commas. */
static gboolean
parse_pixels (const char *text, guint n, int *values)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  if (g_strv_length (parts) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      gint64 value;

      /* a sentence of our own says more */
      if (!nmd_number_parse_int (parts[i], &value, NULL) || value < 0
          || value > G_MAXINT32)
        return FALSE;
      values[i] = (int)value;
    }
  return TRUE;
}

static gboolean
parse_click (NmdPrompts *prompts, const char *text)
{
  const guint i = prompts->n_clicks;
  int at[2];

  if ((*text != '+' && *text != '-') || !parse_pixels (text + 1, 2, at))
    return FALSE;
  prompts->clicks[i].x = at[0] + 0.5;
  prompts->clicks[i].y = at[1] + 0.5;
  prompts->clicks[i].is_positive = *text == '+';
  prompts->n_clicks++;
  return TRUE;
}

gboolean
nmd_prompt_options_parse (const NmdPromptOptions *self,
                          NmdPrompts *prompts,
                          GError **error)
{
  const guint n = self->clicks != NULL ? g_strv_length (self->clicks) : 0;
  int box[4];

  *prompts = (NmdPrompts){ 0 };
  if (self->box != NULL)
    {
      if (!parse_pixels (self->box, 4, box) || box[2] == 0 || box[3] == 0)
        {
          g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                       "--box is X,Y,WIDTH,HEIGHT in pixels, not “%s”",
                       nmd_command_shown (self->box));
          return FALSE;
        }
      prompts->has_box = TRUE;
      prompts->x0 = box[0];
      prompts->y0 = box[1];
      prompts->x1 = (double)box[0] + box[2];
      prompts->y1 = (double)box[1] + box[3];
    }
  if (n > NMD_PROMPTS_MAX_CLICKS)
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                   "--click is given %u times, at most %d are taken", n,
                   NMD_PROMPTS_MAX_CLICKS);
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    if (!parse_click (prompts, self->clicks[i]))
      {
        g_set_error (error, NMD_ERROR, NMD_ERROR_FORMAT,
                     "--click is +X,Y (inside) or -X,Y (outside) in pixels, not “%s”",
                     nmd_command_shown (self->clicks[i]));
        return FALSE;
      }
  return TRUE;
}

gboolean
nmd_prompts_check (
    const NmdPrompts *prompts, int width, int height, const char *path, GError **error)
{
  if (prompts->has_box && (prompts->x1 > width || prompts->y1 > height))
    {
      g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                   "The box does not lie within %s of %d × %d pixels",
                   nmd_command_shown (path), width, height);
      return FALSE;
    }
  for (guint i = 0; i < prompts->n_clicks; i++)
    if (prompts->clicks[i].x > width || prompts->clicks[i].y > height)
      {
        g_set_error (error, NMD_ERROR, NMD_ERROR_SHAPE,
                     "The click on %d,%d does not lie within %s of %d × %d pixels",
                     (int)prompts->clicks[i].x, (int)prompts->clicks[i].y,
                     nmd_command_shown (path), width, height);
        return FALSE;
      }
  return TRUE;
}

JsonObject *
nmd_prompts_to_json (const NmdPrompts *prompts)
{
  const int sides[4]
      = { (int)prompts->x0, (int)prompts->y0, (int)(prompts->x1 - prompts->x0),
          (int)(prompts->y1 - prompts->y0) };
  JsonObject *object = json_object_new ();
  JsonArray *clicks = json_array_new ();

  if (prompts->has_box)
    {
      JsonArray *box = json_array_new ();

      for (int i = 0; i < 4; i++)
        json_array_add_int_element (box, sides[i]);
      json_object_set_array_member (object, "box", box);
    }
  else
    json_object_set_null_member (object, "box");
  for (guint i = 0; i < prompts->n_clicks; i++)
    {
      JsonObject *click = json_object_new ();

      json_object_set_int_member (click, "x", (int)prompts->clicks[i].x);
      json_object_set_int_member (click, "y", (int)prompts->clicks[i].y);
      json_object_set_boolean_member (click, "inside", prompts->clicks[i].is_positive);
      json_array_add_object_element (clicks, click);
    }
  json_object_set_array_member (object, "clicks", clicks);
  return object;
}
