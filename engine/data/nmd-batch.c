/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of tensors. Pixels are preprocessed once and kept; each epoch draws
 * augmentation and Mixup from named streams, so a batch is the same whether the caller or
 * the prefetching thread made it, and whenever.
 */
#include "engine/data/nmd-batch.h"
#include "engine/core/nmd-random.h"
#include "engine/core/nmd-right-of-way.h"
#include "engine/data/nmd-batch-private.h"
#include "engine/data/nmd-batch-segment-private.h"
#include "engine/data/nmd-pixel-cache-private.h"
#include "engine/data/nmd-prepared-private.h"

#include <pthread.h>
#include <string.h>

#define PIXELS (NMD_INPUT_SIZE * NMD_INPUT_SIZE)
#define TENSOR (3 * PIXELS)
#define SMALLEST_BATCH 8 /* a last batch with fewer images is dropped */

typedef enum
{
  PREFETCH_IDLE,  /* nothing asked, nothing held */
  PREFETCH_ASKED, /* epoch and batch wait for the thread */
  PREFETCH_WORKING,
  PREFETCH_READY, /* images and targets hold epoch and batch; or error is set */
} PrefetchState;

/* Buffers that making one batch needs beside its output. */
typedef struct
{
  float *grey;    /* size × 224 × 224 in [0, 1], augmented */
  float *partner; /* 3 × 224 × 224, normalised */
} Scratch;

struct _NmdBatches
{
  NmdDataset *dataset;
  NmdParameters *parameters;
  guint *samples;
  guint n, batch_size;
  gboolean is_segment;           /* else classification */
  gsize image_size, target_size; /* numbers of one image */
  guint64 seed;
  double smoothing, mixup;
  double weights[2]; /* of the classes in the targets */

  pthread_mutex_t cache_lock;
  NmdImage **cache;      /* preprocessed, by position; set once, under cache_lock */
  NmdPixelCache *pixels; /* (nullable) the same on disk */

  /* The epoch started last: caller's thread only; the prefetching thread gets its own
   * copy. */
  int epoch;
  guint *order;
  guint n_batches;
  double wait;
  Scratch scratch;

  /* Prefetching: all under lock. */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  gboolean has_thread, quit, gives_way;
  gint abandon; /* atomic: what the thread is making is not wanted any more */
  PrefetchState state;
  int ahead_epoch;
  guint ahead_batch, ahead_size;
  guint *ahead_positions;
  float *ahead_images, *ahead_targets;
  GError *ahead_error;
};

static void
scratch_clear (Scratch *self)
{
  g_clear_pointer (&self->grey, g_free);
  g_clear_pointer (&self->partner, g_free);
}

/* "class-weights" over the samples: 1, or n/(2·n_c). A class without images keeps 1. */
static void
set_weights (NmdBatches *self)
{
  guint counts[2] = { 0, 0 };

  self->weights[0] = self->weights[1] = 1;
  if (g_strcmp0 (nmd_parameters_get_choice (self->parameters, "class-weights"),
                 "balanced")
      != 0)
    return;
  for (guint i = 0; i < self->n; i++)
    counts[nmd_dataset_get (self->dataset, self->samples[i])->label == 1]++;
  for (int c = 0; c < 2; c++)
    if (counts[c] > 0)
      self->weights[c] = self->n / (2.0 * counts[c]);
}

NmdBatches *
nmd_batches_new (NmdDataset *dataset,
                 const guint *samples,
                 guint n,
                 const NmdParameters *parameters)
{
  NmdBatches *self = NULL;

  g_return_val_if_fail (NMD_IS_DATASET (dataset) && parameters != NULL, NULL);
  g_return_val_if_fail (samples != NULL || n == 0, NULL);

  self = g_new0 (NmdBatches, 1);
  self->dataset = g_object_ref (dataset);
  self->parameters = nmd_parameters_copy (parameters);
  self->samples = g_memdup2 (samples, n * sizeof *samples);
  self->n = n;
  self->batch_size = (guint)nmd_parameters_get_int (parameters, "batch");
  self->is_segment = nmd_parameters_get_task (parameters) == NMD_TASK_SEGMENT;
  self->image_size = TENSOR;
  self->target_size = 2;
  if (self->is_segment)
    {
      self->target_size = (gsize)nmd_segment_get_size (parameters)
                          * (gsize)nmd_segment_get_size (parameters);
      self->image_size = 3 * self->target_size;
    }
  self->seed = (guint64)nmd_parameters_get (parameters, "seed");
  self->smoothing = nmd_parameters_get (parameters, "label-smoothing");
  self->mixup = nmd_parameters_get (parameters, "mixup");
  set_weights (self);
  self->cache = g_new0 (NmdImage *, MAX (n, 1));
  if (nmd_dataset_get_pixel_folder (dataset) != NULL && !self->is_segment)
    self->pixels = nmd_pixel_cache_new (nmd_dataset_get_pixel_folder (dataset),
                                        NMD_PIXEL_CACHE_MAX, parameters);
  self->order = g_new0 (guint, MAX (n, 1));
  self->epoch = -1;
  pthread_mutex_init (&self->cache_lock, NULL);
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  return self;
}

