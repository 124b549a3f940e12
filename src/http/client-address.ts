// Whose connection it is when proxies stand in front. Each of them adds the address it was called from to the end of `X-Forwarded-For`, and
// whoever calls first may put anything there. So the list is read from its end, as long as the speaker is a proxy that is trusted: the first
// address that is none of them is the client's.

import { BlockList, isIP } from 'node:net';

/** What comes after an address in some proxies' lists: a port. And IPv6 may stand in brackets. */
const withPort = /^(?:\[([^\]]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/;
const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i;

/** As it is compared and counted; `null` when it is no address. */
const plain = (text: string): string | null => {
  const [address = ''] = (withPort.exec(text)?.slice(1).find(Boolean) ?? text).split('%');
  if (isIP(address) === 0) return null;
  return mapped.exec(address)?.[1] ?? address.toLowerCase();
};

/** Returns the function that says whose a request is, given the peer's address and its `X-Forwarded-For`. Without proxies it is the peer's. */
export const clientAddress = (
  proxies: readonly string[],
): ((peer: string | undefined, forwarded: string | readonly string[] | null | undefined) => string) => {
  if (proxies.length === 0) return (peer = '') => peer;
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (peer = '', forwarded) => {
    const hops = [forwarded ?? []].flat().join(',').split(',');
    let address = plain(peer);
    if (address === null) return peer;
    while (isTrusted(address)) {
      const before = plain(hops.pop()?.trim() ?? '');
      if (before === null) break;
      address = before;
    }
    return address;
  };
};
