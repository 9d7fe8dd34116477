import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCallMerchant } from '../../production/callMerchant.ts';
import { createSend } from '../../production/send.ts';
import { aPurchase, endpointAt } from './calls.ts';
import { anAuthority } from './certificates.ts';
import { startHostile } from './hostile.ts';

/** Written into the address itself: hosts that are no public domain name. */
const hosts = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '0x7f.0.0.1',
  '0x7f000001',
  '0177.0.0.1',
  '2130706433',
  '017700000001',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '0.0.0.0',
  '0',
  '10.0.0.1',
  '10.255.255.254',
  '172.16.0.1',
  '172.31.255.254',
  '192.168.1.1',
  '169.254.169.254',
  '169.254.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  '198.18.0.1',
  '203.0.113.7',
  '224.0.0.1',
  '255.255.255.255',
  '8.8.8.8',
  '1.1.1.1',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:a9fe:a9fe]',
  '[::127.0.0.1]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[2606:4700::1111]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'app.localhost',
  'metadata',
  'metadata.google.internal',
  'db.internal',
  'printer.local',
  'router.lan',
  'router.home.arpa',
  'kubernetes.default.svc.cluster.local',
  'intranet',
  'merchant.test',
  'nothing.invalid',
];
const inTheAddress = [
  ...hosts.map((host) => `https://${host}/produce`),
  'http://merchant.example/produce',
  'ftp://merchant.example/',
  'file:///etc/passwd',
  'gopher://merchant.example/',
  'data:text/html,x',
  'javascript:alert(1)',
  'ws://merchant.example/',
  'unix:/var/run/docker.sock',
  '//merchant.example/',
  'merchant.example/produce',
  'https://',
  'https:///',
  '',
  ' ',
  'https://user:password@merchant.example/',
  'https://merchant.example@127.0.0.1/',
  'https://merchant.example:99999/',
  'https://merchant example/',
  'https://[::1/',
  `https://merchant.example/${'a'.repeat(2_000)}`,
];

/** What a public name may resolve to, alone or beside a public address. */
const resolved = [
  ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '172.16.5.4', '172.31.0.1', '192.168.0.1', '169.254.169.254', '100.64.0.1', '100.100.100.200'],
  ...['192.0.0.1', '192.0.0.192', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.1.1.1', '240.0.0.1'],
  ...['255.255.255.255', '168.63.129.16', '::', '::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:0:127.0.0.1', '::127.0.0.1'],
  ...['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '2002:7f00:1::', '2002:a9fe:a9fe::', '2001::1', '2001:db8::1', '3fff::1', '5f00::1', '100::1'],
  ...['fe80::1', 'febf::1', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'fdff::1', 'ff02::1', '4000::1', 'no address'],
];

type Family = 4 | 6;
const addressOf = (address: string) => ({ address, family: (address.includes(':') ? 6 : 4) as Family });
const dialled: unknown[] = [];
const recording = (answers: string[]) =>
  createCallMerchant({
    send: createSend({
      resolve: async () => answers.map(addressOf),
      connector: () => (options, done) => {
        dialled.push(options);
        done(new Error('a recording connector never dials'), null);
      },
    }),
  });

test('there are at least a hundred hostile addresses', () => expect(inTheAddress.length + 2 * resolved.length).toBeGreaterThanOrEqual(100));

test.each(inTheAddress)('%s is refused before anything is looked up or dialled (PRD-8)', async (url) => {
  const outcome = await recording(['1.1.1.1'])(aPurchase('CS-1'), { endpoint: endpointAt(url) });
  expect(outcome).toMatchObject({ kind: 'refused', code: expect.stringMatching(/^ADDRESS_/), unknown: false, answer: null });
  expect(dialled).toEqual([]);
});

test.each(resolved)('a name that resolves to %s, alone or among public ones, is refused without a dial (PRD-8)', async (address) => {
  for (const answers of [[address], ['1.1.1.1', address, '2606:4700::1111']]) {
    const outcome = await recording(answers)(aPurchase('CS-1'), { endpoint: endpointAt('https://merchant.example/produce') });
    expect(outcome).toMatchObject({ kind: 'refused', code: 'ADDRESS_NOT_PUBLIC', sentence: { en: expect.stringContaining(address) } });
  }
  expect(dialled).toEqual([]);
});

test('a public address is dialled by the name that the certificate must carry', async () => {
  const outcome = await recording(['1.1.1.1'])(aPurchase('CS-1'), { endpoint: endpointAt('https://merchant.example/produce') });
  expect(outcome).toMatchObject({ kind: 'unavailable', unknown: false });
  expect(dialled.splice(0)).toMatchObject([{ hostname: 'merchant.example', protocol: 'https:' }]);
});

test('what is looked up once is what is dialled: a name that changes in between has no second chance', async () => {
  let asked = 0;
  const lookups: unknown[] = [];
  const send = createSend({
    resolve: async () => [addressOf(asked++ === 0 ? '1.1.1.1' : '127.0.0.1')],
    connector: (options) => (_, done) => {
      const { lookup } = options as { lookup: (host: string, asked: { all: boolean }, done: (error: unknown, found: unknown) => void) => void };
      lookup('merchant.example', { all: true }, (_error, found) => lookups.push(found));
      done(new Error('never dials'), null);
    },
  });
  await createCallMerchant({ send })(aPurchase('CS-1'), { endpoint: endpointAt('https://merchant.example/') });
  expect(asked).toBe(1);
  expect(lookups).toEqual([[{ address: '1.1.1.1', family: 4 }]]);
});

const authority = anAuthority();
const day = 86_400_000;
const servers: Record<string, Awaited<ReturnType<typeof startHostile>>> = {};
beforeAll(async () => {
  servers.fine = await startHostile({ tls: authority.issue('merchant.example') });
  servers.expired = await startHostile({ tls: authority.issue('merchant.example', { until: Date.now() - day }) });
  servers.another = await startHostile({ tls: authority.issue('another.example') });
  servers.untrusted = await startHostile({ tls: anAuthority().issue('merchant.example') });
  servers.plain = await startHostile();
});
afterAll(() => Promise.all(Object.values(servers).map(({ stop }) => stop())));

test.each([
  ['fine', 'answered', '000000'],
  ['expired', 'unavailable', 'CERTIFICATE_EXPIRED'],
  ['another', 'unavailable', 'CERTIFICATE_OF_ANOTHER_NAME'],
  ['untrusted', 'unavailable', 'CERTIFICATE_UNTRUSTED'],
  ['plain', 'unavailable', 'NO_COMMON_TLS'],
] as const)('a server whose TLS is %s is %s: %s', async (name, kind, code) => {
  const send = createSend({ allowPrivate: true, ca: authority.ca, resolve: async () => [addressOf('127.0.0.1')] });
  const url = `https://merchant.example:${servers[name]?.port}/no-signature`;
  const outcome = await createCallMerchant({ send })(aPurchase('CS-1'), { endpoint: endpointAt(url) });
  expect(outcome).toMatchObject({ kind, code, unknown: false });
});
