/* SPDX-License-Identifier: Apache-2.0
 *
 * Between two polls the loop works.
 */
#include "ui/window/nmd-main-loop.h"

#include "engine/core/nmd-right-of-way.h"

static GPollFunc wait_for_events;

static gint
wait_and_take (GPollFD *fds, guint n, gint timeout)
{
  gint ready = 0;

  nmd_right_of_way_end ();
  ready = wait_for_events (fds, n, timeout);
  nmd_right_of_way_take ();
  return ready;
}

void
nmd_main_loop_go_first (void)
{
  g_return_if_fail (wait_for_events == NULL);

  wait_for_events = g_main_context_get_poll_func (NULL);
  nmd_right_of_way_take ();
  g_main_context_set_poll_func (NULL, wait_and_take);
}
