/* SPDX-License-Identifier: Apache-2.0
 *
 * The tissues that the demo's three muscles are made of.
 */
#pragma once

#include "engine/data/demo/nmd-demo-canvas-private.h"

G_BEGIN_DECLS

/* Mottle, laminae and streaks of the beam over the whole frame. */
void   nmd_demo_scene_add_noise        (DemoScene       *scene);

/* Skin: bright, laminated, with the probe's own reverberation at its top. */
void   nmd_demo_scene_add_skin         (DemoScene       *scene,
                                        double           thickness);

/* Connective tissue in the fat: thin bright sheets, nearly along the skin. */
void   nmd_demo_scene_add_fat_septa    (DemoScene       *scene,
                                        double           top,
                                        double           bottom);

/* The belly between @upper and @lower, rounded at its ends: half thickness × (1 − |u|^p)^(1/p). */
void   nmd_demo_scene_set_belly        (DemoScene       *scene,
                                        const DemoCurve  upper,
                                        const DemoCurve  lower,
                                        double           power);

/* The level of the belly: even in health, patches in disease. */
void   nmd_demo_scene_add_matrix       (DemoScene       *scene);

/* Fascicles: short bright lines around lobules, leaning by @lean. */
void   nmd_demo_scene_add_fascicles    (DemoScene       *scene,
                                        double           lean,
                                        double           density);

/* Longer sheets between the lobules: broken lines that rise to one side. */
void   nmd_demo_scene_add_sheets       (DemoScene       *scene,
                                        int              n,
                                        double           lean);

/* Streaky tissue of the muscles that are not examined. */
void   nmd_demo_scene_add_deep_streaks (DemoScene       *scene,
                                        const DemoCurve  top,
                                        int              n,
                                        double           grey);

/* A bone's surface: bright and uneven where it faces the probe, shadow below, columns @from to
 * @to. */
void   nmd_demo_scene_add_cortex       (DemoScene       *scene,
                                        const DemoCurve  surface,
                                        double           from,
                                        double           to,
                                        double           grey,
                                        DemoInk          ink);

/* A round bone seen from above, centre and half axes in cm. */
void   nmd_demo_scene_add_bone         (DemoScene       *scene,
                                        double           cx,
                                        double           cy,
                                        double           half_x,
                                        double           half_y,
                                        double           grey);

G_END_DECLS
