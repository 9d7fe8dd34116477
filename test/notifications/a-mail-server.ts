import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export type Received = Pick<Email, 'subject' | 'text' | 'html' | 'messageId' | 'headers'> & { to: string; raw: string };
export type MailServer = Awaited<ReturnType<typeof aMailServer>>;

const answer = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });

/** A real SMTP server on loopback, with the moods that servers have; they may be changed while it runs. */
export async function aMailServer({ port = 0, tls = true }: { port?: number; tls?: boolean } = {}) {
  const mails: Received[] = [];
  const moods = {
    /** Answers to receivers, by address: a code. */
    refused: new Map<string, number>(),
    /** The answer to every sender. */
    refusesAll: 0,
    /** How long it thinks about each mail. */
    delayMs: 0,
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: tls ? [] : ['STARTTLS'],
    logger: false,
    onMailFrom: (_address, _session, done) => done(moods.refusesAll ? answer(moods.refusesAll, 'not today') : null),
    onRcptTo({ address }, _session, done) {
      const code = moods.refused.get(address);
      done(code ? answer(code, 'no such mailbox') : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', async () => {
        const raw = Buffer.concat(chunks).toString();
        await new Promise((resolve) => setTimeout(resolve, moods.delayMs));
        const mail = await PostalMime.parse(raw);
        mails.push({ ...mail, raw, to: session.envelope.rcptTo.map(({ address }) => address).join() });
        done(null);
      });
    },
  });
  server.on('error', () => {});
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    moods,
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
