import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

export type Address = { address: string; family: 4 | 6 };
/** Every address of a name. @throws when it has none or nobody answers */
export type Resolve = (hostname: string) => Promise<Address[]>;

const familyOf = (address: string): Address => ({ address, family: isIP(address) === 6 ? 6 : 4 });

/** Asks the name servers themselves: a merchant's that hangs holds none of the process's few getaddrinfo threads. */
export const publicNames: Resolve = async (hostname) => {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])).map(familyOf);
  if (found.length > 0) return found;
  throw (answers[0] as PromiseRejectedResult).reason;
};

/** As the machine resolves names, its hosts file too: for development. */
export const localNames: Resolve = async (hostname) => {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) ? [familyOf(bare)] : (await lookup(bare, { all: true })).map(({ address }) => familyOf(address));
};
