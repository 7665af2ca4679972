import type { Plant } from './plant.js';

const tombstones = 'src/protocols/quorum/tombstones.ts';
const store = 'src/protocols/quorum/store.ts';
const hints = 'src/protocols/quorum/hints.ts';
const writes = 'src/protocols/quorum/coordinator/writes.ts';
const reads = 'src/protocols/quorum/coordinator/reads.ts';
const antiEntropy = 'src/protocols/quorum/anti-entropy.ts';

export const quorumPlants: readonly Plant[] = [
  {
    name: 'hints are kept in memory only, and anti-entropy does not begin by itself',
    file: hints,
    old: "    ctx.persist({ type: 'hint', target, key, version, value });",
    now: '    void key;\n    void version;\n    void value;',
  },
  {
    name: 'a hint counts as a replica',
    file: writes,
    old: '        this.missed(phase, owner, ctx);\n',
    now: '        this.missed(phase, owner, ctx);\n        phase.acknowledgedCount += 1;\n',
  },
  {
    name: 'anti-entropy leaves out tombstones',
    file: antiEntropy,
    old: '      this.#parts.clock.observe(entry.version.stamp, ctx);\n',
    now: '      if (entry.value === null) continue;\n',
  },
  {
    name: 'what is written is not persisted',
    file: store,
    old: "    ctx.persist({ type: 'entry', key: entry.key, version: entry.version, value: entry.value });",
    now: '',
  },
  {
    name: 'the clock is not persisted',
    file: 'src/protocols/quorum/hybrid-clock.ts',
    old: "    ctx.persist({ type: 'ceiling', stamp: this.#ceiling });",
    now: '',
  },
  {
    name: 'a write that came too late is not stamped anew',
    file: writes,
    old: '      if (phase.newerStamp > 0 && phase.mayStampAnew) {',
    now: '      if (phase.newerStamp < 0 && phase.mayStampAnew) {',
  },
  {
    name: 'a replica that has held a tombstone for the grace period collects it by itself',
    file: tombstones,
    old: '    if (proposal === null) this.#propose(ctx);',
    now: `    for (const held of [...this.#parts.store.tombstonesHeldFor(this.#graceMs, ctx.now)])
      this.onCollect([held], ctx);
    if (proposal === null) this.#propose(ctx);`,
  },
  {
    name: 'a write is acknowledged by one replica fewer than asked',
    file: writes,
    old: 'phase.acknowledgedCount >= phase.ask.writeNeeded) {',
    now: 'phase.acknowledgedCount >= Math.max(1, phase.ask.writeNeeded - 1)) {',
  },
  {
    name: 'a linearizable read does not impose what it found',
    file: reads,
    old: '    if (phase.ask.readNeeded === 1) {',
    now: '    if (phase.ask.readNeeded >= 1) {',
  },
  {
    name: 'two answers of one replica count as two',
    file: writes,
    old: '    if (!strike(phase.waiting, from)) return;\n    phase.acknowledgedCount += 1;',
    now: '    strike(phase.waiting, from);\n    phase.acknowledgedCount += 1;',
  },
  {
    name: 'hints are forgotten when they are sent',
    file: hints,
    old: "    ctx.send(target, { type: 'handoff', entries });",
    now: `    ctx.send(target, { type: 'handoff', entries });
    for (const { key, version } of entries) if (ctx.random.chance(0.5)) this.#forget(target, key, version);`,
  },
  {
    name: 'anti-entropy takes nothing',
    file: antiEntropy,
    old: "    if (entries.length === 0) return;\n    ctx.tell({ what: 'takes repairs from'",
    now: "    if (entries.length >= 0) return;\n    ctx.tell({ what: 'takes repairs from'",
  },
  {
    name: 'read repair gives what it repairs with a new stamp',
    file: reads,
    old: 'batches.to(owner).writes.push({ phase: number, key, version, value });',
    now: 'batches.to(owner).writes.push({ phase: number, key, version: { stamp: this.#parts.clock.tick(ctx), node: self }, value });',
  },
  {
    name: 'a write that reached too few replicas is said to have failed',
    file: 'src/protocols/quorum/coordinator/answers.ts',
    old: '(phase)})`;\n  return timedOut(message);',
    now: '(phase)})`;\n  return unavailable(message);',
  },
  {
    name: 'a majority of an even number is half of it',
    file: 'src/protocols/quorum/levels.ts',
    old: '  return Math.floor(replicas / 2) + 1;',
    now: '  return Math.ceil(replicas / 2);',
  },
  {
    name: 'what arrives last wins',
    file: 'src/protocols/shared/leaf-store.ts',
    old: 'compareVersions(version, held) <= 0) return held;',
    now: 'compareVersions(version, held) === 0) return held;',
  },
  {
    name: 'a replica acknowledges before its record is durable',
    file: 'src/protocols/quorum/batches.ts',
    old: "ctx.send(to, { type: 'ack', acks: batch });",
    now: "ctx.sendUnsynced(to, { type: 'ack', acks: batch });",
  },
  {
    name: 'a write leaves no hints when its time is over',
    file: writes,
    old: '    for (const owner of phase.waiting) this.#parts.hints.keep(owner, phase.entry, ctx);\n',
    now: '',
  },
];
