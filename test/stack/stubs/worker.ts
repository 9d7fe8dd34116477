import { runProcess } from '../../../stack/serve.ts';

await runProcess({
  name: 'worker',
  start: async () => {
    const busy = setInterval(() => {}, 1_000);
    return { stop: async () => clearInterval(busy) };
  },
});
