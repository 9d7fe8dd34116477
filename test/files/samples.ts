/** Small real files of the ten allowed kinds, made here byte by byte. */
const text = (value: string) => Buffer.from(value, 'utf8');

/** An uncompressed ZIP with these entries; enough for anything that looks at names and contents. */
export function aZip(entries: Record<string, string>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const data = text(content);
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt32LE(crc32(data), 10);
    header.writeUInt32LE(data.length, 14);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([text('PK\x03\x04'), header, text(name), data]);
    const central = Buffer.concat([text('PK\x01\x02'), Buffer.from([20, 0]), header, Buffer.alloc(14), text(name)]);
    central.writeUInt32LE(offset, 42);
    locals.push(local);
    directory.push(central);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(locals.length, 4);
  end.writeUInt16LE(locals.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, text('PK\x05\x06'), end]);
}

function crc32(data: Buffer): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

export const anOfficeFile = (part: string, type: string, more: Record<string, string> = {}) =>
  aZip({
    ...more,
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/${part}" ContentType="application/vnd.openxmlformats-officedocument.${type}.main+xml"/></Types>`,
    [part]: '<x/>',
  });

/** An OLE compound file (MS-CFB): header, one sector of allocation table, one of directory with these streams in its root. */
export function aCompound(...streams: string[]): Buffer {
  const header = Buffer.alloc(512);
  header.write('d0cf11e0a1b11ae1', 'hex');
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(1, 48);
  header.fill(0xff, 76);
  header.writeUInt32LE(0, 76);
  const table = Buffer.alloc(512, 0xff);
  table.writeUInt32LE(0xfffffffd, 0);
  table.writeUInt32LE(0xfffffffe, 4);
  const directory = ['Root Entry', ...streams].map((name, index) => {
    const entry = Buffer.alloc(128);
    entry.write(name, 'utf16le');
    entry.writeUInt16LE(name.length * 2 + 2, 64);
    entry[66] = index === 0 ? 5 : 2;
    entry.fill(0xff, 68, 80);
    if (index === 0) entry.writeUInt32LE(1, 76);
    else if (index < streams.length) entry.writeUInt32LE(index + 1, 72);
    return entry;
  });
  return Buffer.concat([header, table, Buffer.concat(directory, 512)]);
}

export const samples: Record<string, Buffer> = {
  zip: aZip({ 'readme.txt': 'hello' }),
  doc: aCompound('1Table', 'WordDocument'),
  docx: anOfficeFile('word/document.xml', 'wordprocessingml.document'),
  pdf: text('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'),
  ppt: aCompound('Current User', 'PowerPoint Document'),
  pptx: anOfficeFile('ppt/presentation.xml', 'presentationml.presentation'),
  png: Buffer.from(
    '89504e470d0a1a0a0000000d4948445200000001000000010806000000' + '1f15c4890000000a49444154789c6360000000020001e221bc330000000049454e44ae426082',
    'hex',
  ),
  jpg: Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), Buffer.alloc(64), Buffer.from('ffd9', 'hex')]),
  xlsx: anOfficeFile('xl/workbook.xml', 'spreadsheetml.sheet'),
  txt: text('验收报告：服务已开通。✅\r\n\t签字：李'),
};
