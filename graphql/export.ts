import { type ExportProgress, exportProgressOf } from '../db/read/exports.ts';
import type { InstanceRow } from '../db/read/instances.ts';
import type { Builder } from './builder.ts';
import type { Lifecycles } from './lifecycle.ts';

/** BIL-6: how far an export is, and where its file is. */
export function addExports(builder: Builder, lifecycles: Lifecycles): void {
  const progress = builder.objectRef<ExportProgress>('ExportProgress').implement({
    fields: (t) => ({ done: t.exposeInt('done', { description: 'Rows written.' }), total: t.exposeInt('total', { description: 'Rows that there are.' }) }),
  });
  builder.objectFields(lifecycles.named('billExport').ref, (t) => ({
    progress: t.field({
      type: progress,
      nullable: true,
      description: 'Null before its first page.',
      resolve: ({ instance }: InstanceRow, _args, { reads }) => exportProgressOf(reads.reader, instance.id),
    }),
    downloadPath: t.string({
      nullable: true,
      description: 'Where the file is, with the caller’s token; null while there is none.',
      resolve: ({ instance }: InstanceRow) => (instance.value === 'ready' ? `/exports/${encodeURIComponent(instance.number)}` : null),
    }),
  }));
}
