import type { Bilingual } from '../lifecycles/roles.ts';

/** What can be wrong with a file, as the person reads it: expected, got, what to do. */
const sentences = {
  NAME_MISSING: [
    400,
    {
      zh: '请在 ?name= 中给出文件名（1–200 个字符），当前为 {got}。',
      en: 'Expected ?name= with a file name of 1 to 200 characters, got {got}. Send the name with the file.',
    },
  ],
  TYPE_NOT_ALLOWED: [
    415,
    {
      zh: '仅支持 {expected}，当前扩展名为 {got}。请转换后重新上传（SUP-9）。',
      en: 'Expected one of {expected}, got {got}. Convert the file and upload it again (SUP-9).',
    },
  ],
  CONTENT_MISMATCH: [
    415,
    {
      zh: '文件内容应为 {expected}，实际为 {got}。请上传真实的 {expected} 文件，不要只改扩展名（SUP-9）。',
      en: 'Expected content of {expected}, got {got}. Upload a real {expected} file; renaming one is not enough (SUP-9).',
    },
  ],
  TOO_LARGE: [
    413,
    { zh: '文件不得超过 20 MB，当前更大。请压缩或拆分后上传（SUP-9）。', en: 'Expected at most 20 MB, got more. Compress or split the file (SUP-9).' },
  ],
  EMPTY: [400, { zh: '文件为空。请检查后重新上传。', en: 'Expected a file with content, got 0 bytes. Check the file and upload it again.' }],
  INCOMPLETE: [400, { zh: '上传中断，未保存任何内容。请重新上传。', en: 'The upload broke off and nothing was kept. Upload the file again.' }],
  TOO_SLOW: [
    408,
    {
      zh: '上传超过 {got} 秒未完成，未保存任何内容。请检查网络后重试。',
      en: 'Expected the upload within {got} s; nothing was kept. Check the connection and try again.',
    },
  ],
  TOO_MANY_UPLOADS: [
    429,
    { zh: '您同时上传的文件超过 {expected} 个。请等其中一个完成。', en: 'Expected at most {expected} uploads of yours at once. Wait until one has finished.' },
  ],
  METHOD_NOT_ALLOWED: [
    405,
    { zh: '请用 POST /files 上传，GET /files/编号 下载。', en: 'Expected POST /files to upload or GET /files/ID to download, got {got}.' },
  ],
  NOT_FOUND: [404, { zh: '找不到该文件，或您无权查看。请核对编号。', en: 'There is no such file, or it is not yours to see. Check the id.' }],
  UNAVAILABLE: [503, { zh: '暂时无法处理，未保存任何内容。请稍后重试。', en: 'Not available right now; nothing was kept. Try again in a moment.' }],
} as const satisfies Record<string, readonly [number, Bilingual]>;

export type FileCode = keyof typeof sentences;

type FileDetails = { expected?: string | Bilingual; got?: string | Bilingual };

/** A file was refused; nothing of it was kept. */
export class FileRefused extends Error {
  readonly code: FileCode;
  readonly status: number;
  readonly sentence: Bilingual;
  readonly details: FileDetails;
  constructor(code: FileCode, details: FileDetails = {}, options?: ErrorOptions) {
    const [status, texts] = sentences[code];
    const fill = (language: keyof Bilingual) =>
      texts[language].replace(/\{(expected|got)\}/g, (_, name: 'expected' | 'got') => {
        const detail = details[name] ?? '–';
        return typeof detail === 'string' ? detail : detail[language];
      });
    super(fill('en'), options);
    this.name = 'FileRefused';
    this.code = code;
    this.status = status;
    this.details = details;
    this.sentence = { zh: fill('zh'), en: fill('en') };
  }
}
