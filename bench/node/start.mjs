// What cmd/start does, with the published client.
import { Redis } from "@upstash/redis";

const n = await Redis.fromEnv().evalsha("e0e1f9fabfc9d4800c877a703b823ac0578ff831", ["counter"], [10, 60]);
if (n !== 101) throw new Error(`got ${n}`);
