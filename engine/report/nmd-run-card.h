/* SPDX-License-Identifier: Apache-2.0
 *
 * The model card of a run: what it was trained on and how, what it reaches, what it does not show. Only numbers
 * of the run's files, and of the engine's functions on its predictions.csv. Source of the form: Mitchell et
 * al., "Model cards for model reporting", FAT* 2019.
 */
#pragma once

#include "engine/report/nmd-document.h"
#include "engine/report/nmd-run-facts.h"

G_BEGIN_DECLS

/* The card's sections in their order; the number of one is 1 more. */
typedef enum
{
  NMD_CARD_SUMMARY,
  NMD_CARD_DATA,
  NMD_CARD_PROTOCOL,
  NMD_CARD_NETWORK,
  NMD_CARD_RESULTS,
  NMD_CARD_RIVALS,
  NMD_CARD_FIGURES,
  NMD_CARD_WRONG,
  NMD_CARD_LIMITS,
  NMD_CARD_FILES,
  NMD_CARD_CHECKLISTS,
} NmdCardSection;

/* "Data", … */
const char  *nmd_card_section_get_title (NmdCardSection section);

/* A picture that the caller can draw: name without ending, and what it shows. */
typedef struct
{
  const char *name;
  const char *text;
} NmdCardPicture;

/**
 * NmdCardPictures:
 * @charts: the run's figures
 * @images: the most wrong images with their maps, the worst first
 * @images_missing: (nullable): why there are none
 * @method: (nullable): how the maps were computed, "Grad-CAM"; %NULL: there are none
 * @layer: (nullable): the layer that they are of; %NULL: none, they look at the input
 *
 * What goes into the card as pictures; borrowed for the call.
 */
typedef struct
{
  const NmdCardPicture *charts;
  guint n_charts;
  const NmdCardPicture *images;
  guint n_images;
  const char *images_missing;
  const char *method;
  const char *layer;
} NmdCardPictures;

/* Most images that are shown as the most wrong ones. */
#define NMD_CARD_WRONG_IMAGES 12

/* The card up to section %NMD_CARD_FILES. Threads: any. */
NmdDocument *nmd_run_card_new (const NmdRunFacts     *facts,
                               const NmdCardPictures *pictures) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
