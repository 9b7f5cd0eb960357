/* SPDX-License-Identifier: Apache-2.0
 *
 * Preprocessed images in memory between an import and the batches made of it. Keeping
 * them on disk is nmd-pixel-cache.c's business.
 */
#include "engine/data/nmd-prepared-private.h"
#include "engine/data/nmd-pixel-cache-private.h"

#include <pthread.h>
#include <string.h>

struct _NmdPrepared
{
  NmdParameters *parameters;
  char *description;    /* of them */
  gsize room;           /* bytes left, under the lock */
  GHashTable *images;   /* borrowed NmdSample → NmdImage, under the lock */
  GHashTable *textures; /* borrowed NmdSample → its features, under the lock */
  pthread_mutex_t lock;
};

static void
unref_image (gpointer image)
{
  nmd_image_unref (image);
}

NmdPrepared *
nmd_prepared_new (const NmdParameters *parameters, gsize max)
{
  NmdPrepared *self = NULL;

  g_return_val_if_fail (parameters != NULL, NULL);

  self = g_new0 (NmdPrepared, 1);
  self->parameters = nmd_parameters_copy (parameters);
  self->description = nmd_pixel_cache_describe (parameters);
  self->room = max;
  self->images = g_hash_table_new_full (NULL, NULL, NULL, unref_image);
  self->textures = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

void
nmd_prepared_free (NmdPrepared *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->images);
  g_hash_table_unref (self->textures);
  nmd_parameters_unref (self->parameters);
  g_free (self->description);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static void
add_texture (NmdPrepared *self,
             const NmdSample *sample,
             const NmdImage *image,
             const NmdImage *mask)
{
  double *features = g_new (double, NMD_N_TEXTURES);

  nmd_texture_measure (image, mask, features);
  pthread_mutex_lock (&self->lock);
  g_hash_table_insert (self->textures, (gpointer)sample, features);
  pthread_mutex_unlock (&self->lock);
}

void
nmd_prepared_add (NmdPrepared *self,
                  const NmdSample *sample,
                  const NmdImage *image,
                  const NmdImage *mask)
{
  const gsize size = (gsize)NMD_INPUT_SIZE * NMD_INPUT_SIZE;
  g_auto (NmdStages) stages = { 0 };
  gboolean fits;

  if (mask != NULL)
    add_texture (self, sample, image, mask);
  pthread_mutex_lock (&self->lock);
  fits = self->room >= size;
  self->room -= fits ? size : 0;
  pthread_mutex_unlock (&self->lock);
  if (!fits)
    return;
  nmd_preprocess (image, mask, self->parameters, &stages);
  pthread_mutex_lock (&self->lock);
  g_hash_table_insert (self->images, (gpointer)sample, nmd_image_ref (stages.clahe));
  pthread_mutex_unlock (&self->lock);
}

NmdImage *
nmd_prepared_take (NmdPrepared *self,
                   const NmdSample *sample,
                   const NmdParameters *parameters)
{
  g_autofree char *description = nmd_pixel_cache_describe (parameters);
  NmdImage *image = NULL;

  if (strcmp (description, self->description) != 0)
    return NULL;
  pthread_mutex_lock (&self->lock);
  g_hash_table_steal_extended (self->images, sample, NULL, (gpointer *)&image);
  pthread_mutex_unlock (&self->lock);
  return image;
}

gboolean
nmd_prepared_get_texture (NmdPrepared *self,
                          const NmdSample *sample,
                          double features[NMD_N_TEXTURES])
{
  const double *found;

  pthread_mutex_lock (&self->lock);
  found = g_hash_table_lookup (self->textures, sample);
  if (found != NULL)
    memcpy (features, found, NMD_N_TEXTURES * sizeof *features);
  pthread_mutex_unlock (&self->lock);
  return found != NULL;
}