void
nmd_batches_free (NmdBatches *self)
{
  if (self == NULL)
    return;
  if (self->has_thread)
    {
      g_atomic_int_set (&self->abandon, TRUE);
      pthread_mutex_lock (&self->lock);
      self->quit = TRUE;
      pthread_cond_broadcast (&self->changed);
      pthread_mutex_unlock (&self->lock);
      pthread_join (self->thread, NULL);
    }
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  pthread_mutex_destroy (&self->cache_lock);
  for (guint i = 0; i < self->n; i++)
    g_clear_pointer (&self->cache[i], nmd_image_unref);
  g_free (self->cache);
  nmd_pixel_cache_free (self->pixels);
  g_free (self->samples);
  g_free (self->order);
  g_free (self->ahead_positions);
  g_free (self->ahead_images);
  g_free (self->ahead_targets);
  g_clear_error (&self->ahead_error);
  scratch_clear (&self->scratch);
  nmd_parameters_unref (self->parameters);
  g_object_unref (self->dataset);
  g_free (self);
}

guint
nmd_batches_get_n_samples (NmdBatches *self)
{
  return self->n;
}

static NmdSample *
get_sample (NmdBatches *self, guint position)
{
  return nmd_dataset_get (self->dataset, self->samples[position]);
}

/* Preprocesses @sample, or takes it from the import that prepared it or from the disk
 * where it was kept. */
static NmdImage *
make_image (NmdBatches *self, NmdSample *sample, GError **error)
{
  g_autoptr (NmdImage) image = NULL, mask = NULL, prepared = NULL;
  g_auto (NmdStages) stages = { 0 };
  NmdPrepared *waiting = nmd_dataset_get_prepared (self->dataset);
  NmdImage *kept
      = self->pixels != NULL ? nmd_pixel_cache_get (self->pixels, sample) : NULL;

  if (kept != NULL)
    return kept;
  if (waiting != NULL)
    prepared = nmd_prepared_take (waiting, sample, self->parameters);
  if (prepared == NULL)
    {
      if (!nmd_sample_load (sample, &image, &mask, error))
        return NULL;
      nmd_preprocess (image, mask, self->parameters, &stages);
      prepared = nmd_image_ref (stages.clahe);
    }
  if (self->pixels != NULL)
    nmd_pixel_cache_put (self->pixels, sample, prepared);
  return g_steal_pointer (&prepared);
}

NmdImage *
nmd_batches_get_image (NmdBatches *self, guint position, GError **error)
{
  g_autoptr (NmdImage) fresh = NULL;
  NmdImage *made;

  pthread_mutex_lock (&self->cache_lock);
  made = self->cache[position];
  pthread_mutex_unlock (&self->cache_lock);
  if (made != NULL)
    return made;
  fresh = self->is_segment ? nmd_segment_item_new (get_sample (self, position),
                                                   self->parameters, error)
                           : make_image (self, get_sample (self, position), error);
  if (fresh == NULL)
    return NULL;
  pthread_mutex_lock (&self->cache_lock);
  if (self->cache[position]
      == NULL) /* else another thread was first, with the same pixels */
    self->cache[position] = nmd_image_ref (fresh);
  made = self->cache[position];
  pthread_mutex_unlock (&self->cache_lock);
  return made;
}

/* Making one batch. */

