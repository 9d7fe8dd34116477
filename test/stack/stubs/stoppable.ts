// Says why it was asked to stop, and stops.
import { onStopRequest } from '../../../stack/signals.ts';

onStopRequest(
  (why) => {
    console.log(why);
    process.exit();
  },
  () => {},
);
setInterval(() => {}, 1_000);
console.log(`up ${process.pid}`);
