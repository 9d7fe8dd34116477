import type { FileRow } from '../db/read/files.ts';
import type { Builder } from './builder.ts';

export const addFile = (builder: Builder) =>
  builder.objectRef<FileRow>('EvidenceFile').implement({
    description: 'An evidence file (SUP-9): immutable, named by its sha-256.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      mediaType: t.exposeString('mediaType'),
      bytes: t.exposeInt('bytes'),
      sha256: t.exposeString('sha256'),
      revision: t.exposeInt('revision', { description: 'The line of the history that it belongs to.' }),
      uploadedBy: t.exposeString('uploadedBy'),
      party: t.exposeString('party', { nullable: true }),
      uploadedAt: t.field({ type: 'DateTime', resolve: (row) => row.uploadedAt }),
      path: t.string({ description: 'Where it is downloaded, with the same bearer token.', resolve: ({ id }) => `/files/${id}` }),
    }),
  });
