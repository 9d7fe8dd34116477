import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireServers } from '../../../config.ts';
import { drainable } from '../../../stack/drain.ts';
import { withClient } from '../../../stack/postgres.ts';
import { runProcess } from '../../../stack/serve.ts';

/** POST adds a note, GET counts them, /slow takes a second and /never a minute. Each is told in the file `asked` as it arrives. */
await runProcess({
  name: 'api',
  start: async (_log, config) => {
    const { databaseUrl } = requireServers(config);
    const server = http.createServer(async (request, response) => {
      fs.appendFileSync(path.join(config.dataDir, 'asked'), `${request.url}\n`);
      if (request.url === '/slow') await sleep(1_000);
      if (request.url === '/never') await sleep(60_000);
      const notes = await withClient(databaseUrl, async (client) => {
        if (request.method === 'POST') await client.query(`insert into notes values ('x')`);
        return client.query('select * from notes');
      });
      response.end(String(notes.rowCount));
    });
    const drain = drainable(server);
    server.listen(config.port, config.host);
    await once(server, 'listening');
    return { stop: drain, where: `http://${config.host}:${config.port}` };
  },
});
