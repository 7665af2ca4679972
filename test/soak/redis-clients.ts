/** Applications that count with INCR through the Redis clients of npm, each set up in another way. */
import { Redis, type RedisOptions } from 'ioredis';
import {
  ClientClosedError,
  ClientOfflineError,
  createClient,
  type RedisClientOptions,
} from 'redis';

/** One application's way to the counters. */
export interface Counting {
  incr(key: string): Promise<number>;
  close(): void;
}

export interface ClientSetup {
  readonly client: 'ioredis' | 'redis';
  /** What is not as it comes. */
  readonly options: string;
  /** Some of it asks again what may have been done. */
  readonly repeats: boolean;
  /** It turns to the next node when one does not answer. */
  readonly turns: boolean;
  /** `ports`: of all nodes. Begins at the first. */
  open(ports: readonly number[]): Promise<Counting>;
}

type IoredisOptions = Omit<RedisOptions, 'replyMapping'>;

async function openIoredis(port: number, options: IoredisOptions = {}): Promise<Counting> {
  const client = new Redis(port, options);
  client.on('error', () => {});
  return { incr: (key) => client.incr(key), close: () => client.disconnect() };
}

type NodeRedisOptions = RedisClientOptions & { readonly reconnects?: false };

async function openNodeRedis(
  port: number,
  { reconnects, ...options }: NodeRedisOptions = {},
): Promise<Counting> {
  const socket = reconnects === false ? { port, reconnectStrategy: reconnects } : { port };
  const client = createClient({ ...options, socket });
  client.on('error', () => {});
  await client.connect();
  return { incr: async (key) => Number(await client.incr(key)), close: () => client.destroy() };
}

const quietly = (counting: Promise<Counting>): Promise<void> =>
  counting.then(
    (it) => it.close(),
    () => {},
  );

/** An application that makes itself a new client when something has failed. */
async function reopening(open: () => Promise<Counting>): Promise<Counting> {
  let current: Promise<Counting> | null = null;
  return {
    async incr(key) {
      current ??= open();
      const mine = current;
      try {
        return await (await mine).incr(key);
      } catch (error) {
        if (current === mine) {
          current = null;
          void quietly(mine);
        }
        throw error;
      }
    },
    close: () => void (current === null || quietly(current)),
  };
}

/** An application with a client of each node, which turns to the next node when one has failed and `mayTurn` says so. */
async function turning(
  clients: readonly Counting[],
  mayTurn: (error: Error) => boolean,
): Promise<Counting> {
  let current = 0;
  return {
    async incr(key) {
      for (let tries = 1; ; tries++) {
        const mine = current;
        try {
          return await (clients[mine] as Counting).incr(key);
        } catch (error) {
          if (mine === current) current = (current + 1) % clients.length;
          if (tries === clients.length || !mayTurn(error as Error)) throw error;
        }
      }
    },
    close: () => {
      for (const client of clients) client.close();
    },
  };
}

/** Refused by kvx, or never sent by the client. */
const surelyNotDone = (error: Error): boolean =>
  error.message.startsWith('UNAVAIL ') ||
  error instanceof ClientOfflineError ||
  error instanceof ClientClosedError;

const offlineAtOnce = { disableOfflineQueue: true };
const alone = { turns: false };
const never = { repeats: false };

export const clientSetups: readonly ClientSetup[] = [
  {
    ...{ client: 'ioredis', options: 'as it comes', repeats: true, ...alone },
    open: ([port = 0]) => openIoredis(port),
  },
  {
    ...{ client: 'ioredis', options: '`autoResendUnfulfilledCommands: false`', ...never, ...alone },
    open: ([port = 0]) => openIoredis(port, { autoResendUnfulfilledCommands: false }),
  },
  {
    ...{ client: 'ioredis', options: '`maxRetriesPerRequest: 0`', ...never, ...alone },
    open: ([port = 0]) => openIoredis(port, { maxRetriesPerRequest: 0 }),
  },
  {
    ...{
      client: 'ioredis',
      options: '`retryStrategy: null`, and a new client',
      ...never,
      ...alone,
    },
    open: ([port = 0]) => reopening(() => openIoredis(port, { retryStrategy: () => null })),
  },
  {
    ...{ client: 'redis', options: 'as it comes', ...never, ...alone },
    open: ([port = 0]) => openNodeRedis(port),
  },
  {
    ...{ client: 'redis', options: '`disableOfflineQueue: true`', ...never, ...alone },
    open: ([port = 0]) => openNodeRedis(port, offlineAtOnce),
  },
  {
    ...{ client: 'redis', options: '`reconnectStrategy: false`, and a new client', ...never },
    ...alone,
    open: ([port = 0]) => reopening(() => openNodeRedis(port, { reconnects: false })),
  },
  {
    ...{ client: 'ioredis', options: '`retryStrategy` that turns to the next node', turns: true },
    repeats: true,
    open: async ([port = 0, ...others]) => {
      const ports = [port, ...others];
      const retryStrategy = function (this: RedisOptions) {
        const now = ports.indexOf(this.port as number);
        this.port = ports[(now + 1) % ports.length] as number;
        return 10;
      };
      return openIoredis(port, { retryStrategy });
    },
  },
  {
    ...{
      client: 'redis',
      options: 'one of each node; after any error the next',
      turns: true,
    },
    repeats: true,
    open: async (ports) =>
      turning(
        await Promise.all(ports.map((port) => openNodeRedis(port, offlineAtOnce))),
        () => true,
      ),
  },
  {
    ...{ client: 'redis', options: 'one of each node; the next if surely not done' },
    ...{ turns: true, ...never },
    open: async (ports) =>
      turning(
        await Promise.all(ports.map((port) => openNodeRedis(port, offlineAtOnce))),
        surelyNotDone,
      ),
  },
];
