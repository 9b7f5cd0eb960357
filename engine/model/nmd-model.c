/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps what a trained model consists of together, and makes the network's input of an
 * image. Running it is nmd-predictor.c's, the passport nmd-passport.c's.
 */
#include "config.h"

#include "engine/model/nmd-model.h"

#include <string.h>

struct _NmdModel
{
  gatomicrefcount references;
  const NmdNetwork *network;
  NmdWeights *weights;
  NmdParameters *parameters;
  NmdPassport *passport;
  char *which;
  GHashTable *parts; /* (nullable) see nmd_model_new() */
};

NmdModel *
nmd_model_new (const NmdNetwork *network,
               NmdWeights *weights,
               const NmdParameters *parameters,
               const NmdPassport *passport,
               const char *which,
               GHashTable *parts)
{
  NmdModel *self;

  g_return_val_if_fail (
      network != NULL && weights != NULL && parameters != NULL && passport != NULL, NULL);
  self = g_new0 (NmdModel, 1);
  g_atomic_ref_count_init (&self->references);
  self->network = network;
  self->weights = nmd_weights_ref (weights);
  self->parameters = nmd_parameters_ref ((NmdParameters *)parameters);
  self->passport = nmd_passport_copy (passport);
  self->which = g_strdup (which);
  self->parts = parts;
  return self;
}

NmdModel *
nmd_model_ref (NmdModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
nmd_model_unref (NmdModel *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  nmd_weights_unref (self->weights);
  nmd_parameters_unref (self->parameters);
  nmd_passport_free (self->passport);
  g_free (self->which);
  g_clear_pointer (&self->parts, g_hash_table_unref);
  g_free (self);
}

const NmdNetwork *
nmd_model_get_network (const NmdModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->network;
}

const NmdParameters *
nmd_model_get_parameters (const NmdModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->parameters;
}

const NmdPassport *
nmd_model_get_passport (const NmdModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->passport;
}

NmdWeights *
nmd_model_get_weights (const NmdModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->weights;
}

const char *
nmd_model_get_which (const NmdModel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->which;
}

gboolean
nmd_model_find_part (const NmdModel *self, const char *sha256, NmdPart *part)
{
  char digest[NMD_MODEL_DIGEST_LENGTH + 1] = "";
  gpointer value = NULL;
  gboolean found = FALSE;

  g_return_val_if_fail (self != NULL, FALSE);
  if (sha256 != NULL && strlen (sha256) >= NMD_MODEL_DIGEST_LENGTH && self->parts != NULL)
    {
      memcpy (digest, sha256, NMD_MODEL_DIGEST_LENGTH);
      found = g_hash_table_lookup_extended (self->parts, digest, NULL, &value);
    }
  if (part != NULL)
    *part = found ? (NmdPart)GPOINTER_TO_INT (value) : NMD_PART_NONE;
  return found;
}

void
nmd_model_prepare (const NmdModel *self,
                   const NmdImage *image,
                   const NmdImage *mask,
                   NmdStages *stages,
                   float *tensor)
{
  g_auto (NmdStages) own = { 0 };
  g_autofree float *grey = NULL;

  g_return_if_fail (self != NULL && image != NULL && tensor != NULL);
  nmd_preprocess (image, mask, self->parameters, &own);
  grey = g_new (float, NMD_INPUT_SIZE *NMD_INPUT_SIZE);
  nmd_augmentation_apply (NULL, own.clahe, grey);
  nmd_normalise (grey, NMD_INPUT_SIZE * NMD_INPUT_SIZE, tensor);
  if (stages != NULL)
    {
      *stages = own;
      memset (&own, 0, sizeof own);
    }
}

NmdCall
nmd_model_call (const NmdModel *self, double score)
{
  const NmdConformal *limits = &nmd_model_get_passport (self)->conformal;

  if (g_strcmp0 (limits->weights, nmd_model_get_which (self)) != 0)
    return NMD_CALL_NO_PROMISE;
  return nmd_conformal_call (limits, score);
}
