import ipaddr from 'ipaddr.js';

/** PRD-8: which addresses of merchants may be called. */

/** Public by its range, and yet a cloud's own: its metadata or host agent answers there. */
const metadata = ['168.63.129.16'];
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** Whether an IP address is one of the public internet; embedded, translated, tunnelled and reserved ones are not. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast' || metadata.includes(parsed.toString())) return false;
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast);
}

/** Names that no public name server answers for, or that only mean this machine or network. */
const localNames = ['localhost', 'local', 'localdomain', 'internal', 'intranet', 'lan', 'corp', 'home', 'private', 'home.arpa', 'onion', 'test', 'invalid'];

export type AddressProblem =
  | 'ADDRESS_UNREADABLE'
  | 'ADDRESS_TOO_LONG'
  | 'ADDRESS_NOT_HTTPS'
  | 'ADDRESS_WITH_CREDENTIALS'
  | 'ADDRESS_NOT_A_DOMAIN'
  | 'ADDRESS_LOCAL_NAME';

const mostCharacters = 1_000;

/** What is wrong with the address of an endpoint before anything is looked up, or null. An installation for development allows what is its own. */
export function addressProblem(address: string, { allowPrivate }: { allowPrivate: boolean }): AddressProblem | null {
  if (address.length > mostCharacters) return 'ADDRESS_TOO_LONG';
  const url = URL.parse(address);
  if (!url?.hostname) return 'ADDRESS_UNREADABLE';
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) return 'ADDRESS_NOT_HTTPS';
  if (url.username || url.password) return 'ADDRESS_WITH_CREDENTIALS';
  if (allowPrivate) return null;
  const host = url.hostname.replace(/\.+$/, '').toLowerCase();
  if (host.startsWith('[') || ipaddr.isValid(host)) return 'ADDRESS_NOT_A_DOMAIN';
  if (!host.includes('.') || localNames.some((name) => host === name || host.endsWith(`.${name}`))) return 'ADDRESS_LOCAL_NAME';
  return null;
}
