import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';

/** A link's secret part, of which only the hash is kept. Every try of one round makes one, and all of a round are good. */
export async function makeLink(pool: pg.Pool, { invitation, round }: { invitation: string; round: string }): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await pool.query('insert into invitation_links (hash, invitation, round) values ($1, $2, $3)', [
    createHash('sha256').update(token).digest('hex'),
    invitation,
    round,
  ]);
  return token;
}
