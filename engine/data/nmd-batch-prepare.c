/* SPDX-License-Identifier: Apache-2.0
 *
 * Preprocessing all images of batches ahead of their first use, on two threads.
 */
#include "engine/core/nmd-right-of-way.h"
#include "engine/data/nmd-batch-private.h"

#include <pthread.h>

#define N_PREPARE 2

typedef struct
{
  NmdBatches *batches;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  guint next, done, n_running;
  gboolean stop, gives_way;
  GError *error; /* of the first image that has one, whichever thread met one first … */
  guint error_at; /* … and its position */
} Preparation;

static void *
prepare_thread (void *data)
{
  Preparation *self = data;

  nmd_right_of_way_set_gives (self->gives_way);
  pthread_mutex_lock (&self->lock);
  while (!self->stop && self->next < nmd_batches_get_n_samples (self->batches))
    {
      guint position = self->next++;
      GError *error = NULL;

      pthread_mutex_unlock (&self->lock);
      nmd_right_of_way_give ();
      nmd_batches_get_image (self->batches, position, &error);
      pthread_mutex_lock (&self->lock);
      self->done++;
      if (error != NULL)
        {
          self->stop = TRUE;
          if (self->error == NULL || position < self->error_at)
            {
              g_clear_error (&self->error);
              self->error = g_steal_pointer (&error);
              self->error_at = position;
            }
          g_clear_error (&error);
        }
      pthread_cond_broadcast (&self->changed);
    }
  self->n_running--;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->lock);
  return NULL;
}

/* Waits for the threads; progress is told on the caller's thread. */
static void
watch_preparation (Preparation *self,
                   void (*progress) (double fraction, gpointer data),
                   gpointer user_data,
                   GCancellable *cancellable)
{
  guint told = 0;

  pthread_mutex_lock (&self->lock);
  while (self->n_running > 0)
    {
      if (g_cancellable_is_cancelled (cancellable))
        self->stop = TRUE;
      if (progress != NULL && told != self->done)
        {
          told = self->done;
          pthread_mutex_unlock (&self->lock);
          progress ((double)told / nmd_batches_get_n_samples (self->batches), user_data);
          pthread_mutex_lock (&self->lock);
          continue;
        }
      pthread_cond_wait (&self->changed, &self->lock);
    }
  pthread_mutex_unlock (&self->lock);
}

gboolean
nmd_batches_prepare (NmdBatches *self,
                     void (*progress) (double fraction, gpointer data),
                     gpointer user_data,
                     GCancellable *cancellable,
                     GError **error)
{
  Preparation preparation
      = { .batches = self, .gives_way = nmd_right_of_way_get_gives () };
  pthread_t threads[N_PREPARE];
  guint n_threads = 0;

  g_return_val_if_fail (self != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  pthread_mutex_init (&preparation.lock, NULL);
  pthread_cond_init (&preparation.changed, NULL);
  preparation.n_running = N_PREPARE;
  while (n_threads < N_PREPARE
         && pthread_create (&threads[n_threads], NULL, prepare_thread, &preparation) == 0)
    n_threads++;
  if (n_threads < N_PREPARE)
    {
      pthread_mutex_lock (&preparation.lock);
      preparation.n_running -= N_PREPARE - MAX (n_threads, 1);
      pthread_mutex_unlock (&preparation.lock);
    }
  if (n_threads == 0)
    prepare_thread (&preparation); /* no thread to be had: prepare here */
  watch_preparation (&preparation, progress, user_data, cancellable);
  for (guint i = 0; i < n_threads; i++)
    pthread_join (threads[i], NULL);
  pthread_cond_destroy (&preparation.changed);
  pthread_mutex_destroy (&preparation.lock);
  if (preparation.error != NULL)
    {
      g_propagate_error (error, preparation.error);
      return FALSE;
    }
  if (preparation.stop)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  if (progress != NULL)
    progress (1.0, user_data);
  return TRUE;
}
