import { ms } from './instants.ts';
import type { Reader } from './reader.ts';

/** An evidence file (SUP-9) with the step that it belongs to. */
export type FileRow = {
  instance: string;
  id: string;
  revision: number;
  name: string;
  mediaType: string;
  bytes: number;
  sha256: string;
  uploadedBy: string;
  party: string | null;
  uploadedAt: number;
};

export async function filesOf(reader: Reader, instances: readonly string[]): Promise<FileRow[]> {
  return reader.rows<FileRow>({
    name: 'files',
    text: `select a.instance_id as instance, f.id, a.revision, f.name, f.media_type as "mediaType", f.bytes, f.sha256, f.uploaded_by as "uploadedBy", f.party,
        ${ms('f.uploaded_at')} as "uploadedAt"
      from attachments a join files f on f.id = a.file_id where a.instance_id = any($1::uuid[]) order by a.revision, f.name, f.id`,
    values: [instances],
  });
}
