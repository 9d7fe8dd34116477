import net from 'node:net';
import { expect, test } from 'vitest';
import { cannotListen, freePort, whyNot } from '../../stack/ports.ts';

const sentence = async (port: number, host: string) => {
  const error = await whyNot(port, host);
  return error && cannotListen(error, { port, host });
};

test('only a port that another program listens on is said to be taken; an address that is not ours is said to be that', async () => {
  const port = await freePort();
  expect(await sentence(port, '127.0.0.1')).toBeUndefined();
  const other = net.createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  expect(await sentence(port, '127.0.0.1')).toContain('got another program that listens there: stop it, or choose another port');
  other.close();
  // of a block that is for documents only
  expect(await sentence(port, '192.0.2.1')).toBe(
    'Expected HOST to be an address of this machine, got 192.0.2.1 (EADDRNOTAVAIL): correct HOST, or leave it out.',
  );
  const denied = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
  expect(cannotListen(denied, { port: 80, host: '127.0.0.1' })).toContain('choose a port from 1024 on');
});
