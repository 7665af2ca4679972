import type { Plant } from './plant.js';

const requests = 'src/protocols/gossip/requests.ts';
const store = 'src/protocols/gossip/store.ts';
const leafStore = 'src/protocols/shared/leaf-store.ts';
const knowledge = 'src/protocols/gossip/knowledge.ts';
const antiEntropy = 'src/protocols/gossip/anti-entropy.ts';

export const gossipPlants: readonly Plant[] = [
  {
    name: 'the clock is not recovered from what is stored',
    file: 'src/protocols/gossip/replica.ts',
    old: '        clock.recover(record.version.stamp);\n',
    now: '',
  },
  {
    name: 'a session remembers writes only',
    file: 'src/client/session.ts',
    old: "    if (this.has('monotonic-reads')) this.#raise(key, version, deleted);",
    now: '    void deleted;',
  },
  {
    name: 'a node does not look at what the session has seen',
    file: requests,
    old: '    return isNewer(floor, held.version);',
    now: '    return isNewer(floor, held.version) && held.value === null;',
  },
  {
    name: 'a node holds nothing, and says so to a session that has seen something',
    file: requests,
    old: '    if (held === undefined) return !this.#parts.store.hasHad(floor);',
    now: '    if (held === undefined) return false;',
  },
  {
    name: 'a write is not stamped above what its session has seen',
    file: requests,
    old: '    clock.observe(stamp);\n    return this.#write',
    now: '    return this.#write',
  },
  {
    name: 'what is written is not persisted',
    file: store,
    old: "    ctx.persist({ type: 'entry', key, version, value });",
    now: '',
  },
  {
    name: 'what is older takes the place of what is newer',
    file: leafStore,
    old: 'compareVersions(version, held) <= 0) return held;',
    now: 'compareVersions(version, held) === 0) return held;',
  },
  {
    name: 'a tombstone goes when most members are known to have it',
    file: knowledge,
    old: '      stamp: least(this.#floors, members.list),',
    now: '      stamp: least(this.#floors, members.list.slice(1)),',
  },
  {
    name: 'what others have is not seen by the clock',
    file: antiEntropy,
    old: '      clock.observe(entry.version.stamp);\n',
    now: '      void clock;\n',
  },
  {
    name: 'the horizon is not persisted',
    file: knowledge,
    old: "    ctx.persist({ type: 'horizon', horizon });",
    now: '    void ctx;',
  },
  {
    name: 'comparisons take nothing',
    file: antiEntropy,
    old: "      const merge = store.accept(entry, ctx);\n      if (merge === 'taken')",
    now: "      const merge = store.get(entry.key) === undefined ? store.accept(entry, ctx) : 'known';\n      if (merge === 'taken')",
  },
  {
    name: 'a node says that its part is stable as soon as it is asked',
    file: 'src/protocols/gossip/stabilizer.ts',
    old: '  onRequest({ id, timeoutMs }: ClientRequest, ctx: Ctx): void {',
    now: `  onRequest({ id, timeoutMs }: ClientRequest, ctx: Ctx): void {
    const nodes = [ctx.self, ...ctx.peers];
    if (timeoutMs > 0) return ctx.reply(id, { type: 'stabilized', nodes, rounds: 1, messages: 0 });`,
  },
  {
    name: 'a session is not told the version of a tombstone',
    file: requests,
    old: 'version: held?.version ?? null };',
    now: 'version: (held?.value ?? null) === null ? null : (held?.version ?? null) };',
  },
  {
    name: 'a node that lost its data serves while it copies',
    file: 'src/protocols/gossip/replica.ts',
    old: '    if (this.#rejoining.isCopying) return ctx.reply(request.id, stillCopying(this.#parts.self));\n',
    now: '    void stillCopying;\n',
  },
  {
    name: 'a node that lost its data goes on with its clock where the others know it to be',
    file: 'src/protocols/gossip/rejoining.ts',
    old: '    clock.observe(leapFrom(clock.last, ctx));\n',
    now: '',
  },
  {
    name: 'of two writes with one stamp each node keeps its own',
    file: leafStore,
    old: 'compareVersions(version, held) <= 0) return held;',
    now: 'version.stamp <= held.stamp) return held;',
  },
];
