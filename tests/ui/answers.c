/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of the model.
 */
#include "tests/ui/answers.h"
#include "tests/ui/screen.h"

Answers answers;

static NmdFit awaited;

static void
on_explanation (NmdExplanationSession *self, NmdExplanation *answer, gpointer data)
{
  if (answer == NULL)
    return;
  answers.n++;
  answers.has_map = answer->map != NULL;
  if (answer->map != NULL)
    answers.methods |= 1u << answer->map->method;
  answers.fit = answer->verdict.fit;
}

gulong
answers_hear (void)
{
  return g_signal_connect (screen.explanation, "explanation", G_CALLBACK (on_explanation),
                           NULL);
}

static gboolean
has_answer (void)
{
  return answers.n > 0;
}

double
answers_ask (void)
{
  gint64 start = g_get_monotonic_time ();

  answers.n = 0;
  nmd_explanation_session_ask (screen.explanation, NMD_MAP_GRADCAM, -1, NULL);
  g_assert_true (screen_wait (has_answer, 60));
  return (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static gboolean
has_awaited_fit (void)
{
  return answers.n > 0 && answers.fit == awaited;
}

void
answers_wait_for_fit (NmdFit fit)
{
  awaited = fit;
  g_assert_true (screen_wait (has_awaited_fit, 60));
  screen_pause (0.3);
}