/* w·((1 − s)·one-hot + s/2). */
static void
set_target (NmdBatches *self, guint position, float target[2])
{
  int label = get_sample (self, position)->label == 1;

  for (int c = 0; c < 2; c++)
    target[c] = (float)(self->weights[c]
                        * ((c == label ? 1 - self->smoothing : 0) + self->smoothing / 2));
}

static gboolean
augment (NmdBatches *self,
         guint position,
         int epoch,
         NmdAugmentation *drawn,
         float *out,
         GError **error)
{
  NmdImage *image = nmd_batches_get_image (self, position, error);
  NmdRandom stream;

  if (image == NULL)
    return FALSE;
  nmd_random_init_for (&stream, self->seed, "augment", epoch,
                       get_sample (self, position)->id);
  nmd_augmentation_draw (drawn, self->parameters, &stream);
  nmd_augmentation_apply (drawn, image, out);
  return TRUE;
}

/* λ and partners of a batch: one λ ~ Beta(a, a), one uniform permutation. */
static double
draw_mixup (NmdBatches *self, int epoch, guint batch, guint *partners, guint n)
{
  g_autofree char *id = g_strdup_printf ("%u", batch);
  NmdRandom stream;
  double lambda;

  for (guint i = 0; i < n; i++)
    partners[i] = i;
  if (!(self->mixup > 0))
    return 1;
  nmd_random_init_for (&stream, self->seed, "mixup", epoch, id);
  lambda = nmd_random_beta (&stream, self->mixup, self->mixup);
  nmd_random_shuffle (&stream, partners, n);
  return lambda;
}

static gboolean
make_segment_batch (NmdBatches *self,
                    int epoch,
                    const guint *positions,
                    guint n,
                    gint *abandon,
                    float *images,
                    float *targets,
                    GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      const NmdImage *item = NULL;

      nmd_right_of_way_give ();
      if ((abandon != NULL && g_atomic_int_get (abandon))
          || (item = nmd_batches_get_image (self, positions[i], error)) == NULL)
        return FALSE;
      nmd_segment_item_augment (item, get_sample (self, positions[i]), self->parameters,
                                self->seed, epoch, images + i * self->image_size,
                                targets + i * self->target_size);
    }
  return TRUE;
}

/* FALSE without an error if given up by @abandon (nullable). */
static gboolean
make_batch (NmdBatches *self,
            int epoch,
            guint batch,
            const guint *positions,
            guint n,
            Scratch *scratch,
            gint *abandon,
            float *images,
            float *targets,
            GError **error)
{
  g_autofree guint *partners = g_new (guint, n);
  NmdAugmentation drawn;
  double lambda;

  if (self->is_segment)
    return make_segment_batch (self, epoch, positions, n, abandon, images, targets,
                               error);
  lambda = draw_mixup (self, epoch, batch, partners, n);
  if (scratch->grey == NULL)
    {
      scratch->grey = g_new (float, (gsize)self->batch_size *PIXELS);
      scratch->partner = g_new (float, TENSOR);
    }
  for (guint i = 0; i < n; i++)
    {
      nmd_right_of_way_give ();
      if ((abandon != NULL && g_atomic_int_get (abandon))
          || !augment (self, positions[i], epoch, &drawn,
                       scratch->grey + (gsize)i * PIXELS, error))
        return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      float *image = images + (gsize)i * TENSOR, *target = targets + (gsize)i * 2;
      float other[2];

      nmd_normalise (scratch->grey + (gsize)i * PIXELS, PIXELS, image);
      set_target (self, positions[i], target);
      if (partners[i] == i)
        continue;
      nmd_normalise (scratch->grey + (gsize)partners[i] * PIXELS, PIXELS,
                     scratch->partner);
      nmd_mixup (image, scratch->partner, TENSOR, lambda);
      set_target (self, positions[partners[i]], other);
      nmd_mixup (target, other, 2, lambda);
    }
  return TRUE;
}

/* Prefetching. */

