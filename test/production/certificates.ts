import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Certificates for servers on loopback, made when a test starts: a small X.509 in DER, ECDSA P-256 with SHA-256. */

const tlv = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number) => tlv(0x02, Buffer.from([value]));
const nameOf = (common: string) => sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(common)))));
const time = (at: number) => tlv(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
const extension = (id: string, value: Buffer, isCritical = false) =>
  sequence(oid(id), ...(isCritical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const day = 86_400_000;

type Pair = { publicKey: KeyObject; privateKey: KeyObject };
const keyPair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

function certificate({
  of,
  by,
  name,
  issuer,
  serial,
  until,
  isCa,
}: {
  of: Pair;
  by: Pair;
  name: string;
  issuer: string;
  serial: number;
  until: number;
  isCa: boolean;
}): string {
  const extensions = isCa ? extension('551d13', sequence(tlv(0x01, Buffer.from([0xff]))), true) : extension('551d11', sequence(tlv(0x82, Buffer.from(name))));
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(serial),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(time(until - 30 * day), time(until)),
    nameOf(name),
    of.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(extensions)),
  );
  const signature = createSign('sha256').update(body).sign(by.privateKey);
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
}

/** An authority and what it issues for a name: PEM. */
export function anAuthority() {
  const authority = keyPair();
  let serial = 1;
  const issuer = 'Test authority';
  const soon = Date.now() + 10 * day;
  const ca = certificate({ of: authority, by: authority, name: issuer, issuer, serial: 1, until: soon, isCa: true });
  return {
    ca,
    issue(name: string, { until = soon }: { until?: number } = {}) {
      const pair = keyPair();
      serial += 1;
      return {
        cert: certificate({ of: pair, by: authority, name, issuer, serial, until, isCa: false }),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      };
    },
  };
}
