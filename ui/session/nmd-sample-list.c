/* SPDX-License-Identifier: Apache-2.0
 *
 * The images that are open: of a data set, or those an import has told so far.
 */
#include "ui/session/nmd-sample-list.h"

struct _NmdSampleList
{
  GObject parent_instance;

  NmdDataset *dataset; /* nullable: then it is @arrived */
  GPtrArray *arrived;
};

static NmdSample *
sample_at (NmdSampleList *self, guint i)
{
  return self->dataset != NULL ? nmd_dataset_get (self->dataset, i)
                               : g_ptr_array_index (self->arrived, i);
}

static GType
nmd_sample_list_get_item_type (GListModel *model)
{
  return NMD_TYPE_SAMPLE;
}

static guint
nmd_sample_list_get_n_items (GListModel *model)
{
  NmdSampleList *self = NMD_SAMPLE_LIST (model);

  return self->dataset != NULL ? nmd_dataset_get_n (self->dataset) : self->arrived->len;
}

static gpointer
nmd_sample_list_get_item (GListModel *model, guint position)
{
  if (position >= nmd_sample_list_get_n_items (model))
    return NULL;
  return g_object_ref (sample_at (NMD_SAMPLE_LIST (model), position));
}

static void
nmd_sample_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = nmd_sample_list_get_item_type;
  iface->get_n_items = nmd_sample_list_get_n_items;
  iface->get_item = nmd_sample_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (NmdSampleList,
                               nmd_sample_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      nmd_sample_list_model_init))

void
nmd_sample_list_append (NmdSampleList *self, const GPtrArray *samples)
{
  g_return_if_fail (NMD_IS_SAMPLE_LIST (self) && self->dataset == NULL);

  guint n = self->arrived->len;
  for (guint i = 0; i < samples->len; i++)
    g_ptr_array_add (self->arrived, g_object_ref (samples->pdata[i]));
  if (samples->len > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), n, 0, samples->len);
}

void
nmd_sample_list_show (NmdSampleList *self, NmdDataset *dataset)
{
  g_return_if_fail (NMD_IS_SAMPLE_LIST (self));

  guint former = nmd_sample_list_get_n_items (G_LIST_MODEL (self));
  guint n = dataset != NULL ? nmd_dataset_get_n (dataset) : 0;
  guint same = 0;
  while (same < MIN (former, n)
         && sample_at (self, same) == nmd_dataset_get (dataset, same))
    same++;
  /* What was shown stays until the change has been told. */
  g_autoptr (GPtrArray) arrived = g_steal_pointer (&self->arrived);
  g_autoptr (NmdDataset) shown = g_steal_pointer (&self->dataset);
  self->arrived = g_ptr_array_new_with_free_func (g_object_unref);
  self->dataset = dataset != NULL ? g_object_ref (dataset) : NULL;
  if (former > same || n > same)
    g_list_model_items_changed (G_LIST_MODEL (self), same, former - same, n - same);
}

static void
nmd_sample_list_finalize (GObject *object)
{
  NmdSampleList *self = NMD_SAMPLE_LIST (object);

  g_clear_object (&self->dataset);
  g_clear_pointer (&self->arrived, g_ptr_array_unref);
  G_OBJECT_CLASS (nmd_sample_list_parent_class)->finalize (object);
}

static void
nmd_sample_list_class_init (NmdSampleListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = nmd_sample_list_finalize;
}

static void
nmd_sample_list_init (NmdSampleList *self)
{
  self->arrived = g_ptr_array_new_with_free_func (g_object_unref);
}

NmdSampleList *
nmd_sample_list_new (void)
{
  return g_object_new (NMD_TYPE_SAMPLE_LIST, NULL);
}
