/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the program golden share: one golden file, the numbers in it, and the same
 * numbers as a device computes them.
 */
#pragma once

#include "engine/backend/nmd-session.h"
#include "engine/nn/nmd-network.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Two images in evaluation and training, four for Adam; six steps of it. */
enum
{
  N_IMAGES = 2,
  N_CLASSES = 2,
  N_ADAM_IMAGES = 4,
  N_ADAM_STEPS = 6
};

/* What is computed at one go. Of networks for outlines: for `logits` norm and probe of each image's,
 * for their gradients a random seed, targets are discs (golden/outlines.py). */
typedef enum
{
  GOLDEN_EVAL,      /* logits, and gradients of Σ (logit 1 − logit 0) with frozen batch norm */
  GOLDEN_CAM,       /* Grad-CAM of class 1, neither normalised nor enlarged */
  GOLDEN_CAM_INNER, /* the same at an inner block */
  GOLDEN_TRAIN,     /* loss, gradients and running statistics of one step in training mode */
  GOLDEN_ADAM,      /* losses of six steps */
  GOLDEN_N_PASSES
} GoldenPass;

typedef struct
{
  double norm, probe;
} Gradient;

/* All numbers of one file, or the same numbers as a device computed them. Parameters are in the
 * order of the network's own list. */
typedef struct
{
  double logits[N_IMAGES * N_CLASSES];
  double loss;
  Gradient *eval_grads, *train_grads;
  double *running, *running_norms; /* norms only where computed */
  double adam[N_ADAM_STEPS];
  double *cam[2]; /* cam, cam_inner */
} Numbers;

/* One golden file and the network that it is about. */
typedef struct
{
  const char *path;
  char *word;
  const NmdNetwork *network;
  NmdNetwork sized; /* network, where the file states a size of images */
  GPtrArray *parameters, *buffers; /* names */
  gboolean has_adam, has_cam;
  int cam_size[2]; /* values of both images */
  Numbers numbers;
  JsonObject *f32err; /* borrowed from the parser; NULL: of no use */
  int draw;           /* of the noise on weights and images; 0: none */
} Golden;

/* One line of the comparison with a device. */
typedef struct
{
  const char *name;
  GoldenPass pass;
  double least;     /* the smallest limit */
  double most;      /* more than float32 strays anywhere, with room of a factor of three to ten */
  gboolean follows; /* the limit follows the file's f32err, which has an entry of this name */
  gboolean stated;  /* f32err has such an entry */
} GoldenGroup;

#define GOLDEN_N_GROUPS 15
extern const GoldenGroup golden_groups[GOLDEN_N_GROUPS];

/* Names of the two maps, and the block whose value the second one is (NULL: the network's own). */
extern const char *const golden_cam_names[2];
extern const char *const golden_cam_layers[2];

gboolean golden_has     (const Golden     *self,
                         GoldenPass        pass);

/* Reads self->path. %NMD_ERROR_FORMAT for whatever is missing, too much or not finite. */
gboolean golden_read    (Golden           *self,
                         JsonParser       *parser,
                         GError          **error);
void     golden_clear   (Golden           *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Golden, golden_clear)

void     numbers_alloc  (Numbers          *self,
                         const Golden     *golden);
void     numbers_free   (gpointer          numbers);

/* Sets @error (%NMD_ERROR_FORMAT) and returns FALSE. */
gboolean golden_refuse  (GError          **error,
                         const char       *format,
                         ...) G_GNUC_PRINTF (2, 3);

/* Computes one pass in a new session on @device. With draw > 0 every weight and pixel is moved by a
 * few roundings, each its own way. */
gboolean golden_compute (const Golden     *self,
                         const char       *device,
                         GoldenPass        pass,
                         Numbers          *out,
                         GError          **error);

G_END_DECLS