static void *
prefetch_thread (void *data)
{
  NmdBatches *self = data;
  Scratch scratch = { NULL };

  nmd_right_of_way_set_gives (self->gives_way);
  pthread_mutex_lock (&self->lock);
  for (;;)
    {
      GError *error = NULL;

      while (!self->quit && self->state != PREFETCH_ASKED)
        pthread_cond_wait (&self->changed, &self->lock);
      if (self->quit)
        break;
      self->state = PREFETCH_WORKING;
      pthread_mutex_unlock (&self->lock);
      /* While it works nobody else touches what lies ahead. */
      make_batch (self, self->ahead_epoch, self->ahead_batch, self->ahead_positions,
                  self->ahead_size, &scratch, &self->abandon, self->ahead_images,
                  self->ahead_targets, &error);
      pthread_mutex_lock (&self->lock);
      self->ahead_error = error;
      self->state = PREFETCH_READY;
      pthread_cond_broadcast (&self->changed);
    }
  pthread_mutex_unlock (&self->lock);
  scratch_clear (&scratch);
  return NULL;
}

/* Under the lock: waits until the thread holds nothing half made. */
static void
settle (NmdBatches *self)
{
  if (self->state == PREFETCH_ASKED)
    self->state = PREFETCH_IDLE;
  g_atomic_int_set (&self->abandon, TRUE);
  while (self->state == PREFETCH_WORKING)
    pthread_cond_wait (&self->changed, &self->lock);
  g_atomic_int_set (&self->abandon, FALSE);
}

static void
ask_ahead (NmdBatches *self, guint batch)
{
  if (batch >= self->n_batches)
    return;
  if (!self->has_thread)
    {
      self->ahead_positions = g_new (guint, self->batch_size);
      self->ahead_images = g_new (float, self->batch_size * self->image_size);
      self->ahead_targets = g_new (float, self->batch_size * self->target_size);
      self->gives_way = nmd_right_of_way_get_gives ();
      self->has_thread = pthread_create (&self->thread, NULL, prefetch_thread, self) == 0;
      if (!self->has_thread)
        {
          g_clear_pointer (&self->ahead_positions, g_free);
          g_clear_pointer (&self->ahead_images, g_free);
          g_clear_pointer (&self->ahead_targets, g_free);
          return; /* every batch is made by the caller */
        }
    }
  pthread_mutex_lock (&self->lock);
  settle (self);
  g_clear_error (&self->ahead_error);
  self->ahead_epoch = self->epoch;
  self->ahead_batch = batch;
  self->ahead_size = nmd_batches_get_size (self, batch);
  memcpy (self->ahead_positions, self->order + (gsize)batch * self->batch_size,
          self->ahead_size * sizeof *self->ahead_positions);
  self->state = PREFETCH_ASKED;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->lock);
}

/* Takes @batch from the thread. FALSE if it was not asked for this one. */
static gboolean
take_ahead (NmdBatches *self, guint batch, float *images, float *targets, GError **error)
{
  gboolean mine;

  if (!self->has_thread)
    return FALSE;
  pthread_mutex_lock (&self->lock);
  mine = self->state != PREFETCH_IDLE && self->ahead_epoch == self->epoch
         && self->ahead_batch == batch;
  while (mine && self->state != PREFETCH_READY)
    pthread_cond_wait (&self->changed, &self->lock);
  if (mine)
    {
      self->state = PREFETCH_IDLE;
      if (self->ahead_error != NULL)
        g_propagate_error (error, g_steal_pointer (&self->ahead_error));
      else
        {
          memcpy (images, self->ahead_images,
                  self->ahead_size * self->image_size * sizeof *images);
          memcpy (targets, self->ahead_targets,
                  self->ahead_size * self->target_size * sizeof *targets);
        }
    }
  pthread_mutex_unlock (&self->lock);
  return mine;
}

guint
nmd_batches_start_epoch (NmdBatches *self, int epoch)
{
  NmdRandom stream;
  guint rest;

  g_return_val_if_fail (self != NULL && epoch >= 0, 0);

  self->epoch = epoch;
  self->wait = 0;
  for (guint i = 0; i < self->n; i++)
    self->order[i] = i;
  nmd_random_init_for (&stream, self->seed, "order", epoch, "");
  nmd_random_shuffle (&stream, self->order, self->n);
  rest = self->n % self->batch_size;
  self->n_batches = self->n / self->batch_size + (rest >= SMALLEST_BATCH);
  ask_ahead (self, 0);
  return self->n_batches;
}

guint
nmd_batches_get_size (NmdBatches *self, guint batch)
{
  g_return_val_if_fail (batch < self->n_batches, 0);

  return MIN (self->batch_size, self->n - batch * self->batch_size);
}

