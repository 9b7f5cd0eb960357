/* SPDX-License-Identifier: Apache-2.0
 *
 * The devices that can compute, and their names.
 *
 * Named devices: "cpu" (with oneDNN where that is built in), "reference", "cuda", "cuda:N". A
 * name may end in its numerics: "cuda:1/fast". They are `strict` (float32, the same bits twice; what a
 * name without an ending means), `fast` (TF32 products) and `bf16` (bfloat16 activations and, on a card,
 * products; weights, statistics and loss in float32). The processor has strict and bf16, the reference strict only; on the
 * processor numbers under 1.2e-38 (subnormal ones) count as 0.
 *
 * Threads: any.
 */
#pragma once

#include "engine/core/nmd-error.h"

G_BEGIN_DECLS

#define NMD_DEVICE_DEFAULT "cpu"

/* The forms of a device's name and its numerics, for help texts and errors. */
#define NMD_DEVICE_FORMS "cpu, reference, cuda or cuda:N"
#define NMD_NUMERICS_FORMS "strict, fast (TF32, on cuda) or bf16"

/* The words of numerics, "strict" first, ended by %NULL. */
extern const char *const nmd_numerics_names[];

typedef struct
{
  char *name;             /* what --device takes */
  char *title;            /* for people, "Processor" or the card's own name */
  char *description;      /* "oneDNN 2.6.3, 2 threads, AVX-512" */
  char *unavailable;      /* why it cannot be used, or NULL */
  const char *const *numerics; /* (nullable) besides strict: "fast", "bf16"; ended by NULL, static */
  gboolean is_for_checks; /* slow, there for comparing others with it */
} NmdDevice;

/* Frees one device. */
void       nmd_device_free   (NmdDevice   *self);

/* All devices of this computer, usable or not: array of NmdDevice. Loads NVIDIA's libraries where they
 * are, which takes a while the first time. */
GPtrArray *nmd_devices_list  (void) G_GNUC_WARN_UNUSED_RESULT;

/* Takes a full name apart: "cuda:1/fast" gives "cuda:1" (to be freed) and in @numerics "fast" (out,
 * borrowed), "cpu" gives "cpu" and "strict". @numerics is %NULL where the ending is no numerics. */
char      *nmd_device_split  (const char  *device,
                              const char **numerics) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nmd_device_choose:
 * @device: (nullable): a device's name, or %NULL for %NMD_DEVICE_DEFAULT
 * @numerics: (nullable): "strict", "fast" or "bf16", or %NULL: as @device says
 *
 * The one way from what a person chose to the name that nmd_session_open() and all settings take:
 * "cuda" and "fast" make "cuda/fast", "strict" adds nothing.
 *
 * No device is asked, so that a name of another computer's device is right here too; whether it can be
 * used is said by nmd_session_open(), and nothing else is taken in its place.
 *
 * Errors: %NMD_ERROR_UNSUPPORTED for what is no device's name, for a word that is none of the three, or
 * for two that disagree.
 *
 * Returns: (transfer full): the name; %NULL with @error set
 */
char      *nmd_device_choose (const char  *device,
                              const char  *numerics,
                              GError     **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
