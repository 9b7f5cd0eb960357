/* SPDX-License-Identifier: Apache-2.0
 *
 * One process of xdotool for a whole gesture, beside the main loop.
 */
#include "tests/ui/pointer.h"

#include <math.h>

static gboolean ended;

NmdImageView *
pointer_view (void)
{
  return NMD_IMAGE_VIEW (
      screen_find (GTK_WIDGET (screen.window), NMD_TYPE_IMAGE_VIEW, NULL));
}

static void
on_end (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_true (g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, NULL));
  ended = TRUE;
}

static gboolean
has_ended (void)
{
  return ended;
}

/* Hands the words to xdotool; they go in with their moves and sleeps. */
static void
send (GStrvBuilder *words)
{
  g_auto (GStrv) argv = g_strv_builder_end (words);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process
      = g_subprocess_newv ((const char *const *)argv, G_SUBPROCESS_FLAGS_NONE, &error);

  g_assert_no_error (error);
  ended = FALSE;
  g_subprocess_wait_check_async (process, NULL, on_end, NULL);
  g_assert_true (screen_wait (has_ended, 60));
}

void
pointer_run (const char *words)
{
  g_auto (GStrv) parts = g_strsplit (words, " ", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add (builder, "xdotool");
  g_strv_builder_addv (builder, (const char **)parts);
  send (builder);
}

gboolean
pointer_init (void)
{
  int status = -1;

  return g_getenv ("DISPLAY") != NULL
         && g_spawn_command_line_sync ("xdotool mousemove 5 5", NULL, NULL, &status, NULL)
         && status == 0;
}

/* Pixel (@x, @y) of the image on the screen. */
static void
add_move (GStrvBuilder *words, double x, double y, int gap_ms)
{
  NmdCanvas canvas;
  graphene_point_t on_window;
  double wx = 0, wy = 0, sx = 0, sy = 0;

  nmd_grey_view_get_shown (NMD_GREY_VIEW (pointer_view ()), &canvas);
  nmd_canvas_image_to_widget (&canvas, x, y, &wx, &wy);
  g_assert_true (
      gtk_widget_compute_point (GTK_WIDGET (pointer_view ()), GTK_WIDGET (screen.window),
                                &GRAPHENE_POINT_INIT ((float)wx, (float)wy), &on_window));
  gtk_native_get_surface_transform (GTK_NATIVE (screen.window), &sx, &sy);
  g_autofree char *left = g_strdup_printf ("%.0f", on_window.x + sx);
  g_autofree char *top = g_strdup_printf ("%.0f", on_window.y + sy);
  g_autofree char *pause = g_strdup_printf ("%.3f", gap_ms / 1000.0);
  g_strv_builder_add_many (words, "mousemove", left, top, "sleep", pause, NULL);
}

void
pointer_draw (NmdTool tool, double x, double y, double radius, int steps, int gap_ms)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  gboolean clicks = tool == NMD_TOOL_LIVEWIRE || tool == NMD_TOOL_POLYGON;
  gboolean turns = tool == NMD_TOOL_TRACE || tool == NMD_TOOL_BRUSH || clicks;

  nmd_image_view_set_tool (pointer_view (), tool);
  screen_pause (0.1);
  g_strv_builder_add (words, "xdotool");
  for (int i = 0; i <= steps; i++)
    {
      double turn = 2 * G_PI * i / steps, share = 2.0 * i / steps - 1;
      add_move (words, x + radius * (turns ? cos (turn) : share),
                y + radius * (turns ? sin (turn) : share), gap_ms);
      if (i == 0 && !clicks)
        g_strv_builder_add_many (words, "mousedown", "1", "sleep", "0.03", NULL);
      /* Slow enough not to be a double click. */
      if (clicks && i < steps && i % (steps / 6) == 0)
        g_strv_builder_add_many (words, "mousedown", "1", "sleep", "0.03", "mouseup", "1",
                                 "sleep", "0.45", NULL);
    }
  if (clicks)
    g_strv_builder_add_many (words, "key", "Return", NULL);
  else
    g_strv_builder_add_many (words, "sleep", "0.03", "mouseup", "1", NULL);
  send (words);
  screen_pause (0.3);
}

void
pointer_circle (double x, double y, double radius, int steps, int gap_ms)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  nmd_image_view_set_tool (pointer_view (), NMD_TOOL_PAN);
  screen_pause (0.1);
  g_strv_builder_add (words, "xdotool");
  for (int i = 0; i <= steps; i++)
    {
      double turn = 2 * G_PI * i / steps;
      add_move (words, x + radius * cos (turn), y + radius * sin (turn), gap_ms);
    }
  send (words);
  screen_pause (0.3);
}