gboolean
nmd_batches_next (
    NmdBatches *self, guint batch, float *images, float *targets, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  GError *failure = NULL;

  g_return_val_if_fail (self != NULL && self->epoch >= 0 && batch < self->n_batches,
                        FALSE);

  if (!take_ahead (self, batch, images, targets, &failure))
    make_batch (self, self->epoch, batch, self->order + (gsize)batch * self->batch_size,
                nmd_batches_get_size (self, batch), &self->scratch, NULL, images, targets,
                &failure);
  self->wait += (double)(g_get_monotonic_time () - start) / 1e6;
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  ask_ahead (self, batch + 1);
  return TRUE;
}

gboolean
nmd_batches_plain (
    NmdBatches *self, guint from, guint count, float *images, int *labels, GError **error)
{
  g_autofree float *grey = NULL;

  g_return_val_if_fail (self != NULL && from <= self->n && count <= self->n - from,
                        FALSE);
  g_return_val_if_fail (!self->is_segment || labels == NULL, FALSE);

  if (self->is_segment)
    return nmd_batches_plain_masks (self, from, count, images, NULL, error);
  grey = g_new (float, PIXELS);
  for (guint i = 0; i < count; i++)
    {
      NmdImage *image = nmd_batches_get_image (self, from + i, error);

      if (image == NULL)
        return FALSE;
      nmd_augmentation_apply (NULL, image, grey);
      nmd_normalise (grey, PIXELS, images + (gsize)i * TENSOR);
      if (labels != NULL)
        labels[i] = get_sample (self, from + i)->label == 1;
    }
  return TRUE;
}

gboolean
nmd_batches_plain_masks (NmdBatches *self,
                         guint from,
                         guint count,
                         float *images,
                         float *masks,
                         GError **error)
{
  g_return_val_if_fail (self != NULL && from <= self->n && count <= self->n - from,
                        FALSE);
  g_return_val_if_fail (self->is_segment, FALSE);

  for (guint i = 0; i < count; i++)
    {
      const NmdImage *item = nmd_batches_get_image (self, from + i, error);

      if (item == NULL)
        return FALSE;
      nmd_segment_item_plain (item, get_sample (self, from + i),
                              images + i * self->image_size,
                              masks != NULL ? masks + i * self->target_size : NULL);
    }
  return TRUE;
}

gboolean
nmd_batches_prompted (
    NmdBatches *self, guint from, guint count, int epoch, float *images, GError **error)
{
  g_return_val_if_fail (self != NULL && from <= self->n && count <= self->n - from,
                        FALSE);
  g_return_val_if_fail (self->is_segment, FALSE);

  for (guint i = 0; i < count; i++)
    {
      const NmdImage *item = nmd_batches_get_image (self, from + i, error);

      if (item == NULL)
        return FALSE;
      nmd_segment_item_prompted (item, get_sample (self, from + i), self->parameters,
                                 self->seed, epoch, images + i * self->image_size);
    }
  return TRUE;
}

gsize
nmd_batches_get_image_size (NmdBatches *self)
{
  return self->image_size;
}

gsize
nmd_batches_get_target_size (NmdBatches *self)
{
  return self->target_size;
}

double
nmd_batches_get_wait (NmdBatches *self)
{
  return self->wait;
}

gboolean
nmd_batches_preview (NmdBatches *self,
                     guint position,
                     int epoch,
                     int partner,
                     double lambda,
                     NmdAugmentation *augmentation,
                     float *tensor,
                     GError **error)
{
  g_autofree float *grey = NULL, *other = NULL;
  NmdAugmentation drawn;

  g_return_val_if_fail (self != NULL && position < self->n && !self->is_segment, FALSE);
  g_return_val_if_fail (partner < 0 || (guint)partner < self->n, FALSE);

  grey = g_new (float, PIXELS);
  if (!augment (self, position, epoch, augmentation != NULL ? augmentation : &drawn, grey,
                error))
    return FALSE;
  nmd_normalise (grey, PIXELS, tensor);
  if (partner < 0)
    return TRUE;
  other = g_new (float, TENSOR);
  if (!augment (self, (guint)partner, epoch, &drawn, grey, error))
    return FALSE;
  nmd_normalise (grey, PIXELS, other);
  nmd_mixup (tensor, other, TENSOR, lambda);
  return TRUE;
}
